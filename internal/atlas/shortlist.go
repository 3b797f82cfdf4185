package atlas

import (
	"cmp"
	"slices"
)

// candidate is a feature with its rank, so that sorting a page seldom looks at the features themselves.
type candidate struct {
	rank uint64
	slot Slot
}

// shortlist keeps the first candidates in an order of any number that come in none.
type shortlist struct {
	order *order
	limit int // 0: keep all
	added int
	list  []candidate
	full  bool   // what ranks behind last is out
	last  uint64 // rank
}

func (l *shortlist) add(slot Slot) {
	l.added++
	c := candidate{l.order.rank(slot), slot}
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
	return l.order.compare(a.slot, b.slot)
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
