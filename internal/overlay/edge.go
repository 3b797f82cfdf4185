package overlay

import "strukturbild/internal/plan"

// edge is an edge of a figure or zone, from its lower to its upper end (of a level one from west to east), counted from the
// origin of the tile.
type edge struct {
	ax, ay, bx, by float64
	slope          float64 // metres east a metre north; of a level edge infinite
	turn           int32   // +1: its figure begins right of it; -1: it ends there
	kind           int32
}

// at gives where the edge is at a height.
func (e *edge) at(y float64) float64 {
	if y == e.by {
		return e.bx
	}
	return e.ax + (y-e.ay)*e.slope
}

// heightAt gives the height, of those between two, at which the edge is that far east.
func (e *edge) heightAt(x, from, to float64) float64 {
	return min(max(e.ay+(x-e.ax)/e.slope, from), to)
}

// listEdges lists the edges of a member's polygon that matter in a tile: all but those above, below or right of it.
func (w *worker) listEdges(m *member, g plan.Geometry) {
	m.edges.from = len(w.edges)
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			w.edge(ring[j]-w.originX, ring[j+1]-w.originY, ring[j+2]-w.originX, ring[j+3]-w.originY, m.kind)
		}
	}
	m.edges.to = len(w.edges)
}

// edge lists an edge. The inside of a polygon is left of its edges: right of one that runs down.
func (w *worker) edge(ax, ay, bx, by float64, kind int32) {
	turn := int32(-1)
	if ay > by || ay == by && ax > bx {
		ax, ay, bx, by, turn = bx, by, ax, ay, 1
	}
	if by <= wholeTile.y0 || ay >= wholeTile.y1 || min(ax, bx) >= wholeTile.x1 || ax == bx && ay == by {
		return
	}
	w.edges = append(w.edges, edge{ax, ay, bx, by, (bx - ax) / (by - ay), turn, kind})
}
