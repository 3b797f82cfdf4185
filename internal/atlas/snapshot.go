package atlas

import (
	"iter"
	"math"

	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

	"strukturbild/internal/plan"
)

// Slot is a feature's number in one snapshot. It means nothing in another.
type Slot uint32

// record is what a snapshot keeps of one feature beside its pages.
type record struct {
	box    plan.Box
	id     string // points into the text pages
	since  plan.Revision
	coords place
	shape  place // path ends, then part ends
	row    place
	ends   uint32 // how many of shape are path ends
}

// keyed orders features by id: the order of every page.
type keyed struct {
	id   string
	slot Slot
}

// Snapshot is one layer at one revision. It never changes; every method may be called by any number of goroutines.
// Slices and texts that it hands out point into it and must not be written to.
type Snapshot struct {
	layer    *plan.Layer
	codes    []code        // of its attributes
	revision plan.Revision // of the layer: the last that changed it
	end      Slot          // every slot given out lies below, dead ones included
	ended    []Slot        // those that died, in that order; a successor's list begins with it
	records  pages[record]
	coords   pages[float64]
	shapes   pages[uint32]
	bytes    pages[byte]
	tree     *rtree.RTreeGN[float32, Slot]
	ids      *btree.BTreeG[keyed]
	spans    []span               // of the numbers of each attribute
	extent   func() plan.Box      // computed once, at the first question
	interval func() plan.Interval // likewise

	edition string                            // of a derived layer
	shape   func(Slot) (plan.Geometry, error) // of a derived layer: makes geometries that are not stored
}

// Layer gives the definition.
func (s *Snapshot) Layer() *plan.Layer { return s.layer }

// Revision gives the last revision that changed the layer.
func (s *Snapshot) Revision() plan.Revision { return s.revision }

// Len counts the features.
func (s *Snapshot) Len() int { return s.ids.Len() }

// Extent gives the bounds of all features; an empty box when there are none.
func (s *Snapshot) Extent() plan.Box { return s.extent() }

func (s *Snapshot) record(slot Slot) *record {
	return &s.records.list[slot/recordsPerPage][slot%recordsPerPage]
}

// slots gives a number above every slot.
func (s *Snapshot) slots() int { return len(s.records.list) * recordsPerPage }

// ID gives the feature's id.
func (s *Snapshot) ID(slot Slot) string { return s.record(slot).id }

// Box gives the bounds of the feature.
func (s *Snapshot) Box(slot Slot) plan.Box { return s.record(slot).box }

// Since gives the revision that made the feature's version.
func (s *Snapshot) Since(slot Slot) plan.Revision { return s.record(slot).since }

// Geometry gives the feature's geometry; an empty one where that of a derived feature can't be made, of which Shape
// tells more.
func (s *Snapshot) Geometry(slot Slot) plan.Geometry {
	if s.shape != nil {
		g, _ := s.Shape(slot)
		return g
	}
	return s.stored(s.record(slot))
}

// stored gives the geometry that lies in the pages.
func (s *Snapshot) stored(r *record) plan.Geometry {
	shape := s.shapes.get(r.shape)
	g := plan.Geometry{Type: s.layer.GeometryType, Coords: s.coords.get(r.coords)}
	if r.ends > 0 {
		g.Ends = shape[:r.ends:r.ends]
	}
	if len(shape) > int(r.ends) {
		g.Parts = shape[r.ends:]
	}
	return g
}

// Values appends the feature's values to dst, in schema order.
func (s *Snapshot) Values(dst []plan.Value, slot Slot) []plan.Value {
	return decodeRow(dst, s.bytes.get(s.record(slot).row), s.codes)
}

// Feature gives the whole feature.
func (s *Snapshot) Feature(slot Slot) plan.Feature {
	values := make([]plan.Value, 0, len(s.layer.Attributes))
	return plan.Feature{ID: s.ID(slot), Since: s.Since(slot), Geometry: s.Geometry(slot), Values: s.Values(values, slot)}
}

// ByID finds a feature.
func (s *Snapshot) ByID(id string) (Slot, bool) {
	found, ok := s.ids.Get(keyed{id: id})
	return found.slot, ok
}

// Before finds the feature that comes before the id.
func (s *Snapshot) Before(id string) (before Slot, found bool) {
	s.ids.Descend(keyed{id: id}, func(k keyed) bool {
		if k.id == id {
			return true
		}
		before, found = k.slot, true
		return false
	})
	return before, found
}

// All yields every feature in the order of plan.CompareIDs, from the first id after the given one.
func (s *Snapshot) All(after string) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		s.ids.Ascend(keyed{id: after}, func(k keyed) bool {
			return k.id == after || yield(k.slot)
		})
	}
}

// Search calls yield with every feature whose bounds touch the box, until yield returns false. The box must be finite:
// a NaN would match everything.
func (s *Snapshot) Search(box plan.Box, yield func(Slot) bool) {
	if box.IsEmpty() {
		return
	}
	lo, hi := bounds32(box)
	s.tree.Search(lo, hi, func(_, _ [2]float32, slot Slot) bool {
		return !s.record(slot).box.Intersects(box) || yield(slot)
	})
}

// bounds32 rounds outward: half the memory of the index, and never a missed candidate.
func bounds32(box plan.Box) (lo, hi [2]float32) {
	return [2]float32{down(box.MinX), down(box.MinY)}, [2]float32{up(box.MaxX), up(box.MaxY)}
}

func down(x float64) float32 {
	f := float32(x)
	if float64(f) > x {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func up(x float64) float32 {
	f := float32(x)
	if float64(f) < x {
		f = math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

func (s *Snapshot) scanExtent() plan.Box {
	box := plan.EmptyBox
	s.ids.Scan(func(k keyed) bool {
		box = box.Union(s.record(k.slot).box)
		return true
	})
	return box
}
