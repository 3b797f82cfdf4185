package server_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// mixedFields are three overlaps of a field and a settlement, of 0.5 ha, 0.25 ha and 0.1 ha, and a road of 250 m through
// the first settlement.
func (s *site) mixedFields() {
	s.Helper()
	s.fields(1)
	for i, width := range []int{75, 90} {
		s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", square(fmt.Sprint("g", i), 351000+200*i, 6450000, `{}`), "Content-Type", geoJSON).want(http.StatusCreated)
		s.ask(plan.Officer, "POST", "/api/v1/layers/bostad/features?crs=EPSG:3006", square(fmt.Sprint("i", i), 351000+200*i+width, 6450000, `{}`), "Content-Type", geoJSON).want(http.StatusCreated)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"vag","theme":"nature","title":{"sv":"Stig"},"geometry_type":"line","status":"published","attributes":[]}`).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers/vag/features?crs=EPSG:3006", `{"type":"Feature","id":"v","properties":{},"geometry":{"type":"LineString","coordinates":[[350060,6450010],[350140,6450010]]}}`,
		"Content-Type", geoJSON).want(http.StatusCreated)
}

// TestConflictsAreFilteredAndShown: by size, class, severity and place, as features and as files.
func TestConflictsAreFilteredAndShown(t *testing.T) {
	s := newSite(t)
	s.mixedFields()
	matched := func(query string) float64 {
		t.Helper()
		return s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?"+query, "").want(http.StatusOK).json()["matched"].(float64)
	}
	all := matched("")
	lines := matched("min_length_m=1")
	if areas := matched("min_area_ha=0.0001"); areas != 3 || lines < 1 || all < areas+lines {
		t.Errorf("%v conflicts, %v by area, %v by length", all, areas, lines)
	}
	for query, want := range map[string]float64{
		"min_area_ha=0.2": 2, "min_area_ha=0.2&kommun=1401": 2, "min_area_ha=0.6": 0, "min_area_ha=0.2&min_length_m=1": 2 + lines,
		"severity=3&class=adapt": 0, "layer=prov&bbox=351000,6450000,351100,6450100&bbox-crs=EPSG:3006": 1,
		"layer=prov&bbox=351000,6450000,351070,6450100&bbox-crs=EPSG:3006": 0, // the box of the field, not of the conflict
	} {
		if got := matched(query); got != want {
			t.Errorf("%s: %v conflicts, want %v", query, got, want)
		}
	}
	if stop, adapt := matched("class=stop"), matched("class=adapt"); stop+adapt != all || stop == 0 && adapt == 0 {
		t.Errorf("%v stop, %v adapt, %v in all", stop, adapt, all)
	}
	hectares := 0.0
	for _, row := range s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/summary?by=kommun&min_area_ha=0.2", "").want(http.StatusOK).json()["summary"].([]any) {
		hectares += row.(map[string]any)["area_ha"].(float64)
	}
	if hectares < 0.7499999 || hectares > 0.7500001 {
		t.Errorf("%v ha of at least 0.2 ha each, want 0.75", hectares)
	}
	for _, query := range []string{"min_area_ha=0", "min_area_ha=x", "class=maybe", "severity=4", "bbox=1,2,3", "bbox=1,2,3,4&bbox-crs=EPSG:9", "f=shp", "f=gpkg&cursor=x"} {
		s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?"+query, "").problem(http.StatusBadRequest, plan.Invalid)
	}
	checkPagesOfFeatures(s, int(all))
	checkFiles(s, int(all))
}

// checkPagesOfFeatures wants the features of the pages in the order of the ranking.
func checkPagesOfFeatures(s *site, all int) {
	s.Helper()
	rank, next := 0, s.url+"/api/v1/conflicts?f=geojson&limit=2&crs=EPSG:3006"
	for next != "" {
		page := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK)
		for _, f := range page.json()["features"].([]any) {
			rank++
			feature := f.(map[string]any)
			if got := feature["properties"].(map[string]any)["rank"]; got != float64(rank) || feature["geometry"] == nil {
				s.Errorf("feature %d has the rank %v and the geometry %v", rank, got, feature["geometry"])
			}
		}
		_, next = page.idsOf()
	}
	if rank != all {
		s.Errorf("the pages have %d features, want %d", rank, all)
	}
}

func checkFiles(s *site, all int) {
	s.Helper()
	file := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?f=gpkg", "").want(http.StatusOK)
	path := filepath.Join(s.TempDir(), "conflict.gpkg")
	if err := os.WriteFile(path, file.body, 0o600); err != nil {
		s.Fatal(err)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?f=gpkg", "", "If-None-Match", file.header.Get("ETag")).want(http.StatusNotModified)
	count := 0
	for _, layer := range []string{"conflict", "conflict_line", "conflict_point"} {
		out, err := exec.Command("ogrinfo", "-so", path, layer).CombinedOutput()
		var n int
		_, after, found := strings.Cut(string(out), "Feature Count: ")
		if _, scanned := fmt.Sscan(after, &n); err != nil || !found || scanned != nil || !strings.Contains(string(out), "SWEREF99") {
			s.Errorf("ogrinfo of %s: %v: %.300s", layer, err, out)
		}
		count += n
	}
	if count != all {
		s.Errorf("the GeoPackage has %d features, want %d", count, all)
	}
	rows, err := csv.NewReader(strings.NewReader(string(s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?f=csv&min_area_ha=0.2", "").want(http.StatusOK).body))).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "id" || rows[0][1] != "rank" || !strings.Contains(rows[1][0], ":") {
		s.Errorf("the table: %v, %v", rows, err)
	}
	if got := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?f=xlsx", "").want(http.StatusOK); !strings.HasPrefix(string(got.body), "PK") {
		s.Errorf("the workbook begins %.20q", got.body)
	}
}

// TestWhyOfAConflict: the rule, the numbers, the law, and both layers with their sources; by an id that needs no escape.
func TestWhyOfAConflict(t *testing.T) {
	s := newSite(t)
	s.mixedFields()
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"source":"Jordbruksverket","licence":"CC0","vintage":{"from":"2025","to":"2025"}}`).want(http.StatusOK)
	listed := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?min_area_ha=0.4", "").want(http.StatusOK).json()["conflicts"].([]any)
	id := listed[0].(map[string]any)["id"].(string)
	if url.PathEscape(id) != id || !strings.Contains(id, "h~3A0") {
		t.Errorf("the id %s is spelled %s in an address", id, url.PathEscape(id))
	}
	got := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/"+id+"?crs=EPSG:3006", "").want(http.StatusOK).json()
	told := got["conflict"].(map[string]any)
	why := told["why"].(map[string]any)
	sources := fmt.Sprint(why["source"], why["claim_source"])
	if told["id"] != id || told["legal_basis"] == nil || why["basis"] == nil || why["ruleset"] == nil || !strings.Contains(sources, "Jordbruksverket") ||
		!strings.Contains(sources, "from:2025") || !strings.Contains(sources, "bostad") || !strings.Contains(fmt.Sprint(got["geometry"]), "350050") {
		t.Errorf("the conflict is told as %s", mustJSON(got))
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/"+id+"9", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/nonsense", "").problem(http.StatusBadRequest, plan.Invalid)
	before := s.atlas.View().Revision()
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov/features/f0", "").want(http.StatusNoContent)
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/"+id, "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Anonymous, "GET", fmt.Sprintf("/api/v1/conflicts/%s?revision=%d", id, before), "").want(http.StatusOK)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/bostad", `{"status":"draft"}`).want(http.StatusOK)
	s.ask(plan.Anonymous, "GET", fmt.Sprintf("/api/v1/conflicts/%s?revision=%d", id, before), "").problem(http.StatusNotFound, plan.NotFound)
}

// TestLoadTellsWhatItDidToTheConflicts: in the job, in its last event, municipality by municipality, with the hectares.
func TestLoadTellsWhatItDidToTheConflicts(t *testing.T) {
	s := newSite(t)
	s.fields(2)
	jobs := s.ask(plan.Officer, "GET", "/api/v1/jobs?layer=bostad", "").want(http.StatusOK).json()["jobs"].([]any)
	first := jobs[0].(map[string]any)["conflicts"].(map[string]any)
	row := first["kommuner"].([]any)[0].(map[string]any)
	if total := first["total"].(map[string]any); first["known"] != true || total["new"] != 2.0 || total["gone"] != 0.0 || !near(total["new_ha"], 1) || row["new"] != 2.0 ||
		!strings.Contains(fmt.Sprint(row["sentence"]), "skapade 2 konflikter (1 ha) i "+fmt.Sprint(row["namn"])) {
		t.Errorf("the first load: %s", mustJSON(first))
	}
	// One home goes, the other one moves half out of the field.
	job := s.ask(plan.Officer, "POST", "/api/v1/layers/bostad/uploads?crs=EPSG:3006&mode=replace", collection(square("h:0", 350075, 6450000, `{}`)), "Content-Type", geoJSON).want(http.StatusCreated).json()
	second := job["conflicts"].(map[string]any)
	if total := second["total"].(map[string]any); total["gone"] != 1.0 || total["shrunk"] != 1.0 || !near(total["gone_ha"], 0.5) || !near(total["shrunk_ha"], 0.25) ||
		!strings.Contains(fmt.Sprint(second["summary"]), "resolved 1 conflict (0.5 ha) and reduced 1 conflict (0.25 ha)") {
		t.Errorf("the second load: %s", mustJSON(second))
	}
	events := string(s.ask(plan.Officer, "GET", "/api/v1/jobs/"+job["id"].(string)+"/events", "").want(http.StatusOK).body)
	if !strings.Contains(events[strings.LastIndex(events, "event: "):], `"shrunk_ha":0.2`) {
		t.Errorf("the last event: %.500s", events)
	}
	again := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", square("fjärran", 380000, 6480000, `{}`), "Content-Type", geoJSON)
	if again.status != http.StatusCreated {
		t.Errorf("%.200s", again.body)
	}
	quiet := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/uploads?crs=EPSG:3006&mode=append", collection(square("bort", 381000, 6480000, `{}`)), "Content-Type", geoJSON).want(http.StatusCreated).json()
	if told := quiet["conflicts"].(map[string]any); told["known"] != true || !strings.Contains(fmt.Sprint(told["summary"]), "rörde inga konflikter") {
		t.Errorf("a load that touched nothing: %s", mustJSON(told))
	}
}

func near(got any, want float64) bool { return got.(float64) > want-1e-6 && got.(float64) < want+1e-6 }
