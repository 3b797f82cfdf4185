package store

import (
	"encoding/binary"
	"io"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// copySignature begins a COPY stream in binary format: signature, flags, no header extension (PostgreSQL manual, COPY).
const copySignature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// copyFeatures is the binary COPY stream of the features, made as it is read:
// (partition, id, valid_from, geom, props).
type copyFeatures struct {
	layer     *plan.Layer
	partition int32
	revision  plan.Revision
	features  plan.Features
	next      int          // the first feature that is not encoded yet
	feature   plan.Feature // reused
	buffer    []byte
	read      int
	ended     bool
}

func newCopyFeatures(layer *plan.Layer, partition int32, revision plan.Revision, features plan.Features) *copyFeatures {
	return &copyFeatures{layer: layer, partition: partition, revision: revision, features: features, buffer: []byte(copySignature)}
}

const copyChunk = 1 << 16

func (c *copyFeatures) Read(p []byte) (int, error) {
	if c.read == len(c.buffer) {
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	if c.read == len(c.buffer) {
		return 0, io.EOF
	}
	n := copy(p, c.buffer[c.read:])
	c.read += n
	return n, nil
}

// fill encodes features until there is a chunk's worth.
func (c *copyFeatures) fill() error {
	c.buffer, c.read = c.buffer[:0], 0
	for ; c.next < c.features.Len() && len(c.buffer) < copyChunk; c.next++ {
		if err := c.features.At(c.next, &c.feature); err != nil {
			return err
		}
		c.appendTuple(&c.feature)
	}
	if c.next == c.features.Len() && !c.ended {
		c.buffer = binary.BigEndian.AppendUint16(c.buffer, 0xffff) // the trailer: -1 fields
		c.ended = true
	}
	return nil
}

func (c *copyFeatures) appendTuple(f *plan.Feature) {
	b := binary.BigEndian.AppendUint16(c.buffer, 5)
	b = binary.BigEndian.AppendUint32(b, 4)
	b = binary.BigEndian.AppendUint32(b, uint32(c.partition))
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.ID)))
	b = append(b, f.ID...)
	b = binary.BigEndian.AppendUint32(b, 8)
	b = binary.BigEndian.AppendUint64(b, uint64(c.revision))
	if f.Geometry.IsEmpty() {
		b = binary.BigEndian.AppendUint32(b, 0xffffffff) // null
	} else {
		b = field(b, func(b []byte) []byte { return geo.AppendEWKB(b, f.Geometry) })
	}
	c.buffer = field(b, func(b []byte) []byte {
		return appendProperties(append(b, 1), c.layer, f.Values) // 1: the version of jsonb's binary format
	})
}

// field appends a length word and what encode appends, and sets the word.
func field(b []byte, encode func([]byte) []byte) []byte {
	at := len(b)
	b = encode(append(b, 0, 0, 0, 0))
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}
