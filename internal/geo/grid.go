package geo

import (
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// grid lays square cells over a polygon and keeps, for each, the edges that come through it; a cell without edges is
// inside or outside as a whole. It makes questions about small places cost what is there and not the whole polygon.
type grid struct {
	box            plan.Box
	columns, rows  int
	scaleX, scaleY float64  // cells a metre
	start          []uint32 // of each cell, row by row from below: its first entry
	entries        []entry  // the edges of all cells
	inside         []bool   // of a cell without edges: it lies in the polygon
	crowd          []uint32 // number of cells with edges below and left of each corner of cells
}

// entry is an edge in a cell: its first vertex, and whether it is in the cell to the left as well.
type entry uint32

const fromLeft = 1 << 31

func (e entry) edge() uint32 { return uint32(e &^ fromLeft) }

// The size of cells makes most of them empty, which is what they are for, and lets an edge be in a few of them only,
// however long and wild the edges are.
const (
	cellsPerEdge   = 2
	entriesPerEdge = 6
)

// newGrid makes the grid of a polygon.
func newGrid(g plan.Geometry, box plan.Box) *grid {
	width, height, edges := max(box.MaxX-box.MinX, 1e-9), max(box.MaxY-box.MinY, 1e-9), float64(g.NumVertices())
	size := max(math.Sqrt(width*height/(cellsPerEdge*edges)), Length(g)/(entriesPerEdge*edges))
	columns, rows := min(max(int(width/size), 1), 1<<12), min(max(int(height/size), 1), 1<<12)
	d := &grid{
		box: box, columns: columns, rows: rows, scaleX: float64(columns) / width, scaleY: float64(rows) / height,
		start: make([]uint32, columns*rows+1), inside: make([]bool, columns*rows), crowd: make([]uint32, (columns+1)*(rows+1)),
	}
	d.fill(g)
	d.countCrowd()
	return d
}

// column and row give the cell of a place in the box. They grow with the place, so that what lies between two places
// lies in cells between theirs.
func (d *grid) column(x float64) int { return d.limit((x - d.box.MinX) * d.scaleX) }
func (d *grid) row(y float64) int    { return min(max(int((y-d.box.MinY)*d.scaleY), 0), d.rows-1) }

func (d *grid) limit(x float64) int { return min(max(int(x), 0), d.columns-1) }

// visit is an edge that comes through a cell.
type visit struct {
	cell  uint32
	entry entry
}

// fill enters the edges, sorted by cell.
func (d *grid) fill(g plan.Geometry) {
	visits := make([]visit, 0, 3*g.NumVertices())
	vertex := 0
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			x0, y0, x1, y1 := d.inCells((*[4]float64)(ring[j:]))
			visits = d.walk(visits, entry(vertex+j/2), x0, y0, x1, y1)
			d.flip(x0, y0, x1, y1)
		}
		vertex += len(ring) / 2
	}
	for _, v := range visits {
		d.start[v.cell+1]++
	}
	for cell := 1; cell < len(d.start); cell++ {
		d.start[cell] += d.start[cell-1]
	}
	d.entries = make([]entry, len(visits))
	at := slices.Clone(d.start)
	for _, v := range visits {
		d.entries[at[v.cell]] = v.entry
		at[v.cell]++
	}
	for cell := range d.inside { // from flips to states
		if cell%d.columns > 0 {
			d.inside[cell] = d.inside[cell] != d.inside[cell-1]
		}
	}
}

// walk appends the cells that an edge comes through, and those that it comes so near to that rounding might say so. Its
// ends are in cells, the lower end first.
func (d *grid) walk(visits []visit, edge entry, x0, y0, x1, y1 float64) []visit {
	const slack = 1e-9 // cells
	for row, last := min(int(y0), d.rows-1), min(int(y1), d.rows-1); row <= last; row++ {
		from, to := x0, x1
		if y0 != y1 { // the part of the edge in the row
			from, to = xAt(x0, y0, x1, y1, float64(row)-slack), xAt(x0, y0, x1, y1, float64(row+1)+slack)
		}
		first := d.limit(min(from, to) - slack)
		for column := first; column <= d.limit(max(from, to)+slack); column++ {
			v := visit{uint32(row*d.columns + column), edge}
			if column > first {
				v.entry |= fromLeft
			}
			visits = append(visits, v)
		}
	}
	return visits
}

// inCells gives the ends of an edge in cells from the corner of the grid, the lower end first.
func (d *grid) inCells(e *[4]float64) (x0, y0, x1, y1 float64) {
	x0, y0 = (e[0]-d.box.MinX)*d.scaleX, (e[1]-d.box.MinY)*d.scaleY
	x1, y1 = (e[2]-d.box.MinX)*d.scaleX, (e[3]-d.box.MinY)*d.scaleY
	if y0 > y1 {
		x0, y0, x1, y1 = x1, y1, x0, y0
	}
	return x0, y0, x1, y1
}

// xAt gives x where an edge that is not level has the height y, or the nearer end.
func xAt(x0, y0, x1, y1, y float64) float64 {
	return x0 + (x1-x0)*min(max((y-y0)/(y1-y0), 0), 1)
}

// flip notes, in each row whose middle line the edge crosses, that the cells to the right of the crossing are on the
// other side.
func (d *grid) flip(x0, y0, x1, y1 float64) {
	for row := int(y0); row < d.rows && float64(row)+0.5 < y1; row++ {
		middle := float64(row) + 0.5
		if y0 > middle {
			continue
		}
		if column := d.limit(xAt(x0, y0, x1, y1, middle)) + 1; column < d.columns {
			cell := row*d.columns + column
			d.inside[cell] = !d.inside[cell]
		}
	}
}

// countCrowd sums up the cells with edges.
func (d *grid) countCrowd() {
	width := d.columns + 1
	for row := range d.rows {
		sum := uint32(0)
		for column := range d.columns {
			if cell := row*d.columns + column; d.start[cell] < d.start[cell+1] {
				sum++
			}
			d.crowd[(row+1)*width+column+1] = d.crowd[row*width+column+1] + sum
		}
	}
}

// crowded reports whether one of the cells has edges; the range is inclusive and may be empty.
func (d *grid) crowded(column0, row0, column1, row1 int) bool {
	if column0 > column1 || row0 > row1 {
		return false
	}
	width := d.columns + 1
	low, high := d.crowd[row0*width:], d.crowd[(row1+1)*width:]
	return high[column1+1]-high[column0]-low[column1+1]+low[column0] > 0
}

// inRow gives the entries of neighbouring cells of a row.
func (d *grid) inRow(row, column0, column1 int) []entry {
	return d.entries[d.start[row*d.columns+column0]:d.start[row*d.columns+column1+1]]
}

// cast lets a ray meet the edges that matter; it ends in the first empty cell, of which the answer is known.
func (d *grid) cast(r *ray, coords []float64) {
	row, first := d.row(r.y), d.column(r.x)
	for column := first; column < d.columns; column++ {
		cell := row*d.columns + column
		entries := d.entries[d.start[cell]:d.start[cell+1]]
		if len(entries) == 0 {
			if d.inside[cell] {
				r.windings++
			}
			return
		}
		for _, entry := range entries {
			if entry&fromLeft == 0 || column == first { // not met before
				r.meet((*[4]float64)(coords[2*entry.edge():]))
			}
		}
	}
}

// locateBox locates a box to the polygon.
func (d *grid) locateBox(coords []float64, box plan.Box) Location {
	if !d.box.Intersects(box) {
		return Outside
	}
	column0, row0, column1, row1 := d.column(box.MinX), d.row(box.MinY), d.column(box.MaxX), d.row(box.MaxY)
	switch {
	case !d.crowded(column0, row0, column1, row1):
		if d.inside[row0*d.columns+column0] {
			return Inside
		}
		return Outside
	case d.crowded(column0+1, row0+1, column1-1, row1-1):
		return Crossing // these cells lie in the box with all that is in them
	}
	for row := row0; row <= row1; row++ {
		if row == row0 || row == row1 {
			if meetsAny(coords, d.inRow(row, column0, column1), &box) {
				return Crossing
			}
		} else if meetsAny(coords, d.inRow(row, column0, column0), &box) || meetsAny(coords, d.inRow(row, column1, column1), &box) {
			return Crossing
		}
	}
	r := ray{x: box.MinX, y: box.MinY}
	if inBox(&d.box, r.x, r.y) {
		d.cast(&r, coords)
	}
	return r.location()
}

func meetsAny(coords []float64, entries []entry, box *plan.Box) bool {
	for _, entry := range entries {
		if segmentMeetsBox((*[4]float64)(coords[2*entry.edge():]), box) {
			return true
		}
	}
	return false
}
