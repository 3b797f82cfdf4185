package conflict

import (
	"fmt"
	"slices"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// attributed makes a layer of one feature with these attributes.
func attributed(id string, theme plan.Theme, g plan.Geometry, values map[string]plan.Value) plan.LayerChange {
	change := layer(id, theme, g.Type, g)
	row := []plan.Value{plan.TextValue(id)}
	for name, v := range values {
		change.Define.Attributes = append(change.Define.Attributes, plan.Attribute{Name: name, Type: v.Kind()})
		row = append(row, v)
	}
	change.Add = plan.List{{ID: "1", Geometry: g, Values: row}}
	return change
}

// attributes reads name, value pairs.
func attributes(pairs ...any) map[string]plan.Value {
	values := map[string]plan.Value{}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case int:
			values[pairs[i].(string)] = plan.NumberValue(float64(v))
		case bool:
			values[pairs[i].(string)] = plan.BooleanValue(v)
		case string:
			values[pairs[i].(string)] = plan.TextValue(v)
		}
	}
	return values
}

// defaultCase is a claim at a distance from an interest, under one rule. The interest's right border, or the line itself,
// lies at x = 0; the claim begins at x.
type defaultCase struct {
	rule     string
	claim    plan.Theme
	given    map[string]plan.Value
	interest plan.Theme
	line     bool
	has      map[string]plan.Value
	x        float64 // the claim just hits
	miss     float64 // and here just misses
	severity int     // at x
}

// defaultCases has every rule of the built-in ruleset that is not a cell, at its border.
var defaultCases = []defaultCase{
	{"wind_settlement_within_1500", plan.Wind, nil, plan.Settlement, false, nil, 1499, 1501, 1},
	{"wind_settlement_within_1500", plan.Wind, nil, plan.Settlement, false, nil, 499, 1501, 3},
	{"wind_settlement_within_1500", plan.Wind, nil, plan.Settlement, false, nil, 501, 1501, 2},
	{"wind_settlement_shadow", plan.Wind, attributes("rotor_diameter", 120), plan.Settlement, false, nil, 1199, 1201, 1},
	{"wind_road_height", plan.Wind, attributes("total_height", 250), plan.Infrastructure, true, attributes("kind", "road"), 249, 251, 2},
	{"wind_road_height", plan.Wind, attributes("total_height", 30), plan.Infrastructure, true, attributes("kind", "road"), 49, 51, 2},
	{"wind_road_height", plan.Wind, nil, plan.Infrastructure, true, attributes("kind", "road"), 199, 201, 2},
	{"wind_road_ice", plan.Wind, attributes("rotor_diameter", 100, "hub_height", 100), plan.Infrastructure, true, attributes("kind", "road"), 299, 301, 1},
	{"wind_rail_height", plan.Wind, attributes("total_height", 250), plan.Infrastructure, true, attributes("kind", "rail"), 269, 271, 2},
	{"wind_rail_refer", plan.Wind, nil, plan.Infrastructure, true, attributes("kind", "rail"), 499, 501, 1},
	{"wind_power_line", plan.Wind, attributes("total_height", 250, "rotor_diameter", 150), plan.Infrastructure, true, attributes("kind", "power_line"), 259, 261, 2},
	{"wind_power_line", plan.Wind, attributes("total_height", 45, "rotor_diameter", 40), plan.Infrastructure, true, attributes("kind", "power_line"), 119, 121, 2},
	{"wind_power_line", plan.Wind, attributes("total_height", 120, "rotor_diameter", 80), plan.Infrastructure, true, attributes("kind", "power_line"), 239, 241, 2},
	{"wind_infrastructure_within_250", plan.Wind, nil, plan.Infrastructure, true, attributes("kind", "other"), 249, 251, 2},
	{"wind_nature_overlap", plan.Wind, nil, plan.Nature, false, nil, -11, -9, 3},
	{"wind_nature_within_500", plan.Wind, nil, plan.Nature, false, nil, 499, 501, 2},
	{"wind_unbroken_coast", plan.Wind, nil, plan.Nature, false, attributes("lagrum", "MB 4 kap. 3 §"), -1, 1, 3},
	{"wind_defence_overlap", plan.Wind, attributes("total_height", 21), plan.Defence, false, nil, -11, -9, 3},
	{"wind_defence_overlap", plan.Wind, attributes("total_height", 20), plan.Defence, false, nil, -11, -9, 1},
	{"wind_defence_overlap", plan.Wind, attributes("total_height", 200), plan.Defence, false, attributes("typ", "MSA-yta"), -11, -9, 2},
	{"settlement_road_within_150", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "road"), 149, 151, 2},
	{"settlement_road_within_150", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "road", "klass", 2), 29, 151, 3},
	{"settlement_rail_within_150", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "rail"), 149, 151, 2},
	{"settlement_rail_within_150", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "rail"), 29, 151, 3},
	{"settlement_power_line", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "power_line", "voltage", 400), 129, 131, 2},
	{"settlement_power_line", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "power_line", "voltage", 220), 79, 81, 2},
	{"settlement_power_line", plan.Settlement, nil, plan.Infrastructure, true, attributes("kind", "power_line"), 49, 51, 2},
	{"settlement_infrastructure_within_150", plan.Settlement, nil, plan.Infrastructure, true, nil, 149, 151, 2},
	{"settlement_defence_overlap", plan.Settlement, nil, plan.Defence, false, nil, -11, -9, 2},
	{"settlement_defence_overlap", plan.Settlement, nil, plan.Defence, false, attributes("typ", "Bullerpåverkan"), -11, -9, 3},
	{"shore_protection", plan.Settlement, nil, plan.Water, false, attributes("areal_ha", 5), 99, 101, 2},
	{"shore_protection", plan.Settlement, nil, plan.Water, false, attributes("strandskydd_m", 300), 299, 301, 2},
	{"water_protection_area", plan.Agriculture, nil, plan.Water, false, attributes("zon", "Primär zon"), -11, -9, 3},
	{"water_protection_area", plan.Agriculture, nil, plan.Water, false, attributes("zon", "Sekundär zon"), -11, -9, 2},
	{"water_protection_area", plan.Agriculture, nil, plan.Water, false, attributes("zon", "Tertiär zon"), -11, -9, 1},
	{"reserve_overlap", plan.Agriculture, nil, plan.Nature, false, attributes("skyddstyp", "Naturreservat"), -11, -9, 3},
	{"national_interest_overlap", plan.Settlement, nil, plan.Culture, false, attributes("lagrum", "3 kap. 6 § MB"), -11, -9, 2},
	{"national_interest_overlap", plan.Settlement, nil, plan.Culture, false, attributes("lagrum", "3 kap. 6 § MB", "pataglig_skada", true), -11, -9, 3},
	{"national_communication_overlap", plan.Settlement, nil, plan.Infrastructure, true, attributes("lagrum", "3 kap. 8 § MB"), -11, 1, 2},
	{"ancient_remains", plan.Settlement, nil, plan.Culture, false, attributes("antikvariskbedomning", "Fornlämning"), 99, 101, 2},
	{"ancient_remains", plan.Settlement, nil, plan.Culture, false, attributes("antikvariskbedomning", "Fornlämning"), 19, 101, 3},
	{"key_biotope", plan.Settlement, nil, plan.Forest, false, attributes("biotop", "Nyckelbiotop"), -11, -9, 2},
	{"key_biotope", plan.Settlement, nil, plan.Forest, false, attributes("biotop", "Nyckelbiotop"), -110, -9, 3},
	{"productive_forest", plan.Settlement, nil, plan.Forest, false, attributes("bonitet", 9), -11, -9, 2},
}

// TestDefaultRulesHitAndJustMiss asks about a claim that a rule just catches, and one that it just does not.
func TestDefaultRulesHitAndJustMiss(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	e := NewEngine(rules)
	covered := map[string]bool{}
	for i, c := range defaultCases {
		covered[c.rule] = true
		g := rectangle(-500, 0, 0, 500)
		if c.line {
			g = line(0, -50, 0, 600)
		}
		view := newWorld(t).change(attributed("interest", c.interest, g, c.has))
		at := func(x float64) []plan.Conflict {
			claim := rectangle(x, 0, x+200, 10)
			if c.line && x < 0 {
				claim = rectangle(x, 0, 60, 20) // the line is 20 m long in it
			}
			a := evaluate(t, e, view, plan.ConflictQuery{Geometry: claim, Theme: c.claim, Attributes: c.given})
			if a.NotMeasuredTotal > 0 {
				t.Errorf("case %d, %s: not measured: %v", i, c.rule, a.NotMeasured)
			}
			return slices.DeleteFunc(a.Hits, func(h plan.Conflict) bool { return h.Rule != c.rule })
		}
		hits := at(c.x)
		if len(hits) != 1 || hits[0].Severity != c.severity || len(at(c.miss)) != 0 {
			t.Errorf("case %d, %s: at %v %d hits %+v, want severity %d; at %v %d hits, want none", i, c.rule, c.x, len(hits), hits, c.severity, c.miss, len(at(c.miss)))
			continue
		}
		if clear := hits[0].Clear; clear != nil && (clear.MissingM < 0.99 || *hits[0].DistanceM+clear.MissingM != clear.ThresholdM) {
			t.Errorf("case %d, %s: at %v m the clearance is %+v", i, c.rule, *hits[0].DistanceM, clear)
		}
	}
	for _, r := range rules.Rules {
		if !covered[r.ID] {
			t.Errorf("rule %s has no case", r.ID)
		}
	}
}

// TestDefaultMatrixHitsAndJustMisses asks every cell of the matrix, with an interest that no rule says more about.
func TestDefaultMatrixHitsAndJustMisses(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	e := NewEngine(rules)
	categories := map[string]plan.Category{}
	for _, k := range rules.Categories {
		categories[k.ID] = k
	}
	views := map[string]*atlas.View{}
	kind := func(id string) map[string]plan.Value {
		if categories[id].Theme == plan.Infrastructure && id != "infrastructure" {
			return attributes("kind", id)
		}
		if id == "water" {
			return attributes("areal_ha", 0) // too small for shore protection, which says more about other waters
		}
		return nil
	}
	for _, k := range rules.Categories {
		views[k.ID] = newWorld(t).change(attributed("interest", k.Theme, rectangle(-500, 0, 0, 500), kind(k.ID)))
	}
	compiled, _ := e.compiled()
	for _, cell := range rules.Matrix {
		id := cell.Claim + "_" + cell.Interest + "_overlap"
		ask := func(x float64) (severities string) {
			a := evaluate(t, e, views[cell.Interest], plan.ConflictQuery{Geometry: rectangle(x, 0, x+60, 10), Theme: categories[cell.Claim].Theme, Attributes: kind(cell.Claim)})
			for _, h := range a.Hits {
				if h.Rule == id {
					severities += fmt.Sprint(h.Severity)
				}
			}
			return severities
		}
		want := fmt.Sprint(cell.Severity)
		made := compiled.rule(id)
		if made == nil || !slices.ContainsFunc(compiled.rules[len(rules.Rules):], func(r *rule) bool { return r == made }) {
			if made == nil && cell.Severity > 0 && !coveredByRule(rules, categories[cell.Claim], categories[cell.Interest]) {
				t.Errorf("cell %s does nothing", id)
			}
			continue
		}
		if got := ask(-11); got != want || ask(-9) != "" {
			t.Errorf("cell %s: severity %q, want %s; beside it %q, want none", id, got, want, ask(-9))
		}
	}
}

func coveredByRule(rules *plan.Ruleset, claim, interest plan.Category) bool {
	_, covered := exceptionsOf(rules.Rules, &claim, &interest, false)
	return covered
}
