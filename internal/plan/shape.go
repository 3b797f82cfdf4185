package plan

import (
	"encoding/json"
	"fmt"
)

// Shape is a geometry that JSON writes as GeoJSON does (RFC 7946, 3.1), but in EPSG:3006, easting before northing.
type Shape struct{ Geometry }

var shapeTypes = map[GeometryType]string{Point: "MultiPoint", Line: "MultiLineString", Polygon: "MultiPolygon"}

// MarshalJSON writes the geometry as a multi-geometry.
func (s Shape) MarshalJSON() ([]byte, error) {
	var coordinates any
	switch s.Type {
	case Point:
		coordinates = pairs(s.Coords)
	case Line:
		coordinates = s.paths(0, s.NumPaths())
	case Polygon:
		parts := [][][][2]float64{}
		for from, i := 0, 0; i < s.NumParts(); i++ {
			end := s.NumPaths()
			if s.Parts != nil {
				end = int(s.Parts[i])
			}
			parts = append(parts, s.paths(from, end))
			from = end
		}
		coordinates = parts
	default:
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{"type": shapeTypes[s.Type], "coordinates": coordinates})
}

func (s Shape) paths(from, end int) [][][2]float64 {
	paths := [][][2]float64{}
	for i := from; i < end; i++ {
		paths = append(paths, pairs(s.Path(i)))
	}
	return paths
}

func pairs(coords []float64) [][2]float64 {
	list := make([][2]float64, len(coords)/2)
	for i := range list {
		list[i] = [2]float64{coords[2*i], coords[2*i+1]}
	}
	return list
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Shape) UnmarshalJSON(text []byte) error {
	var kind struct{ Type string }
	if err := json.Unmarshal(text, &kind); err != nil {
		return err
	}
	for kinds, name := range shapeTypes {
		if name == kind.Type {
			s.Geometry = Geometry{Type: kinds}
			return s.read(text)
		}
	}
	return fmt.Errorf("%q is no type of a shape", kind.Type)
}

func (s *Shape) read(text []byte) error {
	var points struct{ Coordinates [][2]float64 }
	var lines struct{ Coordinates [][][2]float64 }
	var polygons struct{ Coordinates [][][][2]float64 }
	switch s.Type {
	case Point:
		if err := json.Unmarshal(text, &points); err != nil {
			return err
		}
		s.appendPairs(points.Coordinates)
		return nil
	case Line:
		if err := json.Unmarshal(text, &lines); err != nil {
			return err
		}
		s.appendPaths(lines.Coordinates)
		return nil
	}
	if err := json.Unmarshal(text, &polygons); err != nil {
		return err
	}
	for _, rings := range polygons.Coordinates {
		s.appendPaths(rings)
		s.Parts = append(s.Parts, uint32(len(s.Ends)))
	}
	return nil
}

func (s *Shape) appendPaths(paths [][][2]float64) {
	for _, path := range paths {
		s.appendPairs(path)
		s.Ends = append(s.Ends, uint32(s.NumVertices()))
	}
}

func (s *Shape) appendPairs(list [][2]float64) {
	for _, at := range list {
		s.Coords = append(s.Coords, at[0], at[1])
	}
}
