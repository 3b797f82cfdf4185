package export

import (
	"encoding/binary"
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// column is an attribute as the child makes it a field. What it is in the file can differ from what it is in the layer.
type column struct {
	Name      string
	Title     string
	Kind      kind
	Width     int // characters; 0 is the format's own
	Precision int
	Required  bool
}

// kind is the type of a field, as records.c knows it.
type kind byte

const (
	kindText    kind = 's'
	kindInteger kind = 'i'
	kindNumber  kind = 'd'
	kindBoolean kind = 'b'
	kindDate    kind = 'D'
	kindInstant kind = 'T'
)

var kindOf = map[plan.Kind]kind{plan.String: kindText, plan.Integer: kindInteger, plan.Number: kindNumber, plan.Boolean: kindBoolean,
	plan.Date: kindDate, plan.DateTime: kindInstant}

// recorder makes the records that the child takes, made so that C can read them without thought. All numbers are
// little-endian:
//
//	record = bytes of the geometry (4), WKB, field ...
//	field  = 0, for a null; or 1 and by its kind
//	         s: length (4), bytes, 0; i: 8 bytes; d: 8 bytes; b: 1 byte
//	         D: year, month, day (4 each); T: these, hour, minute and milliseconds (4 each), in UTC
type recorder struct {
	crs     geo.CRS
	columns []column
	single  bool // points are written as such
	coords  []float64
	text    []byte
}

func (r *recorder) append(dst []byte, f *plan.Feature) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	if g := f.Geometry; !g.IsEmpty() {
		r.coords = append(r.coords[:0], g.Coords...)
		if err := r.crs.FromHouse(r.coords); err != nil {
			return dst, err
		}
		g.Coords = r.coords
		if r.single {
			dst = geo.AppendPointWKB(dst, g.Coords[0], g.Coords[1])
		} else {
			dst = geo.AppendWKB(dst, g)
		}
		binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	}
	for i, v := range f.Values {
		dst = r.appendField(dst, r.columns[i].Kind, v)
	}
	return dst, nil
}

func (r *recorder) appendField(dst []byte, kind kind, v plan.Value) []byte {
	if v.IsNull() {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch kind {
	case kindText:
		r.text = v.AppendText(r.text[:0])
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(r.text)))
		return append(append(dst, r.text...), 0)
	case kindInteger:
		return binary.LittleEndian.AppendUint64(dst, uint64(v.Int()))
	case kindNumber:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Float()))
	case kindBoolean:
		if v.Bool() {
			return append(dst, 1)
		}
		return append(dst, 0)
	}
	return appendTime(dst, kind, v)
}

func appendTime(dst []byte, kind kind, v plan.Value) []byte {
	t := v.Time()
	year, month, day := t.Date()
	numbers := []int{year, int(month), day}
	if kind == kindInstant {
		numbers = append(numbers, t.Hour(), t.Minute(), t.Second()*1000+t.Nanosecond()/1e6)
	}
	for _, n := range numbers {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(int32(n)))
	}
	return dst
}
