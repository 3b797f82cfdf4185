package geo

import (
	"encoding/binary"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// Geometry types of WKB (OGC 06-103r4 section 8.2) and the flags of PostGIS's EWKB.
const (
	wkbPoint = iota + 1
	wkbLine
	wkbPolygon
	wkbMultiPoint
	wkbMultiLine
	wkbMultiPolygon

	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
	houseID  = 3006
)

// wkbMulti gives the multi type that a geometry is written as.
var wkbMulti = map[plan.GeometryType]uint32{plan.Point: wkbMultiPoint, plan.Line: wkbMultiLine, plan.Polygon: wkbMultiPolygon}

// AppendEWKB appends g as a little-endian MULTIPOINT, MULTILINESTRING or MULTIPOLYGON with SRID 3006, what PostGIS
// takes in a binary COPY. A geometry of type None appends nothing.
func AppendEWKB(dst []byte, g plan.Geometry) []byte {
	multi, ok := wkbMulti[g.Type]
	if !ok {
		return dst
	}
	dst = slices.Grow(dst, 16*g.NumVertices()+4*g.NumPaths()+9*g.NumParts()+13)
	dst = appendHeader(dst, multi|ewkbSRID)
	dst = binary.LittleEndian.AppendUint32(dst, houseID)
	return appendParts(dst, g, multi-wkbMultiPoint+wkbPoint)
}

// AppendPointWKB appends a single point.
func AppendPointWKB(dst []byte, x, y float64) []byte {
	return appendCoords(appendHeader(dst, wkbPoint), []float64{x, y})
}

// AppendWKB is AppendEWKB without the SRID, in whatever system the coordinates are.
func AppendWKB(dst []byte, g plan.Geometry) []byte {
	multi := wkbMulti[g.Type]
	return appendParts(appendHeader(dst, multi), g, multi-wkbMultiPoint+wkbPoint)
}

func appendParts(dst []byte, g plan.Geometry, single uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(g.NumParts()))
	for i := range g.NumParts() {
		dst = appendHeader(dst, single)
		switch g.Type {
		case plan.Point:
			dst = appendCoords(dst, g.Coords[2*i:2*i+2])
		case plan.Line:
			dst = appendPath(dst, g.Path(i))
		case plan.Polygon:
			from, to := g.PartPaths(i)
			dst = binary.LittleEndian.AppendUint32(dst, uint32(to-from))
			for j := from; j < to; j++ {
				dst = appendPath(dst, g.Path(j))
			}
		}
	}
	return dst
}

func appendHeader(dst []byte, code uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, 1), code)
}

func appendPath(dst []byte, coords []float64) []byte {
	return appendCoords(binary.LittleEndian.AppendUint32(dst, uint32(len(coords)/2)), coords)
}

func appendCoords(dst []byte, coords []float64) []byte {
	for _, v := range coords {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	return dst
}

// ParseEWKB reads WKB or EWKB of either byte order into g, whose slices it reuses. Single geometries become multi
// geometries of one part; Z and M are dropped and an SRID is passed over: the caller knows the system. Collections,
// curves, coordinates that are not finite and bytes after the end are refused with a plan.Error, Invalid; g is then of
// no use. What the figure is worth is for Validate to say.
func ParseEWKB(b []byte, g *plan.Geometry) error {
	_, err := ParseWKB(b, g)
	return err
}

// WKBForm is what WKB says of a geometry beside its coordinates; it is right as far as there is no error.
type WKBForm struct {
	Code      int  // 1 point ... 6 multipolygon; other types (OGC 06-103r4 table 7) are refused
	Z, M      bool // the outermost geometry has them
	Hollow    bool // a point, path or polygon in it is empty, and was left out
	NonFinite bool // it was refused for a coordinate that is no finite number
}

// ParseWKB is ParseEWKB that tells the form too, for those who have to say what is wrong with the geometry.
func ParseWKB(b []byte, g *plan.Geometry) (WKBForm, error) {
	r := wkbReader{bytes: b}
	r.geometry(g)
	if r.err == nil && r.at != len(b) {
		r.fail("%d bytes follow the end of the geometry", len(b)-r.at)
	}
	if r.err != nil {
		return r.form, r.err
	}
	// Collect the plain forms, so that equal geometries are equal in memory.
	if len(g.Ends) <= 1 {
		g.Ends = nil
	}
	if len(g.Parts) <= 1 {
		g.Parts = nil
	}
	return r.form, nil
}

// wkbReader walks over WKB; after the first error every read gives zeros.
type wkbReader struct {
	bytes []byte
	at    int
	order binary.ByteOrder
	dims  int // numbers a vertex
	form  WKBForm
	err   error
}

func (r *wkbReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = plan.Errorf(plan.Invalid, "", "the WKB can't be read: "+format, args...)
	}
}

func (r *wkbReader) geometry(g *plan.Geometry) {
	g.Coords, g.Ends, g.Parts = g.Coords[:0], g.Ends[:0], g.Parts[:0]
	code := r.header()
	single := code
	if code >= wkbMultiPoint {
		single = code - wkbMultiPoint + wkbPoint
	}
	g.Type = [...]plan.GeometryType{plan.None, plan.Point, plan.Line, plan.Polygon}[single]
	if r.err != nil {
		return
	}
	if single == code {
		r.part(single, g)
		return
	}
	for range r.count(9) { // byte order, type, count
		if inner := r.header(); inner != single {
			r.fail("a part of type %d in a geometry of type %d at byte %d", inner, code, r.at)
		}
		r.part(single, g)
		if r.err != nil {
			return
		}
	}
}

// header reads byte order, type and SRID and gives the plain type, 1 to 6.
func (r *wkbReader) header() uint32 {
	if !r.need(5) {
		return 0
	}
	switch r.bytes[r.at] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		r.fail("byte %d is %d, not a byte order (0 or 1)", r.at, r.bytes[r.at])
		return 0
	}
	r.at++
	code := r.uint32()
	if code&ewkbSRID != 0 {
		r.uint32()
	}
	return r.dimensions(code)
}

// dimensions takes Z and M, in the manner of EWKB (flags) or ISO 13249-3 (thousands), out of the type.
func (r *wkbReader) dimensions(code uint32) uint32 {
	r.dims = 2
	if code&ewkbZ != 0 {
		r.dims++
	}
	if code&ewkbM != 0 {
		r.dims++
	}
	z, m := code&ewkbZ != 0, code&ewkbM != 0
	code &^= ewkbZ | ewkbM | ewkbSRID
	if iso := code / 1000; r.dims == 2 && iso <= 3 {
		r.dims = [...]int{2, 3, 3, 4}[iso]
		z, m = iso&1 != 0, iso&2 != 0
		code %= 1000
	}
	if r.form.Code == 0 {
		r.form.Code, r.form.Z, r.form.M = int(code), z, m
	}
	if code < wkbPoint || code > wkbMultiPolygon {
		r.fail("type %d is neither a point, a line, a polygon nor a multi-geometry of these", code)
		return 0
	}
	return code
}

// part reads the body of a single geometry and adds it to g.
func (r *wkbReader) part(single uint32, g *plan.Geometry) {
	switch single {
	case wkbPoint:
		r.point(g)
	case wkbLine:
		r.path(g)
	case wkbPolygon:
		rings := len(g.Ends)
		for range r.count(4) {
			r.path(g)
		}
		if len(g.Ends) > rings {
			g.Parts = append(g.Parts, uint32(len(g.Ends)))
		} else {
			r.form.Hollow = true
		}
	}
}

// point reads one point; an empty one has NaN for both numbers (OGC 12-128r17 clause 2.1.3) and adds nothing.
func (r *wkbReader) point(g *plan.Geometry) {
	if r.need(16) && math.IsNaN(r.float(r.at)) && math.IsNaN(r.float(r.at+8)) {
		if r.need(8 * r.dims) {
			r.at += 8 * r.dims
		}
		r.form.Hollow = true
		return
	}
	r.vertices(1, g)
}

// path reads one line or ring; one without vertices adds nothing.
func (r *wkbReader) path(g *plan.Geometry) {
	n := r.count(8 * r.dims)
	if n == 0 {
		r.form.Hollow = true
		return
	}
	r.vertices(n, g)
	g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
}

func (r *wkbReader) vertices(n int, g *plan.Geometry) {
	step := 8 * r.dims
	if !r.need(n * step) {
		return
	}
	from := len(g.Coords)
	g.Coords = slices.Grow(g.Coords, 2*n)[:from+2*n]
	coords, body := g.Coords[from:], r.bytes[r.at:r.at+n*step]
	r.at += n * step
	if step == 16 && r.order == binary.LittleEndian { // the hot path of a start from the database
		for i := range coords {
			coords[i] = math.Float64frombits(binary.LittleEndian.Uint64(body[8*i:]))
		}
	} else {
		for i := range n {
			coords[2*i] = math.Float64frombits(r.order.Uint64(body[i*step:]))
			coords[2*i+1] = math.Float64frombits(r.order.Uint64(body[i*step+8:]))
		}
	}
	if i := firstNonFinite(coords); i >= 0 {
		r.form.NonFinite = true
		r.fail("vertex %d is not a pair of finite numbers", (from+i)/2)
	}
}

// count reads a count of things that take at least size bytes each, and believes it only when the bytes are there.
func (r *wkbReader) count(size int) int {
	n := int(r.uint32())
	if left := len(r.bytes) - r.at; n > left/size {
		r.fail("a count of %d at byte %d, where %d bytes are left", n, r.at-4, left)
		return 0
	}
	return n
}

func (r *wkbReader) uint32() uint32 {
	if !r.need(4) {
		return 0
	}
	r.at += 4
	return r.order.Uint32(r.bytes[r.at-4:])
}

func (r *wkbReader) float(at int) float64 {
	return math.Float64frombits(r.order.Uint64(r.bytes[at:]))
}

func (r *wkbReader) need(n int) bool {
	if r.err == nil && len(r.bytes)-r.at < n {
		r.fail("it ends at byte %d, where %d more were announced", len(r.bytes), n-(len(r.bytes)-r.at))
	}
	return r.err == nil
}
