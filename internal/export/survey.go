package export

import (
	"math"
	"strconv"

	"strukturbild/internal/plan"
)

// survey is what has to be known of a layer's values before a Shapefile can be begun.
type survey struct {
	single   bool     // every feature is one point
	shapes   int64    // bytes that the geometries take in .shp
	texts    []int    // most bytes, an attribute
	longest  []string // the feature that has them
	least    []int64
	greatest []int64
	size     []float64 // of the largest number without its sign
}

func surveyOf(layer Layer) *survey {
	n := len(layer.Definition.Attributes)
	s := &survey{single: layer.Definition.GeometryType == plan.Point, texts: make([]int, n), longest: make([]string, n),
		least: make([]int64, n), greatest: make([]int64, n), size: make([]float64, n)}
	for f := range layer.Features {
		s.single = s.single && f.Geometry.NumVertices() == 1
		s.shapes += shapeBytes(f.Geometry)
		for i, v := range f.Values {
			s.value(i, f.ID, v)
		}
	}
	return s
}

func (s *survey) value(i int, id string, v plan.Value) {
	switch v.Kind() {
	case plan.String:
		if n := len(v.Text()); n > s.texts[i] {
			s.texts[i], s.longest[i] = n, id
		}
	case plan.Integer:
		s.least[i], s.greatest[i] = min(s.least[i], v.Int()), max(s.greatest[i], v.Int())
	case plan.Number:
		s.size[i] = max(s.size[i], math.Abs(v.Float()))
	}
}

// digits gives how many characters the integers of the attribute take at most.
func (s *survey) digits(i int) int {
	return max(len(strconv.FormatInt(s.least[i], 10)), len(strconv.FormatInt(s.greatest[i], 10)))
}

// shapeBytes is the size of a geometry in .shp (ESRI Shapefile Technical Description, 1998): header, bounds, counts,
// parts and points.
func shapeBytes(g plan.Geometry) int64 {
	const record, bounds = 8, 44
	if g.Type == plan.Point {
		return record + 40 + 16*int64(g.NumVertices())
	}
	return record + bounds + 4*int64(g.NumPaths()) + 16*int64(g.NumVertices())
}
