package conflict

import (
	"fmt"
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// unit is what the conflicts of one rule between two geometry types are measured in. Lower units rank before higher.
type unit uint8

const (
	squareMetres unit = iota // two areas overlap
	metres                   // a line runs in an area, or along or across a line
	points                   // points lie in an area, on a line or on points
	distance                 // metres between the two, under a within rule
)

// Overlaps below these are rounding errors of figures that touch: a square centimetre, a tenth of a millimetre.
const (
	leastArea   = 1e-4
	leastLength = 1e-4
)

// unitOf gives what the rule measures between two geometry types.
func unitOf(relation plan.Relation, a, b plan.GeometryType) unit {
	switch {
	case relation == plan.Within:
		return distance
	case a == plan.Point || b == plan.Point:
		return points
	case a == plan.Line || b == plan.Line:
		return metres
	}
	return squareMetres
}

// figure is one side of a pair that is being measured.
type figure struct {
	geometry plan.Geometry
	box      plan.Box
	prepared *geo.Prepared     // of a polygon that is asked often; else nil
	pieces   map[int16]*figure // its part in a municipality, once it has been asked for
}

// measure gives what f and g have in common, or how far apart they are, and whether that is anything. Distances above
// limit are infinite.
func (w *worker) measure(u unit, limit float64, f, g *figure) (size float64, meets bool, err error) {
	switch u {
	case distance:
		size = w.distance(f, g, limit)
		meets = size <= limit
	case points:
		w.points = hitPoints(w.points[:0], f, g)
		size, meets = float64(len(w.points)/2), len(w.points) > 0
	case metres:
		size, meets, err = w.length(f, g)
	default:
		size = w.area(f, g)
		meets = size >= leastArea
	}
	if err == nil && (math.IsNaN(size) || meets && math.IsInf(size, 0)) {
		return 0, false, fmt.Errorf("the measure is %v", size)
	}
	return size, meets, err
}

// counts reports whether figures that meet are a conflict under the rule: near enough, or more than a sliver. limit is
// the rule's distance for this pair. Lines that cross are a conflict however short they run together.
func (r *rule) counts(u unit, size, limit float64, f, g *figure) bool {
	switch u {
	case distance:
		return size <= limit
	case squareMetres:
		return size >= r.MinAreaM2
	case metres:
		return size >= r.MinLengthM || f.geometry.Type == g.geometry.Type
	}
	return true
}

// area gives the area that two polygons share, in square metres.
func (w *worker) area(f, g *figure) float64 {
	if f.prepared == nil {
		f, g = g, f
	}
	if f.prepared == nil {
		return w.Kernel.IntersectionAreaBoxes(f.geometry, g.geometry, f.box, g.box)
	}
	switch f.prepared.Locate(g.box) {
	case geo.Outside:
		return 0
	case geo.Inside:
		return geo.Area(g.geometry)
	}
	return f.prepared.IntersectionArea(&w.Kernel, g.geometry, g.box)
}

// distance gives the distance of two figures in metres, infinity when it is more than limit.
func (w *worker) distance(f, g *figure, limit float64) float64 {
	if f.prepared == nil {
		f, g = g, f
	}
	if f.prepared != nil {
		switch near := g.box.Grow(limit); {
		case f.prepared.Locate(near) == geo.Outside:
			return math.Inf(1)
		case f.prepared.Intersects(&w.Kernel, g.geometry, g.box):
			return 0
		}
		return w.Kernel.DistanceApart(f.geometry, g.geometry, f.box, g.box, limit)
	}
	return w.Kernel.Distance(f.geometry, g.geometry, f.box, g.box, limit)
}

// length gives how far a line runs in a polygon, or along another line, in metres. Lines that only cross conflict too,
// in a point without length.
func (w *worker) length(f, g *figure) (size float64, meets bool, err error) {
	if f.geometry.Type == plan.Line && g.geometry.Type == plan.Line {
		if !w.Kernel.Intersects(f.geometry, g.geometry, f.box, g.box) {
			return 0, false, nil
		}
		shared, err := geo.Intersection(f.geometry, g.geometry)
		return geo.Length(shared), err == nil, err
	}
	if f.geometry.Type == plan.Line {
		f, g = g, f
	}
	if f.prepared != nil {
		size = f.prepared.IntersectionLength(&w.Kernel, g.geometry, g.box)
	} else {
		size = w.Kernel.IntersectionLengthBoxes(g.geometry, f.geometry, g.box, f.box)
	}
	return size, size >= leastLength, nil
}

// hitPoints appends the coordinates of the points of one figure that lie in or on the other. When both are points they
// are those of f.
func hitPoints(dst []float64, f, g *figure) []float64 {
	if f.geometry.Type != plan.Point {
		f, g = g, f
	}
	for i := 0; i+1 < len(f.geometry.Coords); i += 2 {
		at := f.geometry.Coords[i : i+2]
		if g.box.Contains(plan.Box{MinX: at[0], MinY: at[1], MaxX: at[0], MaxY: at[1]}) && g.has(at[0], at[1]) {
			dst = append(dst, at...)
		}
	}
	return dst
}

func (f *figure) has(x, y float64) bool {
	if f.prepared != nil {
		return f.prepared.ContainsPoint(x, y)
	}
	return geo.ContainsPoint(f.geometry, x, y)
}

// whole gives the size of a figure by itself in the unit, or false when it has none: a line has no area.
func whole(g plan.Geometry, u unit) (float64, bool) {
	switch {
	case u == squareMetres && g.Type == plan.Polygon:
		return geo.Area(g), true
	case u == metres && g.Type == plan.Line:
		return geo.Length(g), true
	case u == points && g.Type == plan.Point:
		return float64(g.NumVertices()), true
	}
	return 0, false
}

// extent tells a size in its unit.
func extent(u unit, size float64) plan.Extent {
	switch u {
	case squareMetres:
		hectares := size / 10_000
		return plan.Extent{AreaHa: &hectares}
	case metres:
		return plan.Extent{LengthM: &size}
	case points:
		count := int(math.Round(size))
		return plan.Extent{Points: &count}
	}
	return plan.Extent{DistanceM: &size}
}
