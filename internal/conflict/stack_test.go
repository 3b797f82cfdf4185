package conflict

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func stack(t testing.TB, e *Engine, w *world, q plan.StackQuery) *Stack {
	t.Helper()
	s, err := e.Stack(t.Context(), w.atlas.View(), q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// windClaim is what the tests stack.
func windClaim(pairs ...any) plan.StackQuery {
	return plan.StackQuery{LandUse: "wind", AreaHa: 1, Attributes: attributes(pairs...)}
}

// TestStackAddsUp: green, yellow and red are the municipality's own area, and so is every other division.
func TestStackAddsUp(t *testing.T) {
	w := fullWorld(t, 60)
	rows, err := stack(t, NewEngine(testRules()), w, windClaim()).Rows(ByKommun, StackFilter{})
	if err != nil || len(rows) == 0 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows {
		adds := func(what string, sum float64) {
			if math.Abs(sum-row.AreaHa) > 1e-9*row.AreaHa {
				t.Errorf("%s: %s add up to %.12g ha, and not to %.12g", row.Key, what, sum, row.AreaHa)
			}
		}
		adds("colours", row.Green.AreaHa+row.Yellow.AreaHa+row.Red.AreaHa)
		var interests, severity, yellow float64
		for _, r := range row.ByInterests {
			interests += r.AreaHa
		}
		for _, r := range row.BySeverity {
			severity += r.AreaHa
		}
		for _, r := range row.ByCloseness {
			yellow += r.AreaHa
		}
		adds("numbers of interests", interests)
		adds("severities", severity)
		adds("tenths of closeness", yellow+row.Green.AreaHa+row.Red.AreaHa)
		if row.Yellow.AreaHa == 0 || row.Red.AreaHa == 0 {
			t.Errorf("%s has not all colours", row.Key)
		}
	}
}

// TestStackIsRenewed: what is measured anew after changes is the same as what is measured from nothing.
func TestStackIsRenewed(t *testing.T) {
	ed := newEditor(t, 77)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	e, q := NewEngine(rules), windClaim("total_height", 250)
	stack(t, e, ed.world, q)
	for round := range 6 {
		ed.edit()
		renewed, anew := stack(t, e, ed.world, q), stack(t, NewEngine(rules), ed.world, q)
		if len(renewed.combos) != len(anew.combos) || len(renewed.combos) == 0 {
			t.Fatalf("round %d: %d combinations, and anew %d", round, len(renewed.combos), len(anew.combos))
		}
		for z := range anew.places {
			if !slices.EqualFunc(renewed.places[z], anew.places[z], func(a, b placed) bool { return a.combo == b.combo && math.Abs(a.area-b.area) < 1e-6 }) {
				t.Errorf("round %d, %s: the figures differ", round, anew.rows[z].Key)
			}
		}
	}
}

// TestWhatIfAgreesWithThePlace holds what-if questions about small squares against what the stack says of the place: where
// all of a square lies in one place, both name the same rules, layers and severities.
func TestWhatIfAgreesWithThePlace(t *testing.T) {
	ed := newEditor(t, 78)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	const side = 12.0
	e, q, view := NewEngine(rules), windClaim("total_height", 250, "rotor_diameter", 160), ed.atlas.View()
	q.AreaHa = side * side / 10_000
	compared, colours := 0, map[plan.Colour]int{}
	for range 400 {
		x, y := region.MinX+ed.Float64()*(region.MaxX-region.MinX), region.MinY+ed.Float64()*(region.MaxY-region.MinY)
		place, same := onePlace(t, e, view, q, x, y, side)
		if !same {
			continue
		}
		compared++
		colours[place.Colour]++
		answer, err := e.Evaluate(t.Context(), view, plan.ConflictQuery{Theme: plan.Wind, Attributes: q.Attributes, Geometry: square(x, y, side)})
		if err != nil {
			t.Fatal(err)
		}
		if want := interestsOf(view, answer.Hits); !maps.Equal(itemsOf(place), want) {
			t.Errorf("at %.0f, %.0f: the place has %v, the what-if %v", x, y, itemsOf(place), want)
		}
	}
	t.Logf("%d squares, %v", compared, colours)
	if compared < 100 || colours[plan.Red] == 0 || colours[plan.Yellow] == 0 {
		t.Error("too little was compared")
	}
}

// onePlace tells what is at nine points of a square, when it is the same at all.
func onePlace(t *testing.T, e *Engine, view *atlas.View, q plan.StackQuery, x, y, side float64) (place *plan.StackPlace, same bool) {
	t.Helper()
	for i := range 9 {
		here, err := e.At(t.Context(), view, q, x+side*float64(i%3)/2, y+side*float64(i/3)/2)
		if err != nil {
			t.Fatal(err)
		}
		if place != nil && !maps.Equal(itemsOf(place), itemsOf(here)) {
			return nil, false
		}
		place = here
	}
	return place, true
}

// itemsOf gives the severity of each rule and layer.
func itemsOf(p *plan.StackPlace) map[string]int {
	items := map[string]int{}
	for _, i := range p.Items {
		items[i.Rule+" "+i.Layer] = i.Severity
	}
	return items
}

// interestsOf gives the worst severity of each rule and layer that has an area to be in.
func interestsOf(view *atlas.View, hits []plan.Conflict) map[string]int {
	items := map[string]int{}
	for _, h := range hits {
		layer, _ := view.Layer(h.Interest.Layer)
		if h.DistanceM != nil || layer.Layer().GeometryType == plan.Polygon {
			key := h.Rule + " " + h.Interest.Layer
			items[key] = max(items[key], h.Severity)
		}
	}
	return items
}

// TestStackRefuses tells the fault of each bad question, and where.
func TestStackRefuses(t *testing.T) {
	w := fullWorld(t, 5)
	near := plan.Rule{ID: "near", Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Nature}, Relation: plan.Within, Severity: 2, Distance: "2 * claim.total_height"}
	e := NewEngine(&plan.Ruleset{ID: "prov", Version: 1, Rules: []plan.Rule{near}})
	for says, q := range map[string]plan.StackQuery{
		`land_use: there is no land use "castle"; give a layer or a theme: empty, fields`: {LandUse: "castle", AreaHa: 1},
		`land_use: there is no land use "administrative"`:                                 {LandUse: "administrative", AreaHa: 1},
		`land_use: rule near can't be told for wind: claim.total_height is missing`:       {LandUse: "wind", AreaHa: 1},
		"/attributes/colour": windClaim("total_height", 250, "colour", "blue"),
		"/attributes/total_height: the attribute total_height is text, and must be number": windClaim("total_height", "high"),
		"area_ha: area_ha is 0": {LandUse: "wind", Attributes: attributes("total_height", 250)},
	} {
		_, err := e.Stack(t.Context(), w.atlas.View(), q)
		if fault, ok := errors.AsType[*plan.Error](err); !ok || fault.Code != plan.Invalid || !strings.HasPrefix(fault.Locator+": "+fault.Message, says) && fault.Locator != says {
			t.Errorf("%+v: %v, and not %s", q, err, says)
		}
	}
	s := stack(t, e, w, windClaim("total_height", 250))
	for says, f := range map[string]StackFilter{"kommun": {Kommun: "9999"}, "kommunalforbund": {Kommunalforbund: "hansan"}} {
		_, err := s.Rows(ByKommun, f)
		if fault, ok := errors.AsType[*plan.Error](err); !ok || fault.Locator != says {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// TestWhatCantBeToldHidesNothing: a feature without the attribute that a rule needs is listed, and the others count.
func TestWhatCantBeToldHidesNothing(t *testing.T) {
	lake := func(id string, x float64, reach plan.Value) plan.Feature {
		return plan.Feature{ID: id, Geometry: square(region.MinX+x, region.MinY+1000, 100), Values: []plan.Value{plan.TextValue(id), reach}}
	}
	change := layer("lakes", plan.Water, plan.Polygon)
	change.Define.Attributes = append(change.Define.Attributes, plan.Attribute{Name: "reach", Type: plan.Number})
	change.Add = plan.List{lake("known", 1000, plan.NumberValue(50)), lake("unknown", 3000, plan.Value{})}
	w := newWorld(t)
	w.change(kommuner(random(t, 5)), change, layer("walls", plan.Culture, plan.Line, line(region.MinX, region.MinY, region.MaxX, region.MaxY)))
	rule := plan.Rule{ID: "shore", Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Water}, Relation: plan.Within, Severity: 2, Distance: "interest.reach"}
	over := plan.Rule{ID: "over", Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Culture}, Relation: plan.Overlap, Severity: 3}
	s := stack(t, NewEngine(&plan.Ruleset{ID: "prov", Version: 1, Rules: []plan.Rule{rule, over}}), w, windClaim())
	unknown, total := s.NotMeasured()
	if total != 1 || len(unknown) != 1 || unknown[0].Interest.ID != "unknown" || unknown[0].Reason != "interest.reach is missing" {
		t.Errorf("not measured are %+v", unknown)
	}
	if flat := s.Flat(); len(flat) != 1 || flat[0] != (plan.FlatLayer{Rule: "over", Layer: "walls", Features: 1}) {
		t.Errorf("without area are %+v", flat)
	}
	yellow := 0.0
	rows, _ := s.Rows(ByLan, StackFilter{})
	for _, row := range rows {
		yellow += row.Yellow.AreaHa
	}
	if round := 100*100 + 4*100*50 + math.Pi*50*50; math.Abs(yellow*10_000-round) > 0.2*(400+100*math.Pi) {
		t.Errorf("%.2f m2 are yellow; %.2f would be with round corners", yellow*10_000, round)
	}
}

// TestPlacesAreWhatTheySay: every combination in every municipality has valid polygons of the area that the figures tell,
// and a what-if about what lies a metre inside them names the same rules, layers and severities.
func TestPlacesAreWhatTheySay(t *testing.T) {
	ed := newEditor(t, 79)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	e, q, view := NewEngine(rules), windClaim("total_height", 250, "rotor_diameter", 160), ed.atlas.View()
	s := stack(t, e, ed.world, q)
	asked := 0
	for z := range s.places {
		for _, p := range s.places[z] {
			shape, err := s.outlines.shape(s, z, stackGroup{number: p.combo})
			if err != nil {
				t.Fatal(err)
			}
			combo := &s.combos[p.combo]
			if got := geo.Area(shape); math.Abs(got-p.area) > 1e-3+1e-9*p.area {
				t.Errorf("%s, %s: the polygons have %.6f m2, the figures %.6f", s.rows[z].Key, describe(combo), got, p.area)
			}
			if fault := geo.Validate(shape); !shape.IsEmpty() && fault != nil {
				t.Errorf("%s, %s: %s", s.rows[z].Key, describe(combo), fault.Message.EN)
			}
			inner, err := geo.Buffer(shape, -1)
			if err != nil || geo.Area(inner) < 200 || asked == 300 {
				continue
			}
			asked++
			answer, err := e.Evaluate(t.Context(), view, plan.ConflictQuery{Theme: plan.Wind, Attributes: q.Attributes, Geometry: inner})
			if err != nil {
				t.Fatal(err)
			}
			place := &plan.StackPlace{Combination: *combo}
			if want := interestsOf(view, answer.Hits); !maps.Equal(itemsOf(place), want) {
				t.Errorf("%s: the place has %v, the what-if %v", s.rows[z].Key, itemsOf(place), want)
			}
		}
	}
	if t.Logf("%d combinations, %d what-if questions", len(s.combos), asked); asked < 100 {
		t.Error("too little was asked")
	}
}
