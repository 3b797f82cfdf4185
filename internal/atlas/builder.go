package atlas

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

	"strukturbild/internal/plan"
)

const recordsPerPage = 1 << 10

// builder is the one writer of a layer. It owns the next state; publish hands out an immutable copy in O(1).
type builder struct {
	next    Snapshot
	scratch []byte
	shape   []uint32
}

func newBuilder(layer *plan.Layer) *builder {
	return &builder{next: Snapshot{
		layer: layer, codes: codesOf(layer.Attributes),
		tree: &rtree.RTreeGN[float32, Slot]{},
		ids: btree.NewBTreeGOptions(func(a, b keyed) bool { return plan.CompareIDs(a.id, b.id) < 0 },
			btree.Options{NoLocks: true}),
	}}
}

// put adds the feature, or a new version of it. Everything is copied.
func (b *builder) put(f *plan.Feature) { b.putIn(f, f.Geometry.Box()) }

// putIn is put of a feature that lies in the box.
func (b *builder) putIn(f *plan.Feature, box plan.Box) {
	b.remove(f.ID)
	r := record{box: box, id: b.text(f.ID), since: f.Since, ends: uint32(len(f.Geometry.Ends))}
	r.coords = b.next.coords.put(f.Geometry.Coords)
	b.shape = append(append(b.shape[:0], f.Geometry.Ends...), f.Geometry.Parts...)
	r.shape = b.next.shapes.put(b.shape)
	b.scratch = appendRow(b.scratch[:0], f.Values)
	r.row = b.next.bytes.put(b.scratch)
	b.widen(f.Values)

	slot := b.next.end
	b.next.end++
	b.addRecord(slot, r)
	b.next.ids.Load(keyed{r.id, slot})
	if !r.box.IsEmpty() {
		lo, hi := bounds32(r.box)
		b.next.tree.Insert(lo, hi, slot)
	}
}

func (b *builder) addRecord(slot Slot, r record) {
	records := &b.next.records
	if slot%recordsPerPage == 0 {
		records.list = append(records.list, make([]record, recordsPerPage))
	}
	records.list[slot/recordsPerPage][slot%recordsPerPage] = r
}

// text keeps the string in the pages, so that a million ids are no million objects.
func (b *builder) text(s string) string {
	kept := b.next.bytes.get(b.next.bytes.put([]byte(s)))
	return unsafe.String(unsafe.SliceData(kept), len(kept))
}

// remove ends the feature; an unknown id is no fault.
func (b *builder) remove(id string) {
	gone, found := b.next.ids.Delete(keyed{id: id})
	if !found {
		return
	}
	b.next.ended = append(b.next.ended, gone.slot)
	if box := b.next.record(gone.slot).box; !box.IsEmpty() {
		lo, hi := bounds32(box)
		b.next.tree.Delete(lo, hi, gone.slot)
	}
}

// wasteful reports whether dead versions outweigh the living, so that rebuilding pays.
func (b *builder) wasteful() bool { return int(b.next.end) > 2*b.next.ids.Len()+recordsPerPage }

// rebuilt gives a builder with the living features only.
func (b *builder) rebuilt() *builder {
	fresh := newBuilder(b.next.layer)
	for slot := range b.next.All("") {
		feature := b.next.Feature(slot)
		fresh.put(&feature)
	}
	return fresh
}

// publish gives the state as it is now, under the given definition. The builder goes on with its own copy.
func (b *builder) publish(layer *plan.Layer) *Snapshot {
	b.next.layer, b.next.codes = layer, codesOf(layer.Attributes)
	b.next.revision = layer.Revision
	s := b.next
	s.tree, s.ids, s.spans = b.next.tree.Copy(), b.next.ids.Copy(), slices.Clone(b.next.spans)
	s.extent, s.interval = sync.OnceValue(s.scanExtent), sync.OnceValue(s.scanInterval)
	return &s
}

// Empty gives a state of the layer without features.
func Empty(layer *plan.Layer) *Snapshot { return Of(layer) }

// Of gives a state of the layer with the features, to ask of them what one asks of a layer.
func Of(layer *plan.Layer, features ...*plan.Feature) *Snapshot {
	b := newBuilder(layer)
	for _, f := range features {
		b.put(f)
	}
	return b.publish(layer)
}
