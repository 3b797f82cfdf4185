package overlay

import "math"

// grid is a square of the plane that is divided into cells, row by row from its lower left corner.
type grid struct {
	n       int       // cells along a side
	xs, ys  []float64 // the lines between them
	perM    float64   // cells a metre
	west    int       // the columns that edges may be in: those of a whole tile run beside it, too
	east    int
	present []int32 // of each cell: the first presence
	weight  []int32 // of each cell: how many pieces are in it
	best    []int32 // of each cell and family: the first kind that covers the cell
	here    []int32 // of each cell: the presence of the figure that is being entered
	turns   []int32 // by how much more often that covers the lower left corner of a cell than that of the cell to the left
	touched window  // the cells that it has a border in
}

// window is a range of columns and rows.
type window struct{ left, right, bottom, top int }

// lay lays a grid over a square, which some kinds cover: the best of each family. There are n*n cells.
func (g *grid) lay(r rect, n int, best []int32) {
	g.n, g.perM, g.west, g.east = n, float64(n)/(r.x1-r.x0), 0, n-1
	g.xs, g.ys = lines(g.xs, r.x0, r.x1, n), lines(g.ys, r.y0, r.y1, n)
	g.present, g.weight, g.here, g.turns = zeroed(g.present, n*n), zeroed(g.weight, n*n), zeroed(g.here, n*n), zeroed(g.turns, n*n)
	g.best = g.best[:0]
	for range n * n {
		g.best = append(g.best, best...)
	}
	g.touched = window{n, -1, n, -1}
}

func lines(dst []float64, from, to float64, n int) []float64 {
	dst = dst[:0]
	for i := range n {
		dst = append(dst, from+(to-from)*float64(i)/float64(n))
	}
	return append(dst, to)
}

// zeroed gives n zeros, in the memory of a list when there is enough.
func zeroed(list []int32, n int) []int32 {
	if cap(list) < n {
		return make([]int32, n)
	}
	list = list[:n]
	clear(list)
	return list
}

// column gives the column that is that far east.
func (g *grid) column(x float64) int {
	return min(max(int(math.Floor((x-g.xs[0])*g.perM)), g.west), g.east)
}

// row gives the row that a height of the square lies in: at its bottom, or above it.
func (g *grid) row(y float64) int {
	row := min(max(int((y-g.ys[0])*g.perM), 0), g.n-1)
	for row > 0 && y < g.ys[row] {
		row--
	}
	for row+1 < g.n && y >= g.ys[row+1] {
		row++
	}
	return row
}

func (g *grid) rect(cell int) rect {
	column, row := cell%g.n, cell/g.n
	return rect{g.xs[column], g.ys[row], g.xs[column+1], g.ys[row+1]}
}

// touch notes that the figure that is being entered has a border in the row, from one column to another.
func (g *grid) touch(row, from, to int) {
	t := &g.touched
	t.left, t.right = min(t.left, from, to), max(t.right, from, to)
	t.bottom, t.top = min(t.bottom, row), max(t.top, row)
}

// deepen notes that a figure lies deeper by so much over the lower left corners of the cells right of a column.
func (g *grid) deepen(row, column int, by int32) {
	if column+1 < g.n {
		g.turns[row*g.n+column+1] += by
	}
}

// bestOf gives the best of each family in a cell.
func (g *grid) bestOf(cell, families int) []int32 { return g.best[cell*families : (cell+1)*families] }
