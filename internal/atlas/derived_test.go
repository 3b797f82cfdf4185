package atlas_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// TestDerivedLayerAnswersAsAStoredOne: shapes are made when they are asked for, and only then.
func TestDerivedLayerAnswersAsAStoredOne(t *testing.T) {
	layer := &plan.Layer{ID: "harlett", GeometryType: plan.Point, Status: plan.Published, Revision: 7, Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}}}
	made := map[atlas.Slot]int{}
	d := atlas.Derive(layer, "prov-3", func(slot atlas.Slot) (plan.Geometry, error) {
		if made[slot]++; slot == 2 {
			return plan.Geometry{}, errors.New("it can't be made")
		}
		return plan.Geometry{Type: plan.Point, Coords: []float64{100 * float64(slot), 0}}, nil
	})
	for i := range 4 {
		x := 100 * float64(i)
		f := plan.Feature{ID: fmt.Sprint("f", i), Since: plan.Revision(i), Values: []plan.Value{plan.TextValue(fmt.Sprint("nr ", i%2))}}
		box := plan.Box{MinX: x - 10, MinY: -10, MaxX: x + 10, MaxY: 10}
		if i == 3 {
			f.Geometry = plan.Geometry{Type: plan.Point, Coords: []float64{x, 0}}
		}
		if slot := d.Put(&f, box); int(slot) != i {
			t.Errorf("feature %d has slot %d", i, slot)
		}
	}
	s := d.Snapshot()
	if s.Revision() != 7 || s.Edition() != "prov-3" || s.Len() != 4 || len(made) != 0 {
		t.Errorf("revision %d, edition %q, %d features, made %v", s.Revision(), s.Edition(), s.Len(), made)
	}
	find := func(q plan.Query) (ids string) {
		page, err := s.Find(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, slot := range page.Slots {
			ids += s.ID(slot) + " "
		}
		return ids + page.Next
	}
	for want, q := range map[string]plan.Query{
		"f0 f2 ":   {Filter: plan.Compare{Op: plan.Equal, Left: plan.Property{Name: "namn"}, Right: plan.Literal{Value: plan.TextValue("nr 0")}}},
		"f0 f1 f1": {Limit: 2},
		"f2 f3 ":   {After: "f1"},
		"f1 f3 ":   {Filter: touching(95, 301)}, // f2 may be anywhere
		"":         {Filter: touching(101, 102)},
	} {
		if got := find(q); got != want {
			t.Errorf("%+v gives %q, want %q", q, got, want)
		}
	}
	if made[3] != 0 {
		t.Error("a geometry that is stored was made")
	}
	if g, err := s.Shape(2); err == nil || !g.IsEmpty() || !s.Feature(2).Geometry.IsEmpty() {
		t.Errorf("the one that can't be made is %v, %v", g, err)
	}
}

// touching asks for what touches a window.
func touching(x0, x1 float64) plan.Expression {
	return plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: plan.GeometryProperty}, Right: plan.BoxLiteral{Box: plan.Box{MinX: x0, MinY: -1, MaxX: x1, MaxY: 1}}}
}

// TestShapesKeepWithinTheirBytes: the last used ones, and what can't be made too.
func TestShapesKeepWithinTheirBytes(t *testing.T) {
	kept := atlas.Shapes[string]{Bytes: 3 * (256 + 8*100)}
	made := 0
	get := func(key string, vertices int) error {
		g, err := kept.Get(key, func() (plan.Geometry, error) {
			if made++; vertices == 0 {
				return plan.Geometry{}, errors.New("no")
			}
			return plan.Geometry{Type: plan.Point, Coords: make([]float64, 2*vertices)}, nil
		})
		if err == nil && g.NumVertices() != vertices {
			t.Errorf("%s has %d vertices, want %d", key, g.NumVertices(), vertices)
		}
		return err
	}
	for _, key := range []string{"a", "b", "c", "a", "d", "a", "c"} { // d drives b out
		_ = get(key, 50)
	}
	if made != 4 {
		t.Errorf("made %d times, want 4", made)
	}
	if _ = get("b", 50); made != 5 {
		t.Error("b was still there")
	}
	_, _ = get("fault", 0), get("fault", 0)
	if made != 6 {
		t.Errorf("what can't be made was tried %d times", made-5)
	}
	_, _ = get("huge", 100_000), get("huge", 100_000)
	if made != 8 {
		t.Error("what is larger than all the room was kept")
	}
	var together sync.WaitGroup
	for i := range 8 {
		together.Go(func() {
			for j := range 200 {
				_, _ = kept.Get(fmt.Sprint((i+j)%7), func() (plan.Geometry, error) { return plan.Geometry{Coords: make([]float64, 100)}, nil })
			}
		})
	}
	together.Wait()
}
