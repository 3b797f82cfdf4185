package atlas

import (
	"iter"

	"strukturbild/internal/plan"
)

// Page is one page of the features that a query asks for, in the query's order.
type Page struct {
	Snapshot *Snapshot
	Slots    []Slot
	Matched  int    // features that match, on all pages together
	Next     string // id to go on after; "" when this is the last page
	wanted   projection
}

// Layer gives the definition of what the page has: the layer's, with the properties that were asked for.
func (p *Page) Layer() *plan.Layer { return p.wanted.layer }

// Features yields the features of the page with the properties that were asked for, reusing one.
func (p *Page) Features() iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		var feature plan.Feature
		for _, slot := range p.Slots {
			p.wanted.read(p.Snapshot, slot, &feature)
			if !yield(&feature) {
				return
			}
		}
	}
}

// Find answers the query from the snapshot; the query's layer and revision have been used to find the snapshot. The error
// is a plan.Error, Invalid, for what does not fit the layer.
func (s *Snapshot) Find(q plan.Query) (*Page, error) {
	q, err := s.layer.CheckQuery(q)
	if err != nil {
		return nil, err
	}
	page := &Page{Snapshot: s, wanted: project(s.layer, q.Properties)}
	if q.Filter == nil && len(q.Sort) == 0 {
		s.walk(q, page)
		return page, nil
	}
	f, err := s.filter(q.Filter)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if q.After != "" && q.Matched > 0 && len(q.Sort) == 0 && !f.index.named && !f.index.boxed {
		s.goOn(q, f, page)
		return page, f.err()
	}
	order, err := s.order(q)
	if err != nil {
		return nil, err
	}
	s.collect(q, f, order, page)
	return page, f.err()
}

// walk cuts a page from all features, which have their order already.
func (s *Snapshot) walk(q plan.Query, page *Page) {
	page.Matched = s.Len()
	after := q.After
	if q.Skip > 0 && after == "" {
		last, found := s.ids.GetAt(min(q.Skip, s.Len()) - 1)
		if !found {
			return
		}
		after = last.id
	}
	for slot := range s.All(after) {
		if q.Limit > 0 && len(page.Slots) == q.Limit {
			page.Next = s.ID(page.Slots[q.Limit-1])
			return
		}
		page.Slots = append(page.Slots, slot)
	}
}

// goOn cuts a page in the order of ids from where the one before ended, which has counted what matches.
func (s *Snapshot) goOn(q plan.Query, f *filter, page *Page) {
	page.Matched = q.Matched
	for slot := range s.All(q.After) {
		if !f.keeps(slot) {
			continue
		}
		if q.Limit > 0 && len(page.Slots) == q.Limit {
			page.Next = s.ID(page.Slots[q.Limit-1])
			return
		}
		page.Slots = append(page.Slots, slot)
	}
}

// collect takes what the filter keeps, which comes in no order, and cuts the page from it.
func (s *Snapshot) collect(q plan.Query, f *filter, order *order, page *Page) {
	first := shortlist{order: order}
	if q.Limit > 0 {
		first.limit = q.Skip + q.Limit
	}
	for slot := range s.candidates(f) {
		if !f.keeps(slot) {
			continue
		}
		page.Matched++
		if !order.passed(slot) {
			first.add(slot)
		}
	}
	var more bool
	page.Slots, more = first.slots()
	page.Slots = page.Slots[min(q.Skip, len(page.Slots)):]
	if more && len(page.Slots) > 0 {
		page.Next = s.ID(page.Slots[len(page.Slots)-1])
	}
}

// candidates yields what the filter may keep.
func (s *Snapshot) candidates(f *filter) iter.Seq[Slot] {
	switch {
	case f.index.named:
		return s.named(f.index.ids)
	case f.index.boxed:
		return func(yield func(Slot) bool) { s.Search(f.index.box, yield) }
	}
	return s.All("")
}

// named yields the features with the ids, each once.
func (s *Snapshot) named(ids []string) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		seen := make(map[Slot]bool, len(ids))
		for _, id := range ids {
			slot, found := s.ByID(id)
			if !found || seen[slot] {
				continue
			}
			if seen[slot] = true; !yield(slot) {
				return
			}
		}
	}
}
