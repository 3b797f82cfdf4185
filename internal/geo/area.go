package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// Area gives the area of a polygon geometry in square metres; its holes count negative by their direction (Normalize).
// Points and lines have none.
func Area(g plan.Geometry) float64 {
	if g.Type != plan.Polygon {
		return 0
	}
	var sum float64
	for i := range g.NumPaths() {
		sum += ringArea(g.Path(i))
	}
	return sum
}

// Length gives the length of a line geometry, or of all rings of a polygon geometry, in metres.
func Length(g plan.Geometry) float64 {
	var sum float64
	for i := range g.NumPaths() {
		sum += pathLength(g.Path(i))
	}
	return sum
}

func pathLength(path []float64) float64 {
	var sum float64
	for i := 2; i+1 < len(path); i += 2 {
		dx, dy := path[i]-path[i-2], path[i+1]-path[i-1]
		sum += math.Sqrt(dx*dx + dy*dy)
	}
	return sum
}
