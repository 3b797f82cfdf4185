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
	w, all := intersection(a, b), a.Union(b)
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

// edges are the edges of a geometry that pass near a window.
type edges struct {
	boxes  []packedBox
	from   []uint32    // the first vertex of each
	blocks []packedBox // boxes of every so many edges, when there are very many
}

// gather collects the edges of a line or polygon geometry that have a box in common with the window.
func (e *edges) gather(g plan.Geometry, w *window) {
	e.boxes, e.from = slices.Grow(e.boxes[:0], g.NumVertices()), slices.Grow(e.from[:0], g.NumVertices())
	first := 0
	for i := range g.NumPaths() {
		path := g.Path(i)
		e.path(path, first, w)
		first += len(path) / 2
	}
}

// path collects the edges of one line or ring, of which the first vertex has the number first.
func (e *edges) path(path []float64, first int, w *window) {
	n := len(e.from)
	boxes, from := e.boxes[:cap(e.boxes)], e.from[:cap(e.from)]
	var p packedBox
	packed := false // p is of the point before
	px, py := path[0], path[1]
	for i := 2; i+1 < len(path); i += 2 {
		qx, qy := path[i], path[i+1]
		if px < w.MinX && qx < w.MinX || px > w.MaxX && qx > w.MaxX || py < w.MinY && qy < w.MinY || py > w.MaxY && qy > w.MaxY {
			packed = false
		} else {
			if !packed {
				p = w.pack(px, py)
			}
			q := w.pack(qx, qy)
			boxes[n], from[n] = p.union(q), uint32(first+i/2-1)
			n++
			p, packed = q, true
		}
		px, py = qx, qy
	}
	e.boxes, e.from = boxes[:n], from[:n]
}

// add takes an edge up if its box shares a cell with the window.
func (e *edges) add(from uint32, s *[4]float64, w *window) {
	if box := w.pack(s[0], s[1]).union(w.pack(s[2], s[3])); box.meets(allCells) {
		e.boxes, e.from = append(e.boxes, box), append(e.from, from)
	}
}

// edgePair is an edge of one geometry and one of another, by their first vertices.
type edgePair struct{ a, b uint32 }

// brute is the number of comparisons up to which it does not pay to compare blocks of edges first.
const (
	brute = 4096
	block = 16 // edges
)

// smallBlock is the size of the blocks in which the edges of one geometry are compared with each other: neighbours always
// meet, so that larger blocks would tell little apart.
const smallBlock = 8

// meetings appends the pairs of edges whose boxes share a cell.
func meetings(dst []edgePair, a, b *edges) []edgePair {
	if len(a.from)*len(b.from) <= brute {
		return meetingsOf(dst, a.boxes, b.boxes, a.from, b.from)
	}
	a.block(block)
	b.block(block)
	for i, box := range a.blocks {
		opposite := box.opposite()
		aFrom, aTo := i*block, min((i+1)*block, len(a.from))
		for j, other := range b.blocks {
			if other.meets(opposite) {
				bFrom, bTo := j*block, min((j+1)*block, len(b.from))
				dst = meetingsOf(dst, a.boxes[aFrom:aTo], b.boxes[bFrom:bTo], a.from[aFrom:aTo], b.from[bFrom:bTo])
			}
		}
	}
	return dst
}

// block makes the boxes of blocks.
func (e *edges) block(size int) {
	e.blocks = e.blocks[:0]
	for i, box := range e.boxes {
		if i%size == 0 {
			e.blocks = append(e.blocks, box)
		} else {
			e.blocks[i/size] = e.blocks[i/size].union(box)
		}
	}
}

// selfMeetings appends the pairs of edges of one geometry whose boxes share a cell, each once.
func selfMeetings(dst []edgePair, e *edges) []edgePair {
	e.block(smallBlock)
	for i, box := range e.blocks {
		from, to := i*smallBlock, min((i+1)*smallBlock, len(e.from))
		for j := from + 1; j < to; j++ {
			dst = meetingsOf(dst, e.boxes[from:j], e.boxes[j:j+1], e.from[from:j], e.from[j:j+1])
		}
		opposite := box.opposite()
		for j := i + 1; j < len(e.blocks); j++ {
			if e.blocks[j].meets(opposite) {
				from2, to2 := j*smallBlock, min((j+1)*smallBlock, len(e.from))
				dst = meetingsOf(dst, e.boxes[from:to], e.boxes[from2:to2], e.from[from:to], e.from[from2:to2])
			}
		}
	}
	return dst
}

func meetingsOf(dst []edgePair, a, b []packedBox, aFrom, bFrom []uint32) []edgePair {
	for i, box := range a {
		opposite := box.opposite()
		for j, other := range b {
			if other.meets(opposite) {
				dst = append(dst, edgePair{aFrom[i], bFrom[j]})
			}
		}
	}
	return dst
}
