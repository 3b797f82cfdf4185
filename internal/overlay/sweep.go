package overlay

import "slices"

// sweeper is the scratch memory of a sweep.
type sweeper struct {
	stops  []float64 // the heights between which nothing begins, ends or passes
	starts []int     // pieces by the height that they begin at
	left   []event   // events of all figures, each with its bit
	leftOf []int16
	active []active // the edges at the height of the line, from left to right
	bits   bitTable
	depth  [mostBits]int32 // how many figures of a bit's kind cover the left border
	base   mask            // the kinds that do
	areas  areas
}

// active is an edge that the line crosses.
type active struct {
	piece  *piece
	x, top float64 // where it is at the bottom of the slab, and at its top
	bit    int16
	turn   int32
}

// sweep measures a cell by a line that goes upward.
func (w *worker) sweep(c *cell) {
	w.begin(c)
	next := 0
	for i := 0; i+1 < len(w.stops); i++ {
		bottom, top := w.stops[i], w.stops[i+1]
		if w.outline != nil && i > 0 {
			w.outline.below = w.steps(w.outline.below, c)
		}
		w.retire(bottom)
		w.turnLeft(bottom)
		for k := range w.active {
			w.active[k].top = w.active[k].piece.at(top)
		}
		for ; next < len(w.starts) && w.pieces[w.starts[next]].from <= bottom; next++ {
			w.insert(&w.pieces[w.starts[next]], bottom, top)
		}
		if w.outline != nil && i > 0 {
			w.outline.above = w.steps(w.outline.above, c)
			w.levels(c, bottom)
		}
		w.slab(c, bottom, top)
	}
	w.collect(c)
}

// begin lists what happens in the cell, by height.
func (w *worker) begin(c *cell) {
	w.bits.clear()
	w.findBest(c)
	w.stops, w.starts, w.left, w.leftOf, w.active = append(w.stops[:0], c.y0, c.y1), w.starts[:0], w.left[:0], w.leftOf[:0], w.active[:0]
	w.base = mask{}
	for _, p := range w.present[c.present.from:c.present.to] {
		bit := w.bits.of(w.members[p.member].kind)
		if bit < 0 {
			continue
		}
		w.turn(bit, p.depth)
		for _, e := range w.events[p.events.from:p.events.to] {
			w.left, w.leftOf, w.stops = append(w.left, e), append(w.leftOf, bit), append(w.stops, e.y)
		}
		for i := p.pieces.from; i < p.pieces.to; i++ {
			w.starts, w.stops = append(w.starts, i), append(w.stops, w.pieces[i].from, w.pieces[i].to)
		}
	}
	slices.Sort(w.stops)
	w.stops = slices.Compact(w.stops)
	insertionSort(w.starts, func(a, b int) bool { return w.pieces[a].from < w.pieces[b].from })
}

// turn counts figures of a kind that begin or end at the left border.
func (w *worker) turn(bit int16, by int32) {
	before := w.depth[bit]
	w.depth[bit] += by
	if (before > 0) != (w.depth[bit] > 0) {
		w.base.flip(bit)
	}
}

// turnLeft takes the events up to a height.
func (w *worker) turnLeft(y float64) {
	for i := 0; i < len(w.left); {
		if w.left[i].y > y {
			i++
			continue
		}
		w.turn(w.leftOf[i], w.left[i].turn)
		last := len(w.left) - 1
		w.left[i], w.leftOf[i] = w.left[last], w.leftOf[last]
		w.left, w.leftOf = w.left[:last], w.leftOf[:last]
	}
}

// retire takes out the edges that end at or below a height.
func (w *worker) retire(y float64) {
	kept := w.active[:0]
	for _, a := range w.active {
		if a.piece.to > y {
			kept = append(kept, a)
		}
	}
	w.active = kept
}

// insert puts an edge into its place.
func (w *worker) insert(p *piece, bottom, top float64) {
	a := active{piece: p, x: p.at(bottom), top: p.at(top), bit: w.bits.known(w.members[p.member].kind), turn: p.turn}
	i := len(w.active)
	w.active = append(w.active, a)
	for ; i > 0 && a.before(&w.active[i-1]); i-- {
		w.active[i] = w.active[i-1]
	}
	w.active[i] = a
}

func (a *active) before(b *active) bool { return a.x < b.x || a.x == b.x && a.top < b.top }

// slab measures what lies between two stops: up to each crossing, where two neighbours change places.
func (w *worker) slab(c *cell, bottom, top float64) {
	for {
		i, y := w.firstCrossing(bottom, top)
		if i < 0 {
			w.trapezoids(c, bottom, top)
			break
		}
		if y > bottom {
			for k := range w.active {
				a := &w.active[k]
				a.top = a.piece.at(y)
			}
			w.meet(i)
			w.trapezoids(c, bottom, y)
			for k := range w.active {
				a := &w.active[k]
				a.x, a.top = a.top, a.piece.at(top)
			}
		}
		w.active[i], w.active[i+1] = w.active[i+1], w.active[i]
		bottom = y
	}
	for k := range w.active {
		w.active[k].x = w.active[k].top
	}
}

// meet makes two neighbours meet in one point: that of the steeper one, which is the more certain.
func (w *worker) meet(i int) {
	a, b := &w.active[i], &w.active[i+1]
	if abs(a.piece.slope) < abs(b.piece.slope) {
		b.top = a.top
	} else {
		a.top = b.top
	}
}

func abs(x float64) float64 { return max(x, -x) }

// firstCrossing finds the lowest place at which two neighbours cross; -1 when none do. Each change of places makes one
// pair fewer that is in another order at the top, so that there is an end to it.
func (w *worker) firstCrossing(bottom, top float64) (first int, y float64) {
	first, y = -1, top
	for i := 0; i+1 < len(w.active); i++ {
		a, b := &w.active[i], &w.active[i+1]
		if a.top <= b.top {
			continue
		}
		apart := max(b.x-a.x, 0)
		at := bottom + (top-bottom)*(apart/(apart+a.top-b.top))
		if first < 0 || at < y {
			first, y = i, min(at, top)
		}
	}
	return first, y
}

// trapezoids adds the areas between neighbours.
func (w *worker) trapezoids(c *cell, bottom, top float64) {
	half, sum := (top-bottom)/2, c.x0+c.x0
	m := w.base
	for i := range w.active {
		a := &w.active[i]
		here := a.x + a.top
		if here != sum {
			w.areas.add(m, (here-sum)*half)
			sum = here
		}
		w.cross(&m, a)
	}
	w.areas.add(m, (c.x1+c.x1-sum)*half)
	w.uncross()
	if w.outline != nil {
		w.strips(c, bottom, top)
	}
}

// cross takes a mask over an edge, and counts it; uncross takes all counting back.
func (w *worker) cross(m *mask, a *active) {
	if before := w.depth[a.bit]; (before > 0) != (before+a.turn > 0) {
		m.flip(a.bit)
	}
	w.depth[a.bit] += a.turn
}

func (w *worker) uncross() {
	for i := range w.active {
		w.depth[w.active[i].bit] -= w.active[i].turn
	}
}

// collect ends a sweep: the areas of the cell go to the tile.
func (w *worker) collect(c *cell) {
	w.areas.each(func(m mask, area float64) { w.count(w.labelOf(c, m), area) })
	w.areas.clear()
	for i := range w.bits.kinds {
		w.depth[i] = 0
	}
}

// whole measures a cell that no border runs through.
func (w *worker) whole(c *cell) {
	w.findBest(c)
	w.bits.clear()
	w.count(w.labelOf(c, mask{}), c.area())
}
