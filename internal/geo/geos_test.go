package geo

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

func TestIntersectionShape(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	all := allFigures(t, 1)
	for i, a := range all {
		for j, b := range all {
			if b.Type != plan.Polygon || a.Type == plan.Point {
				continue
			}
			got, err := Intersection(a, b)
			if err != nil || got.Type != a.Type {
				t.Errorf("%s and %s: %v, %v", figures[i], figures[j], got.Type, err)
				continue
			}
			if !agrees(Area(got), k.IntersectionArea(a, b), 1) {
				t.Errorf("%s and %s: the shape has %v m², measured %v", figures[i], figures[j], Area(got), k.IntersectionArea(a, b))
			}
			if a.Type == plan.Line && !agrees(Length(got), IntersectionLength(a, b), 1) {
				t.Errorf("%s and %s: the shape has %v m, measured %v", figures[i], figures[j], Length(got), IntersectionLength(a, b))
			}
			if !got.IsEmpty() && !toGEOS(t, context, got).IsValid() {
				t.Errorf("%s and %s: not valid: %+v", figures[i], figures[j], got)
			}
		}
	}
}

func TestBufferAndUnion(t *testing.T) {
	point := plan.Geometry{Type: plan.Point, Coords: []float64{300_000, 6_400_000}}
	circle, err := Buffer(point, 100)
	if err != nil || math.Abs(Area(circle)/(math.Pi*1e4)-1) > 0.01 || Validate(circle) != nil {
		t.Errorf("a circle of 100 m has %v m², %v", Area(circle), err)
	}
	gone, err := Buffer(circle, -200)
	if err != nil || !gone.IsEmpty() || gone.Type != plan.Polygon {
		t.Errorf("shrunk to nothing: %+v, %v", gone, err)
	}
	a, b := normalized(t, figures[0]), normalized(t, figures[1])
	union, err := Union(a, b, normalized(t, figures[15]))
	if err != nil || Area(union) != 300 || union.NumParts() != 2 || Validate(union) != nil {
		t.Errorf("union: %+v, %v", union, err)
	}
	if _, err := Union(a, point); err == nil {
		t.Error("a union of a polygon and a point")
	}
}

// What GEOS throws must come back as an error, and the context must be of use afterwards.
func TestGEOSFaultsAreErrors(t *testing.T) {
	broken := plan.Geometry{Type: plan.Polygon, Coords: []float64{0, 0, 10, 0, 10, 10}} // not closed
	bowtie := fromWKT(t, "POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))")
	square := fromWKT(t, figures[0])
	for range 3 {
		if _, err := Intersection(square, broken); err == nil || !strings.HasPrefix(err.Error(), "GEOS") {
			t.Errorf("an open ring: %v", err)
		}
		if _, err := Buffer(broken, 1); err == nil {
			t.Error("an open ring has a buffer")
		}
		_, _ = Intersection(bowtie, bowtie) // either way, but no panic
		if got, err := Intersection(square, square); err != nil || Area(got) != 100 {
			t.Errorf("after a fault: %v, %v", Area(got), err)
		}
	}
	err := inGEOS(func(*geosRoom) error { panic("anything") })
	if err == nil || err.Error() != "GEOS: anything" {
		t.Errorf("a panic becomes %v", err)
	}
}

func TestGEOSAtOnce(t *testing.T) {
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(61, uint64(worker)))
			var k Kernel
			for range 30 {
				a, b := star(r, 300_000, 6_400_000, 100, 0.5, 40), star(r, 300_050, 6_400_000, 100, 0.5, 40)
				got, err := Intersection(a, b)
				if want := k.IntersectionArea(a, b); err != nil || !agrees(Area(got), want, 1000) {
					t.Errorf("in parallel: %v, %v; want %v", Area(got), err, want)
				}
			}
		})
	}
	wait.Wait()
}
