package geo

import (
	"cmp"
	"math"
	"slices"
)

// crossing is a place where an edge of geometry 0 and one of geometry 1 cross.
//
// So that each meeting of edges is a crossing in the open or none at all, geometry 1 is taken to be moved by less than
// any distance, by (e, e²) with e towards 0 (Edelsbrunner and Mücke, "Simulation of simplicity", 1990). Then no vertex
// lies on an edge, no edges overlap, and what is inside and what is outside is settled by exact arithmetic; areas don't
// change by it.
type crossing struct {
	order  [2]uint64 // place along each geometry: the first vertex of the edge and how far along it, in 32 bits each
	x, y   float64   // from the window's lower left corner
	enters bool      // geometry 0 comes to the left side of geometry 1's edge, which is the inside of a polygon
}

// place makes the order of a crossing, t = 0 ... 1 along an edge.
func place(edge uint32, t float64) uint64 { return uint64(edge)<<32 | uint64(t*math.MaxUint32) }

// edge gives the first vertex of the edge of geometry 0 or 1.
func (c *crossing) edge(which int) int { return int(c.order[which] >> 32) }

// cross finds the crossings of two geometries, and reports whether they touch anywhere, so that the move has decided.
func (k *Kernel) cross(a, b *operand, w *window) (touch bool) {
	a.edgesIn(w, k, &k.a)
	b.edgesIn(w, k, &k.b)
	k.meetings(&k.a, &k.b)
	k.crossings, k.doubt = k.crossings[:0], false
	for _, pair := range k.pairs {
		p, q := (*[4]float64)(a.Coords[2*pair.a:]), (*[4]float64)(b.Coords[2*pair.b:])
		// Twice the areas of the triangles of an edge and an end of the other: their signs are the sides, as in orient.
		q0, slackQ0 := side(p, q[0], q[1])
		q1, slackQ1 := side(p, q[2], q[3])
		p0, slackP0 := side(q, p[0], p[1])
		p1, slackP1 := side(q, p[2], p[3])
		crosses, enters := bothDiffer(q0, q1, p0, p1), p1 > 0
		if anyNegative(slackQ0, slackQ1, slackP0, slackP1) {
			var meets bool
			crosses, enters, meets = crossExactly(p, q)
			touch, k.doubt = touch || meets, true
		}
		if crosses {
			k.doubt = k.doubt || !placed(p0, p1, slackP0, slackP1) || !placed(q0, q1, slackQ0, slackQ1)
			t, u := share(p0, p1), share(q0, q1)
			k.crossings = append(k.crossings, crossing{
				order: [2]uint64{place(pair.a, t), place(pair.b, u)}, enters: enters,
				x: (p[0] - w.MinX) + t*(p[2]-p[0]), y: (p[1] - w.MinY) + t*(p[3]-p[1]),
			})
		}
	}
	return touch
}

// side gives twice the area of the triangle of an edge and a point, positive when the point lies left, and by how much
// it exceeds what rounding can do.
func side(edge *[4]float64, x, y float64) (det, slack float64) {
	left, right := (edge[0]-x)*(edge[3]-y), (edge[1]-y)*(edge[2]-x)
	det = left - right
	return det, math.Abs(det) - orientSafe*(math.Abs(left)+math.Abs(right)) - 1e-300
}

// share tells how far along an edge it crosses a line from which its ends are that far.
func share(from, to float64) float64 {
	from, to = math.Abs(from), math.Abs(to)
	if from+to == 0 {
		return 0
	}
	return from / (from + to)
}

// The order of crossings on an edge is in doubt where they are less than closest apart, or the place of one is not good
// to inexact, both as a share of the edge.
const (
	inexact = 1.0 / (1 << 20)
	closest = 1 << (32 - 17) // as the order of a crossing counts it
)

// placed reports whether the place of a crossing on an edge, as share tells it, is good to inexact.
func placed(from, to, slackFrom, slackTo float64) bool {
	most := math.Abs(from) + math.Abs(to)
	return most-slackFrom-slackTo < inexact*most
}

// anyNegative and bothDiffer look at signs without branches, which could not be foreseen.

func anyNegative(a, b, c, d float64) bool {
	return int64(math.Float64bits(a)|math.Float64bits(b)|math.Float64bits(c)|math.Float64bits(d)) < 0
}

func bothDiffer(a, b, c, d float64) bool {
	return int64((math.Float64bits(a)^math.Float64bits(b))&(math.Float64bits(c)^math.Float64bits(d))) < 0
}

// crossExactly decides in exact arithmetic whether p, of geometry 0, crosses q, of the moved geometry 1, whether p goes
// to the left side then, and whether they share a point where they really are.
func crossExactly(p, q *[4]float64) (crosses, enters, meets bool) {
	q0, q1 := orient(p[0], p[1], p[2], p[3], q[0], q[1]), orient(p[0], p[1], p[2], p[3], q[2], q[3])
	p0, p1 := orient(q[0], q[1], q[2], q[3], p[0], p[1]), orient(q[0], q[1], q[2], q[3], p[2], p[3])
	meets = q0*q1 <= 0 && p0*p1 <= 0 && !boxesApart(p, q)
	q0, q1 = settle(q0, -movedSide(p)), settle(q1, -movedSide(p))
	p0, p1 = settle(p0, movedSide(q)), settle(p1, movedSide(q))
	return q0*q1 < 0 && p0*p1 < 0, p1 > 0, meets
}

// movedSide gives the side of an edge that a point on it comes to when it is moved by (-e, -e²).
func movedSide(edge *[4]float64) int {
	if edge[1] != edge[3] {
		return sign(edge[3] - edge[1])
	}
	return sign(edge[0] - edge[2])
}

func settle(side, otherwise int) int {
	if side == 0 {
		return otherwise
	}
	return side
}

func boxesApart(p, q *[4]float64) bool {
	a, b := boxOf(p), boxOf(q)
	return !a.Intersects(b)
}

// stop is a crossing in the order of one geometry.
type stop struct {
	order    uint64
	crossing int
}

// sortStops puts the crossings in the order in which they lie along geometry 0 or 1.
func (k *Kernel) sortStops(which int) {
	k.stops = slices.Grow(k.stops[:0], len(k.crossings))
	for i := range k.crossings {
		k.stops = append(k.stops, stop{k.crossings[i].order[which], i})
	}
	if len(k.stops) > 32 {
		slices.SortFunc(k.stops, func(a, b stop) int { return cmp.Compare(a.order, b.order) })
	} else {
		insertionSort(k.stops) // most often there are a few
	}
	for i := 1; i < len(k.stops); i++ {
		if k.stops[i].order-k.stops[i-1].order < closest {
			k.doubt = true
		}
	}
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

// depthAt tells how deep the first vertex of a path of g lies in the other geometry: the first crossing tells, if it is
// surely the first.
func (k *Kernel) depthAt(path []float64, other *operand, which int, stops []stop) int {
	switch {
	case len(stops) == 0 || k.doubt:
		return other.windings(path[0], path[1], which)
	case k.crossings[stops[0].crossing].enters == (which == 0):
		return 0
	}
	return 1
}

// stopsBefore gives the number of stops on edges that begin before the vertex.
func stopsBefore(stops []stop, vertex int) int {
	n := 0
	for n < len(stops) && stops[n].order < uint64(vertex)<<32 {
		n++
	}
	return n
}
