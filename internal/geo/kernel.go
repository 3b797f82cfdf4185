package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// Kernel measures what two geometries share without making the shape. Of areas it takes the quick way where that is
// safe, along the boundary of the shared area (overlap.go), else the sum over trapezoids (trapezoid.go), which has no
// special cases. What both lose to rounding is about 1e-16 of the area of the window that the two boxes share.
//
// The zero Kernel is ready. It holds scratch memory, which it keeps between calls: one a goroutine.
type Kernel struct {
	a, b      edges
	board     board
	pairs     []edgePair
	crossings []crossing
	stops     []stop
	under     [2]chains
	seen      stamps
	next      []uint32
	near      [2]neighbours
}

// operand is a geometry in a measure or predicate.
type operand struct {
	plan.Geometry
	box  plan.Box
	grid *grid // of a prepared polygon
}

// everywhere is a box that leaves nothing out.
var everywhere = plan.Box{MinX: -math.MaxFloat64, MinY: -math.MaxFloat64, MaxX: math.MaxFloat64, MaxY: math.MaxFloat64}

// edgesIn collects the edges near the window.
func (o *operand) edgesIn(w *window, k *Kernel, e *edges) {
	if o.grid == nil || !e.gatherByGrid(o, w, &k.seen) {
		e.gather(o.Geometry, w)
	}
}

// locate locates a point to a polygon.
func (o *operand) locate(x, y float64) Location {
	switch {
	case !inBox(&o.box, x, y):
		return Outside
	case o.grid != nil:
		return o.grid.locatePoint(o.Coords, x, y)
	}
	return locatePoint(o.Geometry, x, y)
}

// locateBox locates a box to a polygon; without a grid it only tells boxes apart.
func (o *operand) locateBox(box plan.Box) Location {
	switch {
	case !o.box.Intersects(box):
		return Outside
	case o.grid != nil:
		return o.grid.locateBox(o.Coords, box)
	}
	return Crossing
}

// IntersectionArea gives the area that two polygon geometries share, in square metres; 0 when one of them is no polygon.
func (k *Kernel) IntersectionArea(a, b plan.Geometry) float64 {
	return k.IntersectionAreaBoxes(a, b, a.Box(), b.Box())
}

// IntersectionAreaBoxes is IntersectionArea for geometries whose boxes are known.
func (k *Kernel) IntersectionAreaBoxes(a, b plan.Geometry, abox, bbox plan.Box) float64 {
	return k.area(&operand{Geometry: a, box: abox}, &operand{Geometry: b, box: bbox})
}

func (k *Kernel) area(a, b *operand) float64 {
	w := newWindow(a.box, b.box)
	if !(w.MinX < w.MaxX && w.MinY < w.MaxY) || a.Type != plan.Polygon || b.Type != plan.Polygon {
		return 0
	}
	area, sure := k.overlap(a, b, &w)
	if !sure {
		area = k.trapezoids(a.Geometry, b.Geometry, w.Box)
	}
	return max(area, 0)
}
