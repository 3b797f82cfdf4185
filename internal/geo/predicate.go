package geo

import "strukturbild/internal/plan"

// Intersects reports whether two geometries share a point; borders belong to polygons (OGC 06-103r4, 6.1.15.3). It is
// exact.
func Intersects(a, b plan.Geometry) bool {
	k := kernels.Get().(*Kernel)
	defer kernels.Put(k)
	return k.Intersects(a, b, a.Box(), b.Box())
}

// Intersects is the function of that name for geometries whose boxes are known.
func (k *Kernel) Intersects(a, b plan.Geometry, abox, bbox plan.Box) bool {
	return k.intersects(&operand{Geometry: a, box: abox}, &operand{Geometry: b, box: bbox})
}

func (k *Kernel) intersects(a, b *operand) bool {
	switch {
	case !a.box.Intersects(b.box):
		return false
	case a.Type == plan.Point:
		return b.hasAny(a.Coords)
	case b.Type == plan.Point:
		return a.hasAny(b.Coords)
	}
	return k.edgesMeet(a, b) || b.hasPathOf(a) || a.hasPathOf(b)
}

// edgesMeet reports whether edges of two lines or polygons share a point.
func (k *Kernel) edgesMeet(a, b *operand) bool {
	w := newWindow(a.box, b.box)
	a.edgesIn(&w, k, &k.a)
	b.edgesIn(&w, k, &k.b)
	k.meetings(&k.a, &k.b)
	for _, pair := range k.pairs {
		if segmentsMeet((*[4]float64)(a.Coords[2*pair.a:]), (*[4]float64)(b.Coords[2*pair.b:])) {
			return true
		}
	}
	return false
}

// hasPathOf reports whether a polygon holds the first vertex of a path of g, and so, since no edges meet, the path.
func (o *operand) hasPathOf(g *operand) bool {
	for i := 0; o.Type == plan.Polygon && i < g.NumPaths(); i++ {
		if path := g.Path(i); o.locate(path[0], path[1]) != Outside {
			return true
		}
	}
	return false
}

// hasAny reports whether one of the points lies on the geometry.
func (o *operand) hasAny(points []float64) bool {
	for i := 0; i+1 < len(points); i += 2 {
		if o.has(points[i], points[i+1]) {
			return true
		}
	}
	return false
}

func (o *operand) has(x, y float64) bool {
	switch {
	case !o.box.Contains(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}):
		return false
	case o.Type == plan.Polygon:
		return o.locate(x, y) != Outside
	case o.Type == plan.Line:
		return onLine(o.Geometry, x, y)
	}
	for i := 0; i+1 < len(o.Coords); i += 2 {
		if o.Coords[i] == x && o.Coords[i+1] == y {
			return true
		}
	}
	return false
}

// onLine reports whether the point lies on a line of g.
func onLine(g plan.Geometry, x, y float64) bool {
	for i := range g.NumPaths() {
		path := g.Path(i)
		for j := 0; j+3 < len(path); j += 2 {
			if onSegment((*[4]float64)(path[j:]), x, y) {
				return true
			}
		}
	}
	return false
}

// onSegment reports whether the point lies on the segment, ends included.
func onSegment(s *[4]float64, x, y float64) bool {
	return min(s[0], s[2]) <= x && x <= max(s[0], s[2]) && min(s[1], s[3]) <= y && y <= max(s[1], s[3]) &&
		orient(s[0], s[1], s[2], s[3], x, y) == 0
}

// segmentsMeet reports whether two segments share a point.
func segmentsMeet(p, q *[4]float64) bool {
	if max(p[0], p[2]) < min(q[0], q[2]) || max(q[0], q[2]) < min(p[0], p[2]) ||
		max(p[1], p[3]) < min(q[1], q[3]) || max(q[1], q[3]) < min(p[1], p[3]) {
		return false
	}
	// Boxes that meet and ends that don't lie on one side of the other segment, for both: they meet (also if collinear).
	return orient(p[0], p[1], p[2], p[3], q[0], q[1])*orient(p[0], p[1], p[2], p[3], q[2], q[3]) <= 0 &&
		orient(q[0], q[1], q[2], q[3], p[0], p[1])*orient(q[0], q[1], q[2], q[3], p[2], p[3]) <= 0
}

// IntersectsBox reports whether the geometry shares a point with the box, borders included. It is exact.
func IntersectsBox(g plan.Geometry, box plan.Box) bool {
	if box.IsEmpty() {
		return false
	}
	if g.Type == plan.Point {
		for i := 0; i+1 < len(g.Coords); i += 2 {
			if inBox(&box, g.Coords[i], g.Coords[i+1]) {
				return true
			}
		}
		return false
	}
	for i := range g.NumPaths() {
		if pathMeetsBox(g.Path(i), &box) {
			return true
		}
	}
	return g.Type == plan.Polygon && ContainsPoint(g, box.MinX, box.MinY)
}

func inBox(box *plan.Box, x, y float64) bool {
	return box.MinX <= x && x <= box.MaxX && box.MinY <= y && y <= box.MaxY
}

func pathMeetsBox(path []float64, box *plan.Box) bool {
	for i := 0; i+3 < len(path); i += 2 {
		if segmentMeetsBox((*[4]float64)(path[i:]), box) {
			return true
		}
	}
	return false
}

// segmentMeetsBox reports whether a segment shares a point with a box: their boxes meet, and the corners of the box are
// not all on one side of the segment's line.
func segmentMeetsBox(s *[4]float64, box *plan.Box) bool {
	if s[0] < box.MinX && s[2] < box.MinX || s[0] > box.MaxX && s[2] > box.MaxX ||
		s[1] < box.MinY && s[3] < box.MinY || s[1] > box.MaxY && s[3] > box.MaxY {
		return false
	}
	if inBox(box, s[0], s[1]) || inBox(box, s[2], s[3]) {
		return true
	}
	// The corners farthest to either side of a rising segment are the upper left and the lower right ones.
	top, bottom := box.MaxY, box.MinY
	if (s[2] > s[0]) != (s[3] > s[1]) {
		top, bottom = bottom, top
	}
	return orient(s[0], s[1], s[2], s[3], box.MinX, top)*orient(s[0], s[1], s[2], s[3], box.MaxX, bottom) <= 0
}
