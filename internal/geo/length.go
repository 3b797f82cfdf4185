package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// IntersectionLength gives the length of the part of a line geometry in a polygon geometry or on its border, in metres;
// 0 for other types. What runs along the border counts once; a line that runs over itself counts each time.
func IntersectionLength(line, polygon plan.Geometry) float64 {
	k := kernels.Get().(*Kernel)
	defer kernels.Put(k)
	return k.IntersectionLengthBoxes(line, polygon, line.Box(), polygon.Box())
}

// IntersectionLengthBoxes is IntersectionLength for geometries whose boxes are known.
func (k *Kernel) IntersectionLengthBoxes(line, polygon plan.Geometry, lbox, pbox plan.Box) float64 {
	return k.length(&operand{Geometry: line, box: lbox}, &operand{Geometry: polygon, box: pbox})
}

func (k *Kernel) length(line, polygon *operand) float64 {
	if line.Type != plan.Line || polygon.Type != plan.Polygon || !line.box.Intersects(polygon.box) {
		return 0
	}
	w := newWindow(line.box, polygon.box)
	if touch := k.cross(line, polygon, &w); touch {
		return touchingLength(line, polygon) // the move of a crossing may put what runs along the border outside
	}
	k.sortStops(0)
	var sum float64
	stops, from := k.stops, 0
	for i := range line.NumPaths() {
		path := line.Path(i)
		n := stopsBefore(stops, from+len(path)/2)
		depth := k.depthAt(path, polygon, 0, stops[:n])
		switch {
		case n > 0:
			sum += k.pathWithin(path, from, stops[:n], depth, &w)
		case depth != 0:
			sum += pathLength(path)
		}
		stops, from = stops[n:], from+len(path)/2
	}
	return max(sum, 0)
}

// pathWithin measures a path, whose first vertex has the number from and lies depth deep in the polygon, from crossing
// to crossing, as ringStretches does.
func (k *Kernel) pathWithin(path []float64, from int, stops []stop, depth int, w *window) float64 {
	pace := pacer{path[0] - w.MinX, path[1] - w.MinY, 0}
	at := 1 // the next vertex
	for _, stop := range stops {
		c := &k.crossings[stop.crossing]
		next := c.edge(0) + 1 - from
		if depth != 0 {
			pace.along(path[2*at:2*next], float64(depth), w)
			pace.to(c.x, c.y, float64(depth))
		}
		pace.x, pace.y, at = c.x, c.y, next
		if c.enters {
			depth++
		} else {
			depth--
		}
	}
	if depth != 0 {
		pace.along(path[2*at:], float64(depth), w)
	}
	return pace.sum
}

// pacer adds up the length of a way, in coordinates from the window's corner.
type pacer struct{ x, y, sum float64 }

func (p *pacer) to(x, y, depth float64) {
	dx, dy := x-p.x, y-p.y
	p.sum += depth * math.Sqrt(dx*dx+dy*dy)
	p.x, p.y = x, y
}

func (p *pacer) along(path []float64, depth float64, w *window) {
	for i := 0; i+1 < len(path); i += 2 {
		p.to(path[i]-w.MinX, path[i+1]-w.MinY, depth)
	}
}

// touchingLength measures segment by segment.
func touchingLength(line, polygon *operand) float64 {
	var sum float64
	for i := range line.NumPaths() {
		path := line.Path(i)
		for j := 0; j+3 < len(path); j += 2 {
			sum += segmentWithin((*[4]float64)(path[j:]), polygon)
		}
	}
	return sum
}

// segmentWithin gives the length of a segment in a polygon or on its border, exact in every touch: along the axis that
// the segment is nearer to, an edge of the polygon that runs above a part of the segment counts for that part, positive
// when the polygon lies below the edge, negative when it lies above. Where an edge lies on the segment it counts if
// positive: the part is then in the polygon or on its border either way.
func segmentWithin(s *[4]float64, polygon *operand) float64 {
	switch box := boxOf(s); polygon.locateBox(box) {
	case Outside:
		return 0
	case Inside:
		return pathLength(s[:])
	}
	steep := math.Abs(s[3]-s[1]) > math.Abs(s[2]-s[0])
	x0, y0, x1, y1 := s[0], s[1], s[2], s[3]
	if steep {
		x0, y0, x1, y1 = y0, x0, y1, x1
	}
	if x0 == x1 {
		return 0 // a segment without length
	}
	if x0 > x1 {
		x0, y0, x1, y1 = x1, y1, x0, y0
	}
	var sum float64
	line := [4]float64{x0, y0, x1, y1}
	for i := range polygon.NumPaths() {
		ring := polygon.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			if steep { // the mirror image, whose rings run the other way
				sum -= shadow(&line, ring[j+1], ring[j], ring[j+3], ring[j+2], true)
			} else {
				sum += shadow(&line, ring[j], ring[j+1], ring[j+2], ring[j+3], false)
			}
		}
	}
	return min(max(sum/(x1-x0), 0), 1) * pathLength(s[:])
}

// boxOf gives the box of a segment.
func boxOf(s *[4]float64) plan.Box {
	return plan.Box{MinX: min(s[0], s[2]), MinY: min(s[1], s[3]), MaxX: max(s[0], s[2]), MaxY: max(s[1], s[3])}
}

// shadow gives the extent in x of the part of a line, which runs to the right, that lies under an edge: positive when
// the edge runs left, negative when it runs right. Where they coincide it counts for an edge that bounds the polygon
// above, which is one that runs left, or in a mirror image right.
func shadow(line *[4]float64, ax, ay, bx, by float64, mirrored bool) float64 {
	way := 1.0
	if ax < bx {
		way = -1
	} else {
		ax, ay, bx, by = bx, by, ax, ay
	}
	left, right := max(ax, line[0]), min(bx, line[2])
	if left >= right {
		return 0
	}
	// On which side the edge is at both ends of the common range: exact, since one end of each lies on a vertex.
	l, r := -orient(ax, ay, bx, by, line[0], line[1]), -orient(ax, ay, bx, by, line[2], line[3])
	if ax > line[0] {
		l = orient(line[0], line[1], line[2], line[3], ax, ay)
	}
	if bx < line[2] {
		r = orient(line[0], line[1], line[2], line[3], bx, by)
	}
	switch {
	case l == 0 && r == 0:
		if (way > 0) == mirrored {
			return 0
		}
	case l <= 0 && r <= 0:
		return 0
	case l < 0:
		left = crossingX(line, ax, ay, bx, by, left, right)
	case r < 0:
		right = crossingX(line, ax, ay, bx, by, left, right)
	}
	return way * (right - left)
}

// crossingX gives x in the range where a line and an edge that change sides cross.
func crossingX(line *[4]float64, ax, ay, bx, by, left, right float64) float64 {
	gap := func(x float64) float64 {
		return math.Abs((ay - line[1]) + (x-ax)*((by-ay)/(bx-ax)) - (x-line[0])*((line[3]-line[1])/(line[2]-line[0])))
	}
	l, r := gap(left), gap(right)
	if l+r == 0 {
		return left
	}
	return left + (right-left)*(l/(l+r))
}
