package ingest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
)

// streamWriter writes the stream of a child (ogrstream.go) of what is read without GDAL.
type streamWriter struct {
	out    *bufio.Writer
	record []byte
}

func newStreamWriter(out io.Writer) *streamWriter {
	return &streamWriter{out: bufio.NewWriterSize(out, 256<<10)}
}

func (w *streamWriter) header(h streamHeader) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return w.lengthAnd(text)
}

func (w *streamWriter) lengthAnd(bytes []byte) error {
	var length [4]byte
	binary.LittleEndian.PutUint32(length[:], uint32(len(bytes)))
	if _, err := w.out.Write(length[:]); err != nil {
		return err
	}
	_, err := w.out.Write(bytes)
	return err
}

// feature writes a feature without a key. A value is nil, a bool, an int64, a float32, a float64 or a string.
func (w *streamWriter) feature(wkb []byte, values []any) error {
	w.record = append(w.record[:0], make([]byte, 1+8)...)
	w.record = binary.LittleEndian.AppendUint32(w.record, uint32(len(wkb)))
	w.record = append(w.record, wkb...)
	for _, value := range values {
		w.record = appendTagged(w.record, value)
	}
	return w.lengthAnd(w.record)
}

func appendTagged(to []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		if v {
			return append(to, tagTrue)
		}
		return append(to, tagFalse)
	case int64:
		return binary.LittleEndian.AppendUint64(append(to, tagInteger), uint64(v))
	case float32:
		if v-v == 0 { // JSON has no other numbers
			return binary.LittleEndian.AppendUint32(append(to, tagFloat), math.Float32bits(v))
		}
	case float64:
		if v-v == 0 {
			return binary.LittleEndian.AppendUint64(append(to, tagNumber), math.Float64bits(v))
		}
	case string:
		to = binary.LittleEndian.AppendUint32(append(to, tagText), uint32(len(v)))
		return append(to, v...)
	}
	return append(to, tagNull)
}

// end says that the layer is whole.
func (w *streamWriter) end() error {
	if _, err := w.out.Write(make([]byte, 4)); err != nil {
		return err
	}
	return w.out.Flush()
}
