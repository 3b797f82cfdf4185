package geo

import (
	"cmp"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// crossing is a place where an edge of geometry 0 and one of geometry 1 cross in the open: no vertex of one lies on the
// edge of the other.
type crossing struct {
	order  [2]uint64 // place along each geometry: the first vertex of the edge and how far along it, in 32 bits each
	x, y   float64   // from the window's lower left corner
	enters bool      // geometry 0 comes to the left side of geometry 1's edge, which is the inside of a polygon
}

// place makes the order of a crossing, t = 0 ... 1 along an edge.
func place(edge uint32, t float64) uint64 { return uint64(edge)<<32 | uint64(t*math.MaxUint32) }

// edge gives the first vertex of the edge of geometry 0 or 1.
func (c *crossing) edge(which int) int { return int(c.order[which] >> 32) }

// crossingsOf finds the crossings of two geometries among pairs of edges. It gives up (false) when it can't be sure
// whether two edges cross or touch: they share a vertex, overlap, or come within rounding of it.
func crossingsOf(dst []crossing, a, b plan.Geometry, pairs []edgePair, w *window) ([]crossing, bool) {
	for _, pair := range pairs {
		p, q := (*[4]float64)(a.Coords[2*pair.a:]), (*[4]float64)(b.Coords[2*pair.b:])
		// Twice the areas of the triangles of an edge and an end of the other: their signs are the sides, as in orient.
		q0, slackQ0 := side(p, q[0], q[1])
		q1, slackQ1 := side(p, q[2], q[3])
		p0, slackP0 := side(q, p[0], p[1])
		p1, slackP1 := side(q, p[2], p[3])
		if anyNegative(slackQ0, slackQ1, slackP0, slackP1) {
			if slackQ0 > 0 && slackQ1 > 0 && q0*q1 > 0 || slackP0 > 0 && slackP1 > 0 && p0*p1 > 0 {
				continue // one lies on one side of the other
			}
			return dst, false
		}
		if !bothDiffer(q0, q1, p0, p1) {
			continue
		}
		if !placed(p0, p1, slackP0, slackP1) || !placed(q0, q1, slackQ0, slackQ1) {
			return dst, false
		}
		t, u := p0/(p0-p1), q0/(q0-q1)
		dst = append(dst, crossing{
			order: [2]uint64{place(pair.a, t), place(pair.b, u)}, enters: p1 > 0,
			x: (p[0] - w.MinX) + t*(p[2]-p[0]), y: (p[1] - w.MinY) + t*(p[3]-p[1]),
		})
	}
	return dst, true
}

// side gives twice the area of the triangle of an edge and a point, positive when the point lies left, and by how much
// it exceeds what rounding can do.
func side(edge *[4]float64, x, y float64) (det, slack float64) {
	left, right := (edge[0]-x)*(edge[3]-y), (edge[1]-y)*(edge[2]-x)
	det = left - right
	return det, math.Abs(det) - orientSafe*(math.Abs(left)+math.Abs(right)) - 1e-300
}

// Crossings on one edge must be so far apart that their order is sure: closest is well above inexact, which is what
// the place of a crossing can be wrong by, both as a share of the edge.
const (
	inexact = 1.0 / (1 << 20)
	closest = 1 << (32 - 17) // as the order of a crossing counts it
)

// placed reports whether the place of a crossing on an edge is good to inexact.
func placed(p0, p1, slack0, slack1 float64) bool {
	most := math.Abs(p0) + math.Abs(p1)
	return most-slack0-slack1 < inexact*most
}

// anyNegative and bothDiffer look at signs without branches, which could not be foreseen.

func anyNegative(a, b, c, d float64) bool {
	return int64(math.Float64bits(a)|math.Float64bits(b)|math.Float64bits(c)|math.Float64bits(d)) < 0
}

func bothDiffer(a, b, c, d float64) bool {
	return int64((math.Float64bits(a)^math.Float64bits(b))&(math.Float64bits(c)^math.Float64bits(d))) < 0
}

// stop is a crossing in the order of one geometry.
type stop struct {
	order    uint64
	crossing int
}

// sortStops puts the crossings in the order in which they lie along geometry 0 or 1, and reports whether that is sure.
func sortStops(stops []stop, crossings []crossing, which int) ([]stop, bool) {
	stops = slices.Grow(stops[:0], len(crossings))
	for i := range crossings {
		stops = append(stops, stop{crossings[i].order[which], i})
	}
	if len(stops) > 32 {
		slices.SortFunc(stops, func(a, b stop) int { return cmp.Compare(a.order, b.order) })
	} else {
		insertionSort(stops) // most often there are a few
	}
	for i := 1; i < len(stops); i++ {
		if stops[i].order-stops[i-1].order < closest && stops[i].order>>32 == stops[i-1].order>>32 {
			return stops, false
		}
	}
	return stops, true
}

func insertionSort(stops []stop) {
	for i := 1; i < len(stops); i++ {
		at, j := stops[i], i
		for ; j > 0 && at.order < stops[j-1].order; j-- {
			stops[j] = stops[j-1]
		}
		stops[j] = at
	}
}
