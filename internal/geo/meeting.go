package geo

import "math/bits"

// edgePair is an edge of one geometry and one of another, by their first vertices.
type edgePair struct{ a, b uint32 }

// board answers which of up to 64 edges have a box in common with another edge. The window is parted into 32 columns
// and 32 rows; for each there is a word with a bit for each edge that begins there or before, and one with a bit for
// each that ends there or behind. Four words tell which boxes meet.
type board struct {
	begins, ends [2][lanes]uint64 // by column and by row
}

const (
	boardSize = 64
	lanes     = 32
	laneShift = 15 - 5 // from cells to lanes
)

// set lays out the edges.
func (b *board) set(edges []edge) {
	*b = board{}
	for i := range edges {
		column0, row0, column1, row1 := edges[i].box.lanes()
		bit := uint64(1) << i
		b.begins[0][column0] |= bit
		b.begins[1][row0] |= bit
		b.ends[0][column1] |= bit
		b.ends[1][row1] |= bit
	}
	for i := 1; i < lanes; i++ {
		b.begins[0][i] |= b.begins[0][i-1]
		b.begins[1][i] |= b.begins[1][i-1]
		b.ends[0][lanes-1-i] |= b.ends[0][lanes-i]
		b.ends[1][lanes-1-i] |= b.ends[1][lanes-i]
	}
}

// meets gives the edges whose boxes share a column and a row with the box.
func (b *board) meets(box packedBox) uint64 {
	column0, row0, column1, row1 := box.lanes()
	return b.begins[0][column1] & b.ends[0][column0] & b.begins[1][row1] & b.ends[1][row0]
}

// lanes gives the columns and rows that a box reaches over.
func (p packedBox) lanes() (column0, row0, column1, row1 uint64) {
	q := uint64(p)
	return q >> laneShift & (lanes - 1), q >> (16 + laneShift) & (lanes - 1),
		(lanes - 1) - q>>(32+laneShift)&(lanes-1), (lanes - 1) - q>>(48+laneShift)&(lanes-1)
}

// meetings collects the pairs of edges whose boxes share a cell.
func (k *Kernel) meetings(a, b *edges) {
	k.pairs = k.pairs[:0]
	a.block()
	for from := 0; from < len(b.list); from += boardSize {
		part := b.list[from:min(from+boardSize, len(b.list))]
		k.board.set(part)
		k.meetFrom(a, 0, part)
	}
}

// mostSelfMeetings bounds the memory that a geometry takes which is drawn to cross itself everywhere.
const mostSelfMeetings = 4 << 20

// selfMeetings collects the pairs of edges of one geometry whose boxes share a cell, each once. It gives up (false) on
// more than a few million of them.
func (k *Kernel) selfMeetings(e *edges) bool {
	k.pairs = k.pairs[:0]
	e.block()
	for from := 0; from < len(e.list); from += boardSize {
		to := min(from+boardSize, len(e.list))
		part := e.list[from:to]
		k.board.set(part)
		for i := range part { // with those behind it in the same part
			k.meet(part[i], part, k.board.meets(part[i].box)&^(2<<i-1))
		}
		if to < len(e.list) {
			k.meetFrom(e, to, part)
		}
		if len(k.pairs) > mostSelfMeetings {
			return false
		}
	}
	return true
}

// meetFrom meets the edges on the board with those of e from the given one on, which begins a block.
func (k *Kernel) meetFrom(e *edges, from int, part []edge) {
	if len(e.blocks) == 0 {
		k.meetPart(e.list[from:], part)
		return
	}
	opposite := around(part).opposite()
	for i := from / blockSize; i < len(e.blocks); i++ {
		if e.blocks[i].meets(opposite) {
			k.meetPart(e.list[i*blockSize:min((i+1)*blockSize, len(e.list))], part)
		}
	}
}

// meetPart meets the edges on the board with others.
func (k *Kernel) meetPart(others, part []edge) {
	for _, other := range others {
		if found := k.board.meets(other.box); found != 0 {
			k.meet(other, part, found)
		}
	}
}

// meet collects the pairs of an edge and those that were found for it on the board.
func (k *Kernel) meet(e edge, part []edge, found uint64) {
	for opposite := e.box.opposite(); found != 0; found &= found - 1 {
		if other := &part[bits.TrailingZeros64(found)]; other.box.meets(opposite) {
			k.pairs = append(k.pairs, edgePair{e.from, other.from})
		}
	}
}

// blockSize is the number of neighbouring edges of which a box tells whether they are near those on the board at all.
const blockSize = 16

// block makes the boxes of blocks where there are so many edges that it pays.
func (e *edges) block() {
	e.blocks = e.blocks[:0]
	for i := 0; i < len(e.list) && len(e.list) > boardSize; i += blockSize {
		e.blocks = append(e.blocks, around(e.list[i:min(i+blockSize, len(e.list))]))
	}
}

// around gives the box around edges.
func around(list []edge) packedBox {
	box := list[0].box
	for i := range list[1:] {
		box = box.union(list[1+i].box)
	}
	return box
}
