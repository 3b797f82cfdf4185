package ogc

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// WKT writes geometries as well-known text (OGC 06-103r4, clause 7) in one coordinate system, x first as all files
// have it. It keeps scratch memory and belongs to one goroutine.
type WKT struct{ coordinates }

// NewWKT makes a writer of texts.
func NewWKT(crs geo.CRS) *WKT { return &WKT{newCoordinates(crs.WithXYOrder())} }

// Append appends a MULTIPOINT, MULTILINESTRING or MULTIPOLYGON; nothing for an empty geometry. The error is geo's: a
// vertex that has no place in the coordinate system.
func (w *WKT) Append(dst []byte, g plan.Geometry) ([]byte, error) {
	if g.IsEmpty() {
		return dst, nil
	}
	if err := w.convert(&g); err != nil {
		return dst, err
	}
	switch g.Type {
	case plan.Point:
		dst = append(dst, "MULTIPOINT "...)
		dst = w.appendList(dst, g.NumVertices(), func(dst []byte, i int) []byte { return w.appendPath(dst, g.Coords[2*i:2*i+2]) })
	case plan.Line:
		dst = append(dst, "MULTILINESTRING "...)
		dst = w.appendList(dst, g.NumPaths(), func(dst []byte, i int) []byte { return w.appendPath(dst, g.Path(i)) })
	case plan.Polygon:
		dst = append(dst, "MULTIPOLYGON "...)
		dst = w.appendList(dst, g.NumParts(), func(dst []byte, i int) []byte {
			from, to := g.PartPaths(i)
			return w.appendList(dst, to-from, func(dst []byte, j int) []byte { return w.appendPath(dst, g.Path(from+j)) })
		})
	}
	return dst, nil
}

// AppendPosition appends the coordinates of the first vertex alone.
func (w *WKT) AppendPosition(dst []byte, g plan.Geometry, between byte) ([]byte, error) {
	g.Coords = g.Coords[:2]
	if err := w.convert(&g); err != nil {
		return dst, err
	}
	return w.appendVertices(dst, g.Coords, between, between), nil
}

func (w *WKT) appendList(dst []byte, n int, item func(dst []byte, i int) []byte) []byte {
	dst = append(dst, '(')
	for i := range n {
		dst = append(item(dst, i), ',')
	}
	dst[len(dst)-1] = ')'
	return dst
}

func (w *WKT) appendPath(dst []byte, coords []float64) []byte {
	dst = append(dst, '(')
	dst = w.appendVertices(dst, coords, ' ', ',')
	return append(dst, ')')
}
