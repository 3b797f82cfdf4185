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

// meetings appends the pairs of edges whose boxes share a cell.
func (k *Kernel) meetings(a, b *edges) {
	k.pairs = k.pairs[:0]
	for from := 0; from < len(b.list); from += boardSize {
		part := b.list[from:min(from+boardSize, len(b.list))]
		k.board.set(part)
		if len(a.list) <= boardSize || len(b.list) <= boardSize {
			k.meetPart(a.list, part)
			continue
		}
		if from == 0 {
			a.block()
		}
		opposite := around(part).opposite()
		for i, box := range a.blocks {
			if box.meets(opposite) {
				k.meetPart(a.list[i*blockSize:min((i+1)*blockSize, len(a.list))], part)
			}
		}
	}
}

// meetPart appends the pairs of edges with those on the board.
func (k *Kernel) meetPart(a, part []edge) {
	for i := range a {
		box := a[i].box
		found := k.board.meets(box)
		if found == 0 {
			continue
		}
		for opposite := box.opposite(); found != 0; found &= found - 1 {
			if other := &part[bits.TrailingZeros64(found)]; other.box.meets(opposite) {
				k.pairs = append(k.pairs, edgePair{a[i].from, other.from})
			}
		}
	}
}

// blockSize is the number of neighbouring edges that are compared with a part of the other geometry at once, when both
// have many.
const blockSize = 16

func (e *edges) block() {
	e.blocks = e.blocks[:0]
	for i := 0; i < len(e.list); i += blockSize {
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

// selfMeetings appends the pairs of edges of one geometry whose boxes share a cell, each once.
func (k *Kernel) selfMeetings(e *edges) {
	k.pairs = k.pairs[:0]
	for from := 0; from < len(e.list); from += boardSize {
		to := min(from+boardSize, len(e.list))
		part := e.list[from:to]
		k.board.set(part)
		for i := range part { // with those behind it in the same part
			box := part[i].box
			opposite := box.opposite()
			for found := k.board.meets(box) &^ (2<<i - 1); found != 0; found &= found - 1 {
				if other := &part[bits.TrailingZeros64(found)]; other.box.meets(opposite) {
					k.pairs = append(k.pairs, edgePair{part[i].from, other.from})
				}
			}
		}
		k.meetPart(e.list[to:], part)
	}
}
