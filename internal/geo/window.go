package geo

import (
	"math/bits"
	"slices"

	"strukturbild/internal/plan"
)

// window is the rectangle in which two geometries may meet. A grid of cells lies over it, so fine that the bounding box
// of an edge, in cells, tells nearly all edges apart, and so coarse that the four numbers of the box fit in one word.
type window struct {
	plan.Box
	scaleX, scaleY float64 // cells a metre
}

// A packedBox is a box in cells: minX, minY, cells-maxX and cells-maxY, 15 bits each, with a free bit above each. Cell 0
// is everything before the window, the last one everything behind it.
type packedBox uint64

const (
	cells  = 1<<15 - 1
	guards = 0x8000_8000_8000_8000
)

// newWindow gives the window that two boxes share.
func newWindow(a, b plan.Box) window {
	w, all := a.Intersection(b), a.Union(b)
	return window{w, cellsPer(w.MaxX-w.MinX, all.MaxX-all.MinX), cellsPer(w.MaxY-w.MinY, all.MaxY-all.MinY)}
}

// cellsPer gives the cells a metre of a side: so many that the side has nearly all cells, and so few that the whole of
// both geometries can be counted in cells.
func cellsPer(side, whole float64) float64 { return (cells - 3) / max(side, whole*1e-13, 1e-300) }

// pack gives the box of a point.
func (w *window) pack(x, y float64) packedBox {
	column := min(max(int((x-w.MinX)*w.scaleX+1.5), 0), cells)
	row := min(max(int((y-w.MinY)*w.scaleY+1.5), 0), cells)
	low := uint64(column) | uint64(row)<<16
	return packedBox(low | (low^(cells<<16|cells))<<32)
}

// union gives the box around both: the lesser number of each of the four.
func (p packedBox) union(q packedBox) packedBox {
	less := ((p | guards) - q) & guards // set where q's number is not greater
	return p ^ (p^q)&(less-less>>15)
}

// opposite gives what a box has to reach: see meets.
func (p packedBox) opposite() packedBox {
	return ^packedBox(bits.RotateLeft64(uint64(p), 32))
}

// meets reports whether the box shares a cell with the one that opposite is of: minX <= maxX and the like, all four in
// one subtraction, in which the guard bits stay set when they did not have to lend.
func (p packedBox) meets(opposite packedBox) bool { return (opposite-p)&guards == guards }

// allCells is the opposite of the box of the window's own cells.
var allCells = packedBox(1 | 1<<16 | 1<<32 | 1<<48).opposite()

// edge is an edge of a geometry: its box and its first vertex.
type edge struct {
	box  packedBox
	from uint32
}

// edges are the edges of a geometry that pass near a window.
type edges struct {
	list   []edge
	blocks []packedBox // the boxes of every blockSize edges, when there are very many
}

// gather collects the edges of a line or polygon geometry that have a box in common with the window.
func (e *edges) gather(g plan.Geometry, w *window) {
	e.list = slices.Grow(e.list[:0], g.NumVertices())
	first := 0
	for i := range g.NumPaths() {
		path := g.Path(i)
		e.path(path, first, w)
		first += len(path) / 2
	}
}

// path collects the edges of one line or ring, of which the first vertex has the number first. Runs beyond a side of the
// window are passed over in haste: that is where most vertices are.
func (e *edges) path(path []float64, first int, w *window) {
	n := len(e.list)
	list := e.list[:cap(e.list)]
	at := -1 // of the point that p is the box of
	var p packedBox
	for i := 2; ; i += 2 {
		if i = pass(path, i, &w.Box); i >= len(path) {
			break
		}
		if at != i-2 {
			p = w.pack(path[i-2], path[i-1])
		}
		q := w.pack(path[i], path[i+1])
		list[n] = edge{p.union(q), uint32(first + i/2 - 1)}
		if list[n].box.meets(allCells) {
			n++
		}
		p, at = q, i
	}
	e.list = list[:n]
}

// pass gives the next i whose vertex is not beyond the side of the box that the vertex before it is beyond.
func pass(path []float64, i int, box *plan.Box) int {
	switch x, y := path[i-2], path[i-1]; {
	case x < box.MinX:
		for i < len(path) && path[i] < box.MinX {
			i += 2
		}
	case x > box.MaxX:
		for i < len(path) && path[i] > box.MaxX {
			i += 2
		}
	case y < box.MinY:
		for i+1 < len(path) && path[i+1] < box.MinY {
			i += 2
		}
	case y > box.MaxY:
		for i+1 < len(path) && path[i+1] > box.MaxY {
			i += 2
		}
	}
	return i
}

// add takes an edge up if its box shares a cell with the window.
func (e *edges) add(from uint32, s *[4]float64, w *window) {
	if box := w.pack(s[0], s[1]).union(w.pack(s[2], s[3])); box.meets(allCells) {
		e.list = append(e.list, edge{box, from})
	}
}
