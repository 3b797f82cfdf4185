package conflict

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// TestCodes: 3 codes are a major conflict, 9 a moderate one and 15 none, as Carr & Zwick have it.
func TestCodes(t *testing.T) {
	counted := map[plan.LucisConflict]int{}
	for _, c := range codes {
		counted[c.Conflict]++
	}
	if len(codes) != 27 || counted[plan.LucisMajor] != 3 || counted[plan.LucisModerate] != 9 || counted[plan.LucisNone] != 15 {
		t.Errorf("of %d codes there are %v", len(codes), counted)
	}
	for code, leads := range map[int][]plan.Use{222: plan.Uses, 331: {plan.AgricultureUse, plan.ConservationUse}, 122: {plan.ConservationUse, plan.UrbanUse}, 321: {plan.AgricultureUse}} {
		if got := CodeOf(code); !slices.Equal(got.Leads, leads) {
			t.Errorf("%d is led by %v", code, got.Leads)
		}
	}
}

// TestLucisAndSymphony: codes and classes add up to the municipality, polygons are what the figures say, and points inside
// them have the code or class that they say; the total is the sum over places.
func TestLucisAndSymphony(t *testing.T) {
	ed := newEditor(t, 91)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	e, view := NewEngine(rules), ed.atlas.View()
	l, err := e.Lucis(t.Context(), view)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := l.Rows(ByKommun, StackFilter{})
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, row := range rows {
		byCode, byLeader := row.Fixed.AreaHa, row.Fixed.AreaHa
		for _, c := range row.Codes {
			byCode += c.AreaHa
			if c.AreaHa > 0 {
				met++
			}
		}
		for _, b := range row.ByConflict {
			byLeader += b.AreaHa
		}
		if math.Abs(byCode-row.AreaHa) > 1e-9*row.AreaHa || math.Abs(byLeader-row.AreaHa) > 1e-9*row.AreaHa {
			t.Errorf("%s has %.12g ha; its codes %.12g, its conflicts %.12g", row.Key, row.AreaHa, byCode, byLeader)
		}
	}
	if met < 6 {
		t.Errorf("only %d codes were met", met)
	}
	s, err := e.Symphony(t.Context(), view)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := s.Rows(ByKommun, StackFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range sums {
		area, pairs := 0.0, 0.0
		for _, c := range row.Classes {
			area += c.AreaHa
		}
		for _, p := range row.Top {
			pairs += p.Total
		}
		if math.Abs(area-row.AreaHa) > 1e-9*row.AreaHa || row.Total <= 0 || len(row.Top) < topPairs && math.Abs(pairs-row.Total) > 1e-9*row.Total || row.Mean > row.Highest {
			t.Errorf("%s: classes are %.12g of %.12g ha, pairs %.9g of %.9g", row.Key, area, row.AreaHa, pairs, row.Total)
		}
	}
	asked := 0
	for _, id := range []string{"lucis", "symphony"} {
		snapshot, err := e.ClassLayer(t.Context(), view, id, StackFilter{})
		if err != nil {
			t.Fatal(err)
		}
		name := map[string]string{"lucis": "code", "symphony": "class"}[id]
		for slot := range snapshot.All("") {
			f := snapshot.Feature(slot)
			areaHa, class := f.Values[snapshot.Layer().Attribute("area_ha")].Float(), f.Values[snapshot.Layer().Attribute(name)].Int()
			if got := geo.Area(f.Geometry) / 10_000; math.Abs(got-areaHa) > 1e-7+1e-9*areaHa {
				t.Errorf("%s %s: the polygons have %.9f ha, the figures %.9f", id, f.ID, got, areaHa)
			}
			inner, err := geo.Buffer(f.Geometry, -2)
			if err != nil || inner.IsEmpty() {
				continue
			}
			x, y := insideOf(inner)
			asked++
			if got := classAt(t, e, ed.world, id, x, y); got != class {
				t.Errorf("%s %s: at %.1f, %.1f there is %d", id, f.ID, x, y, got)
			}
		}
	}
	if asked < 10 {
		t.Errorf("only %d places were asked", asked)
	}
}

// insideOf gives a point a little inside the first corner of a polygon.
func insideOf(g plan.Geometry) (x, y float64) {
	ring := g.Path(0)
	for i := 0; i+5 < len(ring); i += 2 {
		x, y = (ring[i]+ring[i+2]+ring[i+4])/3, (ring[i+1]+ring[i+3]+ring[i+5])/3
		f := figure{geometry: g, box: g.Box()}
		if f.has(x, y) {
			return x, y
		}
	}
	return ring[0], ring[1]
}

func classAt(t *testing.T, e *Engine, w *world, id string, x, y float64) int64 {
	t.Helper()
	if id == "symphony" {
		place, err := e.SymphonyAt(t.Context(), w.atlas.View(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		return int64(place.Class)
	}
	place, err := e.LucisAt(t.Context(), w.atlas.View(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	if place.Code == nil {
		return 0
	}
	return int64(place.Code.Code)
}

// TestMarksAreChecked tells each fault at its spot.
func TestMarksAreChecked(t *testing.T) {
	for pointer, spoil := range map[string]func(r *plan.Ruleset){
		"/lucis/2/use":                         func(r *plan.Ruleset) { r.Lucis[2].Use = "mining" },
		"/lucis/2/strength":                    func(r *plan.Ruleset) { r.Lucis[2].Strength = 4 },
		"/lucis/3/id":                          func(r *plan.Ruleset) { r.Lucis[3].ID = r.Lucis[2].ID },
		"/lucis/3/category":                    func(r *plan.Ruleset) { r.Lucis[3].Category = "castle" },
		"/lucis/3/within_m":                    func(r *plan.Ruleset) { r.Lucis[3].WithinM = 1e6 },
		"/lucis/3/when":                        func(r *plan.Ruleset) { r.Lucis[3].When = "it.x >" },
		"/lucis/4/when":                        func(r *plan.Ruleset) { r.Lucis[4].When = "claim.x > 2" },
		"/lucis/3/basis":                       func(r *plan.Ruleset) { r.Lucis[3].Basis = "" },
		"/symphony/pressures/0/levels/1/level": func(r *plan.Ruleset) { r.Symphony.Pressures[0].Levels[1].Level = 101 },
		"/symphony/values/0/levels":            func(r *plan.Ruleset) { r.Symphony.Values[0].Levels = nil },
		"/symphony/sensitivity/0/pressure":     func(r *plan.Ruleset) { r.Symphony.Sensitivity[0].Pressure = "noise" },
		"/symphony/sensitivity/0/sensitivity":  func(r *plan.Ruleset) { r.Symphony.Sensitivity[0].Sensitivity = math.NaN() },
		"/symphony/sensitivity":                func(r *plan.Ruleset) { r.Symphony.Sensitivity = r.Symphony.Sensitivity[1:] },
		"/symphony/classes/1":                  func(r *plan.Ruleset) { r.Symphony.Classes = []float64{10, 5} },
	} {
		rules, err := Default()
		if err != nil {
			t.Fatal(err)
		}
		spoil(rules)
		fault, _ := Check(rules, nil).(*plan.Error) //nolint:errorlint // it is one
		if fault == nil || !slices.ContainsFunc(fault.Findings, func(f plan.Finding) bool { return f.Pointer == pointer }) {
			t.Errorf("%s: %v", pointer, fault)
		}
	}
}

// TestTablesGoRound: what is written as CSV is read as the same, and what is wrong is told by row and column.
func TestTablesGoRound(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	before := Difference(rules, rules)
	for _, table := range []string{TableLucis, TableSensitivity} {
		var out bytes.Buffer
		if err := WriteTable(&out, rules, table); err != nil {
			t.Fatal(err)
		}
		again, _ := Default()
		if err := ReadTable(strings.NewReader(out.String()), again, table, "Eva", "2026-01-01"); err != nil {
			t.Fatal(err)
		}
		if changes := Difference(rules, again); len(changes) != len(before) {
			t.Errorf("%s has changed on the way: %+v", table, changes)
		}
	}
	var out bytes.Buffer
	_ = WriteTable(&out, rules, TableSensitivity)
	changed := strings.Replace(out.String(), "wind;0.33", "wind;0,5", 1)
	if err := ReadTable(strings.NewReader(changed), rules, TableSensitivity, "Eva", "2026-01-01"); err != nil || rules.Symphony.Sensitivity[0].Sensitivity != 0.5 || rules.Symphony.Sensitivity[0].Author != "Eva" {
		t.Errorf("%v: %+v", err, rules.Symphony.Sensitivity[0])
	}
	fault, _ := ReadTable(strings.NewReader(strings.Replace(changed, "wind;0,5", "wind;7", 1)), rules, TableSensitivity, "Eva", "2026-01-01").(*plan.Error) //nolint:errorlint // it is one
	if fault == nil || fault.Findings[0].Pointer != "/2/2" {
		t.Errorf("a sensitivity of 7: %v", fault)
	}
}
