package geo

import (
	"math"
	"sync"

	"strukturbild/internal/plan"
)

// Kernel measures what two geometries share without making the shape. The zero Kernel is ready. It holds scratch
// memory, which it keeps between calls: one a goroutine.
type Kernel struct {
	a, b      edges
	board     board
	pairs     []edgePair
	crossings []crossing
	stops     []stop
	doubt     bool // the order of crossings is not sure everywhere
	seen      stamps
	next      []uint32
	near      [2]neighbours
	triple    triple
}

// kernels lends scratch memory to the functions that have none of their own.
var kernels = sync.Pool{New: func() any { return new(Kernel) }}

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
	r := ray{x: x, y: y}
	o.cast(&r)
	return r.location()
}

// windings tells how often a polygon holds a point of geometry 0, which is the number of the point's geometry, or 1 in
// the sense of crossing.
func (o *operand) windings(x, y float64, which int) int {
	r := ray{x: x, y: y, moved: -1}
	if which == 1 {
		r.moved = 1
	}
	o.cast(&r)
	return r.windings
}

func (o *operand) cast(r *ray) {
	switch {
	case !inBox(&o.box, r.x, r.y):
	case o.grid != nil:
		o.grid.cast(r, o.Coords)
	default:
		r.cast(o.Geometry)
	}
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
