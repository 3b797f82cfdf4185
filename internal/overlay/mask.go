package overlay

import "math/bits"

// mostBits is how many kinds can have borders in one cell that is measured: what is beyond that in a cell too small to be
// divided, a square centimetre, counts as outside.
const mostBits = 128

// mask is a set of kinds that have borders in a cell, by their bits.
type mask [2]uint64

func (m *mask) flip(bit int16) { m[bit>>6] ^= 1 << (bit & 63) }

// hash gives few kinds as they are: sets of those never collide in a table of areas.
func (m mask) hash() uint64 {
	return m[0] ^ m[0]>>8 ^ m[0]>>23 ^ bits.RotateLeft64(m[1]*0x9e3779b97f4a7c15, 23)
}

// bitTable gives the kinds with borders in a cell their bits.
type bitTable struct {
	kinds []int32 // by bit
	bit   []int16 // by kind, zones below figures; -1: none
	zones int
}

func newBitTable(zones, kinds int) bitTable {
	t := bitTable{bit: make([]int16, zones+kinds), zones: zones}
	for i := range t.bit {
		t.bit[i] = -1
	}
	return t
}

func (t *bitTable) clear() {
	for _, kind := range t.kinds {
		t.bit[int(kind)+t.zones] = -1
	}
	t.kinds = t.kinds[:0]
}

// of gives the bit of a kind, a new one if need be; -1 when there are too many.
func (t *bitTable) of(kind int32) int16 {
	bit := &t.bit[int(kind)+t.zones]
	if *bit < 0 && len(t.kinds) < mostBits {
		*bit = int16(len(t.kinds))
		t.kinds = append(t.kinds, kind)
	}
	return *bit
}

func (t *bitTable) known(kind int32) int16 { return t.bit[int(kind)+t.zones] }

// areas adds up areas by mask: a hash table with open addresses.
type areas struct {
	slots []areaSlot
	used  []int32
}

type areaSlot struct {
	mask    mask
	area    float64
	full    bool
	grouped bool // its group has been asked for
	group   int32
}

func (t *areas) add(m mask, area float64) {
	if len(t.slots) > 0 {
		if s := &t.slots[m.hash()&uint64(len(t.slots)-1)]; s.full && s.mask == m {
			s.area += area
			return
		}
	}
	t.at(m).area += area
}

// at gives the slot of a mask; it is good until the next call.
func (t *areas) at(m mask) *areaSlot {
	if 2*len(t.used) >= len(t.slots) {
		t.grow()
	}
	return t.slot(m)
}

// slot finds the slot of a mask, or takes an empty one.
func (t *areas) slot(m mask) *areaSlot {
	last := uint64(len(t.slots) - 1)
	for i := m.hash() & last; ; i = (i + 1) & last {
		s := &t.slots[i]
		if !s.full {
			*s = areaSlot{mask: m, full: true}
			t.used = append(t.used, int32(i))
			return s
		}
		if s.mask == m {
			return s
		}
	}
}

func (t *areas) grow() {
	old, used := t.slots, t.used
	t.slots, t.used = make([]areaSlot, max(64, 2*len(old))), nil
	for _, i := range used {
		*t.slot(old[i].mask) = old[i]
	}
}

func (t *areas) each(yield func(m mask, area float64)) {
	for _, i := range t.used {
		yield(t.slots[i].mask, t.slots[i].area)
	}
}

func (t *areas) clear() {
	for _, i := range t.used {
		t.slots[i].full = false
	}
	t.used = t.used[:0]
}
