package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// TestCommonArea holds what three polygons share against the shapes that GEOS makes of them.
func TestCommonArea(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 23))
	var k Kernel
	shared, unsure, most := 0, 0, 0.0
	for range 1000 {
		a := star(r, 300_000, 6_400_000, 300, 0.2+0.7*r.Float64(), 30+r.IntN(121))
		b := star(r, 300_000+300*r.Float64(), 6_400_000+300*r.Float64(), 50+300*r.Float64(), 0.2+0.7*r.Float64(), 30+r.IntN(121))
		c := star(r, 300_000+600*r.Float64(), 6_400_000+600*r.Float64(), 600*r.Float64(), 0.9, 10+r.IntN(500))
		if r.IntN(3) == 0 { // a hole, as around a lake
			hole := star(r, 300_000, 6_400_000, 20, 0.5, 20)
			c = withHole(c, turned(hole))
			if Validate(c) != nil {
				continue
			}
		}
		got, sure := Prepare(c).CommonArea(&k, a, b, a.Box(), b.Box())
		if !sure {
			unsure++
			continue
		}
		shape, err := Intersection(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if shape, err = Intersection(shape, c); err != nil {
			t.Fatal(err)
		}
		want := Area(shape)
		if want > 0 {
			shared++
			most = max(most, math.Abs(got-want)/max(want, 1))
		}
		if math.Abs(got-want) > 1e-9*max(want, 1) {
			t.Fatalf("%v m², GEOS says %v; %v, %v, %v", got, want, a.Coords, b.Coords, c.Coords)
		}
	}
	t.Logf("%d triples share something, up to %.2g from GEOS, %d not sure", shared, most, unsure)
	if shared < 300 || unsure > 10 {
		t.Errorf("%d triples share something, %d not sure", shared, unsure)
	}
}

// TestCommonAreaOfDegenerateFigures: borders that touch and run together are measured right, or not at all.
func TestCommonAreaOfDegenerateFigures(t *testing.T) {
	var k Kernel
	sure := 0
	all := polygonsOf(allFigures(t, 1))
	for _, a := range all {
		for _, b := range all {
			pair, err := Intersection(a, b)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				got, ok := Prepare(c).CommonArea(&k, a, b, a.Box(), b.Box())
				if !ok {
					continue
				}
				sure++
				if shape, err := Intersection(pair, c); err != nil || !agrees(got, Area(shape), 1) {
					t.Errorf("%+v, %+v, %+v: %v m², GEOS says %v, %v", a, b, c, got, Area(shape), err)
				}
			}
		}
	}
	t.Logf("sure of %d of %d", sure, len(all)*len(all)*len(all))
}

func polygonsOf(all []plan.Geometry) []plan.Geometry {
	return slices.DeleteFunc(all, func(g plan.Geometry) bool { return g.Type != plan.Polygon })
}

// turned gives a ring that runs the other way.
func turned(g plan.Geometry) plan.Geometry {
	ring := slices.Clone(g.Coords)
	for i, j := 0, len(ring)-2; i < j; i, j = i+2, j-2 {
		ring[i], ring[i+1], ring[j], ring[j+1] = ring[j], ring[j+1], ring[i], ring[i+1]
	}
	return plan.Geometry{Type: g.Type, Coords: ring}
}

// TestLocateGeometry holds where figures lie to each other against GEOS.
func TestLocateGeometry(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	found := map[Location]int{}
	for move := range moves[:3] {
		all := allFigures(t, move)
		for _, a := range polygonsOf(slices.Clone(all)) {
			p, figure := Prepare(a), toGEOS(t, context, a).Prepare()
			for _, b := range all {
				if b.Type == plan.Point {
					continue
				}
				other, want := toGEOS(t, context, b), Crossing
				switch {
				case figure.ContainsProperly(other):
					want = Inside
				case figure.Disjoint(other):
					want = Outside
				}
				got := p.LocateGeometry(&k, b, b.Box())
				if found[got]++; got != want {
					t.Errorf("%+v lies %v to %+v, GEOS says %v", b, got, a, want)
				}
			}
		}
	}
	if len(found) != 3 {
		t.Errorf("only %v were tried", found)
	}
}
