package overlay

// piece is the part of an edge that lies in a cell, between two heights. Where it comes from and where it goes to are kept:
// all cells that it runs through agree on that whatever rounding does.
type piece struct {
	from, to float64
	x, toX   float64
	edge     int32
	next     int32 // of the same presence
}

// event says that on the left border of a cell a member begins (+1) or ends (-1) at a height.
type event struct {
	y    float64
	turn int32
	next int32 // of the same presence
}

// presence is a member that has a border in a cell, or a zone that covers it.
type presence struct {
	member int32
	depth  int32 // how often it covers the lower left corner
	pieces int32 // the first one
	events int32
	next   int32 // of the same cell
}

// trace takes a piece into the cells that it runs through, row by row.
func (w *worker) trace(g *grid, p piece) {
	e := &w.edges[p.edge]
	column := g.column(p.x)
	for row := g.row(p.from); ; row++ {
		if bottom := g.ys[row]; p.from <= bottom && bottom < p.to {
			g.deepen(row, column, e.turn)
		}
		top := g.ys[row+1]
		if p.to <= top || row+1 == g.n {
			w.run(g, e, row, column, g.column(p.toX), p)
			return
		}
		below := p
		below.to, below.toX = top, e.at(top)
		end := g.column(below.toX)
		w.run(g, e, row, column, end, below)
		column, p.from, p.x = end, top, below.toX
	}
}

// run takes a piece that lies in one row into its cells, from one column to another. Above the place where it leaves a cell
// to the right, the points of the line between lie left of it; and the other way round.
func (w *worker) run(g *grid, e *edge, row, column, end int, p piece) {
	g.touch(row, column, end)
	for column != end {
		step, line := 1, column+1
		if end < column {
			step, line = -1, column
		}
		left := p
		left.toX = g.xs[line]
		left.to = e.heightAt(left.toX, p.from, p.to)
		w.put(g, row, column, left)
		w.pass(g, row, line, left.to, -e.turn*int32(step))
		column, p.from, p.x = column+step, left.to, left.toX
	}
	w.put(g, row, column, p)
}

// put keeps a piece in a cell; one of no height for the cells that that may be divided into.
func (w *worker) put(g *grid, row, column int, p piece) {
	if column < 0 || column >= g.n || p.from == p.to && p.x == p.toX {
		return
	}
	cell := row*g.n + column
	if w.hidden(g.bestOf(cell, w.families), w.kind) {
		return
	}
	at := w.at(g, cell)
	p.next, at.pieces = at.pieces, int32(len(w.pieces))
	w.pieces = append(w.pieces, p)
	g.weight[cell]++
}

// pass keeps that the member begins or ends on the line left of a column.
func (w *worker) pass(g *grid, row, column int, y float64, turn int32) {
	if column >= g.n {
		return
	}
	cell := row*g.n + column
	if w.hidden(g.bestOf(cell, w.families), w.kind) {
		return
	}
	at := w.at(g, cell)
	w.events = append(w.events, event{y, turn, at.events})
	at.events = int32(len(w.events) - 1)
}
