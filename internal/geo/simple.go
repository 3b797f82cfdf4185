package geo

import "strukturbild/internal/plan"

// provenValid reports whether a polygon geometry is surely valid: no two edges share a point but neighbours their
// common vertex, holes lie in their shells and not in each other, parts lie outside each other. What touches itself may
// still be valid; that is for GEOS to say.
func provenValid(g plan.Geometry) bool {
	k := kernels.Get().(*Kernel)
	defer kernels.Put(k)
	box := g.Box()
	w := newWindow(box, box)
	k.a.gather(g, &w)
	if !k.selfMeetings(&k.a) {
		return false
	}
	k.next = nextEdges(k.next, g)
	for _, pair := range k.pairs {
		if !keepApart(g.Coords, pair, k.next) {
			return false
		}
	}
	return g.NumPaths() == 1 || wellNested(g)
}

// nextEdges gives, for each edge, the one that follows it in its ring. An edge is named by its first vertex.
func nextEdges(next []uint32, g plan.Geometry) []uint32 {
	next = next[:0]
	for i := range g.NumPaths() {
		first, n := uint32(len(next)), uint32(len(g.Path(i))/2)
		for j := range n {
			next = append(next, first+j+1)
		}
		next[first+n-2] = first // the last edge ends in the first vertex
	}
	return next
}

// keepApart reports whether two edges share no point, or no more than the vertex of neighbours.
func keepApart(coords []float64, pair edgePair, next []uint32) bool {
	p, q := (*[4]float64)(coords[2*pair.a:]), (*[4]float64)(coords[2*pair.b:])
	switch {
	case next[pair.a] == pair.b:
		return goesOn(p, q)
	case next[pair.b] == pair.a:
		return goesOn(q, p)
	}
	q0, slackQ0 := side(p, q[0], q[1])
	q1, slackQ1 := side(p, q[2], q[3])
	if slackQ0 > 0 && slackQ1 > 0 && q0*q1 > 0 {
		return true
	}
	p0, slackP0 := side(q, p[0], p[1])
	p1, slackP1 := side(q, p[2], p[3])
	return slackP0 > 0 && slackP1 > 0 && p0*p1 > 0 || boxesApart(p, q)
}

// goesOn reports whether q, which begins where p ends, doesn't run back on p.
func goesOn(p, q *[4]float64) bool {
	if orient(p[0], p[1], p[2], p[3], q[2], q[3]) != 0 {
		return true
	}
	return sign(p[2]-p[0]) == sign(q[2]-q[0]) && sign(p[3]-p[1]) == sign(q[3]-q[1]) && (q[0] != q[2] || q[1] != q[3])
}

// wellNested reports whether rings that don't touch lie in each other as they should.
func wellNested(g plan.Geometry) bool {
	const most = 1000 // rings: the comparison of all with all is for few
	if g.NumPaths() > most {
		return false
	}
	parts := make([]ringSet, g.NumParts())
	for i := range parts {
		from, to := g.PartPaths(i)
		for j := from; j < to; j++ {
			parts[i].add(g.Path(j))
		}
		if !parts[i].holesFit() {
			return false
		}
	}
	for i := range parts {
		for j := range parts {
			if i != j && parts[j].holds(parts[i].rings[0]) {
				return false
			}
		}
	}
	return true
}

// ringSet is a polygon as rings with their boxes, the shell first.
type ringSet struct {
	rings [][]float64
	boxes []plan.Box
}

func (s *ringSet) add(ring []float64) {
	s.rings = append(s.rings, ring)
	s.boxes = append(s.boxes, plan.Geometry{Coords: ring}.Box())
}

// inRing reports whether another ring begins, and so lies, inside ring i.
func (s *ringSet) inRing(i int, ring []float64) bool {
	outer := operand{Geometry: plan.Geometry{Type: plan.Polygon, Coords: s.rings[i]}, box: s.boxes[i]}
	return outer.locate(ring[0], ring[1]) == Inside
}

// holesFit reports whether all holes lie in the shell and none in another.
func (s *ringSet) holesFit() bool {
	for i := 1; i < len(s.rings); i++ {
		if !s.inRing(0, s.rings[i]) {
			return false
		}
		for j := 1; j < len(s.rings); j++ {
			if i != j && s.inRing(j, s.rings[i]) {
				return false
			}
		}
	}
	return true
}

// holds reports whether a ring of another polygon lies in this one: in the shell and in no hole.
func (s *ringSet) holds(ring []float64) bool {
	if !s.inRing(0, ring) {
		return false
	}
	for i := 1; i < len(s.rings); i++ {
		if s.inRing(i, ring) {
			return false
		}
	}
	return true
}
