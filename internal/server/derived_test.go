package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// fields makes the layers prov (farmland) and bostad (settlement), with n fields that a settlement lies half in.
func (s *site) fields(n int) {
	s.Helper()
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.NewReplacer(`"prov"`, `"bostad"`, `"agriculture"`, `"settlement"`).Replace(provLayer)).want(http.StatusCreated)
	var fields, homes []string
	for i := range n {
		fields = append(fields, square(fmt.Sprint("f", i), 350000+200*i, 6450000, `{"namn":"Åker"}`))
		homes = append(homes, square(fmt.Sprint("h:", i), 350050+200*i, 6450000, `{}`))
	}
	s.upload("mode=append", collection(fields...)).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers/bostad/uploads?crs=EPSG:3006", collection(homes...), "Content-Type", geoJSON).want(http.StatusCreated)
}

// idsOf lists the ids of a page of features, and gives the address of the next one.
func (a *answer) idsOf() (ids []string, next string) {
	a.Helper()
	page := a.json()
	for _, f := range page["features"].([]any) {
		ids = append(ids, fmt.Sprint(f.(map[string]any)["id"]))
	}
	for _, link := range page["links"].([]any) {
		if l := link.(map[string]any); l["rel"] == "next" {
			next = l["href"].(string)
		}
	}
	return ids, next
}

// TestConflictsAreALayer like any other: listed, described, filtered, paged, in every form.
func TestConflictsAreALayer(t *testing.T) {
	s := newSite(t)
	s.fields(3)
	listed := s.ask(plan.Anonymous, "GET", "/ogc/collections", "").want(http.StatusOK).json()["collections"].([]any)
	i := slices.IndexFunc(listed, func(c any) bool { return c.(map[string]any)["id"] == "conflict" })
	if i < 0 || listed[i].(map[string]any)["itemCount"] != 3.0 || listed[i].(map[string]any)["extent"] == nil {
		t.Fatalf("the collections are %s", mustJSON(listed))
	}
	const path = "/ogc/collections/conflict"
	for _, address := range []string{path, path + "/schema", path + "/schema.xsd", path + "?f=html", path + "/items?f=html", "/ogc/collections?f=html"} {
		if body := s.ask(plan.Anonymous, "GET", address, "").want(http.StatusOK).body; !strings.Contains(string(body), "conflict") {
			t.Errorf("%s tells nothing of conflicts", address)
		}
	}
	if api := s.ask(plan.Anonymous, "GET", "/ogc/api", "").want(http.StatusOK).json(); api["paths"].(map[string]any)["/collections/conflict_line/items"] == nil {
		t.Error("the API document has no conflict_line")
	}
	page := s.ask(plan.Anonymous, "GET", path+"/items?crs=EPSG:3006", "").want(http.StatusOK)
	first := page.json()["features"].([]any)[0].(map[string]any)
	properties := first["properties"].(map[string]any)
	if want := "agriculture_settlement_overlap"; !strings.Contains(want+"settlement_agriculture_overlap", fmt.Sprint(properties["rule"])) {
		t.Errorf("the rule is %v, want such as %s", properties["rule"], want)
	}
	if area := properties["area_ha"].(float64); area < 0.4999999 || area > 0.5000001 || properties["kommun"] == nil || properties["legal_basis"] == nil {
		t.Errorf("the first conflict: %s", mustJSON(properties))
	}
	if box := fmt.Sprint(first["geometry"].(map[string]any)["coordinates"]); !strings.Contains(box, "350050") || !strings.Contains(box, "350100") {
		t.Errorf("the shape is %s", box)
	}
	// One conflict by itself, with an id that takes no escape, and an ETag that holds as long as the rules and the state do.
	ids, _ := page.idsOf()
	one := s.ask(plan.Anonymous, "GET", path+"/items/"+ids[0], "").want(http.StatusOK)
	s.ask(plan.Anonymous, "GET", path+"/items/"+ids[0], "", "If-None-Match", one.header.Get("ETag")).want(http.StatusNotModified)
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/conflict/features/"+ids[0], "", "If-None-Match", one.header.Get("ETag")).want(http.StatusNotModified)
	s.ask(plan.Anonymous, "GET", path+"/items/"+ids[0]+"x", "").problem(http.StatusNotFound, plan.NotFound)
	// Filters: a box of which the box of no conflict, but not the shape, has a part; and attributes.
	for query, want := range map[string]float64{"bbox=350060,6450000,350090,6450010&bbox-crs=EPSG:3006": 1, "bbox=350000,6450000,350049,6450010&bbox-crs=EPSG:3006": 0,
		"claim_layer=" + fmt.Sprint(properties["claim_layer"]): 3, "severity=9": 0, "bbox=11.5,57.9,12.9,58.5": 3} {
		if got := s.ask(plan.Anonymous, "GET", path+"/items?"+query, "").want(http.StatusOK).json()["numberMatched"]; got != want {
			t.Errorf("%s: %v conflicts, want %v", query, got, want)
		}
	}
	for _, f := range []string{"gpkg", "fgb", "shp", "geojson", "csv", "xlsx", "gml"} {
		if file := s.ask(plan.Anonymous, "GET", "/api/v1/layers/conflict/export?f="+f, "").want(http.StatusOK); len(file.body) == 0 || file.header.Get("ETag") == "" {
			t.Errorf("%s: %d bytes, ETag %q", f, len(file.body), file.header.Get("ETag"))
		}
	}
}

// TestPagesOfConflictsHoldTogether while the layers and what follows from them move on.
func TestPagesOfConflictsHoldTogether(t *testing.T) {
	s := newSite(t)
	s.fields(7)
	var all []string
	next := s.url + "/ogc/collections/conflict/items?limit=3"
	for page := 0; next != ""; page++ {
		ids, following := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).idsOf()
		all, next = append(all, ids...), following
		s.ask(plan.Officer, "DELETE", fmt.Sprint("/api/v1/layers/prov/features/f", 6-page), "").want(http.StatusNoContent)
		s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items", "").want(http.StatusOK)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 7 {
		t.Errorf("the pages have %v", all)
	}
	if now := s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items", "").json()["numberMatched"]; now != 4.0 {
		t.Errorf("there are %v conflicts now", now)
	}
}

// TestConflictsHideDrafts: what a token may not see does not show through.
func TestConflictsHideDrafts(t *testing.T) {
	s := newSite(t)
	s.fields(2)
	before := s.atlas.View().Revision()
	ids, _ := s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items", "").idsOf()
	_, next := s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items?limit=1", "").idsOf()
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/bostad", `{"status":"draft"}`).want(http.StatusOK)
	for role, want := range map[plan.Role]int{plan.Anonymous: 0, plan.Viewer: 2} {
		for _, moment := range []string{"", fmt.Sprint("?revision=", before)} {
			if got, _ := s.ask(role, "GET", "/ogc/collections/conflict/items"+moment, "").want(http.StatusOK).idsOf(); len(got) != want {
				t.Errorf("%s sees %v%s", role, got, moment)
			}
		}
	}
	s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items/"+ids[0], "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", "/ogc/collections/conflict/items/"+ids[0], "").want(http.StatusOK)
	if got, _ := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).idsOf(); len(got) != 0 {
		t.Errorf("the second page goes on showing %v", got)
	}
}

// TestDerivedLayersAreNotWritten, and nobody takes their ids. A layer that had one already goes on as it was.
func TestDerivedLayersAreNotWritten(t *testing.T) {
	s := newSite(t)
	s.fields(1)
	for _, id := range []string{"conflict", "conflict_point", "conflict_mine", "stack", "stack_wind"} {
		fault := s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"`+id+`"`, 1)).problem(http.StatusBadRequest, plan.Invalid)
		if !strings.Contains(fmt.Sprint(fault["detail"]), "derives") {
			t.Errorf("%s: %v", id, fault["detail"])
		}
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"conflicts"`, 1)).want(http.StatusCreated)
	for _, q := range [][3]string{{"PATCH", "/api/v1/layers/conflict", `{"owner":"x"}`}, {"DELETE", "/api/v1/layers/conflict", ""},
		{"POST", "/api/v1/layers/conflict/features", square("a", 350000, 6450000, `{}`)}, {"DELETE", "/api/v1/layers/conflict/features/1", ""},
		{"POST", "/ogc/collections/conflict/items", square("a", 350000, 6450000, `{}`)}, {"PATCH", "/ogc/collections/conflict/items/1", `{}`},
		{"POST", "/api/v1/layers/conflict/uploads", collection(square("a", 350000, 6450000, `{}`))},
		{"GET", "/api/v1/layers/conflict/checksum", ""}} {
		answer := s.ask(plan.Officer, q[0], q[1], q[2], "Content-Type", geoJSON)
		status, code := http.StatusMethodNotAllowed, plan.NotAllowed
		if q[0] == "GET" {
			status, code = http.StatusNotFound, plan.NotFound
		}
		fault := answer.problem(status, code)
		if allow := answer.header.Get("Allow"); status == http.StatusMethodNotAllowed && (strings.Contains(allow, q[0]) || !strings.Contains(allow, "OPTIONS")) {
			t.Errorf("%s %s: Allow: %s", q[0], q[1], allow)
		}
		if !strings.Contains(fmt.Sprint(fault["detail"]), "derived") {
			t.Errorf("%s %s: %v", q[0], q[1], fault["detail"])
		}
	}
	for _, layer := range s.ask(plan.Viewer, "GET", "/api/v1/layers", "").json()["layers"].([]any) {
		if layer.(map[string]any)["id"] == "conflict" {
			t.Error("the layers that are administered name a derived one")
		}
	}
	// From before the id was kept.
	old := &plan.Layer{ID: "conflict", Theme: plan.Nature, GeometryType: plan.Point, Status: plan.Published, Title: plan.Text{SV: "Eget"}}
	if _, err := s.store.Apply(t.Context(), plan.ChangeSet{Author: "prov", Kind: plan.ChangeLayer, Layers: []plan.LayerChange{{Layer: "conflict", Define: old}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.atlas.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if title := s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict", "").want(http.StatusOK).json()["title"]; title != "Eget" {
		t.Errorf("the old layer is called %v", title)
	}
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/conflict", `{"owner":"x"}`).want(http.StatusOK)
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/conflict", "").want(http.StatusNoContent)
	if n := s.ask(plan.Anonymous, "GET", "/ogc/collections/conflict/items", "").want(http.StatusOK).json()["numberMatched"]; n != 1.0 {
		t.Errorf("after it has gone there are %v conflicts", n)
	}
}
