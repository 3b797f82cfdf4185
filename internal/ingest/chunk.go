package ingest

import (
	"sync"

	"strukturbild/internal/geo"
)

// chunk is a run of features that are decoded together.
type chunk struct {
	raw    []byte   // the features, one after the other
	ends   []int    // end of each in raw
	at     []int64  // offset of each in the body
	crs    *geo.CRS // what their coordinates are in; nil when it is not known yet
	drafts []draft
	done   chan struct{} // closed when drafts are there, and placed if crs is known
}

// A chunk is full when it has so many bytes or features.
const (
	chunkBytes    = 128 << 10
	chunkFeatures = 256
)

// buffers lends the raw bytes of chunks.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

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

func (c *chunk) decode(d *decoder) {
	defer close(c.done)
	c.drafts = make([]draft, len(c.ends))
	from := 0
	for i, end := range c.ends {
		c.drafts[i] = d.draft(c.raw[from:end:end], c.at[i])
		from = end
	}
	if raw := c.raw; cap(raw) <= 2*chunkBytes {
		buffers.Put(&raw)
	}
	c.raw = nil
	if c.crs != nil {
		c.place(d, *c.crs)
	}
}

func (c *chunk) place(d *decoder, crs geo.CRS) {
	for i := range c.drafts {
		d.place(&c.drafts[i], crs)
	}
}
