package overlay

import (
	"math"

	"strukturbild/internal/geo"
)

// shade notes which cells a figure with a reach covers whole, as far as that can be told without drawing it: those within
// reach of one of its outermost vertices.
func (w *worker) shade(g *grid, m *member) {
	c := m.Geometry.Coords
	for _, i := range outermost(c) {
		w.shadeDisc(g, m.kind, c[i]-w.originX, c[i+1]-w.originY, m.Reach-geo.Sagitta)
	}
}

// outermost finds the vertices farthest to each side.
func outermost(c []float64) (at [4]int) {
	for i := 0; i+1 < len(c); i += 2 {
		switch {
		case c[i] < c[at[0]]:
			at[0] = i
		case c[i] > c[at[1]]:
			at[1] = i
		}
		switch {
		case c[i+1] < c[at[2]+1]:
			at[2] = i
		case c[i+1] > c[at[3]+1]:
			at[3] = i
		}
	}
	return at
}

func (w *worker) shadeDisc(g *grid, kind int32, x, y, radius float64) {
	for row := g.row(y - radius); row < g.n && g.ys[row+1] <= y+radius; row++ {
		far := max(y-g.ys[row], g.ys[row+1]-y)
		if far >= radius {
			continue
		}
		half := math.Sqrt(radius*radius - far*far)
		from, to := math.Ceil((x-half-g.xs[0])*g.perM), math.Floor((x+half-g.xs[0])*g.perM)
		for column := max(int(from), 0); column < min(int(to), g.n); column++ {
			w.cover(g, row*g.n+column, kind)
		}
	}
}

// shows reports whether a figure with a reach may show in one of the cells.
func (w *worker) shows(g *grid, m *member) bool {
	minX, minY, maxX, maxY := m.Box.MinX-w.originX, m.Box.MinY-w.originY, m.Box.MaxX-w.originX, m.Box.MaxY-w.originY
	family := w.plane.Families[m.kind]
	left, right := max(g.column(minX-m.Reach), 0), min(g.column(maxX+m.Reach), g.n-1)
	for row := g.row(minY - m.Reach); row <= g.row(maxY+m.Reach); row++ {
		dy := max(minY-g.ys[row+1], g.ys[row]-maxY, 0)
		for column := left; column <= right; column++ {
			dx := max(minX-g.xs[column+1], g.xs[column]-maxX, 0)
			if g.best[(row*g.n+column)*w.families+family] > m.kind && dx*dx+dy*dy < m.Reach*m.Reach {
				return true
			}
		}
	}
	return false
}
