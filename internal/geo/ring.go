package geo

import (
	"slices"

	"strukturbild/internal/plan"
)

// Normalize turns the rings of a polygon geometry the house's way, in place: of each polygon the first ring
// counter-clockwise, the others clockwise. Points and lines stay as they are.
func Normalize(g *plan.Geometry) {
	if g.Type != plan.Polygon {
		return
	}
	for part := range g.NumParts() {
		from, to := g.PartPaths(part)
		for i := from; i < to; i++ {
			ring := g.Path(i)
			if area := ringArea(ring); area < 0 && i == from || area > 0 && i > from {
				reverse(ring)
			}
		}
	}
}

// reverse turns the order of vertices around.
func reverse(ring []float64) {
	slices.Reverse(ring)
	swapAxes(ring)
}

// ringArea gives the signed area of a closed ring, positive when it runs counter-clockwise. Differences from the first
// vertex keep the digits: coordinates have seven digits before the point.
func ringArea(ring []float64) float64 {
	if len(ring) < 6 {
		return 0
	}
	x0, y0 := ring[0], ring[1]
	var twice, px, py float64
	for i := 2; i+1 < len(ring); i += 2 {
		x, y := ring[i]-x0, ring[i+1]-y0
		twice += px*y - x*py
		px, py = x, y
	}
	return twice / 2
}
