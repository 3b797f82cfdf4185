package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// trapezoids measures the area that two polygons share as a sum over pairs of edges.
//
// Let T(e) be the trapezoid between an edge e and a base line below, with a sign by the direction of the edge: a polygon
// is the sum of the T of its edges (counter-clockwise rings, so that edges running left lie on top and count positive;
// holes run the other way). Then
//
//	area(A and B) = sum over edges e of A and f of B of sign(e) sign(f) area(T(e) and T(f))
//
// and T(e) and T(f) is what lies under both edges: the integral of the lower of two straight lines, which cross at most
// once. Every term is continuous in the coordinates, so shared borders, touching corners and collinear edges are no
// special cases and need no tolerance. Both polygons are cut to the window first; edges that run on in one direction
// are kept as chains, and two chains are walked side by side.
func (k *Kernel) trapezoids(a, b plan.Geometry, w plan.Box) float64 {
	k.under[0].gather(a, w)
	k.under[1].gather(b, w)
	var sum float64
	for _, a := range k.under[0].list {
		for _, b := range k.under[1].list {
			if a.minX < b.maxX && b.minX < a.maxX {
				sum += a.sign * b.sign * under(k.under[0].knots[a.from:a.to], k.under[1].knots[b.from:b.to])
			}
		}
	}
	return sum
}

// under gives the area under both of two chains that overlap in x.
func under(a, b []knot) float64 {
	x, end := max(a[0].x, b[0].x), min(a[len(a)-1].x, b[len(b)-1].x)
	i, j := 0, 0
	for a[i+1].x <= x {
		i++
	}
	for b[j+1].x <= x {
		j++
	}
	ya, yb := a[i].at(x), b[j].at(x)
	var sum float64
	for {
		next := min(a[i+1].x, b[j+1].x)
		ya1, yb1 := a[i].at(next), b[j].at(next)
		d0, d1 := ya-yb, ya1-yb1
		w := next - x
		sum += w * (ya + yb + ya1 + yb1 - math.Abs(d0) - math.Abs(d1)) // twice the lower line at both ends
		if d0*d1 < 0 {
			sum -= 2 * w * d0 * d1 / math.Abs(d0-d1) // the lines cross: the lower line bends upwards there
		}
		if next >= end {
			return sum / 4
		}
		x, ya, yb = next, ya1, yb1
		if a[i+1].x <= next {
			i++
		}
		if b[j+1].x <= next {
			j++
		}
	}
}
