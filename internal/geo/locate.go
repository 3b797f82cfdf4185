package geo

import "strukturbild/internal/plan"

// Location tells how a place or box lies to a polygon.
type Location int

// The locations.
const (
	Outside  Location = iota // shares no point with the polygon
	Inside                   // lies in the interior, off the border
	Crossing                 // the border comes through it
)

func (l Location) String() string { return [...]string{"outside", "inside", "crossing"}[l] }

// ContainsPoint reports whether the point lies in the polygon geometry or on its border; of lines and points, whether it
// lies on them. It is exact.
func ContainsPoint(g plan.Geometry, x, y float64) bool {
	whole := operand{Geometry: g, box: everywhere}
	return whole.has(x, y)
}

// locatePoint locates a point to a polygon: inside when a ray to the right leaves the polygon an odd number of times.
func locatePoint(g plan.Geometry, x, y float64) Location {
	in := false
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			passes, on := rayMeets((*[4]float64)(ring[j:]), x, y)
			if on {
				return Crossing
			}
			in = in != passes
		}
	}
	if in {
		return Inside
	}
	return Outside
}

// rayMeets reports whether a ray to the right of the point passes through the edge, of whose ends the lower one counts
// and the upper one does not, and whether the point is on the edge (its last end left aside: the next edge begins there).
func rayMeets(e *[4]float64, x, y float64) (passes, on bool) {
	if (e[1] > y) == (e[3] > y) {
		return false, e[1] == y && (e[0] == x || e[3] == y && (e[0] < x) != (e[2] < x))
	}
	turn := orient(e[0], e[1], e[2], e[3], x, y)
	return (turn > 0) == (e[3] > e[1]), turn == 0
}
