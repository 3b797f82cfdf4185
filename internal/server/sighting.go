package server

import (
	"slices"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// sighting is something that was read of a layer at a revision: one feature, or those in a box from one id to another.
type sighting struct {
	revision    plan.Revision
	only        string    // the id of the one feature; "" when it was a page
	box         *plan.Box // nil: everywhere
	after, last string    // last is "" when nothing came later
}

// sightings remember what each author has read of each layer. Clients such as QGIS never say what their edit was made
// from (If-Match); what they have read last is the best that is known of it. It lives in the memory of one node, and a
// filter on attributes is not part of it: what was read with one counts as everything in its box.
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
	s.add(sighted{author, q.Layer}, sighting{revision: revision, box: q.Box, after: q.After, last: page.Next})
}

func (s *sightings) add(key sighted, look sighting) {
	s.Lock()
	defer s.Unlock()
	seen := s.of[key]
	if n := len(seen) - 1; n >= 0 && seen[n].continues(look) {
		seen[n].last = look.last
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
	sameBox := s.box == next.box || s.box != nil && next.box != nil && *s.box == *next.box
	return sameBox && s.only == "" && s.revision == next.revision && s.last != "" && s.last == next.after
}

// seen gives what the author has read of the layer, oldest first.
func (s *sightings) seen(author, layer string) []sighting {
	s.Lock()
	defer s.Unlock()
	return slices.Clone(s.of[sighted{author, layer}])
}

// shows reports whether the feature, as it was then, was among what was read.
func (s sighting) shows(f *plan.Feature) bool {
	if s.only != "" {
		return f.ID == s.only
	}
	inRange := (s.after == "" || plan.CompareIDs(f.ID, s.after) > 0) && (s.last == "" || plan.CompareIDs(f.ID, s.last) <= 0)
	return inRange && (s.box == nil || s.box.Intersects(f.Geometry.Box()))
}

// noteOne remembers that the author has read the feature as it is now.
func (s *sightings) noteOne(author string, snapshot *atlas.Snapshot, slot atlas.Slot) {
	if author == "" {
		return
	}
	s.add(sighted{author, snapshot.Layer().ID}, sighting{revision: snapshot.Revision(), only: snapshot.ID(slot)})
}
