package portray

import "math"

// edges are the four sides that geometries are cut along, margin outside the tile. Where two features share a border the
// cut makes the same place in both, because it reckons from the same end.
var edges = [4]edge{{bound: -margin}, {bound: Extent + margin, above: true}, {bound: -margin, vertical: true}, {bound: Extent + margin, above: true, vertical: true}}

// edge is a half plane: what lies on its side of a bound in x, or in y when vertical.
type edge struct {
	bound    int
	above    bool // what is above the bound is cut off, not what is below
	vertical bool
}

func (e edge) has(p place) bool {
	v := p.x
	if e.vertical {
		v = p.y
	}
	if e.above {
		return v <= e.bound
	}
	return v >= e.bound
}

// meet gives where the way between two places crosses the edge.
func (e edge) meet(a, b place) place {
	if b.x < a.x || b.x == a.x && b.y < a.y {
		a, b = b, a
	}
	if e.vertical {
		return place{between(a.y, b.y, a.x, b.x, e.bound), e.bound}
	}
	return place{e.bound, between(a.x, b.x, a.y, b.y, e.bound)}
}

// between gives the value at v of the line from (v0, w0) to (v1, w1), rounded.
func between(v0, v1, w0, w1, v int) int {
	return w0 + int(math.Round(float64(w1-w0)*(float64(v-v0)/float64(v1-v0))))
}

// cutRing cuts a ring to the tile and its margin (Sutherland and Hodgman); spare is scratch memory of the caller's.
func cutRing(ring, spare []place) (cut, free []place) {
	for _, e := range edges {
		spare = spare[:0]
		for i, p := range ring {
			before := ring[(i+len(ring)-1)%len(ring)]
			if e.has(p) != e.has(before) {
				spare = append(spare, e.meet(before, p))
			}
			if e.has(p) {
				spare = append(spare, p)
			}
		}
		ring, spare = spare, ring
	}
	return ring, spare
}

// cutLine yields the stretches of a line that lie in the tile and its margin. They are good until the next one.
func cutLine(line, spare []place, yield func([]place)) {
	spare = spare[:0]
	for i := 1; i < len(line); i++ {
		a, b, ok := cutWay(line[i-1], line[i])
		if !ok {
			continue
		}
		if n := len(spare); n == 0 || spare[n-1] != a {
			if n > 1 {
				yield(spare)
			}
			spare = append(spare[:0], a)
		}
		spare = append(spare, b)
	}
	if len(spare) > 1 {
		yield(spare)
	}
}

// cutWay gives what of a straight way lies within the edges.
func cutWay(a, b place) (from, to place, ok bool) {
	for _, e := range edges {
		switch inA, inB := e.has(a), e.has(b); {
		case !inA && !inB:
			return a, b, false
		case !inA:
			a = e.meet(a, b)
		case !inB:
			b = e.meet(a, b)
		}
	}
	return a, b, true
}
