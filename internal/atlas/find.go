package atlas

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Page is one page of the features that a query asks for, in the order of plan.CompareIDs.
type Page struct {
	Snapshot *Snapshot
	Slots    []Slot
	Matched  int    // features that match, on all pages together
	Next     string // id to go on after; "" when this is the last page
}

// Find answers the query from the snapshot; the query's layer and revision have been used to find the snapshot.
func (s *Snapshot) Find(q plan.Query) (*Page, error) {
	keep, err := s.filter(q)
	if err != nil {
		return nil, err
	}
	if q.Box != nil {
		return s.findInBox(q, keep), nil
	}
	page := &Page{Snapshot: s, Matched: s.Len()}
	if keep != nil {
		page.Matched = s.count(keep)
	}
	for slot := range s.All(q.After) {
		if keep != nil && !keep(slot) {
			continue
		}
		if q.Limit > 0 && len(page.Slots) == q.Limit {
			page.Next = s.ID(page.Slots[q.Limit-1])
			break
		}
		page.Slots = append(page.Slots, slot)
	}
	return page, nil
}

func (s *Snapshot) count(keep func(Slot) bool) (n int) {
	for slot := range s.All("") {
		if keep(slot) {
			n++
		}
	}
	return n
}

// findInBox collects the matches of the index, which come in no order, and cuts the page from them.
func (s *Snapshot) findInBox(q plan.Query, keep func(Slot) bool) *Page {
	page := &Page{Snapshot: s}
	first := shortlist{snapshot: s, limit: q.Limit}
	s.Search(*q.Box, func(slot Slot) bool {
		if !s.inside(slot, q) || (keep != nil && !keep(slot)) {
			return true
		}
		page.Matched++
		if id := s.ID(slot); q.After == "" || plan.CompareIDs(id, q.After) > 0 {
			first.add(slot, id)
		}
		return true
	})
	var more bool
	if page.Slots, more = first.slots(); more {
		page.Next = s.ID(page.Slots[len(page.Slots)-1])
	}
	return page
}

// inside refines the index's candidate exactly: its box touches the query's, but does its shape?
func (s *Snapshot) inside(slot Slot, q plan.Query) bool {
	if q.Area != nil {
		return geo.Intersects(s.Geometry(slot), *q.Area)
	}
	return q.Box.Contains(s.Box(slot)) || geo.IntersectsBox(s.Geometry(slot), *q.Box)
}

// filter gives the test on attributes that the query asks for, or nil when it asks for none.
func (s *Snapshot) filter(q plan.Query) (func(Slot) bool, error) {
	equal := make(map[int]string, len(q.Equal))
	for name, value := range q.Equal {
		i := s.layer.Attribute(name)
		if i < 0 {
			return nil, plan.Errorf(plan.Invalid, name, "layer %q has no attribute %q", s.layer.ID, name)
		}
		equal[i] = value
	}
	var dates []int
	if q.Interval != nil {
		dates = s.dateAttributes()
	}
	if len(equal) == 0 && len(dates) == 0 {
		return nil, nil
	}
	return func(slot Slot) bool {
		values := s.Values(make([]plan.Value, 0, 16), slot)
		for i, want := range equal {
			if values[i].IsNull() || values[i].String() != want {
				return false
			}
		}
		return len(dates) == 0 || inInterval(values, dates, *q.Interval)
	}, nil
}

func (s *Snapshot) dateAttributes() (indexes []int) {
	for i, a := range s.layer.Attributes {
		if a.Type == plan.Date || a.Type == plan.DateTime {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// inInterval follows OGC API Features Part 1, 7.15.4: a feature without temporal information is selected.
func inInterval(values []plan.Value, dates []int, interval plan.Interval) bool {
	timeless := true
	for _, i := range dates {
		v := values[i]
		if v.IsNull() {
			continue
		}
		timeless = false
		end := v.Time()
		if v.Kind() == plan.Date {
			end = end.AddDate(0, 0, 1).Add(-1) // a date is its whole day
		}
		if (interval.To.IsZero() || !v.Time().After(interval.To)) && (interval.From.IsZero() || !end.Before(interval.From)) {
			return true
		}
	}
	return timeless
}
