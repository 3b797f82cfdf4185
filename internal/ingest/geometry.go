package ingest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"strukturbild/internal/plan"
)

// shape is a GeoJSON geometry as it stands in the file: the numbers, not yet in the house's coordinates. A worker keeps
// one and reuses its slices.
type shape struct {
	kind   string // the type member; "" when it is missing or not a string
	depth  int    // levels of arrays around the first number; 0 without coordinates
	coords []float64
	ends   []uint32
	parts  []uint32
	at     int           // offset of the geometry object in the feature
	z      bool          // some position has a third number
	m      bool          // and one that measures along the line
	fault  *plan.Finding // the first fault of structure; what follows from it would be noise

	max  int    // vertices allowed
	open bool   // rings may be open: they are closed later
	path [4]int // where in the arrays the reading is, for the pointer of a fault
}

// kinds of GeoJSON geometry that a layer can hold (RFC 7946 section 3.1).
var kinds = map[string]struct {
	geometry plan.GeometryType
	depth    int
}{
	"Point":           {plan.Point, 1},
	"MultiPoint":      {plan.Point, 2},
	"LineString":      {plan.Line, 2},
	"MultiLineString": {plan.Line, 3},
	"Polygon":         {plan.Polygon, 3},
	"MultiPolygon":    {plan.Polygon, 4},
}

// read consumes a geometry object.
func (s *shape) read(c *cursor, limits Limits) {
	*s = shape{coords: s.coords[:0], ends: s.ends[:0], parts: s.parts[:0], at: c.pos, max: limits.MaxVertices, open: s.open}
	for name := range c.members {
		switch {
		case string(name) == "type" && c.peek() == '"':
			s.kind = string(c.text())
		case string(name) == "coordinates":
			s.coordinates(c)
		default:
			c.value()
		}
	}
}

// coordinates takes the nesting from the first position, so that the type may come later in the object.
func (s *shape) coordinates(c *cursor) {
	from := c.pos
	for s.depth = 0; c.peek() == '['; c.pos++ {
		s.depth++
	}
	empty := s.depth > 0 && c.peek() == ']'
	c.pos = from
	switch {
	case s.depth == 0:
		s.fail(0, geometryUnreadable, plan.Text{SV: "coordinates ska vara en lista", EN: "coordinates must be an array"})
	case s.depth > len(s.path):
		s.fail(0, geometryUnreadable, plan.Text{SV: "coordinates har för många nivåer av listor", EN: "coordinates has too many levels of arrays"})
	case empty:
		s.fail(s.depth-1, geometryEmpty)
	default:
		s.level(c, 0)
	}
	if s.fault != nil {
		c.pos = from
		c.value()
	}
}

// level reads the array at one level of nesting: a position, a path, or a list of these.
func (s *shape) level(c *cursor, level int) {
	if c.peek() != '[' {
		s.fail(level, geometryUnreadable, plan.Text{SV: "här ska stå en lista", EN: "there must be an array here"})
		return
	}
	below := s.depth - level
	if below == 1 {
		s.position(c, level)
		return
	}
	n := 0
	for i := range c.elements {
		s.path[level] = i
		if s.level(c, level+1); s.fault != nil {
			return
		}
		n++
	}
	switch {
	case n == 0:
		s.fail(level, geometryEmpty)
	case below == 2 && s.depth > 2:
		s.ends = append(s.ends, uint32(len(s.coords)/2))
	case below == 3 && s.depth > 3:
		s.parts = append(s.parts, uint32(len(s.ends)))
	}
}

// position reads [x, y] or [x, y, z]; z is dropped.
func (s *shape) position(c *cursor, level int) {
	var p [3]float64
	n := 0
	c.pos++
	for ; c.peek() != ']'; n++ {
		c.comma()
		if b := c.doc[c.pos]; b != '-' && b-'0' > 9 {
			s.fail(level, positionInvalid, kindOf(b))
			return
		}
		if n == len(p) { // RFC 7946 section 3.1.1: more than three elements should not be
			s.fail(level, positionInvalid, plan.Text{SV: "fler än tre tal", EN: "more than three numbers"})
			return
		}
		from := c.pos
		if p[n] = c.number(); math.IsInf(p[n], 0) {
			s.fail(level, nonFinite, clip(c.doc[from:c.pos]))
			return
		}
	}
	c.pos++
	switch {
	case n < 2:
		s.fail(level, positionInvalid, plan.Text{SV: fmt.Sprintf("för få tal (%d)", n), EN: fmt.Sprintf("too few numbers (%d)", n)})
	case len(s.coords)/2 == s.max:
		s.fail(0, tooManyVertices, s.max)
	default:
		s.coords = append(s.coords, p[0], p[1])
		s.z = s.z || n == 3
	}
}

func (s *shape) fail(level int, r rule, args ...any) {
	f := r.finding(args...)
	f.Pointer = "/coordinates"
	for _, i := range s.path[:level] {
		f.Pointer += "/" + strconv.Itoa(i)
	}
	s.fault = &f
}

// geometry makes a geometry of the shape, still in the file's coordinates, unless there are faults; want "" takes any
// type. It has the shape's slices, until the next reading. There are at most so many faults; their pointers start at the
// geometry object.
func (s *shape) geometry(want plan.GeometryType, most int) (plan.Geometry, []plan.Finding) {
	if fault := s.mismatch(want); fault != nil {
		return plan.Geometry{}, []plan.Finding{*fault}
	}
	g := plan.Geometry{Type: kinds[s.kind].geometry, Coords: s.coords}
	if len(s.ends) > 1 {
		g.Ends = s.ends
	}
	if len(s.parts) > 1 {
		g.Parts = s.parts
	}
	if faults := pathFaults(g, s.depth, max(most, 1), s.open); faults != nil {
		return plan.Geometry{}, faults
	}
	return g, nil
}

// mismatch says why the shape is no geometry of the type that is wanted, or nil.
func (s *shape) mismatch(want plan.GeometryType) *plan.Finding {
	kind, known := kinds[s.kind]
	fault := func(pointer string, r rule, args ...any) *plan.Finding {
		f := r.finding(args...)
		f.Pointer = pointer
		return &f
	}
	switch {
	case s.kind == "":
		return fault("/type", geometryUnreadable, plan.Text{SV: "type saknas eller är inte en text", EN: "its type is missing or not a string"})
	case s.kind == "GeometryCollection", known && want != "" && kind.geometry != want:
		return fault("/type", geometryType, s.kind, wanted[want])
	case !known:
		return fault("/type", geometryUnreadable, plan.Text{
			SV: fmt.Sprintf("%q är ingen geometrityp%s", s.kind, suggest(s.kind, kindNames).SV),
			EN: fmt.Sprintf("%q is not a geometry type%s", s.kind, suggest(s.kind, kindNames).EN)})
	case s.fault != nil:
		return s.fault
	case s.depth == 0:
		return fault("", geometryUnreadable, plan.Text{SV: "coordinates saknas", EN: "its coordinates are missing"})
	case s.depth != kind.depth:
		return fault("/coordinates", geometryUnreadable, plan.Text{
			SV: fmt.Sprintf("%s ska ha %d nivåer av listor men har %d", s.kind, kind.depth, s.depth),
			EN: fmt.Sprintf("a %s needs %d levels of arrays but has %d", s.kind, kind.depth, s.depth)})
	}
	return nil
}

var kindNames = slices.Sorted(maps.Keys(kinds))

// wanted names what a layer of each geometry type takes.
var wanted = map[plan.GeometryType]plan.Text{
	"":           {SV: "en punkt-, linje- eller polygongeometri", EN: "a point, line or polygon geometry"},
	plan.Point:   {SV: "Point eller MultiPoint", EN: "a Point or MultiPoint"},
	plan.Line:    {SV: "LineString eller MultiLineString", EN: "a LineString or MultiLineString"},
	plan.Polygon: {SV: "Polygon eller MultiPolygon", EN: "a Polygon or MultiPolygon"},
}

// pathFaults finds lines and rings that are too short, and, unless they may be open, rings that are not closed (RFC 7946
// section 3.1.6).
func pathFaults(g plan.Geometry, depth, most int, open bool) []plan.Finding {
	least, what := 2, plan.Text{SV: "Linjen", EN: "The line"}
	if g.Type == plan.Polygon {
		least, what = 4, plan.Text{SV: "Ringen", EN: "The ring"}
	}
	var faults []plan.Finding
	for i := 0; i < g.NumPaths() && len(faults) < most; i++ {
		path := g.Path(i)
		n := len(path) / 2
		closed := path[0] == path[2*n-2] && path[1] == path[2*n-1]
		var f plan.Finding
		switch {
		case open && n == 3 && !closed: // a triangle
			continue
		case n < least:
			f = tooFewPoints.finding(what, n, least)
		case g.Type == plan.Polygon && !closed && !open:
			f = ringNotClosed.finding(xy(path[0], path[1]), xy(path[2*n-2], path[2*n-1]))
		default:
			continue
		}
		f.Location = &plan.Location{X: path[0], Y: path[1]}
		f.Pointer = pathPointer(g, depth, i)
		faults = append(faults, f)
	}
	return faults
}

// pathPointer gives the JSON pointer of path i (of points, of point i) of a geometry whose coordinates had so many
// levels of arrays.
func pathPointer(g plan.Geometry, depth, i int) string {
	const coordinates = "/coordinates"
	switch {
	case depth == 4:
		part := 0
		for ; part < g.NumParts()-1; part++ {
			if _, to := g.PartPaths(part); i < to {
				break
			}
		}
		from, _ := g.PartPaths(part)
		return fmt.Sprintf("%s/%d/%d", coordinates, part, i-from)
	case depth == 3, depth == 2 && g.Type == plan.Point:
		return fmt.Sprintf("%s/%d", coordinates, i)
	}
	return coordinates
}
