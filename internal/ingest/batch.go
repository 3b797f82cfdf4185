package ingest

import (
	"sync"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Batch is what a file held, all of it checked and in the house's coordinates. It is plan.Features: ids are "" where the
// file gives none. A large one lies on the disk, so that it is to be closed.
type Batch struct {
	CRS      geo.CRS        // what the file was read in
	Notices  []plan.Finding // what was changed on the way in or is odd; with Checks.Skip also the faults of what was left out
	Read     int            // features in the file
	Repaired int            // features whose geometry was repaired, of those in the batch
	Refused  int            // features that were left out (Checks.Skip)

	ids      []string
	in       plan.Stored // what the layer had when the file was read; nil: nothing
	stored   []uint32    // one more than the number there of each feature; 0 for one that is kept here
	numbers  []uint32    // in the file, when some were left out before
	features spool
	views    sync.Pool // of *spoolView
}

// Len counts the features.
func (b *Batch) Len() int { return len(b.ids) }

// ID gives the id of feature i; "" where the file gives none.
func (b *Batch) ID(i int) string { return b.ids[i] }

// Number gives the number in the file of feature i.
func (b *Batch) Number(i int) int {
	if b.numbers == nil {
		return i
	}
	return int(b.numbers[i])
}

// Stored tells which feature of the layer, as it was when the file was read, feature i is equal to.
func (b *Batch) Stored(i int) (in plan.Stored, number uint32, equal bool) {
	if b.in == nil || b.stored[i] == 0 {
		return nil, 0, false
	}
	return b.in, b.stored[i] - 1, true
}

// add notes a feature, whose number in the file is given.
func (b *Batch) add(d *draft, number int) {
	if b.numbers == nil && number != len(b.ids) {
		b.numbers = make([]uint32, len(b.ids))
		for i := range b.numbers {
			b.numbers[i] = uint32(i)
		}
	}
	if b.ids = append(b.ids, d.feature.ID); b.numbers != nil {
		b.numbers = append(b.numbers, uint32(number))
	}
	if b.in != nil {
		b.stored = append(b.stored, d.stored)
	}
}

// At reads feature i. Its slices are f's own; goroutines with an f each don't disturb each other.
func (b *Batch) At(i int, f *plan.Feature) error {
	if in, number, equal := b.Stored(i); equal {
		in.Copy(number, f)
		f.ID = b.ids[i]
		return nil
	}
	view, _ := b.views.Get().(*spoolView)
	if view == nil {
		view = &spoolView{spool: &b.features}
	}
	defer b.views.Put(view)
	raw, err := view.read(i)
	if err != nil {
		return err
	}
	w := wire{rest: raw}
	w.feature(f)
	f.ID = b.ids[i]
	if w.err != nil || len(w.rest) > 0 {
		return plan.Because(errWire, plan.Internal, "", "what was read from the file could not be read back")
	}
	return nil
}

// Close gives the disk back. The features can't be read any more.
func (b *Batch) Close() error { return b.features.Close() }

// buffers lends bytes, about a chunk's worth.
var buffers = sync.Pool{New: func() any { return new([]byte) }}
