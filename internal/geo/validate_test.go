package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

func TestValidate(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		g    plan.Geometry
		rule string
		path int
		x, y float64
	}{
		{"table", plan.Geometry{Type: plan.None}, "", 0, 0, 0},
		{"no point", plan.Geometry{Type: plan.Point}, "empty_geometry", 0, 0, 0},
		{"point", plan.Geometry{Type: plan.Point, Coords: []float64{1, 2}}, "", 0, 0, 0},
		{"nan", plan.Geometry{Type: plan.Point, Coords: []float64{1, 2, nan, 3}}, "non_finite", 1, 0, 0},
		{"infinite", plan.Geometry{Type: plan.Line, Coords: []float64{1, 2, math.Inf(1), 3}}, "non_finite", 0, 0, 0},
		{"odd", plan.Geometry{Type: plan.Point, Coords: []float64{1, 2, 3}}, "malformed", 0, 0, 0},
		{"ends", plan.Geometry{Type: plan.Line, Coords: []float64{1, 2, 3, 4}, Ends: []uint32{3}}, "malformed", 0, 0, 0},
		{"ends back", plan.Geometry{Type: plan.Line, Coords: make([]float64, 8), Ends: []uint32{3, 2, 4}}, "malformed", 0, 0, 0},
		{"parts", plan.Geometry{Type: plan.Polygon, Coords: make([]float64, 8), Parts: []uint32{2}}, "malformed", 0, 0, 0},
		{"line", fromWKT(t, "LINESTRING (0 0, 1 1, 0 0)"), "", 0, 0, 0},
		{"line of one", plan.Geometry{Type: plan.Line, Coords: []float64{1, 2}}, "too_few_points", 0, 1, 2},
		{"line in place", fromWKT(t, "MULTILINESTRING ((0 0, 1 1), (5 6, 5 6, 5 6))"), "too_few_points", 1, 5, 6},
		{"square", fromWKT(t, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"), "", 0, 0, 0},
		{"clockwise", fromWKT(t, "POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))"), "", 0, 0, 0},
		{"repeated vertex", fromWKT(t, "POLYGON ((0 0, 4 0, 4 0, 4 4, 0 4, 0 0))"), "", 0, 0, 0},
		{"vertex on a straight side", fromWKT(t, "POLYGON ((0 0, 2 0, 4 0, 4 4, 0 4, 0 0))"), "", 0, 0, 0},
		{"open", plan.Geometry{Type: plan.Polygon, Coords: []float64{0, 0, 4, 0, 4, 4, 0, 4}}, "ring_not_closed", 0, 0, 0},
		{"triangle too few", plan.Geometry{Type: plan.Polygon, Coords: []float64{7, 8, 4, 0, 7, 8}}, "too_few_points", 0, 7, 8},
		{"all in one place", fromWKT(t, "POLYGON ((3 3, 3 3, 3 3, 3 3))"), "too_few_points", 0, 3, 3},
		{"bow tie", fromWKT(t, "POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))"), "self_intersection", 0, 2, 2},
		{"spike", fromWKT(t, "POLYGON ((0 0, 4 0, 4 4, 4 9, 4 4, 0 4, 0 0))"), "spike", 0, 4, 9},
		{"flat", fromWKT(t, "POLYGON ((0 0, 4 0, 8 0, 0 0))"), "spike", 0, 8, 0},
		{"touches itself", fromWKT(t, "POLYGON ((0 0, 4 0, 4 4, 2 0, 0 4, 0 0))"), "self_contact", 0, 2, 0},
		{"hole", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3))"), "", 0, 0, 0},
		{"hole touches once", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 4, 6 3, 6 6, 0 4))"), "", 0, 0, 0},
		{"hole touches twice", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 4, 5 3, 9 4, 5 6, 0 4))"), "disconnected_interior", 1, 0, 4},
		{"hole on the side", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 3, 6 3, 6 6, 0 6, 0 3))"), "self_intersection", 1, nan, nan},
		{"hole outside", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (13 3, 16 3, 16 6, 13 6, 13 3))"), "hole_outside_shell", 1, 13, 3},
		{"hole around", fromWKT(t, "POLYGON ((3 3, 6 3, 6 6, 3 6, 3 3), (0 0, 9 0, 9 9, 0 9, 0 0))"), "hole_outside_shell", 1, 0, 0},
		{"hole across", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (6 3, 12 3, 12 6, 6 6, 6 3))"), "self_intersection", 1, 9, 3},
		{"hole in hole", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 8 1, 8 8, 1 8, 1 1), (3 3, 6 3, 6 6, 3 6, 3 3))"), "nested_holes", 2, 3, 3},
		{"same hole twice", fromWKT(t, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3), (3 3, 6 3, 6 6, 3 6, 3 3))"), "self_intersection", 2, nan, nan},
		{"two parts", fromWKT(t, "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((5 5, 6 5, 6 6, 5 6, 5 5)))"), "", 0, 0, 0},
		{"parts touch in a corner", fromWKT(t, "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((4 4, 6 4, 6 6, 4 6, 4 4)))"), "", 0, 0, 0},
		{"parts share a side", fromWKT(t, "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((4 0, 6 0, 6 4, 4 4, 4 0)))"), "self_intersection", 1, nan, nan},
		{"part in part", fromWKT(t, "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((5 5, 6 5, 6 6, 5 6, 5 5)))"), "nested_shells", 1, 5, 5},
		{"island in a lake", fromWKT(t, "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3)), ((4 4, 5 4, 5 5, 4 5, 4 4)))"), "", 0, 0, 0},
		{"lake holds two islands", fromWKT(t, "MULTIPOLYGON (((4 4, 4.4 4, 4.4 5, 4 4)), ((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3)), ((5 4, 5.4 4, 5.4 5, 5 4)))"), "", 0, 0, 0},
	} {
		fault := Validate(c.g)
		switch {
		case fault == nil && c.rule == "":
		case fault == nil || fault.Rule != c.rule || fault.Path != c.path:
			t.Errorf("%s: %+v; want %q in path %d", c.name, fault, c.rule, c.path)
		case !math.IsNaN(c.x) && (fault.X != c.x || fault.Y != c.y): // NaN: several places are as good
			t.Errorf("%s: at %v, %v; want %v, %v", c.name, fault.X, fault.Y, c.x, c.y)
		case fault.Message.SV == "" || fault.Message.EN == "":
			t.Errorf("%s: no message", c.name)
		}
	}
}

// What is proven valid must be valid by GEOS, and the proof must be found for the polygons of every day.
func TestProvenValidAgainstGEOS(t *testing.T) {
	context := geos.NewContext()
	r := rand.New(rand.NewPCG(31, 31))
	proven, valid := 0, 0
	for i := range 6000 {
		g := star(r, 300_000, 6_400_000, 100, 0.3+0.7*r.Float64(), 3+r.IntN(12))
		for range r.IntN(3) { // a second figure in it, beside it or across it, as hole or part
			other := star(r, 300_000+300*(r.Float64()-0.5), 6_400_000+300*(r.Float64()-0.5), 100*r.Float64(), 0.5, 3+r.IntN(5))
			if r.IntN(2) == 0 {
				appendGeometry(&g, other)
			} else {
				g = withHole(g, other)
			}
		}
		if n := len(g.Path(0)); r.IntN(4) == 0 && n > 10 { // a vertex put somewhere else: on another, on an edge, astray
			k, l := 2*(1+r.IntN(n/2-2)), 2*r.IntN(n/2-1)
			f := float64(r.IntN(4)) / 2
			g.Coords[k], g.Coords[k+1] = g.Coords[l]+f*(g.Coords[l+2]-g.Coords[l]), g.Coords[l+1]+f*(g.Coords[l+3]-g.Coords[l+1])
		}
		want := toGEOS(t, context, g).IsValid()
		got := provenValid(g)
		if got && !want {
			t.Fatalf("polygon %d of seed 31 is proven valid, GEOS says no: %+v", i, g)
		}
		if fault := Validate(g); (fault == nil) != want {
			t.Fatalf("polygon %d of seed 31: %+v, GEOS says %v", i, fault, want)
		}
		if got {
			proven++
		}
		if want {
			valid++
		}
	}
	for range 200 { // large ones, whose edges are compared in blocks
		g := star(r, 300_000, 6_400_000, 100, 0.9, 50+r.IntN(1500))
		if provenValid(g) != toGEOS(t, context, g).IsValid() {
			t.Errorf("a star of %d vertices is not proven valid", g.NumVertices())
		}
		i := 2 * (1 + r.IntN(g.NumVertices()-2))
		g.Coords[i], g.Coords[i+1] = 299_900+200*r.Float64(), 6_400_000
		if want := toGEOS(t, context, g).IsValid(); provenValid(g) && !want || (Validate(g) == nil) != want {
			t.Errorf("a broken star of %d vertices: GEOS says %v", g.NumVertices(), want)
		}
	}
	t.Logf("%d valid, %d proven so without GEOS", valid, proven)
	if proven < valid*9/10 || valid < 1000 || valid > 5000 {
		t.Errorf("%d valid, %d proven so", valid, proven)
	}
}

// withHole puts the ring of a figure into the last part of another one.
func withHole(g, hole plan.Geometry) plan.Geometry {
	var h plan.Geometry
	h.Type = plan.Polygon
	appendGeometry(&h, g)
	h.Coords = append(h.Coords, hole.Coords...)
	h.Ends = append(h.Ends, uint32(h.NumVertices()))
	h.Parts[len(h.Parts)-1] = uint32(len(h.Ends))
	return h
}
