package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/conflict"
	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

const versions = "/api/v1/rulesets/grund/versions"

// TestRulesetLife drafts, edits, validates, previews, publishes and goes back, as a planner does.
func TestRulesetLife(t *testing.T) {
	s := newSite(t)
	s.twoLayers()
	if got := s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200).json(); fmt.Sprint(got["current"]) != "map[id:grund version:1]" {
		t.Errorf("at first counts %v", got["current"])
	}
	made := s.ask(plan.Planner, "POST", versions+"?note=N%C3%A4rmare", "").want(201)
	if got := made.json(); got["version"] != 2.0 || got["state"] != "draft" || got["current"] != false || made.header.Get("ETag") != `"1"` {
		t.Errorf("the draft is %v, %s", got, made.header)
	}
	const draft = versions + "/2"
	s.ask(plan.Anonymous, "GET", draft, "").want(404)
	s.ask(plan.Viewer, "GET", draft, "").want(200)

	patch := `{"rules":[{"id":"wind_nature_within_500","title":{"sv":"a","en":"a"},"claim":{"category":"wind"},"interest":{"category":"nature"},"symmetric":true,
		"relation":"within","distance":"2 * claim.total_height","severity":2,"legal_basis":{"sv":"a","en":"a"},"basis":"prov"}],
		"matrix":[{"claim":"wind","interest":"forest","severity":3,"basis":"prov","confidence":"low"}]}`
	s.ask(plan.Planner, "PATCH", draft, patch, "If-Match", `"9"`).want(412)
	if tag := s.ask(plan.Planner, "PATCH", draft, patch, "If-Match", `"1"`).want(200).header.Get("ETag"); tag != `"2"` {
		t.Errorf("after the edit the ETag is %s", tag)
	}
	diff := s.ask(plan.Viewer, "GET", versions+"/1/diff?to=2", "").want(200)
	for _, says := range []string{`"what":"cell","key":"wind/forest"`, `"field":"distance","from":null,"to":"2 * claim.total_height"`, `"field":"severity","from":1,"to":3`} {
		if !strings.Contains(string(diff.body), says) {
			t.Errorf("the difference does not say %s: %s", says, diff.body)
		}
	}
	s.ask(plan.Viewer, "POST", draft+"/validate", "").want(200)

	preview := s.ask(plan.Viewer, "POST", draft+"/preview", "").want(200).json()
	if got := fmt.Sprint(preview["by_rule"]); !strings.Contains(got, "conflicts:-1 gone:1 grown:0 key:wind_nature_within_500") {
		t.Errorf("the preview says %s", got)
	}
	count := func(query string) any {
		return s.ask(plan.Viewer, "GET", "/api/v1/conflicts?rule=wind_nature_within_500"+query, "").want(200).json()["matched"]
	}
	if count("") != 1.0 || count("&version=2") != 0.0 {
		t.Errorf("%v conflicts by the current rules, %v by the draft", count(""), count("&version=2"))
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?version=2", "").want(404)

	s.ask(plan.Planner, "POST", draft+"/publish", "").want(200)
	if count("") != 0.0 || count("&version=1") != 1.0 {
		t.Errorf("after publishing %v conflicts, %v by the first version", count(""), count("&version=1"))
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		s.ask(plan.Admin, method, draft, patch).want(409)
	}
	s.ask(plan.Admin, "POST", draft+"/publish", "").want(409)
	s.ask(plan.Planner, "POST", versions+"/1/current", "").want(200)
	if count("") != 1.0 {
		t.Errorf("back at the first version there are %v conflicts", count(""))
	}
}

// twoLayers loads a turbine of 150 m height 400 m from a reserve.
func (s *site) twoLayers() {
	s.Helper()
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"verk","theme":"wind","title":{"sv":"Verk"},"geometry_type":"point","status":"published",
		"source":"Vindbrukskollen","attributes":[{"name":"total_height","type":"number"},{"name":"rotor_diameter","type":"number"},{"name":"hub_height","type":"number"}]}`).want(201)
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"reservat","theme":"nature","title":{"sv":"Reservat"},"geometry_type":"polygon","status":"published",
		"source":"Naturvårdsverket","attributes":[{"name":"namn","type":"text"}]}`).want(201)
	s.ask(plan.Officer, "POST", "/api/v1/layers/verk/features?crs=EPSG:3006",
		`{"type":"Feature","properties":{"total_height":150},"geometry":{"type":"Point","coordinates":[400000,6450000]}}`).want(201)
	s.ask(plan.Officer, "POST", "/api/v1/layers/reservat/features?crs=EPSG:3006", `{"type":"Feature","properties":{"namn":"Kullen"},"geometry":{"type":"Polygon",
		"coordinates":[[[400400,6449000],[401400,6449000],[401400,6451000],[400400,6451000],[400400,6449000]]]}}`).want(201)
}

// TestFaultsOfADraftAreAllTold: layers and attributes that are not there, expressions, precedence in a circle.
func TestFaultsOfADraftAreAllTold(t *testing.T) {
	s := newSite(t)
	s.twoLayers()
	rule := func(id, more string) string {
		return `{"id":"` + id + `","title":{"sv":"a","en":"a"},"claim":{"layer":"verk"},"relation":"within","severity":2,"legal_basis":{"sv":"a","en":"a"},"basis":"prov",` + more + `}`
	}
	s.ask(plan.Planner, "POST", versions, "").want(201)
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"rules":[`+strings.Join([]string{
		rule("no_layer", `"interest":{"layer":"nowhere"},"distance_m":5`),
		rule("no_attribute", `"interest":{"theme":"nature"},"distance":"max(claim.hojd, 50)"`),
		rule("may_lack", `"interest":{"theme":"nature"},"distance":"max(claim?.hojd ?? 3, 50)"`),
		rule("wrong_type", `"interest":{"theme":"nature"},"distance":"interest.namn * 2"`),
		rule("no_parse", `"interest":{"theme":"nature"},"distance":"max(claim.total_height"`)}, ",")+`],
		"precedence":[{"first":"wind","before":["nature"],"legal_basis":{"sv":"a","en":"a"}},{"first":"nature","before":["wind"],"legal_basis":{"sv":"a","en":"a"}}]}`).want(200)
	for _, step := range []string{"validate", "publish"} {
		body := string(s.ask(plan.Planner, "POST", versions+"/2/"+step, "").want(400).body)
		for _, says := range []string{`there is no layer \"nowhere\"`, `column 5: none of the layers verk has an attribute hojd; write claim?.hojd`,
			"column 1: attribute namn of layer reservat is text; the rule takes it as number", "column 22: unexpected token EOF", "wind before nature before wind"} {
			if !strings.Contains(body, says) {
				t.Errorf("%s does not say %s: %s", step, says, body)
			}
		}
		if strings.Contains(body, "may_lack") {
			t.Errorf("an attribute that may be missing is a fault: %s", body)
		}
	}
	s.ask(plan.Viewer, "GET", "/api/v1/conflicts?version=2", "").want(400) // it can't be compiled
	s.ask(plan.Planner, "DELETE", versions+"/2", "").want(204)
	s.ask(plan.Planner, "GET", versions+"/2", "").want(404)
	if got := s.ask(plan.Planner, "POST", versions, "").want(201).json(); got["version"] != 3.0 {
		t.Errorf("the number of a discarded draft is given again: %v", got["version"])
	}
}

func TestRulesetForms(t *testing.T) {
	s := newSite(t)
	yaml := s.ask(plan.Anonymous, "GET", "/api/v1/rulesets/grund?f=yaml", "").want(200)
	again, err := conflict.LoadRuleset(strings.NewReader(string(yaml.body)))
	if err != nil || len(again.Matrix) != 144 {
		t.Fatalf("what was exported can't be loaded: %v", err)
	}
	s.ask(plan.Planner, "POST", versions, string(yaml.body), "Content-Type", "application/yaml").want(201)
	if got := s.ask(plan.Viewer, "GET", versions+"/1/diff?to=2", "").want(200).json(); fmt.Sprint(got["changes"]) != "[]" {
		t.Errorf("the same file is another version: %v", got["changes"])
	}
	csv := string(s.ask(plan.Anonymous, "GET", "/api/v1/rulesets/grund?f=csv", "").want(200).body)
	if !strings.Contains(csv, "\nwind;1;1;1;3;2;2;2;2;3;3;2;2\n") {
		t.Errorf("the matrix is %s", csv)
	}
	changed := strings.Replace(csv, "\nwind;1;1;1;", "\nwind;1;1;3;", 1)
	s.ask(plan.Planner, "PUT", versions+"/2", changed, "Content-Type", "text/csv").want(200)
	if got := s.ask(plan.Viewer, "GET", versions+"/1/diff?to=2", "").want(200).json(); !strings.Contains(fmt.Sprint(got["changes"]), "key:wind/forest") {
		t.Errorf("the changed cell makes %v", got["changes"])
	}
	bad := s.ask(plan.Planner, "PUT", versions+"/2", strings.Replace(csv, "\nwind;1;1;1;", "\nwind;1;x;9;", 1), "Content-Type", "text/csv").want(400)
	for _, says := range []string{"row wind column agriculture", "row wind column forest"} {
		if !strings.Contains(string(bad.body), says) {
			t.Errorf("the bad matrix is answered %s", bad.body)
		}
	}
	s.ask(plan.Planner, "PUT", versions+"/2", "rules: [", "Content-Type", "application/yaml").want(400)
}

// TestPublishedIsImmutableInTheDatabase tries what no code of ours does.
func TestPublishedIsImmutableInTheDatabase(t *testing.T) {
	schema := pgtest.Schema(t)
	st := pgtest.Open(t, schema)
	rules, _ := conflict.Default()
	if err := st.FirstRuleset(t.Context(), rules); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE ruleset SET body = '{}'", "UPDATE ruleset SET state = 'draft', published = NULL", "DELETE FROM ruleset"} {
		if _, err := pgtest.Connect(t, schema).Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
}

// TestTwoNodesCountByTheSameRules publishes on one node and asks the other.
func TestTwoNodesCountByTheSameRules(t *testing.T) {
	schema := pgtest.Schema(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var sites []*site
	for range 2 {
		s := newNode(t, schema, jobs.Options{})
		if err := s.server.Rules().Sync(ctx); err != nil {
			t.Fatal(err)
		}
		hints := make(chan struct{}, 1)
		go s.store.Listen(ctx, hints)
		go s.server.Rules().Run(ctx, hints, 200*time.Millisecond)
		sites = append(sites, s)
	}
	token, err := sites[0].store.CreateToken(ctx, "p", plan.Planner)
	if err != nil {
		t.Fatal(err)
	}
	sites[0].tokens[plan.Planner] = token
	sites[0].ask(plan.Planner, "POST", versions, "").want(http.StatusCreated)
	sites[0].ask(plan.Planner, "POST", versions+"/2/publish", "").want(http.StatusOK)
	for deadline := time.Now().Add(time.Minute); sites[1].server.Rules().Current().Version != 2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the other node still counts by the old rules")
		}
	}
	answer := sites[1].ask(plan.Anonymous, "GET", "/api/v1/conflicts/summary?by=rule", "").want(http.StatusOK).json()
	if fmt.Sprint(answer["ruleset"]) != "map[id:grund version:2]" {
		t.Errorf("the other node answers by %v", answer["ruleset"])
	}
}

// TestWhatIfExplains asks about a turbine near a reserve, in every form that a figure comes in.
func TestWhatIfExplains(t *testing.T) {
	s := newSite(t)
	s.twoLayers()
	const square = `{"type":"Polygon","coordinates":[[[400100,6450000],[400200,6450000],[400200,6450100],[400100,6450100],[400100,6450000]]]}`
	const beside = `{"type":"Polygon","coordinates":[[[400150,6450000],[400250,6450000],[400250,6450100],[400150,6450100],[400150,6450000]]]}`
	feature := func(g string) string { return `{"type":"Feature","properties":{"x":1},"geometry":` + g + `}` }
	ask := func(geometry, more string) *answer {
		return s.ask(plan.Anonymous, "POST", "/api/v1/conflicts", `{"theme":"wind","crs":"EPSG:3006","geometry":`+geometry+more+`}`)
	}
	for geometry, want := range map[string]float64{square: 200, feature(square): 200,
		`{"type":"FeatureCollection","features":[` + feature(square) + `,` + feature(beside) + `]}`: 150} {
		got := ask(geometry, `,"attributes":{"total_height":250},"buffers":true`).want(200).json()
		hit := got["hits"].([]any)[0].(map[string]any)
		why, clear, inside := hit["why"].(map[string]any), hit["clear"].(map[string]any), hit["inside"].(map[string]any)
		if hit["rule"] != "wind_nature_within_500" || hit["class"] != "adapt" || hit["distance_m"] != want || clear["missing_m"] != 500-want ||
			inside["area_ha"].(float64) < 0.99 || why["source"].(map[string]any)["source"] != "Naturvårdsverket" || why["confidence"] != "low" {
			t.Errorf("%s\nanswers %v", geometry, hit)
		}
		if row := got["by_rule"].([]any)[0].(map[string]any); row["missing_m"] != 500-want {
			t.Errorf("by rule %v", row)
		}
	}
	for body, says := range map[string]string{
		`"attributes":{"colour":"red"}`:        "no layer of the theme wind has the attribute colour",
		`"attributes":{"total_height":"high"}`: "the attribute total_height is text, and must be number",
		`"attributes":{"total_height":[1]}`:    "the attribute total_height must be a text, a number",
	} {
		if got := ask(square, ","+body).want(400); !strings.Contains(string(got.body), says) {
			t.Errorf("%s is answered %s", body, got.body)
		}
	}
	for geometry, says := range map[string]string{
		`{"type":"FeatureCollection","features":[` + feature(square) + `,` + feature(`{"type":"Point","coordinates":[400000,6450000]}`) + `]}`: "a figure is of one kind",
		`{"type":"FeatureCollection","features":[]}`:          "1 to 10000",
		feature(`{"type":"Point","coordinates":[13.1,58.2]}`): "outside the region",
		`{"type":"Polygon","coordinates":[[[400000,6450000],[400100,6450100],[400100,6450000],[400000,6450100],[400000,6450000]]]}`: "crosses itself",
	} {
		if got := ask(geometry, "").want(400); !strings.Contains(string(got.body), says) {
			t.Errorf("%s is answered %s", geometry, got.body)
		}
	}
}

// TestConflictsByGoal: goals against each other, in figures and one by one; a version without the goal does not know it.
func TestConflictsByGoal(t *testing.T) {
	s := newSite(t)
	for id, theme := range map[string]string{"vind": "wind", "aker": "agriculture"} {
		s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(
			`{"id":%q,"theme":%q,"title":{"sv":"Prov"},"geometry_type":"polygon","status":"published","attributes":[]}`, id, theme)).want(http.StatusCreated)
		s.ask(plan.Officer, "POST", "/api/v1/layers/"+id+"/uploads?crs=EPSG:3006", oneSquare, "Content-Type", geoJSON).want(http.StatusCreated)
	}
	pair := func(query string) map[string]any {
		t.Helper()
		for _, row := range s.ask(plan.Planner, "GET", "/api/v1/conflicts/summary?by=goal_pair"+query, "").want(http.StatusOK).json()["summary"].([]any) {
			if row := row.(map[string]any); row["key"] == "rus_electrification/farmland" {
				return row
			}
		}
		return nil
	}
	if row := pair(""); row == nil || row["conflicts"] != 1.0 || row["area_ha"] != 0.5 || fmt.Sprint(row["title"]) != "map[en:Electrification against Farmland sv:Elektrifiering mot Jordbruksmark]" {
		t.Errorf("%v", row)
	}
	page := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?goal=rus_electrification/farmland", "").want(http.StatusOK).json()
	if goals := fmt.Sprint(page["conflicts"].([]any)[0].(map[string]any)["why"].(map[string]any)["goals"]); page["matched"] != 1.0 || goals != "map[claim:[rus_electrification] interest:[farmland]]" {
		t.Errorf("%v %s", page["matched"], goals)
	}
	if none := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?goal=protected_nature", "").want(http.StatusOK).json(); none["matched"] != 0.0 {
		t.Errorf("%v", none)
	}
	s.ask(plan.Planner, "POST", "/api/v1/rulesets/grund/versions?from=1", "").want(http.StatusCreated)
	s.ask(plan.Planner, "PATCH", "/api/v1/rulesets/grund/versions/2", `{"remove_goals":["farmland"],"goals":[{"id":"vaxa","title":{"sv":"Växa","en":"Grow"},
		"strategy":{"sv":"Prov","en":"Trial"},"kind":"priority","source":"s. 1","themes":["agriculture"],"note":{"sv":"n","en":"n"},"basis":"prov"}]}`).want(http.StatusOK)
	if row := pair("&ruleset=grund&version=2"); row != nil {
		t.Errorf("%v", row)
	}
	s.ask(plan.Planner, "GET", "/api/v1/conflicts?goal=farmland&ruleset=grund&version=2", "").problem(http.StatusBadRequest, plan.Invalid)
	if grow := s.ask(plan.Planner, "GET", "/api/v1/conflicts?goal=rus_electrification/vaxa&ruleset=grund&version=2", "").want(http.StatusOK).json(); grow["matched"] != 1.0 {
		t.Errorf("%v", grow["matched"])
	}
}
