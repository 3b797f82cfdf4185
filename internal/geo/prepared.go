package geo

import "strukturbild/internal/plan"

// Prepared is a polygon that is asked many times: what a grid over its edges knows makes each answer cost what lies
// near the asked place. It is safe for use by many goroutines.
type Prepared struct{ operand }

// Prepare makes the grid of a polygon geometry, in about the time of two intersections.
func Prepare(g plan.Geometry) *Prepared {
	p := &Prepared{operand{Geometry: g, box: g.Box()}}
	if g.Type == plan.Polygon && !g.IsEmpty() {
		p.grid = newGrid(g, p.box)
	}
	return p
}

// Box gives the bounds of the polygon.
func (p *Prepared) Box() plan.Box { return p.box }

// Locate tells how a box lies to the polygon: Inside when the box lies in its interior, Outside when it shares no point
// with it, else Crossing. Inside and Outside are certain; Crossing is also said of a box that the border misses by no
// more than rounding (1e-9 of the size of a cell).
func (p *Prepared) Locate(box plan.Box) Location {
	if p.grid == nil {
		return Outside
	}
	return p.grid.locateBox(p.Coords, box)
}

// LocateGeometry tells how a line or polygon with the given box lies to the polygon: Inside when all of it lies in its interior,
// Outside when it shares no point with it; else Crossing. It is exact.
func (p *Prepared) LocateGeometry(k *Kernel, g plan.Geometry, box plan.Box) Location {
	o := &operand{Geometry: g, box: box}
	switch {
	case !p.box.Intersects(box):
		return Outside
	case k.edgesMeet(&p.operand, o) || o.hasPathOf(&p.operand):
		return Crossing
	}
	inside := 0
	for i := range g.NumPaths() {
		if path := g.Path(i); p.locate(path[0], path[1]) != Outside {
			inside++
		}
	}
	switch inside {
	case 0:
		return Outside
	case g.NumPaths():
		return Inside
	}
	return Crossing
}

// ContainsPoint reports whether the point lies in the polygon or on its border. It is exact.
func (p *Prepared) ContainsPoint(x, y float64) bool { return p.has(x, y) }

// Intersects reports whether the polygon and a geometry with the given box share a point. It is exact.
func (p *Prepared) Intersects(k *Kernel, b plan.Geometry, bbox plan.Box) bool {
	return k.intersects(&p.operand, &operand{Geometry: b, box: bbox})
}

// IntersectionArea gives the area that the polygon shares with another one with the given box, in square metres.
func (p *Prepared) IntersectionArea(k *Kernel, b plan.Geometry, bbox plan.Box) float64 {
	return k.area(&p.operand, &operand{Geometry: b, box: bbox})
}

// IntersectionLength gives the length of a line with the given box in the polygon, in metres.
func (p *Prepared) IntersectionLength(k *Kernel, line plan.Geometry, box plan.Box) float64 {
	return k.length(&operand{Geometry: line, box: box}, &p.operand)
}

// stamps tells edges that were met in this call from others, without clearing between calls.
type stamps struct {
	of  []uint32
	now uint32
}

// begin starts a call about n edges.
func (s *stamps) begin(n int) {
	s.now++
	if len(s.of) < n || s.now == 0 {
		s.of, s.now = make([]uint32, max(n, len(s.of))), 1
	}
}

// first reports whether the edge is met for the first time in this call.
func (s *stamps) first(edge uint32) bool {
	if s.of[edge] == s.now {
		return false
	}
	s.of[edge] = s.now
	return true
}

// gatherByGrid is gather of a prepared polygon. It declines (false) when going over all edges is not more work.
func (e *edges) gatherByGrid(o *operand, w *window, seen *stamps) bool {
	d := o.grid
	column0, row0, column1, row1 := d.column(w.MinX), d.row(w.MinY), d.column(w.MaxX), d.row(w.MaxY)
	work := 0
	for row := row0; row <= row1; row++ {
		if work += len(d.inRow(row, column0, column1)); 4*work > o.NumVertices() {
			return false
		}
	}
	seen.begin(o.NumVertices())
	e.list = e.list[:0]
	for row := row0; row <= row1; row++ {
		for _, entry := range d.inRow(row, column0, column1) {
			if i := entry.edge(); seen.first(i) {
				e.add(i, (*[4]float64)(o.Coords[2*i:]), w)
			}
		}
	}
	return true
}
