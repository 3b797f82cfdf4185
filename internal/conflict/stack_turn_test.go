package conflict

import (
	"math"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// TestTurnIsBothStacks: what has turned adds up to the stacks of both states and to the municipality; its polygons are valid
// and as large as the figures say; and a place inside one has the colours that it says.
func TestTurnIsBothStacks(t *testing.T) {
	ed := newEditor(t, 81)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	stricter, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	stricter.Version = 2
	for i := range stricter.Matrix {
		if c := &stricter.Matrix[i]; c.Claim == "wind" && c.Severity == 1 {
			c.Severity = 3
		}
	}
	low, high := windClaim("total_height", 150), windClaim("total_height", 250)
	e, was := NewEngine(rules), ed.atlas.View()
	stack(t, e, ed.world, high)
	ed.edit()
	is := ed.atlas.View()
	for name, side := range map[string]struct {
		from, to plan.StackQuery
		by       *Engine
	}{"revision": {high, high, e}, "height": {low, high, e}, "rules": {high, high, e.By(stricter)}} {
		turn, err := e.CompareStacks(t.Context(), was, side.from, side.by, is, side.to)
		if err != nil {
			t.Fatal(err)
		}
		checkTurn(t, name, turn)
		checkTurnShapes(t, name, turn)
	}
	same, err := e.CompareStacks(t.Context(), is, high, e, is, high)
	if err != nil || len(same.tiles) > 0 {
		t.Fatalf("%d tiles of one state were looked into, %v", len(same.tiles), err)
	}
	total, _ := same.Total(StackFilter{})
	if total.Moved(plan.Green, plan.Red) != 0 || total.Before != total.After || total.Moved(plan.Red, plan.Red) == 0 {
		t.Errorf("one state against itself is %+v", total)
	}
}

func checkTurn(t *testing.T, name string, turn *Turn) {
	t.Helper()
	rows, err := turn.Rows(ByKommun, StackFilter{})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := turn.Before.Rows(ByKommun, StackFilter{})
	after, _ := turn.After.Rows(ByKommun, StackFilter{})
	turned := 0.0
	for i, row := range rows {
		sum := 0.0
		for _, m := range row.Moves {
			sum += m.AreaHa
			if m.From != m.To {
				turned += m.AreaHa
			}
		}
		for what, pair := range map[string][2]float64{"moves": {sum, row.AreaHa},
			"green before": {row.Before.GreenHa, before[i].Green.AreaHa}, "yellow before": {row.Before.YellowHa, before[i].Yellow.AreaHa},
			"red before": {row.Before.RedHa, before[i].Red.AreaHa}, "green after": {row.After.GreenHa, after[i].Green.AreaHa},
			"yellow after": {row.After.YellowHa, after[i].Yellow.AreaHa}, "red after": {row.After.RedHa, after[i].Red.AreaHa},
			"difference": {row.Difference.RedHa, after[i].Red.AreaHa - before[i].Red.AreaHa}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9*row.AreaHa {
				t.Errorf("%s, %s: %s are %.12g ha, and not %.12g", name, row.Key, what, pair[0], pair[1])
			}
		}
	}
	if turned == 0 {
		t.Errorf("%s: nothing has turned", name)
	}
}

func checkTurnShapes(t *testing.T, name string, turn *Turn) {
	t.Helper()
	shapes, err := turn.Shapes(t.Context(), StackFilter{})
	if err != nil || len(shapes) == 0 {
		t.Fatal(name, len(shapes), err)
	}
	for _, s := range shapes {
		if got := geo.Area(s.Shape.Geometry) / 10_000; math.Abs(got-s.AreaHa) > 1e-7+1e-9*s.AreaHa {
			t.Errorf("%s, %s %s to %s: the polygons have %.9f ha, the figures %.9f", name, s.Kommun, s.From, s.To, got, s.AreaHa)
		}
		if fault := geo.Validate(s.Shape.Geometry); fault != nil {
			t.Errorf("%s, %s: %s", name, s.Kommun, fault.Message.EN)
		}
	}
}
