package conflict

import (
	"math"
	"strings"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// value gives the attribute of a feature of a layer of conflicts.
func value(s *atlas.Snapshot, slot atlas.Slot, name string) plan.Value {
	return s.Values(nil, slot)[s.Layer().Attribute(name)]
}

// layersOf gives the standing conflicts as layers, by geometry type.
func layersOf(t testing.TB, s *Standing) map[plan.GeometryType]*atlas.Snapshot {
	t.Helper()
	made := map[plan.GeometryType]*atlas.Snapshot{}
	for _, layer := range Layers() {
		snapshot, err := s.Layer(layer.ID)
		if err != nil {
			t.Fatal(err)
		}
		made[layer.GeometryType] = snapshot
	}
	return made
}

// TestLayersHoldEveryConflict: each stands in one layer under its id, with the figures that the list has, and its shape
// has the size that the kernel measured.
func TestLayersHoldEveryConflict(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 60).atlas.View())
	layers, total := layersOf(t, s), 0
	for _, snapshot := range layers {
		if total += snapshot.Len(); snapshot.Len() == 0 {
			t.Errorf("layer %s is empty", snapshot.Layer().ID)
		}
	}
	conflicts := find(t, s, Filter{}).Conflicts
	if total != len(conflicts) {
		t.Errorf("%d features, %d conflicts", total, len(conflicts))
	}
	for i, c := range conflicts {
		var in *atlas.Snapshot
		var slot atlas.Slot
		for _, snapshot := range layers {
			if found, has := snapshot.ByID(c.ID); has {
				in, slot = snapshot, found
			}
		}
		if in == nil {
			t.Fatalf("%s is in no layer", c.ID)
		}
		if rank := value(in, slot, "rank").Int(); rank != int64(i+1) {
			t.Errorf("%s has the rank %d, want %d", c.ID, rank, i+1)
		}
		if kommun := value(in, slot, "kommun").Text(); !strings.Contains(value(in, slot, "kommuner").Text(), kommun) || kommun == "" {
			t.Errorf("%s lies in %q", c.ID, kommun)
		}
		checkShape(t, in, slot, &c)
	}
}

// checkShape holds the shape against the conflict's size.
func checkShape(t *testing.T, s *atlas.Snapshot, slot atlas.Slot, c *plan.Conflict) {
	t.Helper()
	shape, err := s.Shape(slot)
	if err != nil || shape.Type != s.Layer().GeometryType || shape.IsEmpty() {
		t.Errorf("%s: %v, a %s", c.ID, err, shape.Type)
		return
	}
	if box := shape.Box(); !s.Box(slot).Grow(1e-6).Contains(box) {
		t.Errorf("%s: the shape lies in %v, outside %v", c.ID, box, s.Box(slot))
	}
	got, want := 0.0, 0.0
	switch {
	case c.AreaHa != nil:
		got, want = geo.Area(shape), *c.AreaHa*1e4
	case c.Points != nil:
		got, want = float64(shape.NumVertices()), float64(*c.Points)
	case c.LengthM != nil && shape.Type == plan.Line:
		got, want = geo.Length(shape), *c.LengthM
	case c.DistanceM != nil:
		if limit := value(s, slot, "threshold_m").Float(); limit != 200 {
			t.Errorf("%s has the threshold %v", c.ID, limit)
		}
	}
	if math.Abs(got-want) > 1e-7*want+1e-4 {
		t.Errorf("%s: the shape measures %.12g, the conflict %.12g", c.ID, got, want)
	}
}

// TestShapeOfADistanceIsThePartWithin also where the claim reaches in no farther than a buffer with corners is too small.
func TestShapeOfADistanceIsThePartWithin(t *testing.T) {
	w := newWorld(t)
	w.change(layer("parks", plan.Wind, plan.Polygon, square(351_000, 6_401_000, 100), square(351_000, 6_402_000, 100)),
		layer("nests", plan.Nature, plan.Point,
			pointsAt(351_170, 6_401_050),    // 70 m off: a cap of the circle of 80 m
			pointsAt(351_179.9, 6_402_000))) // 79.9 m off, at a corner
	s := stand(t, NewEngine(&plan.Ruleset{ID: "prov", Version: 2, Rules: []plan.Rule{within(80)}}), w.atlas.View())
	snapshot := layersOf(t, s)[plan.Polygon]
	for id, want := range map[string]float64{"within:parks.1:nests.1": 80*80*math.Acos(70.0/80) - 70*math.Sqrt(80*80-70*70), "within:parks.2:nests.2": 0.3} {
		slot, found := snapshot.ByID(id)
		if !found {
			t.Fatalf("%s is not there", id)
		}
		shape, err := snapshot.Shape(slot)
		if area := geo.Area(shape); err != nil || math.Abs(area-want) > 0.06*want+0.6 || area == 0 {
			t.Errorf("%s: %v m2, want about %v: %v", id, area, want, err)
		}
	}
}

// TestWhatWasNotMeasuredIsListed: without a shape and with its reason, and it hides nothing else.
func TestWhatWasNotMeasuredIsListed(t *testing.T) {
	w := newWorld(t)
	parks := layer("parks", plan.Wind, plan.Polygon, square(351_000, 6_401_000, 100))
	reserves := layer("reserves", plan.Nature, plan.Polygon, square(351_050, 6_401_000, 100), square(351_050, 6_401_050, 100))
	reserves.Define.Attributes = []plan.Attribute{{Name: "height", Type: plan.Number}}
	reserves.Add.(plan.List)[0].Values = []plan.Value{{}}
	reserves.Add.(plan.List)[1].Values = []plan.Value{plan.NumberValue(10)}
	w.change(parks, reserves)
	rule := overlap
	rule.Relation, rule.Distance = plan.Within, "100 / interest.height"
	s := stand(t, NewEngine(&plan.Ruleset{ID: "prov", Version: 1, Rules: []plan.Rule{rule}}), w.atlas.View())
	snapshot := layersOf(t, s)[plan.Polygon]
	if snapshot.Len() != 2 {
		t.Fatalf("%d features", snapshot.Len())
	}
	slot, found := snapshot.ByID("overlap:parks.1:reserves.1")
	if !found {
		t.Fatal("the pair is not listed")
	}
	shape, err := snapshot.Shape(slot)
	reason := value(snapshot, slot, "not_measured").Text()
	if !shape.IsEmpty() || reason == "" || !value(snapshot, slot, "severity").IsNull() || !value(snapshot, slot, "distance_m").IsNull() {
		t.Errorf("%v, %q, %v", shape, reason, err)
	}
	other, _ := snapshot.ByID("overlap:parks.1:reserves.2")
	if shape, err := snapshot.Shape(other); err != nil || math.Abs(geo.Area(shape)-100*50) > 1500 || !value(snapshot, other, "not_measured").IsNull() {
		t.Errorf("the other pair: %v, %v", geo.Area(shape), err)
	}
}

func TestIDsComeApart(t *testing.T) {
	for text, want := range map[string]identity{
		"r:a.1:b.2":              {"r", plan.FeatureRef{Layer: "a", ID: "1"}, plan.FeatureRef{Layer: "b", ID: "2"}},
		"r:a.x.y:b.~C3~A5~3A~7E": {"r", plan.FeatureRef{Layer: "a", ID: "x.y"}, plan.FeatureRef{Layer: "b", ID: "å:~"}},
		"r:a.:b.~2F~25":          {"r", plan.FeatureRef{Layer: "a"}, plan.FeatureRef{Layer: "b", ID: "/%"}},
	} {
		got, ok := parseID(text)
		if !ok || got != want || want.String() != text {
			t.Errorf("%s comes apart as %+v (%v), and %+v is spelled %s", text, got, ok, want, want)
		}
	}
	for _, text := range []string{"", "r", "r:a:b", "r:a.1:b", "r:a.1:b.2:c.3", "r:a.~:b.1", "r:a.~4:b.1", "r:a.~zz:b.1", "r:a.~41:b.1", "r:a.~c3:b.1", "r:a.å:b.1"} {
		if got, ok := parseID(text); ok {
			t.Errorf("%q comes apart as %+v", text, got)
		}
	}
}

func FuzzID(f *testing.F) {
	f.Add("1:2~3", "å/%")
	f.Fuzz(func(t *testing.T, a, b string) {
		made := identity{"r", plan.FeatureRef{Layer: "a", ID: a}, plan.FeatureRef{Layer: "b", ID: b}}
		if got, ok := parseID(made.String()); !ok || got != made {
			t.Errorf("%+v is spelled %s, which is %+v", made, made, got)
		}
		if got, ok := parseID(a); ok && got.String() != a {
			t.Errorf("%q is %+v", a, got)
		}
	})
}
