package overlay

// enter takes a member into the cells of a tile; what is not drawn yet only when it shows.
func (w *worker) enter(g *grid, number int) {
	m := &w.members[number]
	if m.Reach > 0 {
		if !w.shows(g, m) {
			return
		}
		w.listEdges(m, w.pen.Around(m.Geometry, m.Reach, w.box))
	}
	w.begin(g, number)
	for i := m.edges.from; i < m.edges.to; i++ {
		e := &w.edges[i]
		from, to := max(e.ay, wholeTile.y0), min(e.by, wholeTile.y1)
		p := piece{from: from, to: to, x: e.ax, toX: e.at(to), edge: int32(i)}
		if from > e.ay {
			p.x = e.at(from)
		}
		w.trace(g, p)
	}
	w.end(g)
}

// enterAgain takes a presence in a cell into the parts of that cell.
func (w *worker) enterAgain(g *grid, p presence) {
	w.begin(g, int(p.member))
	g.touched = window{0, g.n - 1, 0, g.n - 1}
	for row := range g.n {
		g.deepen(row, -1, p.depth)
	}
	for i := p.events; i != 0; i = w.events[i].next {
		e := w.events[i]
		row := g.row(e.y)
		w.pass(g, row, 0, e.y, e.turn)
		for row++; row < g.n; row++ {
			g.deepen(row, -1, e.turn)
		}
	}
	for i := p.pieces; i != 0; i = w.pieces[i].next {
		w.trace(g, w.pieces[i])
	}
	w.end(g)
}

func (w *worker) begin(g *grid, member int) {
	w.member, w.kind = int32(member), w.members[member].kind
	g.touched = window{g.n, -1, g.n, -1}
}

// end tells how often the member covers the corners of cells, and which cells it covers whole.
func (w *worker) end(g *grid) {
	t := &g.touched
	for row := t.bottom; row <= t.top; row++ {
		depth := int32(0)
		for column := max(t.left, 0); column < g.n && (column <= t.right+1 || depth != 0); column++ {
			cell := row*g.n + column
			depth += g.turns[cell]
			g.turns[cell] = 0
			w.settle(g, cell, depth)
		}
	}
}

// settle tells how often the member covers the lower left corner of a cell.
func (w *worker) settle(g *grid, cell int, depth int32) {
	switch {
	case g.here[cell] != 0:
		w.present[g.here[cell]].depth = depth
		g.here[cell] = 0
	case depth > 0 && w.kind < 0:
		w.at(g, cell).depth = depth
		g.here[cell] = 0
	case depth > 0:
		w.cover(g, cell, w.kind)
	}
}

// cover notes that a kind covers a cell.
func (w *worker) cover(g *grid, cell int, kind int32) {
	best := &g.best[cell*w.families+w.plane.Families[kind]]
	*best = min(*best, kind)
}

// hidden reports whether a kind can't show where those cover all.
func (w *worker) hidden(best []int32, kind int32) bool {
	return kind >= 0 && best[w.plane.Families[kind]] <= kind
}

// at gives the presence of the member in a cell; it is good until the next call.
func (w *worker) at(g *grid, cell int) *presence {
	if g.here[cell] == 0 {
		g.here[cell] = int32(len(w.present))
		w.present = append(w.present, presence{member: w.member, next: g.present[cell]})
		g.present[cell] = g.here[cell]
	}
	return &w.present[g.here[cell]]
}
