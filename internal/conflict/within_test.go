package conflict

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// TestWithinKeepsWhatItHas ends the time after some pairs of layers: what was found until then is what a full search
// finds of those rules, and the others are named.
func TestWithinKeepsWhatItHas(t *testing.T) {
	e := newEditor(t, 71)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	all := listed(t, stand(t, NewEngine(rules), e.atlas.View()), Filter{})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	pairs := 0
	s, unfinished, err := NewEngine(rules).Within(ctx, e.atlas.View(), func(done, total int) {
		if pairs = total; done == total/2 {
			cancel(errors.New("the time is over"))
		}
	})
	if err != nil || len(unfinished) == 0 || pairs < 50 {
		t.Fatalf("%d of %d pairs are unfinished: %v", len(unfinished), pairs, err)
	}
	found := listed(t, s, Filter{})
	if len(found) < 100 || len(found) >= len(all) {
		t.Errorf("%d of %d conflicts are found", len(found), len(all))
	}
	for id, c := range found {
		_, size := measured(c)
		if _, want := measured(all[id]); size != want {
			t.Errorf("%s is %v, in a full search %v", id, size, want)
		}
	}
	for id, c := range all {
		if _, there := found[id]; !there && !slices.Contains(unfinished, c.Rule) {
			t.Errorf("%s is missing, and nothing says that its rule is unfinished", id)
		}
	}
	if _, unfinished, err = NewEngine(rules).Within(t.Context(), e.atlas.View(), func(int, int) {}); err != nil || len(unfinished) > 0 {
		t.Errorf("with time enough: %v, %v", unfinished, err)
	}
}

// TestShapesOfPages: each listed conflict and change has the shape that its layer has.
func TestShapesOfPages(t *testing.T) {
	e := newEditor(t, 72)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	was := e.atlas.View()
	for range 3 {
		e.edit()
	}
	engine := NewEngine(rules)
	page, err := engine.Find(t.Context(), e.atlas.View(), Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for i, c := range page.Conflicts {
		g, err := page.Shape(i)
		if err != nil {
			continue
		}
		drawn++
		if box := g.Box(); c.AreaHa != nil && (box.MaxX-box.MinX)*(box.MaxY-box.MinY) < *c.AreaHa*10_000*0.999 {
			t.Errorf("%s has %v ha, and a shape in a box of %v", c.ID, *c.AreaHa, box)
		}
	}
	if drawn < len(page.Conflicts)*9/10 {
		t.Errorf("only %d of %d have a shape", drawn, len(page.Conflicts))
	}
	comparison, err := engine.Compare(t.Context(), was, engine, e.atlas.View())
	if err != nil {
		t.Fatal(err)
	}
	changes, err := comparison.Find(ComparisonFilter{Filter: Filter{Limit: 50}})
	if err != nil || len(changes.Changes) < 20 {
		t.Fatalf("%d changes, %v", len(changes.Changes), err)
	}
	for i := range changes.Changes {
		if _, err := changes.Shape(i); err != nil {
			t.Logf("%s: %v", changes.Changes[i].ID, err)
		}
	}
}
