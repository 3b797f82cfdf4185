package server

import (
	"reflect"
	"slices"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// sighting is something that was read of a layer at a revision: one feature, or some that a query found. Pages that
// follow each other are one sighting.
type sighting struct {
	revision plan.Revision
	only     string // the id of the one feature; "" when it was a page
	filter   plan.Expression
	sorted   bool   // not in the order of ids: it shows everything that the filter keeps, once it is complete
	after    string // the id that it comes after; "" from the beginning
	last     string // the last id; "" when nothing came later
	skipped  int    // of the first page (WFS startIndex)
	end      int    // the number of the feature after the last, where pages are counted
}

// sightings remember what each author has read of each layer. Clients such as QGIS never say what their edit was made
// from (If-Match); what they have read last is the best that is known of it. It lives in the memory of one node.
type sightings struct {
	sync.Mutex
	of map[sighted][]sighting // oldest first
}

type sighted struct{ author, layer string }

// The bounds of what is remembered.
const (
	sightingsKept = 64
	sightedKept   = 10_000
)

func newSightings() *sightings { return &sightings{of: map[sighted][]sighting{}} }

// note remembers that the author has read the page of the query at the revision.
func (s *sightings) note(author string, q plan.Query, revision plan.Revision, page *atlas.Page) {
	if author == "" {
		return
	}
	look := sighting{revision: revision, filter: q.Filter, sorted: len(q.Sort) > 0, after: q.After, last: page.Next, skipped: q.Skip, end: q.Skip + len(page.Slots)}
	if q.Skip > 0 && !look.sorted && len(page.Slots) > 0 {
		look.after = before(page)
	}
	s.add(sighted{author, q.Layer}, look)
}

// before gives the id that stands before the page in the layer, or "".
func before(page *atlas.Page) (id string) {
	slot, found := page.Snapshot.Before(page.Snapshot.ID(page.Slots[0]))
	if found {
		id = page.Snapshot.ID(slot)
	}
	return id
}

// noteOne remembers that the author has read the feature as it is now.
func (s *sightings) noteOne(author string, snapshot *atlas.Snapshot, slot atlas.Slot) {
	if author != "" {
		s.add(sighted{author, snapshot.Layer().ID}, sighting{revision: snapshot.Revision(), only: snapshot.ID(slot)})
	}
}

func (s *sightings) add(key sighted, look sighting) {
	s.Lock()
	defer s.Unlock()
	seen := s.of[key]
	if n := len(seen) - 1; n >= 0 && seen[n].continues(look) {
		seen[n].last, seen[n].end = look.last, look.end
		return
	}
	if len(seen) == sightingsKept { // single features go first: a client looks at each that it has made
		oldest := max(0, slices.IndexFunc(seen, func(s sighting) bool { return s.only != "" }))
		seen = slices.Delete(seen, oldest, oldest+1)
	}
	if len(s.of) >= sightedKept {
		clear(s.of)
	}
	s.of[key] = append(seen, look)
}

// continues reports whether next is the page after what has been seen.
func (s sighting) continues(next sighting) bool {
	follows := next.after != "" && next.after == s.last || next.skipped > 0 && next.skipped == s.end
	return s.only == "" && next.only == "" && follows && s.revision == next.revision && s.sorted == next.sorted && reflect.DeepEqual(s.filter, next.filter)
}

// seen gives what the author has read of the layer, oldest first.
func (s *sightings) seen(author, layer string) []sighting {
	s.Lock()
	defer s.Unlock()
	return slices.Clone(s.of[sighted{author, layer}])
}

// shows reports whether the feature, as it was then, was among what was read.
func (s sighting) shows(layer *plan.Layer, f *plan.Feature) bool {
	switch {
	case s.only != "":
		return f.ID == s.only
	case s.sorted && (s.after != "" || s.last != "" || s.skipped > 0):
		return false
	case s.after != "" && plan.CompareIDs(f.ID, s.after) <= 0, s.last != "" && plan.CompareIDs(f.ID, s.last) > 0:
		return false
	case s.filter == nil:
		return true
	}
	found, err := atlas.Of(layer, f).Find(plan.Query{Layer: layer.ID, Filter: s.filter})
	return err == nil && found.Matched == 1
}
