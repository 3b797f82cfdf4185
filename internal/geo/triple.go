package geo

import (
	"cmp"
	"slices"

	"strukturbild/internal/plan"
)

// CommonArea gives the area that two polygons with the given boxes share with the prepared one, in square metres. It is
// not sure (false, and no area) where borders touch, run together or cross too near to each other to tell the order:
// then the shapes have to be made.
func (p *Prepared) CommonArea(k *Kernel, a, b plan.Geometry, abox, bbox plan.Box) (area float64, sure bool) {
	return k.common(&operand{Geometry: a, box: abox}, &operand{Geometry: b, box: bbox}, &p.operand)
}

// triple is what three polygons have to do with each other. Of each pair the second one is taken to be moved, as
// crossing says, the third polygon farther than the second, so that the three agree.
type triple struct {
	polygons  [3]*operand
	crossings [3][]crossing // of the pairs
	legs      []leg
}

// pairsOfThree names the polygons of each pair.
var pairsOfThree = [3][2]int{{0, 1}, {0, 2}, {1, 2}}

// leg is a crossing on the way around one of the three polygons: it comes into one of the others, or leaves it.
type leg struct {
	order uint64
	x, y  float64
	other int // the other one's number
	step  int // 1 or -1
}

// common measures as area does, by the stretches of each polygon's rings inside both others.
func (k *Kernel) common(a, b, c *operand) (area float64, sure bool) {
	t := &k.triple
	t.polygons = [3]*operand{a, b, c}
	box := a.box.Intersection(b.box).Intersection(c.box)
	if !(box.MinX < box.MaxX && box.MinY < box.MaxY) {
		return 0, true
	}
	for i, pair := range pairsOfThree {
		one, other := t.polygons[pair[0]], t.polygons[pair[1]]
		w := newWindow(one.box, other.box)
		if k.cross(one, other, &w); k.doubt {
			return 0, false
		}
		t.crossings[i] = append(t.crossings[i][:0], k.crossings...)
		for j := range t.crossings[i] { // all from one origin
			t.crossings[i][j].x += w.MinX - box.MinX
			t.crossings[i][j].y += w.MinY - box.MinY
		}
	}
	twice := 0.0
	for number := range t.polygons {
		if !t.collect(number) {
			return 0, false
		}
		twice += t.around(number, &box)
	}
	return max(0, twice) / 2, true
}

// collect puts the crossings of one polygon with both others in their order, and reports whether that is sure.
func (t *triple) collect(number int) bool {
	t.legs = t.legs[:0]
	for i, pair := range pairsOfThree {
		which := slices.Index(pair[:], number)
		if which < 0 {
			continue
		}
		for _, c := range t.crossings[i] {
			step := -1
			if c.enters == (which == 0) {
				step = 1
			}
			t.legs = append(t.legs, leg{c.order[which], c.x, c.y, pair[1-which], step})
		}
	}
	slices.SortFunc(t.legs, func(a, b leg) int { return cmp.Compare(a.order, b.order) })
	for i := 1; i < len(t.legs); i++ {
		if t.legs[i].order-t.legs[i-1].order < closest {
			return false
		}
	}
	return true
}

// around integrates along the rings of one polygon inside both others.
func (t *triple) around(number int, box *plan.Box) (sum float64) {
	legs, from := t.legs, 0
	g := t.polygons[number]
	for i := range g.NumPaths() {
		ring := g.Path(i)
		n := 0
		for n < len(legs) && legs[n].order < uint64(from+len(ring)/2)<<32 {
			n++
		}
		depth := t.depths(number, ring, legs[:n])
		if n > 0 {
			sum += ringLegs(ring, from, legs[:n], depth, box)
		} else if d := depth[0] * depth[1] * depth[2]; d != 0 {
			sum += 2 * ringArea(ring) * float64(d)
		}
		legs, from = legs[n:], from+len(ring)/2
	}
	return sum
}

// depths tells how deep the first vertex of a ring lies in each of the others, and 1 for the ring's own polygon.
func (t *triple) depths(number int, ring []float64, legs []leg) (depth [3]int) {
	for other := range depth {
		first := slices.IndexFunc(legs, func(l leg) bool { return l.other == other })
		switch {
		case other == number:
			depth[other] = 1
		case first < 0:
			which := 0
			if number > other {
				which = 1
			}
			depth[other] = t.polygons[other].windings(ring[0], ring[1], which)
		case legs[first].step < 0:
			depth[other] = 1
		}
	}
	return depth
}

// ringLegs integrates along a ring, whose first vertex has the number from.
func ringLegs(ring []float64, from int, legs []leg, depth [3]int, box *plan.Box) float64 {
	walk := walker{box.MinX, box.MinY, ring[0] - box.MinX, ring[1] - box.MinY, 0}
	at := 1 // the next vertex
	for _, leg := range legs {
		next := int(leg.order>>32) + 1 - from
		if d := depth[0] * depth[1] * depth[2]; d != 0 {
			walk.along(ring[2*at:2*next], float64(d))
			walk.to(leg.x, leg.y, float64(d))
		}
		walk.x, walk.y, at = leg.x, leg.y, next
		depth[leg.other] += leg.step
	}
	if d := depth[0] * depth[1] * depth[2]; d != 0 {
		walk.along(ring[2*at:], float64(d))
	}
	return walk.sum
}
