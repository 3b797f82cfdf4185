package ingest

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// readLayer reads the stream of a child (ogrstream.go) with the checks of ReadGeoJSON. The child has had a broken file in
// its hands, so that nothing it says is believed: a length is bounded before anything is held for it.
func readLayer(ctx context.Context, r io.Reader, opts Options) (*Batch, error) {
	return readWith(ctx, opts, func(l *load) feed { return layerSource{l, bufio.NewReaderSize(r, 256<<10)}.run })
}

// errStream is a stream that does not end as it should; why the child stopped is for it to say.
var errStream = errors.New("the child's stream is broken off or damaged")

type layerSource struct {
	*load
	r *bufio.Reader
}

func (s layerSource) run(ctx context.Context, send func(*chunk) error) error {
	c, err := s.features(ctx, send)
	if err := s.ended(err); err != nil || c == nil {
		return err
	}
	return send(c)
}

// features sends full chunks, and gives the last.
func (s layerSource) features(ctx context.Context, send func(*chunk) error) (c *chunk, err error) {
	header, err := s.header()
	if err != nil {
		return nil, err
	}
	for count := 0; ; count++ {
		n, err := s.length()
		if err == nil && n == 0 {
			return c, s.end()
		}
		if err == nil && count == s.limits.MaxFeatures {
			err = fatalf(0, tooManyFeatures, s.limits.MaxFeatures)
		}
		if err == nil && c != nil && c.full(n) {
			err, c = send(c), nil
		}
		if err != nil {
			return c, err
		}
		if c == nil {
			c = newChunk(s.choice.ifFinal())
			c.header = header
		}
		if err := s.feature(c, n); err != nil {
			return c, err
		}
	}
}

// maxHeader bounds the header of a stream, in bytes.
const maxHeader = 4 << 20

func (s layerSource) header() (*streamHeader, error) {
	n, err := s.length()
	if err != nil || n > maxHeader {
		return nil, errStream
	}
	text, header := make([]byte, n), new(streamHeader)
	if _, err := io.ReadFull(s.r, text); err != nil {
		return nil, errStream
	}
	if err := json.Unmarshal(text, header); err != nil {
		return nil, errStream
	}
	s.choice.final = true
	if header.CRS == "" {
		return header, nil
	}
	name, err := jsontext.AppendQuote(nil, header.CRS)
	if err != nil {
		return nil, errStream
	}
	return header, s.choice.state([]byte(`{"type":"name","properties":{"name":`+string(name)+`}}`), 0)
}

// length reads the length of what comes.
func (s layerSource) length() (int, error) {
	var raw [4]byte
	if _, err := io.ReadFull(s.r, raw[:]); err != nil {
		return 0, errStream
	}
	n := binary.LittleEndian.Uint32(raw[:])
	if int64(n) > int64(s.limits.MaxFeatureBytes) {
		return 0, fatalf(0, tooLongFeature, s.limits.MaxFeatureBytes)
	}
	return int(n), nil
}

// feature reads a feature of n bytes into the chunk.
func (s layerSource) feature(c *chunk, n int) error {
	from := len(c.raw)
	c.raw = slices.Grow(c.raw, n)[:from+n]
	if _, err := io.ReadFull(s.r, c.raw[from:]); err != nil {
		return errStream
	}
	c.ends, c.at = append(c.ends, from+n), append(c.at, 0)
	return nil
}

// end makes sure that nothing follows, and that the child has come to its end.
func (s layerSource) end() error {
	if _, err := s.r.ReadByte(); err != io.EOF {
		return errStream
	}
	return nil
}

// layerDraft decodes a feature of a stream.
func (d *decoder) layerDraft(header *streamHeader, raw []byte) draft {
	f := draft{pointer: geometryPointer, budget: &d.budget}
	w := &ogrWire{wire{rest: raw}}
	keyed, key := w.byte() == 1, w.integer()
	if keyed {
		f.feature.ID = strconv.FormatInt(key, 10)
	}
	state := null
	if wkb := w.run(); len(wkb) > 0 {
		d.shape.readWKB(wkb, d.limits)
		state = present
	}
	d.begin()
	for _, name := range header.Columns {
		d.layerValue(&f, name, w)
	}
	if w.err != nil || len(w.rest) > 0 {
		f.lost = errStream
		return f
	}
	if d.columns.ID != "" && f.feature.ID == "" && len(f.findings) == 0 {
		f.fault(0, attributePointer(d.columns.ID), idMissing, d.columns.ID)
	}
	d.takeGeometry(&f, state)
	d.requireAttributes(&f)
	f.feature.Values = d.values
	return f
}

// layerValue takes the value of one column.
func (d *decoder) layerValue(f *draft, name string, w *ogrWire) {
	value := w.value()
	i, holdsID := d.column([]byte(name))
	switch {
	case holdsID && value.tag != tagNull:
		d.id(f, &cursor{doc: value.json()})
	case i == unknownColumn && value.tag != tagNull: // a column without values is no loss
		d.unknownAttribute(f, 0, name)
	case i == ignoredColumn:
		d.ignored[name]++
	}
	if i < 0 {
		return
	}
	if value.tag == tagText && !utf8.Valid(value.text) {
		f.fault(0, attributePointer(d.layer.Attributes[i].Name), attributeUTF8, d.layer.Attributes[i].Name)
		return
	}
	if direct, ok := value.direct(&d.layer.Attributes[i]); ok && !d.given[i] {
		d.values[i], d.given[i] = direct, true
		return
	}
	d.take(f, &cursor{doc: value.json()}, i)
}

// ogrValue is a value of a stream; it belongs to what it was read from.
type ogrValue struct {
	tag  byte
	bits uint64
	text []byte // of a text or list
}

// direct gives a value that is of the attribute's type already, and can't be wrong.
func (v *ogrValue) direct(a *plan.Attribute) (plan.Value, bool) {
	switch {
	case v.tag == tagInteger && a.Type == plan.Integer:
		return plan.IntegerValue(int64(v.bits)), true
	case v.tag == tagNumber && a.Type == plan.Number && finite(math.Float64frombits(v.bits)):
		return plan.NumberValue(math.Float64frombits(v.bits)), true
	case v.tag == tagFalse && a.Type == plan.Boolean, v.tag == tagTrue && a.Type == plan.Boolean:
		return plan.BooleanValue(v.tag == tagTrue), true
	case v.tag == tagText && a.Type == plan.String:
		value, fault := textual(a, string(v.text))
		return value, fault == nil
	}
	return plan.Value{}, v.tag == tagNull && !a.Required
}

func finite(f float64) bool { return f-f == 0 }

// json writes the value as JSON, for the rules that are the same for all formats.
func (v *ogrValue) json() []byte {
	switch v.tag {
	case tagFalse, tagTrue:
		return strconv.AppendBool(nil, v.tag == tagTrue)
	case tagInteger:
		return strconv.AppendInt(nil, int64(v.bits), 10)
	case tagNumber:
		return appendNumber(math.Float64frombits(v.bits), 64)
	case tagFloat:
		return appendNumber(float64(math.Float32frombits(uint32(v.bits))), 32)
	case tagText:
		quoted, _ := jsontext.AppendQuote(nil, v.text) // what is not UTF-8 has been replaced
		return quoted
	case tagJSON:
		if list := jsontext.Value(v.text); list.IsValid() {
			return list
		}
	}
	return []byte("null")
}

func appendNumber(f float64, bits int) []byte {
	if !finite(f) {
		return []byte("null")
	}
	return strconv.AppendFloat(nil, f, 'g', -1, bits)
}

// ogrWire takes a feature of a stream apart.
type ogrWire struct{ wire }

func (w *ogrWire) integer() int64 {
	if raw := w.take(8); raw != nil {
		return int64(binary.LittleEndian.Uint64(raw))
	}
	return 0
}

// run gives a length and so many bytes.
func (w *ogrWire) run() []byte {
	raw := w.take(4)
	if raw == nil {
		return nil
	}
	return w.take(int(binary.LittleEndian.Uint32(raw)))
}

func (w *ogrWire) value() (v ogrValue) {
	v.tag = w.byte()
	switch v.tag {
	case tagNull, tagFalse, tagTrue:
	case tagInteger, tagNumber:
		v.bits = uint64(w.integer())
	case tagFloat:
		if raw := w.take(4); raw != nil {
			v.bits = uint64(binary.LittleEndian.Uint32(raw))
		}
	case tagText, tagJSON:
		v.text = w.run()
	default:
		w.fail()
	}
	return v
}
