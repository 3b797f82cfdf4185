package ogc

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Encoder writes the features of one layer as GeoJSON (RFC 7946) in one coordinate system. It keeps scratch memory and
// belongs to one goroutine.
type Encoder struct {
	coordinates
	names [][]byte // `"namn":` of every attribute
}

// NewEncoder makes an encoder; the axis order of the coordinates is that of crs.
func NewEncoder(layer *plan.Layer, crs geo.CRS) *Encoder {
	e := &Encoder{newCoordinates(crs), make([][]byte, len(layer.Attributes))}
	for i, a := range layer.Attributes {
		e.names[i] = append(appendText(nil, a.Name), ':')
	}
	return e
}

// Append appends the feature as one JSON object; f is not changed. Lines, polygons and points are always Multi*, every
// attribute of the schema is there, and an id that is a whole number of at most 2^53 is a JSON number, since GDAL then
// keeps it as the FID. The error is geo's: a vertex that has no place in the coordinate system.
func (e *Encoder) Append(dst []byte, f *plan.Feature) ([]byte, error) {
	dst, err := e.appendMembers(dst, f)
	return append(dst, '}'), err
}

// appendMembers leaves the object open for further members.
func (e *Encoder) appendMembers(dst []byte, f *plan.Feature) ([]byte, error) {
	dst = append(dst, `{"type":"Feature","id":`...)
	dst = appendID(dst, f.ID)
	dst = append(dst, `,"geometry":`...)
	dst, err := e.AppendGeometry(dst, f.Geometry)
	if err != nil {
		return dst, fmt.Errorf("feature %s: %w", f.ID, err)
	}
	return e.appendProperties(dst, f), nil
}

func (e *Encoder) appendProperties(dst []byte, f *plan.Feature) []byte {
	dst = append(dst, `,"properties":{`...)
	for i, name := range e.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, name...)
		dst = appendValue(dst, f.Values[i])
	}
	return append(dst, '}')
}

// appendID writes canonical whole numbers up to 2^53, which every JSON reader keeps exact, as numbers.
func appendID(dst []byte, id string) []byte {
	const most = 1 << 53
	n, err := strconv.ParseUint(id, 10, 64)
	if err == nil && n <= most && (id == "0" || id[0] != '0') {
		return append(dst, id...)
	}
	return appendText(dst, id)
}

func appendText(dst []byte, s string) []byte {
	quoted, _ := jsontext.AppendQuote(dst, s) // the error is invalid UTF-8, which it has replaced
	return quoted
}

// appendValue writes a number with a decimal point even when it is whole: GDAL and QGIS guess a column's type from the
// first page, and would cut 150.5 to 150 after a page of 150s.
func appendValue(dst []byte, v plan.Value) []byte {
	start := len(dst)
	dst = v.AppendJSON(dst)
	if v.Kind() == plan.Number && !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// AppendGeometry appends the geometry alone, null for an empty one.
func (e *Encoder) AppendGeometry(dst []byte, g plan.Geometry) ([]byte, error) {
	if g.IsEmpty() {
		return append(dst, "null"...), nil
	}
	if err := e.convert(&g); err != nil {
		return dst, err
	}
	switch g.Type {
	case plan.Point:
		dst = append(dst, `{"type":"MultiPoint","coordinates":`...)
		dst = e.appendPath(dst, g.Coords)
	case plan.Line:
		dst = append(dst, `{"type":"MultiLineString","coordinates":`...)
		dst = e.appendPaths(dst, g, 0, g.NumPaths())
	case plan.Polygon:
		dst = append(dst, `{"type":"MultiPolygon","coordinates":[`...)
		for i := range g.NumParts() {
			from, to := g.PartPaths(i)
			dst = append(e.appendPaths(dst, g, from, to), ',')
		}
		dst[len(dst)-1] = ']'
	}
	return append(dst, '}'), nil
}

func (e *Encoder) appendPaths(dst []byte, g plan.Geometry, from, to int) []byte {
	dst = append(dst, '[')
	for i := from; i < to; i++ {
		dst = append(e.appendPath(dst, g.Path(i)), ',')
	}
	dst[len(dst)-1] = ']'
	return dst
}

func (e *Encoder) appendPath(dst []byte, coords []float64) []byte {
	dst = append(dst, '[')
	for i := 0; i+1 < len(coords); i += 2 {
		dst = append(dst, '[')
		dst = e.number(dst, coords[i])
		dst = append(dst, ',')
		dst = e.number(dst, coords[i+1])
		dst = append(dst, ']', ',')
	}
	dst[len(dst)-1] = ']'
	return dst
}
