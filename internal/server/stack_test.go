package server_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestStackOverHTTP asks for figures, combinations and places, and gets what is wrong told.
func TestStackOverHTTP(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.twoLayers()
	s.ask(plan.Officer, "POST", "/api/v1/layers/reservat/features?crs=EPSG:3006", `{"type":"Feature","properties":{"namn":"Kullen"},"geometry":{"type":"Polygon",
		"coordinates":[[[351000,6451000],[352000,6451000],[352000,6452000],[351000,6452000],[351000,6451000]]]}}`).want(201)
	rows := func(query string) []any {
		return s.ask(plan.Anonymous, "GET", "/api/v1/stack?land_use=verk&"+query, "").want(200).json()["rows"].([]any)
	}
	part := func(row any, name string) float64 {
		return row.(map[string]any)[name].(map[string]any)["area_ha"].(float64)
	}
	red, yellow := 0.0, 0.0
	for _, row := range rows("by=kommun") {
		sum := part(row, "green") + part(row, "yellow") + part(row, "red")
		if whole := row.(map[string]any)["area_ha"].(float64); math.Abs(sum-whole) > 1e-9*whole {
			t.Errorf("%v: %v ha in all, and not %v", row, sum, whole)
		}
		red, yellow = red+part(row, "red"), yellow+part(row, "yellow")
	}
	if one := rows("by=lan"); len(one) != 1 || math.Abs(part(one[0], "red")-red) > 1e-6 || math.Abs(part(one[0], "yellow")-yellow) > 1e-6 {
		t.Errorf("the county has %v; its municipalities have %v ha of red, %v of yellow", one, red, yellow)
	}
	got := s.ask(plan.Anonymous, "GET", "/api/v1/stack/combinations?land_use=verk&limit=1", "").want(200).json()
	first := got["combinations"].([]any)[0].(map[string]any)
	if first["colour"] != "red" || got["matched"].(float64) < 2 {
		t.Errorf("the closest to red is %v", got)
	}
	next := got["links"].([]any)[0].(map[string]any)["href"].(string)
	if at := strings.Index(next, "/api/"); !strings.Contains(next, "revision=") || s.ask(plan.Anonymous, "GET", next[at:], "").want(200).json()["combinations"].([]any)[0].(map[string]any)["colour"] == "red" {
		t.Errorf("the next page %s has the same", next)
	}
	place := s.ask(plan.Anonymous, "GET", "/api/v1/stack/at?land_use=verk&total_height=250&x=351500&y=6451500", "").want(200).json()
	if got := fmt.Sprint(place["hits"]); place["colour"] != "red" || !strings.Contains(got, "title:Kullen") || !strings.Contains(got, "claim_share:1") {
		t.Errorf("in the reserve there is %v", place)
	}
	s.stackAsFeatures()
	for query, locator := range map[string]string{
		"stack?land_use=slott":                         "land_use",
		"stack?land_use=verk&kommun=9999":              "kommun",
		"stack?land_use=verk&revision=9999":            "revision",
		"stack?land_use=verk&total_heigth=3":           "total_heigth",
		"stack?land_use=verk&attribute=farg:blue":      "/attributes/farg",
		"stack?land_use=verk&total_height=high":        "total_height",
		"stack":                                        "land_use",
		"stack/at?land_use=verk&x=1&y=2&crs=EPSG:9999": "crs",
		"stack/at?land_use=verk&x=1":                   "y",
	} {
		if problem := s.ask(plan.Anonymous, "GET", "/api/v1/"+query, "").problem(400, plan.Invalid); problem["locator"] != locator {
			t.Errorf("%s: %v", query, problem)
		}
	}
}

// stackAsFeatures: the polygons of a municipality have the areas that the figures tell, in a file and as a layer.
func (s *site) stackAsFeatures() {
	s.Helper()
	file := s.ask(plan.Anonymous, "GET", "/api/v1/stack/export?land_use=wind&kommun=1401&detail=combination&f=geojson&crs=EPSG:3006", "").want(200).json()
	colours, sum := map[any]int{}, 0.0
	for _, f := range file["features"].([]any) {
		properties := f.(map[string]any)["properties"].(map[string]any)
		colours[properties["colour"]]++
		sum += properties["area_ha"].(float64)
		if f.(map[string]any)["geometry"] == nil {
			s.Errorf("%v has no geometry", properties)
		}
	}
	if math.Abs(sum-24_000) > 1e-6 || colours["red"] == 0 || colours["yellow"] == 0 || colours["green"] != 1 {
		s.Errorf("%v: %v ha", colours, sum)
	}
	page := s.ask(plan.Anonymous, "GET", "/ogc/collections/stack/items?colour=red&crs=http://www.opengis.net/def/crs/EPSG/0/3006", "").want(200).json()
	if n := page["numberMatched"]; n != 1.0 {
		s.Errorf("%v municipalities have something red", n)
	}
	if got := s.ask(plan.Anonymous, "GET", "/api/v1/stack/export?land_use=wind&f=gpkg", "").want(200); !strings.HasPrefix(string(got.body), "SQLite format 3") {
		s.Errorf("the GeoPackage begins with %q", got.body[:16])
	}
}

// TestStackComparison: what has turned is what the stacks of both states say, as JSON and as CSV.
func TestStackComparison(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.twoLayers()
	before := s.atlas.View().Revision()
	s.ask(plan.Officer, "POST", "/api/v1/layers/reservat/features?crs=EPSG:3006", `{"type":"Feature","properties":{"namn":"Kullen"},"geometry":{"type":"Polygon",
		"coordinates":[[[351000,6451000],[352000,6451000],[352000,6452000],[351000,6452000],[351000,6451000]]]}}`).want(201)
	red := func(revision plan.Revision) float64 {
		rows := s.ask(plan.Anonymous, "GET", fmt.Sprintf("/api/v1/stack?land_use=verk&by=lan&revision=%d", revision), "").want(200).json()["rows"].([]any)
		return rows[0].(map[string]any)["red"].(map[string]any)["area_ha"].(float64)
	}
	path := fmt.Sprintf("/api/v1/stack/compare?land_use=verk&from=%d", before)
	got := s.ask(plan.Anonymous, "GET", path, "").want(200).json()
	total := got["total"].(map[string]any)
	grown := total["difference"].(map[string]any)["red_ha"].(float64)
	if want := red(before+1) - red(before); math.Abs(grown-want) > 1e-6 || want < 99 {
		t.Errorf("%v ha have turned red; the stacks say %v", grown, want)
	}
	moves := 0.0
	for _, m := range total["moves"].([]any) {
		moves += m.(map[string]any)["area_ha"].(float64)
	}
	if whole := total["area_ha"].(float64); math.Abs(moves-whole) > 1e-6 {
		t.Errorf("the moves are %v ha of %v", moves, whole)
	}
	csv := string(s.ask(plan.Anonymous, "GET", path+"&f=csv&separator=semicolon", "").want(200).body)
	if !strings.HasPrefix(csv, "id;namn;area_ha;gront_fore_ha") || strings.Count(csv, "\n") != len(got["rows"].([]any))+1 {
		t.Errorf("CSV is %s", csv)
	}
	higher := s.ask(plan.Anonymous, "GET", "/api/v1/stack/compare?land_use=verk&total_height=250&from_total_height=100", "").want(200).json()
	if state := higher["from"].(map[string]any)["attributes"]; fmt.Sprint(state) != "map[total_height:100]" {
		t.Errorf("the first state is for %v", state)
	}
	for query, locator := range map[string]string{"land_use=verk&from=999": "from", "land_use=verk&to_version=99": "to_version", "land_use=verk&kommun=9999": "kommun", "land_use=slott": "land_use"} {
		p := s.ask(plan.Anonymous, "GET", "/api/v1/stack/compare?"+query, "")
		if p.status != 400 && p.status != 404 || p.json()["locator"] != locator {
			t.Errorf("%s: %d %s", query, p.status, p.body)
		}
	}
}
