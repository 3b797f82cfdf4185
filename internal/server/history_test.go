package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// kommunTiles are two municipalities, west and east of x = 352000.
func (s *site) kommunTiles() {
	s.Helper()
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"kommun","theme":"administrative","title":{"sv":"Kommuner"},"geometry_type":"polygon","status":"published",
		"attributes":[{"name":"kommunkod","type":"text"},{"name":"namn","type":"text"},{"name":"kommunalforbund","type":"text"}]}`).want(http.StatusCreated)
	tile := func(kod, namn string, x int) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"properties":{"kommunkod":%[1]q,"namn":%q},"geometry":{"type":"Polygon","coordinates":
			[[[%[3]d,6440000],[%[4]d,6440000],[%[4]d,6460000],[%[3]d,6460000],[%[3]d,6440000]]]}}`, kod, namn, x, x+12000)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers/kommun/uploads?crs=EPSG:3006", collection(tile("1401", "Västra", 340000), tile("1402", "Östra", 352000)),
		"Content-Type", "application/geo+json").want(http.StatusCreated)
}

// TestRevisionsTellTheirFile follows an upload into the list, and narrows the list.
func TestRevisionsTellTheirFile(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	file := collection(square("a", 350000, 6450000, `{}`), square("b", 351950, 6450000, `{}`))
	s.upload("mode=append&filename=prov.geojson&note=hej", file).want(http.StatusCreated)
	from := time.Now()
	s.upload("mode=append", collection(square("c", 356000, 6450000, `{}`))).want(http.StatusCreated)

	list := func(query string) []any {
		return s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/revisions"+query, "").want(http.StatusOK).json()["revisions"].([]any)
	}
	all := list("")
	if len(all) != 3 {
		t.Fatalf("revisions: %v", all)
	}
	record := all[1].(map[string]any)
	sum := sha256.Sum256([]byte(file))
	if source := record["source"].(map[string]any); source["filename"] != "prov.geojson" || source["sha256"] != hex.EncodeToString(sum[:]) ||
		source["bytes"] != float64(len(file)) || source["mode"] != "append" || record["note"] != "hej" {
		t.Errorf("the record is %v", record)
	}
	if counts := record["layers"].([]any)[0].(map[string]any); fmt.Sprint(counts["kommuner"]) != "[1401 1402]" || counts["added"] != 2.0 {
		t.Errorf("the counts are %v", counts)
	}
	for query, want := range map[string]int{"?kommun=1401": 1, "?kommun=1402": 2, "?kommun=utanfor": 0, "?author=officer": 3, "?author=ingen": 0,
		"?kind=upload": 2, "?kind=layer": 1, "?made_from=" + url.QueryEscape(from.Format(time.RFC3339Nano)): 1,
		"?made_to=" + url.QueryEscape(from.Format(time.RFC3339Nano)): 2, "?limit=1": 1} {
		if got := list(query); len(got) != want {
			t.Errorf("%s: %d revisions, want %d", query, len(got), want)
		}
	}
	next := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/revisions?limit=2&kind=upload", "").want(http.StatusOK).json()["links"].([]any)
	if len(next) != 0 {
		t.Errorf("there is no third upload, but %v", next)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/ingen/revisions", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", "/api/v1/layers/ingen/revisions", "").problem(http.StatusNotFound, plan.NotFound)
}

// TestDifferenceDocuments asks for what one upload did, as JSON in pages and as GeoJSON, and for what another would do.
func TestDifferenceDocuments(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("a", 350000, 6450000, `{"namn":"A"}`), square("b", 351950, 6450000, `{"namn":"B"}`),
		square("c", 354000, 6450000, `{}`))).want(http.StatusCreated)
	second := collection(square("a", 350010, 6450000, `{"namn":"A2"}`), square("b", 351950, 6450000, `{"namn":"B2"}`), square("d", 354500, 6450000, `{}`))

	dry := s.upload("mode=replace&dry_run=true", second).want(http.StatusOK).json()["difference"].(map[string]any)
	s.upload("mode=replace", second).want(http.StatusCreated)
	made := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff", "").want(http.StatusOK).json()
	if one, other := fmt.Sprint(dry["summary"]), fmt.Sprint(made["summary"]); one != other {
		t.Errorf("the dry run told\n%s\nbut it became\n%s", one, other)
	}
	summary := made["summary"].(map[string]any)
	if summary["added"] != 1.0 || summary["removed"] != 1.0 || summary["changed"] != 2.0 || summary["geometry_changed"] != 1.0 || summary["unchanged"] != 0.0 {
		t.Errorf("summary %v", summary)
	}
	if net := summary["area_net_ha"].(float64); net > 1e-9 || net < -1e-9 {
		t.Errorf("the area grew by %v", net)
	}
	if added := summary["area_added_ha"].(float64); added < 1.1-1e-9 || added > 1.1+1e-9 {
		t.Errorf("added %v ha, want one square and a strip", added)
	}
	kommuner := summary["kommuner"].([]any)
	if len(kommuner) != 2 || kommuner[0].(map[string]any)["kommun"] != "1401" || kommuner[0].(map[string]any)["changed"] != 2.0 {
		t.Errorf("kommuner %v", kommuner)
	}
	changed := made["changed"].([]any)[0].(map[string]any)
	if changed["id"] != "a" || changed["geometry_changed"] != true || fmt.Sprint(changed["fields"]) != "[map[after:A2 before:A name:namn]]" {
		t.Errorf("changed %v", changed)
	}

	found, next := 0, "/api/v1/layers/prov/diff?limit=1"
	for pages := 0; next != ""; pages++ {
		page := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).json()
		found += len(page["added"].([]any)) + len(page["removed"].([]any)) + len(page["changed"].([]any))
		next = ""
		for _, link := range page["links"].([]any) {
			if link := link.(map[string]any); link["rel"] == "next" {
				next = link["href"].(string)
			}
		}
		if (page["summary"] != nil) != (pages == 0) || page["complete"] != (next == "") {
			t.Errorf("page %d: %v", pages, page)
		}
	}
	if found != 4 {
		t.Errorf("%d changes on the pages, want 4", found)
	}

	rows := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?crs=EPSG:3006", "", "Accept", "application/geo+json").want(http.StatusOK)
	if rows.header.Get("Content-Type") != "application/geo+json" || !strings.Contains(rows.header.Get("Content-Crs"), "3006") {
		t.Errorf("headers %v", rows.header)
	}
	count := map[any]int{}
	for _, f := range rows.json()["features"].([]any) {
		properties := f.(map[string]any)["properties"].(map[string]any)
		count[properties["_change"]]++
		if properties["_id"] == "a" && properties["_changed_fields"] != "namn" {
			t.Errorf("row %v", properties)
		}
	}
	if fmt.Sprint(count) != "map[added:1 changed_after:2 changed_before:2 removed:1]" {
		t.Errorf("rows %v", count)
	}
	file := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?f=gpkg", "").want(http.StatusOK)
	if got := layersOf(t, file.body); fmt.Sprint(got) != "map[added:1 changed_after:2 changed_before:2 removed:1]" {
		t.Errorf("the GeoPackage holds %v", got)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?f=gpkg&limit=3", "").problem(http.StatusBadRequest, plan.Invalid)
	only := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?from=0&limit=0", "").want(http.StatusOK).json()
	if only["summary"].(map[string]any)["added"] != 3.0 || len(only["added"].([]any)) != 0 {
		t.Errorf("the summary alone: %v", only)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?to=99", "").problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/ingen/diff", "").problem(http.StatusNotFound, plan.NotFound)
}

// layersOf has GDAL count the features of each layer of a GeoPackage.
func layersOf(t *testing.T, file []byte) map[string]int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "skillnad.gpkg")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	told, err := exec.Command("ogrinfo", "-ro", "-so", "-al", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	if !strings.Contains(string(told), "SWEREF99 TM") || !strings.Contains(string(told), "_changed_fields: String") {
		t.Errorf("the file is %s", told)
	}
	counts := map[string]int{}
	for _, m := range regexp.MustCompile(`Layer name: (\w+)\n(?s:.*?)Feature Count: (\d+)`).FindAllStringSubmatch(string(told), -1) {
		counts[m[1]], _ = strconv.Atoi(m[2])
	}
	return counts
}

// TestRollbackOfWhatIsGone restores a deleted layer and a schema, after asking what that would do.
func TestRollbackOfWhatIsGone(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("a", 350000, 6450000, `{"namn":"A","antal":7}`))).want(http.StatusCreated)
	good := s.atlas.View().Revision()
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"attributes":[{"name":"namn","type":"text"},{"name":"klass","type":"text"}]}`).want(http.StatusOK)
	s.upload("mode=append", collection(square("b", 351000, 6450000, `{"klass":"x"}`))).want(http.StatusCreated)

	body := fmt.Sprintf(`{"to":%d}`, good)
	before := s.atlas.View().Revision()
	trial := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback?dry_run=true", body).want(http.StatusOK).json()["summary"].(map[string]any)
	if trial["removed"] != 1.0 || fmt.Sprint(trial["attributes_removed"]) != "[klass]" || s.atlas.View().Revision() != before {
		t.Errorf("the trial told %v", trial)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback", body).want(http.StatusOK)
	feature := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/a", "").want(http.StatusOK).json()
	if fmt.Sprint(feature["properties"]) != "map[antal:7 dag:<nil> namn:A]" {
		t.Errorf("after the rollback: %v", feature["properties"])
	}

	s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov", "").want(http.StatusNoContent)
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/a", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/a?revision="+fmt.Sprint(good), "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", "/api/v1/layers/prov/features/a?revision="+fmt.Sprint(good), "").want(http.StatusOK)
	trial = s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback?dry_run=true", body).want(http.StatusOK).json()["summary"].(map[string]any)
	if trial["added"] != 1.0 {
		t.Errorf("the trial told %v", trial)
	}
	record := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback", body).want(http.StatusOK).json()
	if record["kind"] != "rollback" || !strings.Contains(record["note"].(string), fmt.Sprint(good)) {
		t.Errorf("the record is %v", record)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/a", "").want(http.StatusOK)
}

// TestEveryReadingAddressShowsThePast asks each address for an earlier state, by revision and by instant.
func TestEveryReadingAddressShowsThePast(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	for _, layer := range []struct{ id, theme string }{{"skog", "forest"}, {"vind", "wind"}} {
		s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(`{"id":%q,"theme":%q,"title":{"sv":"X"},"geometry_type":"polygon","status":"published","attributes":[]}`, layer.id, layer.theme)).want(http.StatusCreated)
	}
	load := func(layer, query, file string) {
		s.ask(plan.Officer, "POST", "/api/v1/layers/"+layer+"/uploads?crs=EPSG:3006&"+query, file, "Content-Type", "application/geo+json").want(http.StatusCreated)
	}
	load("skog", "mode=append", collection(square("s", 350000, 6450000, `{}`)))
	load("vind", "mode=append", collection(square("v", 350050, 6450000, `{}`)))
	load("prov", "mode=append", collection(square("a", 350000, 6450000, `{"namn":"A"}`)))
	then, instant := s.atlas.View().Revision(), time.Now().UTC()
	load("skog", "mode=replace", collection(square("t", 358000, 6450000, `{}`)))
	load("prov", "mode=replace", collection(square("b", 350000, 6450000, `{"namn":"B"}`), square("c", 350500, 6450000, `{}`)))
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"senare"`, 1)).want(http.StatusCreated)

	claim := string(mustJSON(map[string]any{"theme": "wind", "crs": "EPSG:3006", "geometry": map[string]any{"type": "Polygon", "coordinates": [][][2]int{{{350000, 6450000}, {350100, 6450000}, {350100, 6450100}, {350000, 6450100}, {350000, 6450000}}}}}))
	asks := []struct{ method, path, body string }{
		{"GET", "/api/v1/layers", ""}, {"GET", "/api/v1/layers/prov", ""}, {"GET", "/api/v1/layers/prov/features", ""}, {"GET", "/api/v1/layers/prov/features/a", ""},
		{"GET", "/api/v1/layers/prov/checksum", ""}, {"GET", "/api/v1/kommun", ""}, {"GET", "/api/v1/kommun/1401", ""},
		{"GET", "/api/v1/conflicts", ""}, {"POST", "/api/v1/conflicts", claim}, {"GET", "/api/v1/conflicts/summary?by=kommun", ""},
		{"GET", "/ogc/collections", ""}, {"GET", "/ogc/collections/prov", ""}, {"GET", "/ogc/collections/prov/items", ""}, {"GET", "/ogc/collections/prov/items/a", ""},
		{"GET", "/ogc/collections/conflict", ""}, {"GET", "/ogc/collections/conflict/items", ""},
	}
	past := map[string]*answer{}
	for _, q := range asks {
		for _, moment := range []string{fmt.Sprintf("revision=%d", then), "at=" + instant.Format(time.RFC3339Nano)} {
			path := q.path + "?" + moment
			if strings.Contains(q.path, "?") {
				path = q.path + "&" + moment
			}
			got := s.ask(plan.Anonymous, q.method, path, q.body).want(http.StatusOK)
			if got.header.Get("Strukturbild-Revision") != fmt.Sprint(then) {
				t.Errorf("%s %s shows revision %s, want %d", q.method, path, got.header.Get("Strukturbild-Revision"), then)
			}
			past[q.method+q.path] = got
		}
		s.ask(plan.Anonymous, q.method, strings.Replace(q.path+"?revision=999", "kommun?revision", "kommun&revision", strings.Count(q.path, "?")), q.body).problem(http.StatusBadRequest, plan.Invalid)
	}
	if n := len(past["GET/api/v1/layers"].json()["layers"].([]any)); n != 4 {
		t.Errorf("there were 4 layers, not %d", n)
	}
	if n := past["GET/api/v1/layers/prov"].json()["features"]; n != 1.0 {
		t.Errorf("the layer had one feature, not %v", n)
	}
	if n := past["GET/api/v1/conflicts"].json()["matched"]; n != 3.0 { // forest, farmland and wind power in one place
		t.Errorf("there were three conflicts, not %v", n)
	}
	if n := past["GET/ogc/collections/conflict/items"].json()["numberMatched"]; n != 3.0 {
		t.Errorf("the layer showed three conflicts, not %v", n)
	}
	if n := past["POST/api/v1/conflicts"].json()["hits_total"]; n != 3.0 {
		t.Errorf("the claim touched three interests then, not %v", n)
	}
	if now := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts", "").want(http.StatusOK).json()["matched"]; now != 1.0 { // the forest has gone
		t.Errorf("there are %v conflicts now", now)
	}
	if n := past["GET/ogc/collections"].json()["collections"].([]any); len(n) != 4+7 { // and those that are derived
		t.Errorf("%d collections", len(n))
	}
	for moment, code := range map[string]int{"revision=1&at=2020-01-01T00:00:00Z": 400, "at=2020-01-01T00:00:00Z": 404, "at=2999-01-01T00:00:00Z": 400, "at=igår": 400} {
		s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features?"+moment, "").want(code)
		s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items?"+moment, "").want(code)
	}
	s.ask(plan.Anonymous, "GET", fmt.Sprintf("/api/v1/layers/senare?revision=%d", then), "").problem(http.StatusNotFound, plan.NotFound)
}

// TestDraftsStayHiddenInThePast: what was a draft then, or is one now, is nobody's but theirs who may see drafts.
func TestDraftsStayHiddenInThePast(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, "published", "draft", 1)).want(http.StatusCreated)
	s.upload("mode=append&note=hemligt", collection(square("a", 350000, 6450000, `{}`))).want(http.StatusCreated)
	draft := s.atlas.View().Revision()
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"status":"published"}`).want(http.StatusOK)

	path := fmt.Sprintf("/api/v1/layers/prov/features?revision=%d", draft)
	s.ask(plan.Anonymous, "GET", path, "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", path, "").want(http.StatusOK)
	if n := len(s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/revisions", "").want(http.StatusOK).json()["revisions"].([]any)); n != 1 {
		t.Errorf("anonymous hears of %d revisions, want the one that published the layer", n)
	}
	if n := len(s.ask(plan.Viewer, "GET", "/api/v1/layers/prov/revisions", "").want(http.StatusOK).json()["revisions"].([]any)); n != 3 {
		t.Errorf("a viewer hears of %d revisions", n)
	}
	diff := s.ask(plan.Anonymous, "GET", fmt.Sprintf("/api/v1/layers/prov/diff?from=%d", draft), "").want(http.StatusOK).json()
	if len(diff["added"].([]any)) != 1 {
		t.Errorf("for anonymous the layer came when it was published: %v", diff)
	}
}
