package ingest

import (
	"encoding/binary"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// chunk is a run of features that are decoded together.
type chunk struct {
	raw     []byte        // the features, one after the other
	ends    []int         // end of each in raw
	at      []int64       // offset of each in the body
	crs     *geo.CRS      // what their coordinates are in; nil when it is not known yet
	header  *streamHeader // of a stream from the child; nil for GeoJSON
	held    *held         // what raw has are drafts that waited until it was
	refused bool          // the file broke off meanwhile: only what was found already counts

	drafts []draft       // without their geometries and values, which are in kept
	kept   []byte        // the features: as the batch has them, or as drafts while crs is not known
	bounds []int         // end of each in kept
	accept []bool        // which of them go into the batch
	done   chan struct{} // closed when the worker has done its part
}

// held is what is known of a chunk of drafts on the disk.
type held struct {
	bounds   []int
	findings map[int][]plan.Finding
}

// A chunk is full when it has so many bytes or features.
const (
	chunkBytes    = 128 << 10
	chunkFeatures = 256
)

func newChunk(crs *geo.CRS) *chunk {
	return &chunk{crs: crs, raw: (*buffers.Get().(*[]byte))[:0], done: make(chan struct{})}
}

// full reports whether a feature of n bytes should go into another chunk.
func (c *chunk) full(n int) bool {
	return len(c.ends) > 0 && (len(c.raw)+n > chunkBytes || len(c.ends) == chunkFeatures)
}

func (c *chunk) add(raw []byte, at int64) {
	c.raw = append(c.raw, raw...)
	c.ends, c.at = append(c.ends, len(c.raw)), append(c.at, at)
}

// work decodes the features and, when it is known what their coordinates are in, takes them into the house.
func (c *chunk) work(d *decoder) {
	defer close(c.done)
	c.kept = (*buffers.Get().(*[]byte))[:0]
	c.drafts, c.bounds = make([]draft, len(c.ends)), make([]int, len(c.ends))
	from := 0
	for i, end := range c.ends {
		f := &c.drafts[i]
		c.decode(d, i, c.raw[from:end:end])
		from = end
		switch {
		case c.crs == nil:
			c.kept = f.append(c.kept)
		case !c.refused:
			if d.place(f, *c.crs); !f.faulty() && !d.find(f) {
				c.kept = appendFeature(c.kept, &f.feature)
			}
		}
		c.bounds[i] = len(c.kept)
		f.feature.Geometry, f.feature.Values = plan.Geometry{}, nil
	}
	giveBack(c.raw)
	c.raw = nil
}

// find looks for the feature in what the layer has already; then it need not be kept.
func (d *decoder) find(f *draft) bool {
	if d.stored == nil {
		return false
	}
	number, equal := d.stored.Holds(&f.feature)
	if equal {
		f.stored = number + 1
	}
	return equal
}

func (c *chunk) decode(d *decoder, i int, raw []byte) {
	switch {
	case c.held != nil:
		c.drafts[i] = draft{budget: &d.budget, findings: c.held.findings[i], feature: d.revived}
		c.drafts[i].read(raw)
		d.revived = c.drafts[i].feature
	case c.header != nil:
		c.drafts[i] = d.layerDraft(c.header, raw)
	default:
		c.drafts[i] = d.draft(raw, c.at[i])
	}
}

func giveBack(buffer []byte) {
	if cap(buffer) <= 2*chunkBytes {
		buffers.Put(&buffer)
	}
}

// accepted gives the features that go into the batch, and their ends, without what is refused.
func (c *chunk) accepted() (kept []byte, ends []int) {
	ends = c.bounds[:0]
	from, to := 0, 0
	for i, end := range c.bounds {
		if c.accept[i] {
			to += copy(c.kept[to:], c.kept[from:end])
			ends = append(ends, to)
		}
		from = end
	}
	return c.kept[:to], ends
}

// hold gives what is to be remembered of a chunk whose kept goes to the disk.
func (c *chunk) hold() *held {
	h := &held{bounds: c.bounds, findings: map[int][]plan.Finding{}}
	for i := range c.drafts {
		if found := c.drafts[i].findings; len(found) > 0 {
			h.findings[i] = found
		}
	}
	return h
}

// append writes a draft, its findings left out.
func (f *draft) append(dst []byte) []byte {
	flags := byte(0)
	if f.z {
		flags |= draftZ
	}
	if f.m {
		flags |= draftM
	}
	if f.pointer == "" {
		flags |= draftBare
	}
	dst = append(dst, flags, byte(f.depth))
	dst = binary.AppendUvarint(dst, uint64(f.more))
	dst = binary.AppendVarint(dst, f.at)
	return appendFeature(appendBytes(dst, f.crs), &f.feature)
}

const (
	draftZ    = 1 << iota // heights were dropped
	draftM                // measures were dropped
	draftBare             // a geometry that stands alone
)

// read takes a draft that append wrote.
func (f *draft) read(raw []byte) {
	w := wire{rest: raw}
	flags := w.byte()
	f.z, f.m, f.depth, f.more, f.at = flags&draftZ != 0, flags&draftM != 0, int(w.byte()), int(w.number()), w.signed()
	if flags&draftBare == 0 {
		f.pointer = geometryPointer
	}
	if crs := w.bytes(); len(crs) > 0 {
		f.crs = append(f.crs, crs...)
	}
	w.feature(&f.feature)
	f.lost = w.err
}
