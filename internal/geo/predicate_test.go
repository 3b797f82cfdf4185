package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// figures are shapes that touch, share, lie in each other: every pair of them is a case.
var figures = []string{
	"POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))",
	"POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))",                              // shares a side
	"POLYGON ((10 10, 20 10, 20 20, 10 20, 10 10))",                           // touches in a corner
	"POLYGON ((10 3, 20 3, 20 7, 10 7, 10 3))",                                // shares a part of a side
	"POLYGON ((5 5, 15 5, 15 15, 5 15, 5 5))",                                 // overlaps
	"POLYGON ((2 2, 8 2, 8 8, 2 8, 2 2))",                                     // inside
	"POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 2 8, 8 8, 8 2, 2 2))",      // the same with a hole
	"POLYGON ((3 3, 7 3, 7 7, 3 7, 3 3))",                                     // inside the hole
	"POLYGON ((2 2, 8 2, 5 8, 2 2))",                                          // touches the hole's sides
	"POLYGON ((0 0, 5 0, 10 0, 10 10, 0 10, 0 0))",                            // one more vertex on a side
	"POLYGON ((0 0, 10 0, 0 10, 0 0))",                                        // half
	"POLYGON ((10 0, 10 10, 0 10, 10 0))",                                     // the other half
	"POLYGON ((5 0, 10 5, 5 10, 0 5, 5 0))",                                   // corners on the sides
	"POLYGON ((5 -5, 15 5, 5 15, -5 5, 5 -5))",                                // sides through the corners
	"POLYGON ((0 0, 10 0, 10 0.000001, 0 0.000001, 0 0))",                     // sliver
	"POLYGON ((30 30, 40 30, 40 40, 30 40, 30 30))",                           // elsewhere
	"MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((6 6, 9 6, 9 9, 6 9, 6 6)))", //
	"MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 1 9, 9 9, 9 1, 1 1)), ((3 3, 7 3, 7 7, 3 7, 3 3)))",
	"MULTIPOLYGON (((12 0, 14 0, 14 10, 12 10, 12 0)), ((-4 0, -2 0, -2 10, -4 10, -4 0)))",
	"POLYGON ((-5 4, 25 4, 25 6, -5 6, -5 4))",
	"POLYGON ((0 0, 10 0, 10 10, 6 10, 6 2, 4 2, 4 10, 0 10, 0 0))", // with a bay
	"LINESTRING (0 0, 10 10)", "LINESTRING (-5 5, 15 5)", "LINESTRING (0 0, 10 0)", "LINESTRING (-5 0, 15 0)", "LINESTRING (2 0, 5 0, 5 5)",
	"LINESTRING (10 2, 10 8)", "LINESTRING (10 -2, 10 12)", "LINESTRING (2 2, 2 8, 8 8)", "LINESTRING (5 5, 5 6)", "LINESTRING (12 0, 20 0)",
	"LINESTRING (-5 5, 5 -5)", "LINESTRING (-5 6, 6 -5)", "LINESTRING (0 20, 20 0)", "LINESTRING (0 10, 10 0, 0 0, 0 10)",
	"MULTILINESTRING ((0 5, 10 5), (5 0, 5 10))", "MULTILINESTRING ((20 20, 21 21), (0 5, -1 5))", "LINESTRING (30 30, 30 40)",
	"LINESTRING (1 1, 9 1, 9 9, 1 9, 1 1)", "LINESTRING (4 -1, 4 11)", "LINESTRING (10 10, 0 0)",
	"POINT (0 0)", "POINT (5 5)", "POINT (10 5)", "POINT (5 10)", "POINT (2 5)", "POINT (20 20)", "MULTIPOINT (50 50, 10 10)", "POINT (5 0)",
	"MULTIPOINT (-3 5, 35 35)",
}

// moves take the figures to where floating point has to work: a far origin, and a turn that makes nothing exact.
var moves = []struct {
	name             string
	x, y, scale, sin float64
}{
	{"plain", 0, 0, 1, 0}, {"far", 300_000, 6_400_000, 16, 0}, {"mirrored", 300_000, 6_400_000, -8, 0}, {"turned", 333_333.3, 6_444_444.4, 7.7, 0.3},
}

func moved(g plan.Geometry, x, y, scale, sin float64) plan.Geometry {
	cos := math.Sqrt(1 - sin*sin)
	g.Coords = append([]float64{}, g.Coords...)
	for i := 0; i < len(g.Coords); i += 2 {
		u, v := g.Coords[i], g.Coords[i+1]
		g.Coords[i], g.Coords[i+1] = x+math.Abs(scale)*(cos*u-sin*v), y+scale*(sin*u+cos*v)
	}
	Normalize(&g)
	return g
}

// allFigures gives the figures, moved.
func allFigures(t testing.TB, move int) []plan.Geometry {
	var all []plan.Geometry
	for _, wkt := range figures {
		m := moves[move]
		all = append(all, moved(fromWKT(t, wkt), m.x, m.y, m.scale, m.sin))
	}
	return all
}

func TestIntersectsAgainstGEOS(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	for m := range moves[:3] { // turned, the figures don't touch where they should, and GEOS and we must agree on that too
		all := allFigures(t, m)
		for i, a := range all {
			prepared := Prepare(a)
			for j, b := range all {
				want := toGEOS(t, context, a).Intersects(toGEOS(t, context, b))
				if got := Intersects(a, b); got != want {
					t.Errorf("%s: %s and %s: %v, GEOS says %v", moves[m].name, figures[i], figures[j], got, want)
				}
				if got := prepared.Intersects(&k, b, b.Box()); got != want {
					t.Errorf("%s: %s, prepared, and %s: %v, GEOS says %v", moves[m].name, figures[i], figures[j], got, want)
				}
			}
		}
	}
}

func TestIntersectsTurned(t *testing.T) {
	context := geos.NewContext()
	all := allFigures(t, 3)
	for i, a := range all {
		for j, b := range all {
			if got, want := Intersects(a, b), toGEOS(t, context, a).Intersects(toGEOS(t, context, b)); got != want {
				t.Errorf("%s and %s: %v, GEOS says %v", figures[i], figures[j], got, want)
			}
		}
	}
}

func TestIntersectsBox(t *testing.T) {
	context := geos.NewContext()
	r := rand.New(rand.NewPCG(9, 9))
	for m := range moves[:3] {
		for i, g := range allFigures(t, m) {
			prepared := Prepare(g)
			figure := toGEOS(t, context, g)
			properly := figure.Prepare()
			for range 300 {
				x0, x1, y0, y1 := r.IntN(26)-6, r.IntN(26)-6, r.IntN(26)-6, r.IntN(26)-6
				corners := moved(plan.Geometry{Type: plan.Point, Coords: []float64{float64(min(x0, x1)), float64(min(y0, y1)), float64(max(x0, x1)), float64(max(y0, y1))}}, moves[m].x, moves[m].y, moves[m].scale, 0)
				box := corners.Box()
				asFigure := toGEOS(t, context, rectangle(box))
				want := figure.Intersects(asFigure)
				if got := IntersectsBox(g, box); got != want {
					t.Errorf("%s: %s and %v: %v, GEOS says %v", moves[m].name, figures[i], box, got, want)
				}
				if g.Type != plan.Polygon {
					continue
				}
				at := Crossing
				if !want {
					at = Outside
				} else if properly.ContainsProperly(asFigure) {
					at = Inside
				}
				if got := prepared.Locate(box); got != at {
					t.Errorf("%s: %v in %s is %v, GEOS says %v", moves[m].name, box, figures[i], got, at)
				}
			}
		}
	}
}

// rectangle gives a box as a geometry, which may be a line or a point.
func rectangle(box plan.Box) plan.Geometry {
	switch {
	case box.MinX == box.MaxX && box.MinY == box.MaxY:
		return plan.Geometry{Type: plan.Point, Coords: []float64{box.MinX, box.MinY}}
	case box.MinX == box.MaxX || box.MinY == box.MaxY:
		return plan.Geometry{Type: plan.Line, Coords: []float64{box.MinX, box.MinY, box.MaxX, box.MaxY}}
	}
	return plan.Geometry{Type: plan.Polygon, Coords: densify(box, 1)}
}
