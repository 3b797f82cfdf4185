package geo

import "strukturbild/internal/plan"

// IntersectionArea gives the area that two polygon geometries share, in square metres; 0 when one of them is no polygon.
// Rings must run as Normalize turns them.
func (k *Kernel) IntersectionArea(a, b plan.Geometry) float64 {
	return k.IntersectionAreaBoxes(a, b, a.Box(), b.Box())
}

// IntersectionAreaBoxes is IntersectionArea for geometries whose boxes are known.
func (k *Kernel) IntersectionAreaBoxes(a, b plan.Geometry, abox, bbox plan.Box) float64 {
	return k.area(&operand{Geometry: a, box: abox}, &operand{Geometry: b, box: bbox})
}

// area measures by the boundary of what two polygons share, without making it: by Green's theorem twice the area is the
// integral of x dy - y dx along the stretches of A's rings inside B and of B's rings inside A. They begin and end at
// crossings, so these are all that is to be found. The lower left corner of the window that the boxes share is the
// origin; what is lost to rounding is about 1e-16 of the window's area.
func (k *Kernel) area(a, b *operand) float64 {
	w := newWindow(a.box, b.box)
	if !(w.MinX < w.MaxX && w.MinY < w.MaxY) || a.Type != plan.Polygon || b.Type != plan.Polygon {
		return 0
	}
	k.cross(a, b, &w)
	return max(0, k.stretches(a, b, 0, &w)+k.stretches(b, a, 1, &w)) / 2
}

// stretches integrates along g's rings inside the other polygon; which is the number of g in the crossings.
func (k *Kernel) stretches(g, other *operand, which int, w *window) (sum float64) {
	k.sortStops(which)
	stops, from := k.stops, 0
	for i := range g.NumPaths() {
		ring := g.Path(i)
		n := stopsBefore(stops, from+len(ring)/2)
		depth := k.depthAt(ring, other, which, stops[:n])
		switch {
		case n > 0:
			sum += k.ringStretches(ring, from, stops[:n], which, depth, w)
		case depth != 0:
			sum += 2 * ringArea(ring) * float64(depth)
		}
		stops, from = stops[n:], from+len(ring)/2
	}
	return sum
}

// ringStretches integrates along a ring, whose first vertex has the number from and lies depth deep in the other
// polygon. Where crossings lie so near to each other that their order is not sure, the depth may be wrong between them
// and comes right behind them: a sum over crossings does not depend on their order.
func (k *Kernel) ringStretches(ring []float64, from int, stops []stop, which, depth int, w *window) float64 {
	walk := walker{w.MinX, w.MinY, ring[0] - w.MinX, ring[1] - w.MinY, 0}
	at := 1 // the next vertex
	for _, stop := range stops {
		c := &k.crossings[stop.crossing]
		next := c.edge(which) + 1 - from
		if depth != 0 {
			walk.along(ring[2*at:2*next], float64(depth))
			walk.to(c.x, c.y, float64(depth))
		}
		walk.x, walk.y, at = c.x, c.y, next
		if c.enters == (which == 0) {
			depth++
		} else {
			depth--
		}
	}
	if depth != 0 {
		walk.along(ring[2*at:], float64(depth))
	}
	return walk.sum
}

// walker integrates x dy - y dx along a path, in coordinates from an origin near it, so often as the path is deep.
type walker struct{ originX, originY, x, y, sum float64 }

func (w *walker) to(x, y, depth float64) {
	w.sum += depth * (w.x*y - x*w.y)
	w.x, w.y = x, y
}

func (w *walker) along(path []float64, depth float64) {
	x, y, sum := w.x, w.y, 0.0
	for i := 0; i+1 < len(path); i += 2 {
		x1, y1 := path[i]-w.originX, path[i+1]-w.originY
		sum += x*y1 - x1*y
		x, y = x1, y1
	}
	w.x, w.y, w.sum = x, y, w.sum+depth*sum
}
