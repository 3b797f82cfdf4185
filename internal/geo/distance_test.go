package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

func TestDistanceOfFigures(t *testing.T) {
	context := geos.NewContext()
	for m := range moves {
		all := allFigures(t, m)
		for i, a := range all {
			for j, b := range all {
				want := toGEOS(t, context, a).Distance(toGEOS(t, context, b))
				checkDistance(t, a, b, want, moves[m].name+": "+figures[i]+" and "+figures[j])
			}
		}
	}
}

// checkDistance asks without a limit and with limits on either side of the distance.
func checkDistance(t *testing.T, a, b plan.Geometry, want float64, name string) {
	t.Helper()
	if got := Distance(a, b, math.Inf(1)); !agrees(got, want, 1) {
		t.Errorf("%s: distance %v, GEOS says %v", name, got, want)
	}
	if got := Distance(a, b, want*1.01+1e-6); !agrees(got, want, 1) {
		t.Errorf("%s: distance %v within %v, GEOS says %v", name, got, want*1.01, want)
	}
	if got := Distance(a, b, want*0.99); want > 1e-6 && !math.IsInf(got, 1) {
		t.Errorf("%s: distance %v within %v, but it is %v", name, got, want*0.99, want)
	}
}

func TestDistanceOfStars(t *testing.T) {
	context := geos.NewContext()
	r := rand.New(rand.NewPCG(21, 21))
	for i := range 300 {
		a := star(r, 300_000, 6_400_000, 100, 0.5, 3+r.IntN(200))
		b := star(r, 300_000+400*(r.Float64()-0.5), 6_400_000+400*(r.Float64()-0.5), 100*r.Float64(), 0.5, 3+r.IntN(200))
		line := b
		line.Type = plan.Line
		points := b
		points.Type = plan.Point
		for _, g := range []plan.Geometry{b, line, points} {
			checkDistance(t, a, g, toGEOS(t, context, a).Distance(toGEOS(t, context, g)), string(g.Type))
			checkDistance(t, g, a, toGEOS(t, context, a).Distance(toGEOS(t, context, g)), string(g.Type))
		}
		if t.Failed() {
			t.Fatalf("pair %d of seed 21", i)
		}
	}
	if !math.IsInf(Distance(plan.Geometry{Type: plan.Point}, plan.Geometry{Type: plan.Point, Coords: []float64{1, 2}}, math.Inf(1)), 1) {
		t.Error("an empty geometry is near something")
	}
}

func TestPointOnSurface(t *testing.T) {
	context := geos.NewContext()
	r := rand.New(rand.NewPCG(23, 23))
	check := func(g plan.Geometry, name string) {
		x, y := PointOnSurface(g)
		if !ContainsPoint(g, x, y) {
			t.Errorf("%s: %v, %v is not on it", name, x, y)
		}
		if g.Type == plan.Polygon && !toGEOS(t, context, g).Prepare().ContainsProperly(context.NewPointFromXY(x, y)) {
			t.Errorf("%s: %v, %v is not inside", name, x, y)
		}
	}
	for m := range moves {
		for i, g := range allFigures(t, m) {
			check(g, moves[m].name+": "+figures[i])
		}
	}
	for range 200 {
		check(star(r, 300_000, 6_400_000, 100, 0.05, 3+r.IntN(100)), "star")
	}
	flat := fromWKT(t, "POLYGON ((0 0, 10 0, 20 0, 0 0))")
	if x, y := PointOnSurface(flat); !ContainsPoint(flat, x, y) {
		t.Errorf("%v, %v is not on a flat polygon", x, y)
	}
}
