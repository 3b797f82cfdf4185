package report

import "slices"

// lane is a column of a printed table.
type lane struct {
	head  string
	width float64 // share of the table's width
	right bool    // figures stand to the right
	mark  bool    // the cell begins with a mark in the colour of its row
}

// grid is a printed table. It breaks over pages, each with its head.
type grid struct {
	*press
	lanes []lane
}

const (
	rowLine   = 3.9 // millimetres a line of a row
	rowRoom   = 1.5 // above and below
	laneGap   = 2.5
	markWidth = 3.2
	bodySize  = 8
	headSize  = 7.5
)

// row is the cells of a row, and the colour of its mark.
type row struct {
	cells  []string
	colour *colour
	bold   bool
}

// table prints a head and its rows.
func (p *press) table(lanes []lane, rows []row) {
	total := 0.0
	for _, l := range lanes {
		total += l.width
	}
	lanes = slices.Clone(lanes)
	for i := range lanes {
		lanes[i].width *= (textWidth - laneGap*float64(len(lanes)-1)) / total
	}
	g := &grid{p, lanes}
	p.need(24)
	g.head()
	for i := range rows {
		g.row(&rows[i])
	}
	p.Ln(2)
}

func (g *grid) head() {
	g.font("B", headSize)
	g.ink(quiet)
	height, y := 0.0, g.GetY()
	for i, lines := range g.split(func(i int) string { return g.lanes[i].head }) {
		height = max(height, float64(len(lines))*rowLine)
		g.cell(i, y+0.5, lines)
	}
	g.at(margin, y+height+1.5)
	g.pen(accent, 0.35)
	g.Line(margin, g.GetY(), pageWidth-margin, g.GetY())
	g.at(margin, g.GetY()+0.3)
}

// row prints a row; on the next page, with the head again, when it does not fit.
func (g *grid) row(r *row) {
	style := ""
	if r.bold {
		style = "B"
	}
	g.font(style, bodySize)
	cells := g.split(func(i int) string { return r.cells[i] })
	height := 0.0
	for _, lines := range cells {
		height = max(height, float64(len(lines))*rowLine)
	}
	height += 2 * rowRoom
	if g.left() < height {
		g.AddPage()
		g.head()
		g.font(style, bodySize)
	}
	y := g.GetY()
	g.ink(ink)
	for i, lines := range cells {
		if g.lanes[i].mark && r.colour != nil {
			g.fill(*r.colour)
			g.Rect(g.x(i), y+rowRoom+0.7, 2, rowLine-1.4, "F")
		}
		g.cell(i, y+rowRoom, lines)
	}
	g.at(margin, y+height)
	g.rule(g.GetY())
}

// split breaks the texts of the cells into lines.
func (g *grid) split(of func(i int) string) [][]string {
	cells := make([][]string, len(g.lanes))
	for i := range g.lanes {
		cells[i] = g.SplitText(of(i), g.room(i))
	}
	return cells
}

func (g *grid) room(i int) float64 {
	if g.lanes[i].mark {
		return g.lanes[i].width - markWidth
	}
	return g.lanes[i].width
}

// x gives the left side of the lane.
func (g *grid) x(i int) float64 {
	x := margin
	for _, l := range g.lanes[:i] {
		x += l.width + laneGap
	}
	return x
}

func (g *grid) cell(i int, y float64, lines []string) {
	align := "L"
	if g.lanes[i].right {
		align = "R"
	}
	x := g.x(i) + g.lanes[i].width - g.room(i)
	for n, line := range lines {
		g.at(x, y+float64(n)*rowLine)
		g.CellFormat(g.room(i), rowLine, line, "", 0, align, false, 0, "")
	}
}
