package overlay

import (
	"math"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// TestOutlinesAreTheAreas: the polygons of every label in every zone are valid, have the areas that were measured, and lie
// where the figures do.
func TestOutlinesAreTheAreas(t *testing.T) {
	for name, s := range scenes() {
		t.Run(name, func(t *testing.T) {
			p := s.plane()
			areas, groups := map[int]float64{}, map[Label]int{}
			group := func(zone int, label Label) int { return zone + 2*groups[label] }
			sums := measured(t, p)
			for _, sum := range sums {
				if _, known := groups[sum.Label]; !known {
					groups[sum.Label] = len(groups)
				}
				areas[group(sum.Zone, sum.Label)] += sum.Area
			}
			box := plan.EmptyBox
			for _, z := range p.Zones {
				box = box.Union(z.Box)
			}
			made, err := p.Outlines(t.Context(), Tiles(box), group)
			if err != nil {
				t.Fatal(err)
			}
			vertices := 0
			for g, want := range areas {
				shape := made[g]
				vertices += shape.NumVertices()
				if got := geo.Area(shape); math.Abs(got-want) > 1e-9*max(want, 1e6) {
					t.Errorf("group %d: the polygons have %.9g m2, %.9g were measured", g, got, want)
				}
				if fault := geo.Validate(shape); shape.NumVertices() > 0 && fault != nil {
					t.Errorf("group %d is not valid: %+v", g, fault)
				}
			}
			t.Logf("%d polygons, %d vertices", len(made), vertices)
			sameCover(t, s, made, groups)
		})
	}
}

// sameCover holds the polygons of all labels with one kind against the union of its figures.
func sameCover(t *testing.T, s *scene, made map[int]plan.Geometry, groups map[Label]int) {
	t.Helper()
	for kind, figures := range s.figures {
		want := must(geo.Union(figures...))(t)
		for label, group := range groups {
			has := false
			for _, k := range label.Kinds() {
				has = has || k == kind
			}
			for zone := range s.zones {
				shape := made[zone+2*group]
				if shape.IsEmpty() {
					continue
				}
				inside := geo.Area(must(geo.Intersection(shape, want))(t))
				whole := geo.Area(shape)
				if has && math.Abs(inside-whole) > 1e-9*max(whole, 1e6) || !has && inside > 1e-3 {
					t.Errorf("kind %d: %.9g of the %.9g m2 of label %v lie in it", kind, inside, whole, label.Kinds())
				}
			}
		}
	}
}

// TestOutlinesHaveNoNeedlessVertices: tiles and cells leave no trace on a square with a hole.
func TestOutlinesHaveNoNeedlessVertices(t *testing.T) {
	s := &scene{zones: []plan.Geometry{square(400_000, 6_400_000, 13_000)}, figures: [][]plan.Geometry{{square(402_000, 6_402_000, 9000)}}}
	made, err := s.plane().Outlines(t.Context(), Tiles(s.zones[0].Box()), func(_ int, label Label) int { return len(label) / 2 })
	if err != nil || len(made) != 2 {
		t.Fatal(len(made), err)
	}
	if around, inside := made[0], made[1]; around.NumVertices() != 10 || around.NumPaths() != 2 || inside.NumVertices() != 5 {
		t.Errorf("around are %+v, inside %+v", around, inside)
	}
}
