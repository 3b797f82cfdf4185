package geo

import (
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// PointOnSurface gives a point that lies on the geometry, and in the interior of a polygon where its size allows: the
// place of a label or a message. Of many parts it takes the largest. An empty geometry gives 0, 0.
func PointOnSurface(g plan.Geometry) (x, y float64) {
	switch {
	case g.IsEmpty():
		return 0, 0
	case g.Type == plan.Point:
		return g.Coords[0], g.Coords[1]
	case g.Type == plan.Line:
		return halfway(largest(g, pathLength))
	}
	shell := largest(g, ringArea)
	box := plan.Geometry{Coords: shell}.Box()
	// Level lines halfway between vertices meet the border in edges only; the middle one is most often wide.
	x, y, ok := widest(g, &box, levelNear(g, &box, (box.MinY+box.MaxY)/2))
	for i := 1; !ok && i < 8; i++ {
		x, y, ok = widest(g, &box, levelNear(g, &box, box.MinY+(box.MaxY-box.MinY)*float64(i)/8))
	}
	if !ok {
		return shell[0], shell[1] // too thin to have an inside in floating point
	}
	return x, y
}

// largest gives the path with the largest measure.
func largest(g plan.Geometry, measure func([]float64) float64) []float64 {
	best, most := g.Path(0), math.Inf(-1)
	for i := range g.NumPaths() {
		if m := measure(g.Path(i)); m > most {
			best, most = g.Path(i), m
		}
	}
	return best
}

// halfway gives the vertex that stands halfway along a line.
func halfway(path []float64) (x, y float64) {
	half := pathLength(path) / 2
	for i := 2; i+1 < len(path); i += 2 {
		if half -= math.Hypot(path[i]-path[i-2], path[i+1]-path[i-1]); half <= 0 {
			return path[i], path[i+1]
		}
	}
	return path[0], path[1]
}

// levelNear gives a height near y that no vertex in the box has: halfway between the vertices above and below.
func levelNear(g plan.Geometry, box *plan.Box, y float64) float64 {
	above, below := box.MaxY, box.MinY
	for i := 0; i+1 < len(g.Coords); i += 2 {
		if v := g.Coords[i+1]; v > y {
			above = min(above, v)
		} else {
			below = max(below, v)
		}
	}
	return below + (above-below)/2
}

// widest gives the middle of the widest stretch inside the polygon of a level line through the box.
func widest(g plan.Geometry, box *plan.Box, y float64) (float64, float64, bool) {
	var crossings []float64
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			if (ring[j+1] > y) != (ring[j+3] > y) {
				crossings = append(crossings, ring[j]+(ring[j+2]-ring[j])*((y-ring[j+1])/(ring[j+3]-ring[j+1])))
			}
		}
	}
	slices.Sort(crossings)
	x, width := 0.0, -1.0
	for i := 0; i+1 < len(crossings); i += 2 {
		from, to := crossings[i], crossings[i+1]
		if inBox(box, from, y) && to-from > width {
			x, width = from+(to-from)/2, to-from
		}
	}
	whole := operand{Geometry: g, box: everywhere}
	return x, y, width >= 0 && whole.locate(x, y) == Inside
}
