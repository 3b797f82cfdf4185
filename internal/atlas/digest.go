package atlas

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"strukturbild/internal/plan"
)

// contentDigest hashes the geometry and the values of a feature, not its id and revision.
func contentDigest(f *plan.Feature) uint64 {
	var d xxhash.Digest
	d.Reset()
	var buffer [4096]byte
	b := buffer[:0]
	for _, x := range f.Geometry.Coords {
		if b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x)); len(b) > len(buffer)-8 {
			_, _ = d.Write(b)
			b = b[:0]
		}
	}
	_, _ = d.Write(b)
	for _, bounds := range [][]uint32{f.Geometry.Ends, f.Geometry.Parts} {
		b = binary.LittleEndian.AppendUint32(buffer[:0], uint32(len(bounds)))
		for _, end := range bounds {
			b = binary.LittleEndian.AppendUint32(b, end)
		}
		_, _ = d.Write(b)
	}
	_, _ = d.Write(appendRow(buffer[:0], f.Values))
	return d.Sum64()
}

// Checksum tells whether two copies of a layer are the same: the number of features, and the sum of their hashes, which
// does not depend on their order.
type Checksum struct {
	Features int    `json:"features"`
	Sum      uint64 `json:"sum,string"`
}

// Add takes one more feature into the sum: its id, revision, geometry and values.
func (c *Checksum) Add(f *plan.Feature) {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(f.ID)
	_, _ = d.Write(binary.LittleEndian.AppendUint64(nil, uint64(f.Since)))
	_, _ = d.Write(binary.LittleEndian.AppendUint64(nil, contentDigest(f)))
	c.Features++
	c.Sum += d.Sum64()
}

// Checksum gives the sum over the layer.
func (s *Snapshot) Checksum() (c Checksum) {
	for slot := range s.All("") {
		f := s.Feature(slot)
		c.Add(&f)
	}
	return c
}
