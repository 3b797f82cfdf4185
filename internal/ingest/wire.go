package ingest

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// A feature in bytes, for the disk and for pipes between processes of one version of the program. Numbers are unsigned
// varints unless said otherwise; "bytes" are their number and themselves.
//
//	feature  = bytes (id), geometry, number of values, value ...
//	geometry = type (one byte: 0 none, 1 point, 2 line, 3 polygon), number of coordinates, coordinate ...,
//	           number of ends, end ..., number of parts, part ...
//	coordinate, end, part: 8, 4 and 4 bytes, little-endian; each list as in plan.Geometry
//	value    = tag (one byte), and by the tag
//	           0 null; 1 text: bytes; 2 integer, 6 date, 7 instant: zigzag varint; 3 number: 8 bytes; 4 false; 5 true
//
// The reader trusts nothing but that the bytes end: what does not fit them is errWire, and nothing is allocated for it.

var errWire = errors.New("the bytes of a feature can't be read")

var wireTypes = []plan.GeometryType{plan.None, plan.Point, plan.Line, plan.Polygon}

const (
	wireNull = iota
	wireText
	wireInteger
	wireNumber
	wireFalse
	wireTrue
	wireDate
	wireInstant
)

// appendFeature writes a feature; Since is left out.
func appendFeature(dst []byte, f *plan.Feature) []byte {
	dst = appendBytes(dst, f.ID)
	g := &f.Geometry
	dst = append(dst, byte(max(slices.Index(wireTypes, g.Type), 0)))
	dst = binary.AppendUvarint(dst, uint64(len(g.Coords)))
	dst = slices.Grow(dst, 8*len(g.Coords))
	for _, c := range g.Coords {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(c))
	}
	for _, list := range [][]uint32{g.Ends, g.Parts} {
		dst = binary.AppendUvarint(dst, uint64(len(list)))
		for _, end := range list {
			dst = binary.LittleEndian.AppendUint32(dst, end)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.Values)))
	for _, v := range f.Values {
		dst = appendValue(dst, v)
	}
	return dst
}

func appendBytes[T string | []byte](dst []byte, b T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func appendValue(dst []byte, v plan.Value) []byte {
	switch v.Kind() {
	case plan.String:
		return appendBytes(append(dst, wireText), v.Text())
	case plan.Integer:
		return binary.AppendVarint(append(dst, wireInteger), v.Int())
	case plan.Number:
		return binary.LittleEndian.AppendUint64(append(dst, wireNumber), math.Float64bits(v.Float()))
	case plan.Boolean:
		if v.Bool() {
			return append(dst, wireTrue)
		}
		return append(dst, wireFalse)
	case plan.Date:
		return binary.AppendVarint(append(dst, wireDate), v.Int())
	case plan.DateTime:
		return binary.AppendVarint(append(dst, wireInstant), v.Int())
	}
	return append(dst, wireNull)
}

// wire takes bytes apart. After the first fault it gives nothing but zeros.
type wire struct {
	rest []byte
	err  error
}

// feature reads a feature into f, whose slices it reuses; nothing in f points into the bytes.
func (w *wire) feature(f *plan.Feature) {
	f.ID, f.Since = string(w.bytes()), 0
	w.geometry(&f.Geometry)
	f.Values = f.Values[:0]
	// One string holds all the texts of the feature.
	texts := string(w.rest)
	for range w.count(1) {
		f.Values = append(f.Values, w.value(texts[len(texts)-len(w.rest):]))
	}
}

func (w *wire) geometry(g *plan.Geometry) {
	kind := int(w.byte())
	if kind >= len(wireTypes) {
		w.fail()
		kind = 0
	}
	g.Type = wireTypes[kind]
	n := w.count(8)
	g.Coords = slices.Grow(g.Coords[:0], n)[:n]
	raw := w.take(8 * n)
	for i := range g.Coords {
		g.Coords[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	g.Ends, g.Parts = w.bounds(g.Ends), w.bounds(g.Parts)
}

// bounds reads a list of ends; nil when it is empty.
func (w *wire) bounds(reused []uint32) []uint32 {
	n := w.count(4)
	if n == 0 {
		return nil
	}
	list := slices.Grow(reused[:0], n)[:n]
	raw := w.take(4 * n)
	for i := range list {
		list[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return list
}

// value reads one value; text is what is left, as a string.
func (w *wire) value(text string) plan.Value {
	switch w.byte() {
	case wireNull:
		return plan.Value{}
	case wireText:
		n := w.count(1)
		from := len(text) - len(w.rest)
		w.take(n)
		return plan.TextValue(text[from : from+n])
	case wireInteger:
		return plan.IntegerValue(w.signed())
	case wireNumber:
		if raw := w.take(8); raw != nil {
			return plan.NumberValue(math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
	case wireFalse:
		return plan.BooleanValue(false)
	case wireTrue:
		return plan.BooleanValue(true)
	case wireDate:
		return plan.DateValue(w.signed())
	case wireInstant:
		return plan.DateTimeValue(w.signed())
	default:
		w.fail()
	}
	return plan.Value{}
}

func (w *wire) fail() { w.rest, w.err = nil, errWire }

func (w *wire) byte() byte {
	if raw := w.take(1); raw != nil {
		return raw[0]
	}
	return wireNull
}

// bytes gives a run of bytes, which belongs to what is read from.
func (w *wire) bytes() []byte { return w.take(w.count(1)) }

// take gives the next n bytes; nil when they are not there.
func (w *wire) take(n int) []byte {
	if n > len(w.rest) {
		w.fail()
		return nil
	}
	taken := w.rest[:n:n]
	w.rest = w.rest[n:]
	return taken
}

// count reads the number of things that take at least size bytes each, and believes it only when the bytes are there.
func (w *wire) count(size int) int {
	n := w.number()
	if n > uint64(len(w.rest)/size) {
		w.fail()
		return 0
	}
	return int(n)
}

func (w *wire) number() uint64 {
	n, read := binary.Uvarint(w.rest)
	if read <= 0 {
		w.fail()
		return 0
	}
	w.rest = w.rest[read:]
	return n
}

func (w *wire) signed() int64 {
	n, read := binary.Varint(w.rest)
	if read <= 0 {
		w.fail()
		return 0
	}
	w.rest = w.rest[read:]
	return n
}
