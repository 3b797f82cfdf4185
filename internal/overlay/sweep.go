package overlay

import "slices"

// sweeper is the scratch memory of a sweep.
type sweeper struct {
	stops  []float64 // the heights between which nothing begins, ends or passes
	starts []start   // by height
	left   []event   // events of all figures, each with its bit
	leftOf []int16
	active []active // the edges at the height of the line, from left to right
	bits   bitTable
	depth  [mostBits]int32 // how many figures of a bit's kind cover the left border
	base   mask            // the kinds that do
	areas  areas
}

// start is the height at which a piece begins.
type start struct {
	from  float64
	piece int32
}

// active is an edge that the line crosses.
type active struct {
	*edge
	to     float64 // where it leaves the cell
	x, top float64 // where it is at the bottom of the slab, and at its top
	bit    int16
}

// sweep measures a cell by a line that goes upward.
func (w *worker) sweep(c *cell) {
	w.gather(c)
	next := 0
	for i := 0; i+1 < len(w.stops); i++ {
		bottom, top := w.stops[i], w.stops[i+1]
		if w.outline != nil && i > 0 {
			w.outline.below = w.steps(w.outline.below, c)
		}
		w.retire(bottom)
		w.turnLeft(bottom)
		for k := range w.active {
			w.active[k].top = w.active[k].at(top)
		}
		for ; next < len(w.starts) && w.starts[next].from <= bottom; next++ {
			w.insert(&w.pieces[w.starts[next].piece], bottom, top)
		}
		if w.outline != nil && i > 0 {
			w.outline.above = w.steps(w.outline.above, c)
			w.levels(c, bottom)
		}
		w.slab(c, bottom, top)
	}
	w.collect(c)
}

// gather lists what happens in the cell, by height.
func (w *worker) gather(c *cell) {
	w.bits.clear()
	w.stops, w.starts, w.left, w.leftOf, w.active = append(w.stops[:0], c.y0, c.y1), w.starts[:0], w.left[:0], w.leftOf[:0], w.active[:0]
	w.base = mask{}
	for i := c.present; i != 0; i = w.present[i].next {
		p := &w.present[i]
		if kind := w.members[p.member].kind; !w.hidden(c.best, kind) {
			w.gatherPresence(p, w.bits.of(kind))
		}
	}
	slices.Sort(w.stops)
	w.stops = slices.Compact(w.stops)
	insertionSort(w.starts, func(a, b start) bool { return a.from < b.from })
}

func (w *worker) gatherPresence(p *presence, bit int16) {
	if bit < 0 {
		return
	}
	w.turn(bit, p.depth)
	for i := p.events; i != 0; i = w.events[i].next {
		w.left, w.leftOf, w.stops = append(w.left, w.events[i]), append(w.leftOf, bit), append(w.stops, w.events[i].y)
	}
	var last *piece
	for i := p.pieces; i != 0; i = w.pieces[i].next {
		at := &w.pieces[i]
		if at.from == at.to {
			continue
		}
		w.starts = append(w.starts, start{at.from, i})
		if last == nil || last.to != at.from {
			w.stops = append(w.stops, at.from)
		}
		if last == nil || last.from != at.to {
			w.stops = append(w.stops, at.to)
		}
		last = at
	}
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
		if a.to > y {
			kept = append(kept, a)
		}
	}
	w.active = kept
}

// insert puts an edge into its place.
func (w *worker) insert(p *piece, bottom, top float64) {
	e := &w.edges[p.edge]
	a := active{edge: e, to: p.to, x: e.at(bottom), top: e.at(top), bit: w.bits.known(e.kind)}
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
				a.top = a.at(y)
			}
			w.meet(i)
			w.trapezoids(c, bottom, y)
			for k := range w.active {
				a := &w.active[k]
				a.x, a.top = a.top, a.at(top)
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
	if abs(a.slope) < abs(b.slope) {
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

// insertionSort sorts what is short or almost sorted.
func insertionSort[T any](list []T, less func(a, b T) bool) {
	if len(list) > 64 {
		slices.SortFunc(list, func(a, b T) int {
			switch {
			case less(a, b):
				return -1
			case less(b, a):
				return 1
			}
			return 0
		})
		return
	}
	for i := 1; i < len(list); i++ {
		at, j := list[i], i
		for ; j > 0 && less(at, list[j-1]); j-- {
			list[j] = list[j-1]
		}
		list[j] = at
	}
}
