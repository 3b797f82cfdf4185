package geo

import (
	"math"
	"sync"

	"strukturbild/internal/plan"
)

// reach is as far as the data may go: the import window with 100 km around it. Boxes that come from outside (the whole
// world, as often as not) are cut to it before they are converted, since a projection holds only near its own land.
var reach = Window.Grow(100_000)

// TransformBox gives the bounds in system to of a box in system from, each in the axis order of its system (MinX is the
// least of the first axis). Straight edges bend on the way, so the bounds are those of the bent edges. A box that does
// not come from the house is cut to the region and its surroundings first; one that misses them comes back empty.
func TransformBox(box plan.Box, from, to CRS) (plan.Box, error) {
	box = cutToReach(box, from)
	if box.IsEmpty() {
		return plan.EmptyBox, nil
	}
	edges := densify(box, pieces(box, from))
	if err := from.ToHouse(edges); err != nil {
		return plan.Box{}, err
	}
	if err := to.FromHouse(edges); err != nil {
		return plan.Box{}, err
	}
	return curveBox(edges), nil
}

// cutToReach cuts a box in a system other than the house's to reach.
func cutToReach(box plan.Box, c CRS) plan.Box {
	if c.system().way == (identity{}) {
		return box
	}
	limits, known := reachOf.Load(c)
	if !known {
		found, err := TransformBox(reach, House, c)
		if err != nil {
			return box // PROJ is out of order, which the conversion to follow will say
		}
		limits, _ = reachOf.LoadOrStore(c, found)
	}
	return box.Intersection(limits.(plan.Box))
}

// reachOf keeps reach in each system.
var reachOf sync.Map

// BoxPolygon takes a bounding box in system c, in its axis order, into the house: its bounds and, since its edges bend
// on the way, the polygon that it becomes (nil in EPSG:3006 itself). Of a box in degrees whose west is greater than its
// east the antimeridian is inside. A box that misses the region comes back empty. The error is a plan.Error, Invalid.
func BoxPolygon(box4 [4]float64, c CRS) (plan.Box, *plan.Geometry, error) {
	if i := firstNonFinite(box4[:]); i >= 0 {
		return plan.Box{}, nil, plan.Errorf(plan.Invalid, "bbox", "number %d of the bounding box is not finite", i+1)
	}
	declared := c
	if c.flipped {
		swapAxes(box4[:])
		c = c.WithXYOrder()
	}
	box := plan.Box{MinX: box4[0], MinY: box4[1], MaxX: box4[2], MaxY: box4[3]}
	if box.MinY > box.MaxY || box.MinX > box.MaxX && !c.Geographic() {
		return plan.Box{}, nil, plan.Errorf(plan.Invalid, "bbox", "the bounding box must name the lower corner first, then the upper one, in the axis order of %s", declared)
	}
	if c.system().way == (identity{}) {
		return box, nil, nil
	}
	polygon := &plan.Geometry{Type: plan.Polygon}
	for _, piece := range unwrap(box) {
		if piece = cutToReach(piece, c); piece.IsEmpty() {
			continue
		}
		ring := densify(piece, pieces(piece, c))
		if err := c.ToHouse(ring); err != nil {
			return plan.Box{}, nil, err
		}
		appendGeometry(polygon, plan.Geometry{Type: plan.Polygon, Coords: ring})
	}
	return curveBox(polygon.Coords), polygon, nil
}

// unwrap parts a box that crosses the antimeridian.
func unwrap(box plan.Box) []plan.Box {
	if box.MinX <= box.MaxX {
		return []plan.Box{box}
	}
	west, east := box, box
	west.MaxX, east.MinX = 180, -180
	return []plan.Box{west, east}
}

// pieces gives the number of pieces that each edge is bent in. A parallel at 58 degrees bends with a radius of 4 000 km, so that
// pieces of 1 km stay within 3 cm of it.
func pieces(box plan.Box, c CRS) int {
	metres := max(box.MaxX-box.MinX, box.MaxY-box.MinY)
	if c.Geographic() {
		metres *= 111_000
	}
	return int(min(max(math.Ceil(metres/1000), 21), 1000))
}

// densify gives the closed ring around a box, counter-clockwise, with n pieces an edge.
func densify(box plan.Box, n int) []float64 {
	corners := [...]float64{box.MinX, box.MinY, box.MaxX, box.MinY, box.MaxX, box.MaxY, box.MinX, box.MaxY, box.MinX, box.MinY}
	ring := make([]float64, 0, 8*n+2)
	for i := 0; i < 8; i += 2 {
		x0, y0, x1, y1 := corners[i], corners[i+1], corners[i+2], corners[i+3]
		for k := range n {
			t := float64(k) / float64(n)
			ring = append(ring, x0+t*(x1-x0), y0+t*(y1-y0))
		}
	}
	return append(ring, box.MinX, box.MinY)
}

// curveBox gives the bounds of a curve through the points: where three of them turn, the parabola through them tells
// how far the curve goes between them.
func curveBox(coords []float64) plan.Box {
	box := plan.Geometry{Coords: coords}.Box()
	for i := 2; i+3 < len(coords); i += 2 {
		box.MinX, box.MaxX = turningPoint(coords[i-2], coords[i], coords[i+2], box.MinX, box.MaxX)
		box.MinY, box.MaxY = turningPoint(coords[i-1], coords[i+1], coords[i+3], box.MinY, box.MaxY)
	}
	return box
}

// turningPoint widens the range to the vertex of the parabola through three equidistant values, if it lies among them.
func turningPoint(before, at, after, least, most float64) (float64, float64) {
	bend := 2*at - before - after
	if (at-before)*(at-after) > 0 && bend != 0 {
		peak := at + (after-before)*(after-before)/(8*bend)
		return min(least, peak), max(most, peak)
	}
	return least, most
}
