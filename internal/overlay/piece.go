package overlay

import "slices"

// piece is the part of an edge that lies in a cell. It keeps the ends of the whole edge: where the edge is at a height
// does not depend on how often it has been cut.
type piece struct {
	ax, ay, bx, by float64 // the edge, from its lower to its upper end
	slope          float64 // metres east a metre north
	from, to       float64 // the heights between which it lies in the cell
	member         int32
	vertex         uint32 // the first one of the edge
	turn           int32  // +1: its figure begins right of it; -1: it ends there
}

// at gives where the edge is at a height.
func (p *piece) at(y float64) float64 {
	if y == p.by {
		return p.bx
	}
	return p.ax + (y-p.ay)*p.slope
}

// heightAt gives the height at which the edge is that far east.
func (p *piece) heightAt(x float64) float64 {
	return min(max(p.ay+(x-p.ax)/p.slope, p.from), p.to)
}

// event says that left of the cell a figure begins (+1) or ends (-1) at a height.
type event struct {
	y    float64
	turn int32
}

// clip appends the part of a piece that lies in the cell, and events for what of it lies to the left.
func (w *worker) clip(p piece, r rect) {
	if p.from, p.to = max(p.from, r.y0), min(p.to, r.y1); p.from >= p.to {
		return
	}
	low, high := p.at(p.from), p.at(p.to)
	switch {
	case low <= r.x0 && high <= r.x0:
		w.pass(&p, p.from, p.to)
		return
	case low >= r.x1 && high >= r.x1:
		return
	}
	if low < r.x0 || high < r.x0 {
		if y := p.heightAt(r.x0); low < r.x0 {
			w.pass(&p, p.from, y)
			p.from = y
		} else {
			w.pass(&p, y, p.to)
			p.to = y
		}
	}
	if low > r.x1 || high > r.x1 {
		if y := p.heightAt(r.x1); low > r.x1 {
			p.from = y
		} else {
			p.to = y
		}
	}
	if p.from < p.to {
		w.pieces = append(w.pieces, p)
	}
}

// pass notes that the piece passes left of the cell between two heights.
func (w *worker) pass(p *piece, from, to float64) {
	if from < to {
		w.events = append(w.events, event{from, p.turn}, event{to, -p.turn})
	}
}

// settle sorts the events from an index on, takes those together that are at one height, and leaves out what is without
// effect in the cell: those at or below its bottom only tell how often the figure covers its corner, which it gives.
func (w *worker) settle(first int, r rect) (depth int32) {
	list := w.events[first:]
	insertionSort(list, func(a, b event) bool { return a.y < b.y })
	kept := list[:0]
	for i := 0; i < len(list); {
		sum, y := int32(0), list[i].y
		for ; i < len(list) && list[i].y == y; i++ {
			sum += list[i].turn
		}
		switch {
		case y <= r.y0:
			depth += sum
		case sum != 0 && y < r.y1:
			kept = append(kept, event{y, sum})
		}
	}
	w.events = w.events[:first+len(kept)]
	return depth
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
