package ogc

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// GMLReader reads geometries of GML 2.1.2, 3.1.1 and 3.2 in every spelling that clients use (OGC 02-069, 03-105r1,
// 07-036). The spelling of an srsName says which axis comes first (geo.ParseCRS).
type GMLReader struct {
	// Unnamed is the system, with its axis order, of geometries that name none.
	Unnamed geo.CRS
	// EastFirst is the rule of WFS 1.0.0: easting or longitude comes first, whatever the name of the system says.
	EastFirst bool
	// MaxVertices limits one geometry; 0 is what a filter may have.
	MaxVertices int
	// flip reads the axes the other way round than all of this says.
	flip bool
}

// Geometries reads a geometry element into EPSG:3006: one, or in a collection one of each type. The error is a
// plan.Error, Invalid, that tells the line.
func (r GMLReader) Geometries(e *Element) ([]plan.Geometry, error) {
	f := figure{most: r.MaxVertices}
	if err := r.read(&f, e, r.Unnamed); err != nil {
		return nil, err
	}
	return f.geometries(), nil
}

// IsGeometry reports whether the element is a geometry of GML by its name.
func IsGeometry(e *Element) bool {
	_, single := gmlSingles[e.Name]
	_, multi := gmlMembers[e.Name]
	return single || multi || isEnvelope(e)
}

func isEnvelope(e *Element) bool { return e.Name == "Envelope" || e.Name == "Box" }

// gmlSingles reads each geometry that is no collection of others.
var gmlSingles = map[string]func(f *figure, e *Element, crs geo.CRS) error{
	"Point": gmlPoint, "LineString": gmlLine, "Curve": gmlLine, "Polygon": gmlPolygon, "PolygonPatch": gmlPolygon, "Rectangle": gmlPolygon,
}

// gmlMembers are the properties of collections that hold others, of GML 2 and 3.
var gmlMembers = map[string][]string{
	"MultiPoint":        {"pointMember", "pointMembers"},
	"MultiLineString":   {"lineStringMember"},
	"MultiCurve":        {"curveMember", "curveMembers"},
	"CompositeCurve":    {"curveMember"},
	"MultiPolygon":      {"polygonMember"},
	"MultiSurface":      {"surfaceMember", "surfaceMembers"},
	"CompositeSurface":  {"surfaceMember"},
	"Surface":           {"patches", "polygonPatches"},
	"PolyhedralSurface": {"patches", "polygonPatches"},
	"MultiGeometry":     {"geometryMember", "geometryMembers"},
}

// read reads any geometry; crs is that of the geometry around it.
func (r GMLReader) read(f *figure, e *Element, crs geo.CRS) error {
	crs, err := r.system(e, crs)
	if err != nil {
		return err
	}
	if single, known := gmlSingles[e.Name]; known {
		if r.flip {
			crs = crs.WithAxesSwapped()
		}
		if err := single(f, e, crs); err != nil {
			return e.because(err)
		}
		return nil
	}
	members, known := gmlMembers[e.Name]
	if !known {
		return e.fault("it is no geometry that can be read; write Point, LineString, Curve of line segments, Polygon, Surface, or a Multi* of these")
	}
	for _, property := range e.Children {
		if !slices.Contains(members, property.Name) {
			continue
		}
		for _, member := range property.Children {
			if err := r.read(f, member, crs); err != nil {
				return err
			}
		}
	}
	return nil
}

// because wraps what a part says, unless it has told its line.
func (e *Element) because(err error) error {
	if strings.HasPrefix(err.Error(), "line ") {
		return err
	}
	return e.fault("%w", err)
}

// system gives the coordinate system of the element, which one around it may have named.
func (r GMLReader) system(e *Element, crs geo.CRS) (geo.CRS, error) {
	if name, named := e.Attribute("srsName"); named {
		var err error
		if crs, err = geo.ParseCRS(name); err != nil {
			return crs, e.fault("srsName: %w", err)
		}
	}
	if r.EastFirst {
		crs = crs.WithXYOrder()
	}
	return crs, nil
}

func gmlPoint(f *figure, e *Element, crs geo.CRS) error {
	coords, err := positions(e)
	if err != nil {
		return err
	}
	return f.addPoint(coords, crs)
}

// gmlLine reads a LineString, or a Curve, whose segments follow each other.
func gmlLine(f *figure, e *Element, crs geo.CRS) error {
	coords, err := linePositions(e)
	if err != nil {
		return err
	}
	return f.addLine(coords, crs)
}

func linePositions(e *Element) ([]float64, error) {
	segments := e.Child("segments")
	if segments == nil {
		return positions(e)
	}
	var coords []float64
	for _, segment := range segments.Children {
		if segment.Name != "LineStringSegment" {
			return nil, segment.fault("only LineStringSegment can be read; draw arcs with short lines")
		}
		part, err := positions(segment)
		if err != nil {
			return nil, err
		}
		coords = joinPath(coords, part)
	}
	return coords, nil
}

// joinPath appends a path that begins where the other one ends.
func joinPath(path, more []float64) []float64 {
	n := len(path)
	if n >= 2 && len(more) >= 2 && path[n-2] == more[0] && path[n-1] == more[1] {
		more = more[2:]
	}
	return append(path, more...)
}

func gmlPolygon(f *figure, e *Element, crs geo.CRS) error {
	var outer, rings [][]float64
	for _, border := range e.Children {
		switch border.Name {
		case "exterior", "outerBoundaryIs", "interior", "innerBoundaryIs":
		default:
			continue
		}
		ring, err := ringOf(border)
		if err != nil {
			return err
		}
		if border.Name == "exterior" || border.Name == "outerBoundaryIs" {
			outer = append(outer, ring)
		} else {
			rings = append(rings, ring)
		}
	}
	if len(outer) != 1 {
		return fmt.Errorf("a polygon has one outer ring (exterior, or in GML 2 outerBoundaryIs), not %d", len(outer))
	}
	return f.addPolygon(append(outer, rings...), crs)
}

// ringOf reads a LinearRing, or a Ring of curves.
func ringOf(border *Element) ([]float64, error) {
	if ring := border.Child("LinearRing"); ring != nil {
		return positions(ring)
	}
	ring := border.Child("Ring")
	if ring == nil {
		return nil, border.fault("there must be a LinearRing in it")
	}
	var coords []float64
	for _, member := range ring.Children {
		for _, curve := range member.Children {
			part, err := linePositions(curve)
			if err != nil {
				return nil, err
			}
			coords = joinPath(coords, part)
		}
	}
	return coords, nil
}

// Box reads an Envelope or a Box of two corners: its bounds as they stand, and their system.
func (r GMLReader) Box(e *Element) (corners [4]float64, crs geo.CRS, err error) {
	if crs, err = r.system(e, r.Unnamed); err != nil {
		return corners, crs, err
	}
	coords, err := positions(e)
	switch {
	case err != nil:
		return corners, crs, err
	case len(coords) != 4:
		return corners, crs, e.fault("it has two corners, not %d", len(coords)/2)
	}
	return [4]float64(coords), crs, nil
}

// positions reads the positions in an element: pos and posList, coordinates, or coord, and corners. Heights are dropped.
func positions(e *Element) (coords []float64, err error) {
	for _, child := range e.Children {
		switch child.Name {
		case "pos", "posList", "lowerCorner", "upperCorner":
			coords, err = appendPositions(coords, child, dimension(e, child), child.Name != "posList")
		case "coordinates":
			coords, err = appendCoordinates(coords, child)
		case "coord":
			coords, err = appendCoord(coords, child)
		case "pointProperty", "pointRep":
			if point := child.Child("Point"); point != nil {
				var one []float64
				one, err = positions(point)
				coords = append(coords, one...)
			}
		}
		if err != nil {
			return nil, child.because(err)
		}
	}
	if coords == nil {
		return nil, e.fault("it has no positions")
	}
	return coords, nil
}

// dimension tells how many numbers a position has; 0 when nobody says.
func dimension(elements ...*Element) int {
	for i := len(elements) - 1; i >= 0; i-- {
		switch text, _ := elements[i].Attribute("srsDimension"); text {
		case "2":
			return 2
		case "3":
			return 3
		}
	}
	return 0
}

func appendPositions(coords []float64, e *Element, dimension int, single bool) ([]float64, error) {
	numbers, err := parseNumbers(strings.Fields(e.Text))
	if err != nil {
		return nil, err
	}
	if single && dimension == 0 {
		dimension = len(numbers)
	}
	dimension = max(dimension, 2)
	if dimension > 3 || len(numbers)%dimension != 0 || len(numbers) == 0 {
		return nil, fmt.Errorf("it has %d numbers, which makes no whole positions of %d", len(numbers), min(dimension, 3))
	}
	for i := 0; i < len(numbers); i += dimension {
		coords = append(coords, numbers[i], numbers[i+1])
	}
	return coords, nil
}

// appendCoordinates reads GML 2's text, whose separators may be chosen (02-069, 4.3.1).
func appendCoordinates(coords []float64, e *Element) ([]float64, error) {
	choice := func(name, usual string) string {
		if text, sent := e.Attribute(name); sent && text != "" {
			return text
		}
		return usual
	}
	decimal, within, between := choice("decimal", "."), choice("cs", ","), choice("ts", " ")
	tuples := strings.Fields(e.Text)
	if strings.TrimSpace(between) != "" {
		tuples = strings.Split(strings.TrimSpace(e.Text), between)
	}
	for _, tuple := range tuples {
		parts := strings.Split(tuple, within)
		for i := range parts {
			parts[i] = strings.Replace(parts[i], decimal, ".", 1)
		}
		numbers, err := parseNumbers(parts)
		if err != nil {
			return nil, err
		}
		if len(numbers) != 2 && len(numbers) != 3 {
			return nil, fmt.Errorf("the position %q has %d numbers instead of two or three", clip(tuple), len(numbers))
		}
		coords = append(coords, numbers[0], numbers[1])
	}
	return coords, nil
}

func appendCoord(coords []float64, e *Element) ([]float64, error) {
	x, y := e.Child("X"), e.Child("Y")
	if x == nil || y == nil {
		return nil, fmt.Errorf("a coord has X and Y")
	}
	numbers, err := parseNumbers([]string{x.Text, y.Text})
	return append(coords, numbers...), err
}
