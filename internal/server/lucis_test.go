package server_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestLucisOverHTTP asks for codes and sums, in figures, at a place, as a file and as layers, and changes what they follow
// from in a draft.
func TestLucisOverHTTP(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200)
	s.region()
	s.farms()
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"akrar","theme":"agriculture","title":{"sv":"Åkrar"},"geometry_type":"polygon","status":"published","attributes":[{"name":"namn","type":"text"}]}`).want(201)
	s.park("akrar", square("1", 400000, 6450000, `{"namn":"Storåkern"}`))
	area := func(rows []any, code float64) (sum float64) {
		for _, row := range rows {
			for _, c := range row.(map[string]any)["codes"].([]any) {
				if c.(map[string]any)["code"] == code {
					sum += c.(map[string]any)["area_ha"].(float64)
				}
			}
		}
		return sum
	}
	rows := s.ask(plan.Anonymous, "GET", "/api/v1/lucis", "").want(200).json()["rows"].([]any)
	if got := area(rows, 321); math.Abs(got-1) > 1e-6 { // a field in a forest: agriculture 3, conservation 2
		t.Errorf("%v ha are 321", got)
	}
	at := s.ask(plan.Anonymous, "GET", "/api/v1/lucis/at?x=400050&y=6450050", "").want(200).json()
	if got := fmt.Sprint(at["code"], at["reasons"]); !strings.Contains(got, "code:321") || !strings.Contains(got, "Storåkern") || !strings.Contains(got, "counts:true") {
		t.Errorf("on the field there is %s", got)
	}
	sum := s.ask(plan.Anonymous, "GET", "/api/v1/symphony?by=lan", "").want(200).json()["rows"].([]any)[0].(map[string]any)
	place := s.ask(plan.Anonymous, "GET", "/api/v1/symphony/at?x=400050&y=6450050", "").want(200).json()
	if want := 100*70*0.33 + 100*40*0.33; math.Abs(place["sum"].(float64)-want) > 1e-6 || sum["total"].(float64) <= 0 || len(place["terms"].([]any)) != 2 {
		t.Errorf("the sum on the field is %v, of %v; the county has %v", place["sum"], want, sum["total"])
	}
	for _, id := range []string{"lucis", "symphony"} {
		page := s.ask(plan.Anonymous, "GET", "/ogc/collections/"+id+"/items?kommunkod=1401", "").want(200).json()
		file := s.ask(plan.Anonymous, "GET", "/api/v1/"+id+"/export?f=geojson&kommun=1401", "").want(200).json()
		if n := len(file["features"].([]any)); n < 2 || float64(n) != page["numberMatched"] {
			t.Errorf("%s: the file has %d features, the layer %v", id, n, page["numberMatched"])
		}
	}
	s.lucisDraft(area)
	for query, locator := range map[string]string{"lucis?kommun=9999": "kommun", "lucis?by=parish": "by", "symphony/at?x=1": "y", "lucis?revision=99": "revision", "symphony?version=99": "version"} {
		p := s.ask(plan.Anonymous, "GET", "/api/v1/"+query, "")
		if p.status != 400 && p.status != 404 || p.json()["locator"] != locator {
			t.Errorf("%s: %d %s", query, p.status, p.body)
		}
	}
}

// lucisDraft changes preferences and sensitivities over REST and as CSV, and sees the figures follow.
func (s *site) lucisDraft(area func([]any, float64) float64) {
	s.Helper()
	s.ask(plan.Planner, "POST", versions, "").want(201)
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"lucis":[{"id":"farmland","title":{"sv":"Åker","en":"Field"},"use":"agriculture","strength":2,"category":"agriculture","basis":"prov"}],
		"symphony":{"sensitivity":[{"pressure":"wind","value":"agriculture","sensitivity":1,"basis":"prov"}]}}`).want(200)
	rows := s.ask(plan.Planner, "GET", "/api/v1/lucis?version=2", "").want(200).json()["rows"].([]any)
	if got := area(rows, 221); math.Abs(got-1) > 1e-6 {
		s.Errorf("by the draft %v ha are 221", got)
	}
	if got := s.ask(plan.Planner, "GET", "/api/v1/symphony/at?version=2&x=400050&y=6450050", "").want(200).json()["sum"].(float64); math.Abs(got-(100*70+100*40*0.33)) > 1e-6 {
		s.Errorf("by the draft the sum is %v", got)
	}
	table := string(s.ask(plan.Planner, "GET", versions+"/2?f=csv&table=sensitivity", "").want(200).body)
	s.ask(plan.Planner, "PUT", versions+"/2?table=sensitivity", strings.Replace(table, "wind;1;", "wind;0,25;", 1), "Content-Type", "text/csv").want(200)
	problem := s.ask(plan.Planner, "PUT", versions+"/2?table=sensitivity", strings.Replace(table, "wind;1;", "wind;x;", 1), "Content-Type", "text/csv").problem(400, plan.Invalid)
	if got := fmt.Sprint(problem["findings"]); !strings.Contains(got, "/2/2") {
		s.Errorf("the fault is %s", got)
	}
	list := string(s.ask(plan.Planner, "GET", versions+"/2?f=csv&table=lucis", "").want(200).body)
	s.ask(plan.Planner, "PUT", versions+"/2?table=lucis", strings.Replace(list, "farmland;agriculture;2", "farmland;agriculture;3", 1), "Content-Type", "text/csv").want(200)
	diff := fmt.Sprint(s.ask(plan.Planner, "GET", versions+"/1/diff?to=2", "").want(200).json()["changes"])
	if !strings.Contains(diff, "farmland") || !strings.Contains(diff, "wind/agriculture") {
		s.Errorf("the difference is %s", diff)
	}
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"remove_lucis":["nobody"]}`).problem(400, plan.Invalid)
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"lucis":[{"id":"farmland","title":{"sv":"Åker","en":"Field"},"use":"mining","strength":2,"category":"agriculture","basis":"prov"}]}`).want(200)
	if got := fmt.Sprint(s.ask(plan.Planner, "POST", versions+"/2/validate", "").problem(400, plan.Invalid)["findings"]); !strings.Contains(got, "/use") {
		s.Errorf("the faults are %s", got)
	}
}
