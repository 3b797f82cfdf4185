package geo

import (
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// Normalize turns the rings of a polygon geometry the house's way, in place: of each polygon the first ring
// counter-clockwise, the others clockwise; turned tells whether one ran the other way. Points and lines stay as they are.
func Normalize(g *plan.Geometry) (turned bool) {
	if g.Type != plan.Polygon {
		return false
	}
	for part := range g.NumParts() {
		from, to := g.PartPaths(part)
		for i := from; i < to; i++ {
			ring := g.Path(i)
			if area := ringArea(ring); area < 0 && i == from || area > 0 && i > from {
				reverse(ring)
				turned = true
			}
		}
	}
	return turned
}

// CloseRings repeats the first vertex of each open ring of a polygon geometry at its end, and tells how many there were.
// A last vertex that is all but equal to the first is made equal.
func CloseRings(g *plan.Geometry) (closed int) {
	if g.Type != plan.Polygon || g.IsEmpty() {
		return 0
	}
	made := plan.Geometry{Type: g.Type, Parts: g.Parts}
	for i := range g.NumPaths() {
		ring := g.Path(i)
		made.Coords = append(made.Coords, ring...)
		if n := len(ring); ring[0] != ring[n-2] || ring[1] != ring[n-1] {
			closed++
			if n > 8 && almost(ring[0], ring[n-2]) && almost(ring[1], ring[n-1]) {
				made.Coords = made.Coords[:len(made.Coords)-2]
			}
			made.Coords = append(made.Coords, ring[0], ring[1])
		}
		made.Ends = append(made.Ends, uint32(made.NumVertices()))
	}
	if closed > 0 {
		*g = implicit(made)
	}
	return closed
}

// almost reports whether two coordinates, of metres or of degrees, differ by less than any map shows.
func almost(a, b float64) bool { return math.Abs(a-b) < 1e-9*max(1, math.Abs(a)) }

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
