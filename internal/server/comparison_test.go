package server_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

const compare = "/api/v1/conflicts/compare"

// farms are a square of forest and squares of wind over it, in EPSG:3006, at given offsets.
func (s *site) farms() {
	s.Helper()
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"parker","theme":"wind","title":{"sv":"Parker"},"geometry_type":"polygon","status":"published",
		"source":"Vindbrukskollen","licence":"CC0","attributes":[{"name":"namn","type":"text"},{"name":"total_height","type":"number"},{"name":"rotor_diameter","type":"number"},{"name":"hub_height","type":"number"}]}`).want(201)
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"skog","theme":"forest","title":{"sv":"Skog"},"geometry_type":"polygon","status":"published",
		"source":"Skogsstyrelsen","licence":"CC0","attributes":[{"name":"namn","type":"text"}]}`).want(201)
	s.park("skog", square("1", 400000, 6450000, `{"namn":"Storskogen"}`))
	s.park("parker", square("1", 400050, 6450000, `{"namn":"Ett"}`))
	s.park("parker", square("2", 400060, 6450050, `{"namn":"Två"}`))
}

func (s *site) park(layer, feature string) {
	s.Helper()
	s.ask(plan.Officer, "POST", "/api/v1/layers/"+layer+"/features?crs=EPSG:3006", feature, "Content-Type", geoJSON).want(201)
}

// TestComparisonOverHTTP compares revisions and rulesets as a planner does after a load: what came, went, grew and shrank.
func TestComparisonOverHTTP(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200) // the first version is kept
	s.farms()
	before := int(s.atlas.View().Revision())
	s.ask(plan.Officer, "PUT", "/api/v1/layers/parker/features/1?crs=EPSG:3006", square("1", 400020, 6450000, `{"namn":"Ett"}`), "Content-Type", geoJSON).want(200)
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/parker/features/2", "").want(204)
	s.park("parker", square("3", 399950, 6449950, `{"namn":"Tre"}`))
	after := int(s.atlas.View().Revision())

	page := s.ask(plan.Anonymous, "GET", fmt.Sprintf("%s?from=%d&limit=1", compare, before), "").want(200)
	if page.header.Get("Strukturbild-Revision") != fmt.Sprint(after) {
		t.Errorf("headers %v", page.header)
	}
	first := page.json()
	if got := fmt.Sprint(first["matched"]); got != "map[gone:2 grown:1 new:2 revalued:0 shrunk:0]" {
		t.Errorf("matched %s", got)
	}
	if got := fmt.Sprint(first["summary"].(map[string]any)["total"]); !strings.Contains(got, "conflicts:0 gone:2 grown:1") {
		t.Errorf("in all %s", got)
	}
	s.park("parker", square("4", 400010, 6450010, `{"namn":"Fyra"}`)) // later than the pages are about
	told := map[string]string{}
	for body := first; ; {
		for _, c := range body["changes"].([]any) {
			change := c.(map[string]any)
			told[change["id"].(string)] = change["became"].(string)
		}
		links := body["links"].([]any)
		if len(links) == 0 {
			break
		}
		next, err := url.Parse(links[0].(map[string]any)["href"].(string))
		if err != nil || !strings.HasPrefix(next.Path, compare) {
			t.Fatalf("the next page is %s, %v", next, err)
		}
		body = s.ask(plan.Anonymous, "GET", next.RequestURI(), "").want(200).json()
		if body["summary"] != nil {
			t.Error("the sums are told again")
		}
	}
	if got := fmt.Sprint(told); len(told) != 5 || !strings.Contains(got, "parker.1:skog.1:grown") ||
		!strings.Contains(got, "parker.2:skog.1:gone") || !strings.Contains(got, "parker.3:skog.1:new") {
		t.Errorf("told %s", got)
	}

	s.ask(plan.Planner, "POST", versions, "").want(201)
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"matrix":[{"claim":"wind","interest":"forest","severity":3,"basis":"prov","confidence":"low"}]}`).want(200)
	rules := fmt.Sprintf("%s?from=%d&to=%d&to_version=2", compare, after, after)
	s.ask(plan.Anonymous, "GET", rules, "").problem(404, plan.NotFound)
	if got := fmt.Sprint(s.ask(plan.Viewer, "GET", rules, "").want(200).json()["matched"]); got != "map[gone:0 grown:0 new:0 revalued:2 shrunk:0]" {
		t.Errorf("by another ruleset: %s", got)
	}
	for query, locator := range map[string]string{"": "from", "from=999": "from", "from=1&to=999": "to", "from=1&from_version=9": "from_version",
		"from=1&to_ruleset=nej": "to_ruleset", "from=1&kommun=9999": "kommun", "from=1&rule=nej": "rule", "from=1&cursor=x": "cursor", "from=1&became=red": "became"} {
		answer := s.ask(plan.Viewer, "GET", compare+"?"+query, "")
		if answer.status != 400 && answer.status != 404 || answer.json()["locator"] != locator {
			t.Errorf("%s: %d %s", query, answer.status, answer.body)
		}
	}
}

// TestComparisonHidesDrafts: who has no token hears nothing of layers that are drafts, in either state.
func TestComparisonHidesDrafts(t *testing.T) {
	s := newSite(t)
	s.farms()
	before := int(s.atlas.View().Revision())
	s.park("parker", square("3", 399950, 6449950, `{"namn":"Tre"}`))
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/skog", `{"status":"draft"}`).want(200)
	path := fmt.Sprintf("%s?from=%d&to=%d", compare, before, before+1)
	if body := s.ask(plan.Anonymous, "GET", path, "").want(200); strings.Contains(string(body.body), "skog") {
		t.Errorf("a draft shows: %s", body.body)
	}
	if got := fmt.Sprint(s.ask(plan.Viewer, "GET", path, "").want(200).json()["matched"]); !strings.Contains(got, "new:1") {
		t.Errorf("with a token: %s", got)
	}
}
