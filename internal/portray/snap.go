package portray

import "strukturbild/internal/plan"

// Generalisation is rounding to the frame's grid and leaving out what that makes superfluous: a vertex on its
// predecessor, and one on the straight line between its neighbours. Both depend on nothing but places, and the second
// changes no shape, so that a border that two polygons share is the same line in both at every zoom.

// hurdle leaves out vertices that can't matter: those of an outline that go on and on beyond one side of the box. What
// runs there may be drawn shorter. It appends to dst, which is empty.
func hurdle(dst, path []float64, box plan.Box) []float64 {
	last := len(path)/2 - 1
	for i := range last + 1 {
		if i > 0 && i < last && side(dst, len(dst)/2-1, box)&side(path, i, box)&side(path, i+1, box) != 0 {
			continue
		}
		dst = append(dst, path[2*i], path[2*i+1])
	}
	return dst
}

// side tells beyond which sides of the box a vertex lies, one bit each.
func side(path []float64, i int, box plan.Box) (bits uint8) {
	x, y := path[2*i], path[2*i+1]
	if x < box.MinX {
		bits = 1
	} else if x > box.MaxX {
		bits = 2
	}
	if y < box.MinY {
		bits |= 4
	} else if y > box.MaxY {
		bits |= 8
	}
	return bits
}

// thinLine leaves out places on their predecessor, and those that lie on the way from one neighbour to the other.
func thinLine(path []place) []place {
	kept := path[:0]
	for _, p := range path {
		if n := len(kept); n > 0 && kept[n-1] == p {
			continue
		} else if n > 1 && onWay(kept[n-2], kept[n-1], p) {
			kept[n-1] = p
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// thinRing does the same to a ring, whose last place is not repeated; spikes, which enclose nothing, go too. What is
// left encloses something, or is empty.
func thinRing(ring []place) []place {
	kept := ring[:0]
	for _, p := range ring {
		for len(kept) > 1 && turn(kept[len(kept)-2], kept[len(kept)-1], p) == 0 {
			kept = kept[:len(kept)-1]
		}
		if len(kept) == 0 || kept[len(kept)-1] != p {
			kept = append(kept, p)
		}
	}
	for len(kept) > 2 {
		n := len(kept)
		switch {
		case kept[n-1] == kept[0] || turn(kept[n-2], kept[n-1], kept[0]) == 0:
			kept = kept[:n-1]
		case turn(kept[n-1], kept[0], kept[1]) == 0:
			kept = kept[1:]
		default:
			return kept
		}
	}
	return kept[:0]
}

// turn is positive where the way from a by b to c turns one way, negative where it turns the other, 0 where it does not.
func turn(a, b, c place) int { return (b.x-a.x)*(c.y-b.y) - (b.y-a.y)*(c.x-b.x) }

// onWay reports whether b lies on the straight way from a to c.
func onWay(a, b, c place) bool {
	return turn(a, b, c) == 0 && (b.x-a.x)*(c.x-b.x)+(b.y-a.y)*(c.y-b.y) >= 0
}
