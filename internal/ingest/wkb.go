package ingest

import (
	"fmt"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// wkbKinds names WKB's types from 1 (OGC 06-103r4 table 7) as GeoJSON does.
var wkbKinds = []string{"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
	"CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve", "Surface", "PolyhedralSurface", "TIN", "Triangle"}

// readWKB takes a geometry from a stream. What is wrong with it is said as of a GeoJSON geometry.
func (s *shape) readWKB(wkb []byte, limits Limits) {
	g := plan.Geometry{Coords: s.coords, Ends: s.ends, Parts: s.parts}
	form, err := geo.ParseWKB(wkb, &g)
	*s = shape{coords: g.Coords, ends: g.Ends, parts: g.Parts, z: form.Z, m: form.M, open: s.open}
	if form.Code < 1 || form.Code > len(wkbKinds) {
		s.kind = fmt.Sprintf("WKB %d", form.Code)
		return
	}
	s.kind = wkbKinds[form.Code-1]
	s.depth = kinds[s.kind].depth
	switch {
	case form.NonFinite:
		s.fail(0, nonFinite, "NaN")
	case err != nil:
		s.fail(0, geometryUnreadable, plan.Text{SV: "WKB är skadad", EN: "its WKB is damaged"})
	case form.Hollow || g.IsEmpty():
		s.fail(0, geometryEmpty)
	case g.NumVertices() > limits.MaxVertices:
		s.fail(0, tooManyVertices, limits.MaxVertices)
	}
}
