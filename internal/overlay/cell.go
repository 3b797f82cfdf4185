package overlay

import "strukturbild/internal/plan"

// Cells are divided until at most leafPieces are left in one, or dividing no longer helps. A figure that is not drawn
// yet counts as lazyWeight.
const (
	leafPieces = 48
	lazyWeight = 16
	leastSide  = 0.01 // metres
	leastGain  = 0.8  // of the pieces that a half may have: more is no gain
	fruitless  = 4    // divisions without gain
	lazyFrom   = 16   // a figure is drawn when the cell is so many times its reach,
	lazyTo     = 2    // or its reach so many times the cell: a smaller one will hardly be covered
)

// worker measures tiles, one after the other. It is the scratch memory of one goroutine: the lists of all cells that are
// being divided lie on each other like a stack.
type worker struct {
	plane   *Plane
	originX float64
	originY float64
	members []member
	present []presence
	pieces  []piece
	events  []event
	full    []int32  // kinds that cover a whole cell
	best    []int32  // scratch: of each family the first kind that covers the cell
	outline *outline // nil: only areas are wanted
	sweeper
	tally
}

// span is a range of a list.
type span struct{ from, to int }

// presence is a figure or zone that has a border in a cell, or may have one.
type presence struct {
	member int32
	depth  int32 // how often it covers the lower left corner
	lazy   bool  // it has not been drawn
	pieces span
	events span
}

// cell is a part of a tile.
type cell struct {
	rect
	present span
	full    span
	wasted  int // divisions without gain
}

// mark is the height of the stack.
type mark struct{ present, pieces, events, full int }

func (w *worker) mark() mark {
	return mark{len(w.present), len(w.pieces), len(w.events), len(w.full)}
}

func (w *worker) release(m mark) {
	w.present, w.pieces, w.events, w.full = w.present[:m.present], w.pieces[:m.pieces], w.events[:m.events], w.full[:m.full]
}

// tile measures one tile.
func (w *worker) tile(t Tile) {
	w.originX, w.originY = t.origin()
	w.release(mark{})
	w.members = w.members[:0]
	box := t.Box()
	for z := range w.plane.Zones {
		if zone := &w.plane.Zones[z]; zone.Box.Intersects(box) {
			w.members = append(w.members, member{Figure{Geometry: zone.Geometry, Box: zone.Box}, zoneKind(z)})
		}
	}
	c := cell{rect: wholeTile}
	for i := range w.members {
		w.draw(int32(i), w.members[i].Geometry, wholeTile)
	}
	c.present.to, c.full.to = len(w.present), len(w.full)
	if !w.inZone(&c) {
		return
	}
	from := len(w.members)
	w.plane.Find(box, func(f Figure) { w.members = append(w.members, member{f, int32(f.Kind)}) })
	for i := from; i < len(w.members); i++ {
		w.enter(presence{member: int32(i), lazy: true}, wholeTile)
	}
	w.prune(&c)
	w.divide(&c)
}

// divide measures a cell, in halves when too much is in it.
func (w *worker) divide(c *cell) {
	if !w.inZone(c) {
		return
	}
	pieces, lazy := w.weigh(c)
	switch m := w.mark(); {
	case pieces+lazy == 0:
		w.whole(c)
	case pieces+lazyWeight*lazy > leafPieces && c.side() > leastSide && c.wasted < fruitless:
		for _, half := range c.halves() {
			one := w.part(c, half, false)
			w.divide(&one)
			w.release(m)
		}
	case lazy > 0:
		drawn := w.part(c, c.rect, true)
		w.divide(&drawn)
		w.release(m)
	default:
		w.sweep(c)
	}
}

// inZone reports whether any of the cell lies in a zone.
func (w *worker) inZone(c *cell) bool {
	for _, kind := range w.full[c.full.from:c.full.to] {
		if kind < 0 {
			return true
		}
	}
	for _, p := range w.present[c.present.from:c.present.to] {
		if w.members[p.member].kind < 0 {
			return true
		}
	}
	return false
}

func (w *worker) weigh(c *cell) (pieces, lazy int) {
	for _, p := range w.present[c.present.from:c.present.to] {
		if p.lazy {
			lazy++
		}
		pieces += p.pieces.to - p.pieces.from + p.events.to - p.events.from
	}
	return pieces, lazy
}

// part makes the cell of a part of another one; drawn: with all figures drawn.
func (w *worker) part(c *cell, r rect, drawn bool) cell {
	made := cell{rect: r, present: span{from: len(w.present)}, full: span{from: len(w.full)}}
	w.full = append(w.full, w.full[c.full.from:c.full.to]...)
	for i := c.present.from; i < c.present.to; i++ {
		if p := w.present[i]; p.lazy && drawn {
			w.draw(p.member, w.members[p.member].Draw(), r)
		} else {
			w.enter(p, r)
		}
	}
	w.prune(&made)
	before, _ := w.weigh(c)
	if after, _ := w.weigh(&made); !drawn && float64(after) > leastGain*float64(before) {
		made.wasted = c.wasted + 1
	}
	return made
}

// enter takes a figure into a part of the cell that it was in.
func (w *worker) enter(p presence, r rect) {
	m := &w.members[p.member]
	if p.lazy {
		w.enterLazy(p, m, r)
		return
	}
	pieces, events, depth := len(w.pieces), len(w.events), p.depth
	w.events = append(w.events, w.events[p.events.from:p.events.to]...)
	for i := p.pieces.from; i < p.pieces.to; i++ {
		w.clip(w.pieces[i], r)
	}
	w.close(p.member, depth, pieces, events, r)
}

func (w *worker) enterLazy(p presence, m *member, r rect) {
	if m.Reach == 0 {
		w.draw(p.member, m.Geometry, r)
		return
	}
	box := plan.Box{MinX: r.x0 + w.originX, MinY: r.y0 + w.originY, MaxX: r.x1 + w.originX, MaxY: r.y1 + w.originY}
	switch lies := m.bearing(box); {
	case lies == apart:
	case lies == covering:
		w.full = append(w.full, m.kind)
	case r.side() > lazyFrom*m.Reach || lazyTo*r.side() < m.Reach:
		w.draw(p.member, m.Draw(), r)
	default:
		w.present = append(w.present, p)
	}
}

// draw takes a polygon into a cell, edge by edge.
func (w *worker) draw(member int32, g plan.Geometry, r rect) {
	pieces, events, vertex := len(w.pieces), len(w.events), 0
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			w.edge(member, uint32(vertex+j/2), ring[j]-w.originX, ring[j+1]-w.originY, ring[j+2]-w.originX, ring[j+3]-w.originY, r)
		}
		vertex += len(ring) / 2
	}
	w.close(member, 0, pieces, events, r)
}

// edge takes an edge into a cell. The inside of a polygon is left of its edges: right of one that runs down.
func (w *worker) edge(member int32, vertex uint32, x0, y0, x1, y1 float64, r rect) {
	turn := int32(-1)
	if y0 > y1 {
		x0, y0, x1, y1, turn = x1, y1, x0, y0, 1
	}
	if y0 == y1 || y1 <= r.y0 || y0 >= r.y1 || min(x0, x1) >= r.x1 {
		return
	}
	w.clip(piece{x0, y0, x1, y1, (x1 - x0) / (y1 - y0), y0, y1, member, vertex, turn}, r)
}

// close ends the taking in of a figure, whose pieces and events begin at those indices: it may have none in the cell, and
// cover all or nothing of it.
func (w *worker) close(member, depth int32, pieces, events int, r rect) {
	depth += w.settle(events, r)
	if len(w.pieces) == pieces && len(w.events) == events {
		if depth > 0 {
			w.full = append(w.full, w.members[member].kind)
		}
		return
	}
	w.present = append(w.present, presence{member: member, depth: depth,
		pieces: span{pieces, len(w.pieces)}, events: span{events, len(w.events)}})
}

// prune ends the lists of a cell, and takes out the figures that can't show in it: another kind of their family covers
// it all.
func (w *worker) prune(c *cell) {
	c.full.to = len(w.full)
	w.findBest(c)
	kept := w.present[:c.present.from]
	for _, p := range w.present[c.present.from:] {
		if kind := w.members[p.member].kind; kind < 0 || kind < w.best[w.plane.Families[kind]] {
			kept = append(kept, p)
		}
	}
	w.present, c.present.to = kept, len(kept)
}

// never is a kind after all others.
const never = int32(1) << 30

// findBest tells of each family the first kind that covers the cell.
func (w *worker) findBest(c *cell) {
	for i := range w.best {
		w.best[i] = never
	}
	for _, kind := range w.full[c.full.from:c.full.to] {
		if kind >= 0 {
			best := &w.best[w.plane.Families[kind]]
			*best = min(*best, kind)
		}
	}
}
