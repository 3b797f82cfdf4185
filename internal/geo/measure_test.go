package geo

import (
	"math"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// near reports whether a measure agrees with the oracle's: to 1e-9 relative, and no better than the oracle itself is
// rounded, which is a nanometre of the border's place at coordinates of seven digits.
func agrees(got, want, border float64) bool {
	return math.Abs(got-want) <= 1e-9*math.Abs(want)+1e-9*border
}

func TestIntersectionAreaOfFigures(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	for m := range moves {
		all := allFigures(t, m)
		for i, a := range all {
			prepared := Prepare(a)
			for j, b := range all {
				want := 0.0
				if a.Type == plan.Polygon && b.Type == plan.Polygon {
					want = toGEOS(t, context, a).Intersection(toGEOS(t, context, b)).Area()
				}
				for way, got := range map[string]float64{
					"kernel": k.IntersectionArea(a, b), "prepared": prepared.IntersectionArea(&k, b, b.Box()),
				} {
					if !agrees(got, want, Length(a)+Length(b)) {
						t.Errorf("%s, %s: %s and %s share %v, GEOS says %v", way, moves[m].name, figures[i], figures[j], got, want)
					}
				}
			}
		}
	}
}

func TestIntersectionLengthOfFigures(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	for m := range moves[:3] { // turned, lines run beside the borders that they ran along
		all := allFigures(t, m)
		for i, polygon := range all {
			prepared := Prepare(polygon)
			for j, line := range all {
				want := 0.0
				if polygon.Type == plan.Polygon && line.Type == plan.Line {
					want = toGEOS(t, context, line).Intersection(toGEOS(t, context, polygon)).Length()
				}
				if got := IntersectionLength(line, polygon); !agrees(got, want, 1) {
					t.Errorf("%s: %s has %v of %s, GEOS says %v", moves[m].name, figures[i], got, figures[j], want)
				}
				if got := prepared.IntersectionLength(&k, line, line.Box()); !agrees(got, want, 1) {
					t.Errorf("%s: %s, prepared, has %v of %s, GEOS says %v", moves[m].name, figures[i], got, figures[j], want)
				}
			}
		}
	}
}

func TestAreaAndLengthOfFigures(t *testing.T) {
	context := geos.NewContext()
	for m := range moves {
		for i, g := range allFigures(t, m) {
			figure := toGEOS(t, context, g)
			if got, want := Area(g), figure.Area(); !agrees(got, want, 1) {
				t.Errorf("%s: area %v, GEOS says %v", figures[i], got, want)
			}
			if got, want := Length(g), figure.Length(); !agrees(got, want, 1) {
				t.Errorf("%s: length %v, GEOS says %v", figures[i], got, want)
			}
		}
	}
}
