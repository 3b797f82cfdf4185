package plan

import (
	"math"
	"slices"
)

// Geometry is a multi-geometry in EPSG:3006 in flat form, so that a layer of millions costs the garbage collector
// nothing: one slice of coordinates and two of bounds.
//
// A Point geometry has only Coords. In a Line geometry every path is a line; in a Polygon geometry every path is a
// closed ring (first vertex repeated), the outer ring of each part counter-clockwise, its holes clockwise. That
// direction is what the area kernel takes its signs from.
type Geometry struct {
	Type   GeometryType
	Coords []float64 // x0, y0, x1, y1 ...
	Ends   []uint32  // end of each path, in vertices; nil: one path with all vertices
	Parts  []uint32  // end of each polygon, in paths; nil: one polygon with all rings
}

// IsEmpty reports whether there are no vertices.
func (g Geometry) IsEmpty() bool { return len(g.Coords) == 0 }

// NumVertices counts the vertices.
func (g Geometry) NumVertices() int { return len(g.Coords) / 2 }

// NumPaths counts the lines or rings; 0 for points and empty geometries.
func (g Geometry) NumPaths() int {
	switch {
	case g.Type == Point || g.IsEmpty():
		return 0
	case g.Ends == nil:
		return 1
	}
	return len(g.Ends)
}

// Path gives the coordinates of line or ring i.
func (g Geometry) Path(i int) []float64 {
	if g.Ends == nil {
		return g.Coords
	}
	from := uint32(0)
	if i > 0 {
		from = g.Ends[i-1]
	}
	return g.Coords[2*from : 2*g.Ends[i]]
}

// FirstVertex gives the number of the first vertex of line or ring i; of points, of point i itself.
func (g Geometry) FirstVertex(i int) int {
	switch {
	case g.Type == Point:
		return i
	case i == 0:
		return 0
	}
	return int(g.Ends[i-1])
}

// PathOf gives the line or ring that the vertex belongs to; of points, the point itself.
func (g Geometry) PathOf(vertex int) int {
	if g.Type == Point {
		return vertex
	}
	path, _ := slices.BinarySearch(g.Ends, uint32(vertex+1))
	return path
}

// NumParts counts the polygons, lines or points of the multi-geometry.
func (g Geometry) NumParts() int {
	switch {
	case g.IsEmpty():
		return 0
	case g.Type == Point:
		return g.NumVertices()
	case g.Type == Line:
		return g.NumPaths()
	case g.Parts == nil:
		return 1
	}
	return len(g.Parts)
}

// PartPaths gives the range [from, to) of the rings of polygon i.
func (g Geometry) PartPaths(i int) (from, to int) {
	if g.Parts == nil {
		return 0, g.NumPaths()
	}
	if i > 0 {
		from = int(g.Parts[i-1])
	}
	return from, int(g.Parts[i])
}

// Equal reports whether the two agree in every coordinate and in their parts.
func (g Geometry) Equal(o Geometry) bool {
	return slices.Equal(g.Coords, o.Coords) && slices.Equal(g.Ends, o.Ends) && slices.Equal(g.Parts, o.Parts)
}

// Box gives the bounds of the geometry; an empty Box for an empty geometry.
func (g Geometry) Box() Box {
	box := EmptyBox
	for i := 0; i+1 < len(g.Coords); i += 2 {
		x, y := g.Coords[i], g.Coords[i+1]
		box.MinX, box.MaxX = min(box.MinX, x), max(box.MaxX, x)
		box.MinY, box.MaxY = min(box.MinY, y), max(box.MaxY, y)
	}
	return box
}

// Box is an axis-parallel rectangle in EPSG:3006, borders included.
type Box struct{ MinX, MinY, MaxX, MaxY float64 }

// EmptyBox holds no point and is the neutral element of Union.
var EmptyBox = Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

// IsEmpty reports whether the box holds no point.
func (b Box) IsEmpty() bool { return !(b.MinX <= b.MaxX && b.MinY <= b.MaxY) }

// Intersects reports whether the boxes share a point.
func (b Box) Intersects(o Box) bool {
	return b.MinX <= o.MaxX && o.MinX <= b.MaxX && b.MinY <= o.MaxY && o.MinY <= b.MaxY
}

// Contains reports whether o lies in b, borders included.
func (b Box) Contains(o Box) bool {
	return b.MinX <= o.MinX && o.MaxX <= b.MaxX && b.MinY <= o.MinY && o.MaxY <= b.MaxY
}

// Union gives the bounds of both.
func (b Box) Union(o Box) Box {
	return Box{min(b.MinX, o.MinX), min(b.MinY, o.MinY), max(b.MaxX, o.MaxX), max(b.MaxY, o.MaxY)}
}

// Intersection gives what the boxes share: an empty box when that is nothing.
func (b Box) Intersection(o Box) Box {
	return Box{max(b.MinX, o.MinX), max(b.MinY, o.MinY), min(b.MaxX, o.MaxX), min(b.MaxY, o.MaxY)}
}

// Grow gives the box widened by d metres on every side.
func (b Box) Grow(d float64) Box { return Box{b.MinX - d, b.MinY - d, b.MaxX + d, b.MaxY + d} }
