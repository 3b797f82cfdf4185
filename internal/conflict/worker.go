package conflict

import (
	"context"
	"math"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// worker measures pairs, one after the other. It is the scratch memory of one goroutine.
type worker struct {
	division.Divider
	large *sync.Map // slot -> *geo.Prepared of large polygons of the probed layer, shared; nil: each is met once
	hits
	slots  []atlas.Slot
	points []float64

	due           []*inquiry   // the rules that reach the feature at hand
	row           []plan.Value // its attributes
	apart, shared measurement  // its distance, and what it has in common with the claim
}

// record is one conflict of a block, small and without pointers: a region can have millions.
type record struct {
	size   float64 // in the block's unit
	a, b   atlas.Slot
	split  uint32 // with parts > 0: where the division among municipalities begins
	parts  uint8
	kind   uint8 // index of the rule's outcome
	kommun int16 // with parts = 0: the one municipality, or none
}

// unmeasured is a pair that could not be measured, or (b is nobody) a claim that nothing can be said about.
type unmeasured struct {
	a, b   atlas.Slot
	reason string
}

// nobody is the slot of no feature.
const nobody atlas.Slot = math.MaxUint32

// hits are the conflicts found so far.
type hits struct {
	records    []record
	splits     []division.Part
	unmeasured []unmeasured
}

func (h *hits) add(slot atlas.Slot, size float64, kind uint8, parts []division.Part) {
	r := record{size: size, b: slot, kind: kind}
	if len(parts) == 1 {
		r.kommun = parts[0].Kommun
	} else {
		r.split, r.parts = uint32(len(h.splits)), uint8(len(parts))
		h.splits = append(h.splits, parts...)
	}
	h.records = append(h.records, r)
}

// join appends the other's hits.
func (h *hits) join(other hits) {
	from := uint32(len(h.splits))
	h.splits = append(h.splits, other.splits...)
	for _, r := range other.records {
		r.split += from
		h.records = append(h.records, r)
	}
	h.unmeasured = append(h.unmeasured, other.unmeasured...)
}

// split gives the division of the record, when it lies in more than one municipality.
func (h *hits) split(r *record) []division.Part { return h.splits[r.split : r.split+uint32(r.parts)] }

// It pays to prepare a polygon that is held against so many candidates, or a large one that is met again and again.
const (
	prepareFrom = 16   // candidates
	largeFrom   = 1000 // vertices
)

// probe measures f, whose attributes the asking has, against the features of s from slot least on that are near enough,
// and adds what it hits with the feature as b. The caller fills in a.
func (w *worker) probe(ctx context.Context, a *asking, f *figure, s *atlas.Snapshot, least, except atlas.Slot) error {
	reach, applies, reason := a.begin(s)
	if !applies {
		if reason != "" {
			w.unmeasured = append(w.unmeasured, unmeasured{b: nobody, reason: reason})
		}
		return nil
	}
	w.search(s, f.box.Grow(reach), f, least, except)
	for i, slot := range w.slots {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		limit, applies, reason := a.admit(s, slot)
		if !applies {
			if reason != "" {
				w.unmeasured = append(w.unmeasured, unmeasured{b: slot, reason: reason})
			}
			continue
		}
		g := figure{geometry: s.Geometry(slot), box: s.Box(slot)}
		if w.large != nil && g.geometry.Type == plan.Polygon && g.geometry.NumVertices() >= largeFrom {
			g.prepared = w.preparedOnce(&g, slot)
		}
		if err := w.pair(a, limit, f, &g, slot); err != nil {
			w.unmeasured = append(w.unmeasured, unmeasured{b: slot, reason: err.Error()})
		}
	}
	return nil
}

// search lists the features of s that reach into the box, from slot least on, and prepares f when they are many.
func (w *worker) search(s *atlas.Snapshot, box plan.Box, f *figure, least, except atlas.Slot) {
	w.slots = w.slots[:0]
	s.Search(box, func(slot atlas.Slot) bool {
		if slot >= least && slot != except {
			w.slots = append(w.slots, slot)
		}
		return true
	})
	if len(w.slots) >= prepareFrom && f.prepared == nil && f.geometry.Type == plan.Polygon {
		f.prepared = geo.Prepare(f.geometry)
	}
}

// preparedOnce prepares a large polygon of the probed layer. Two workers may both do it; both get good ones.
func (w *worker) preparedOnce(g *figure, slot atlas.Slot) *geo.Prepared {
	if known, found := w.large.Load(slot); found {
		return known.(*geo.Prepared)
	}
	p, _ := w.large.LoadOrStore(slot, geo.Prepare(g.geometry))
	return p.(*geo.Prepared)
}

// pair measures one pair, and places it when it is a conflict.
func (w *worker) pair(a *asking, limit float64, f, g *figure, slot atlas.Slot) error {
	u := unitOf(a.rule.Relation, f.geometry.Type, g.geometry.Type)
	size, meets, err := w.measure(u, limit, f, g)
	if err != nil || !meets || !a.rule.counts(u, size, limit, f, g) {
		return err
	}
	parts, err := w.place(u, f, g, size)
	if err != nil {
		return err
	}
	w.add(slot, size, a.outcome(u, size), parts)
	return nil
}
