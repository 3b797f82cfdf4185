package atlas

import (
	"cmp"
	"encoding/binary"
	"slices"

	"strukturbild/internal/plan"
)

// candidate is a feature with the beginning of its id.
type candidate struct {
	rank uint64
	slot Slot
}

// rank orders ids as plan.CompareIDs does as far as a word can tell: their length and first seven bytes. That is all of
// most ids, so that sorting a page seldom looks at the ids themselves.
func rank(id string) uint64 {
	if len(id) > 254 {
		return 255 << 56
	}
	var word [8]byte
	word[0] = byte(len(id))
	copy(word[1:], id)
	return binary.BigEndian.Uint64(word[:])
}

// shortlist keeps the first candidates in the order of plan.CompareIDs of any number that come in no order.
type shortlist struct {
	snapshot *Snapshot
	limit    int // 0: keep all
	added    int
	list     []candidate
	full     bool   // what ranks behind last is out
	last     uint64 // rank
}

func (l *shortlist) add(slot Slot, id string) {
	l.added++
	c := candidate{rank(id), slot}
	if l.full && c.rank > l.last {
		return
	}
	l.list = append(l.list, c)
	if l.limit > 0 && len(l.list) >= 2*l.limit {
		l.cut()
	}
}

// cut sorts the list and drops what is behind the limit.
func (l *shortlist) cut() {
	slices.SortFunc(l.list, l.compare)
	if l.limit > 0 && len(l.list) >= l.limit {
		l.list = l.list[:l.limit]
		l.full, l.last = true, l.list[l.limit-1].rank
	}
}

func (l *shortlist) compare(a, b candidate) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	return plan.CompareIDs(l.snapshot.ID(a.slot), l.snapshot.ID(b.slot))
}

// slots gives the first candidates, and whether there were more.
func (l *shortlist) slots() (slots []Slot, more bool) {
	l.cut()
	slots = make([]Slot, len(l.list))
	for i, c := range l.list {
		slots[i] = c.slot
	}
	return slots, l.added > len(slots)
}
