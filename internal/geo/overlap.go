package geo

// overlap measures the area that two polygons share by its boundary, which is made of the stretches of A's rings inside
// B and of B's rings inside A. They begin and end at crossings, so only the crossings need be found: a fraction of the
// work of the trapezoids. It gives up (false) when the polygons touch, since one can't tell inside from outside then
// without exact arithmetic, and where the crossings of a ring don't alternate between going in and out.
func (k *Kernel) overlap(a, b *operand, w *window) (area float64, sure bool) {
	a.edgesIn(w, k, &k.a)
	b.edgesIn(w, k, &k.b)
	k.meetings(&k.a, &k.b)
	k.crossings, sure = crossingsOf(k.crossings[:0], a.Geometry, b.Geometry, k.pairs, w)
	if !sure {
		return 0, false
	}
	inB, sure := k.stretches(a, b, 0, w)
	if !sure {
		return 0, false
	}
	inA, sure := k.stretches(b, a, 1, w)
	return (inB + inA) / 2, sure
}

// stretches adds up the part of the boundary integral, x dy - y dx, over g's rings inside the other polygon; which is
// the number of g in the crossings.
func (k *Kernel) stretches(g, other *operand, which int, w *window) (sum float64, sure bool) {
	if k.stops, sure = sortStops(k.stops, k.crossings, which); !sure {
		return 0, false
	}
	stops, from := k.stops, 0
	for i := range g.NumPaths() {
		ring := g.Path(i)
		to := from + len(ring)/2
		n := 0
		for n < len(stops) && stops[n].order < uint64(to)<<32 {
			n++
		}
		var part float64
		if n == 0 {
			part, sure = whole(ring, other)
		} else {
			part, sure = k.inside(ring, from, stops[:n], which, w)
		}
		if !sure {
			return 0, false
		}
		sum += part
		stops, from = stops[n:], to
	}
	return sum, true
}

// whole integrates over a ring that crosses nothing: all of it or nothing.
func whole(ring []float64, other *operand) (sum float64, sure bool) {
	switch other.locate(ring[0], ring[1]) {
	case Inside:
		return 2 * ringArea(ring), true
	case Outside:
		return 0, true
	}
	return 0, false
}

// inside integrates over the stretches of a ring that begin with a crossing into the other polygon. The first vertex of
// the ring has the number from.
func (k *Kernel) inside(ring []float64, from int, stops []stop, which int, w *window) (sum float64, sure bool) {
	n := len(stops)
	for j := range n {
		c, next := &k.crossings[stops[j].crossing], &k.crossings[stops[(j+1)%n].crossing]
		if c.enters == next.enters {
			return 0, false
		}
		if c.enters != (which == 0) {
			continue
		}
		first, last := c.edge(which)+1-from, next.edge(which)-from
		walk := walker{w.MinX, w.MinY, c.x, c.y, 0}
		if j+1 < n {
			walk.along(ring[2*first : 2*last+2])
		} else { // over the ring's end
			walk.along(ring[2*first:])
			walk.along(ring[2 : 2*last+2])
		}
		walk.to(next.x, next.y)
		sum += walk.sum
	}
	return sum, true
}

// walker integrates x dy - y dx along a path, in coordinates from an origin near it.
type walker struct{ originX, originY, x, y, sum float64 }

func (w *walker) to(x, y float64) {
	w.sum += w.x*y - x*w.y
	w.x, w.y = x, y
}

func (w *walker) along(path []float64) {
	for i := 0; i+1 < len(path); i += 2 {
		w.to(path[i]-w.originX, path[i+1]-w.originY)
	}
}
