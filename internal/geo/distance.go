package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// Distance gives the least distance between two geometries in metres: 0 when they share a point, and infinity when it
// is more than limit, which keeps the search short (math.Inf(1) for none).
func Distance(a, b plan.Geometry, limit float64) float64 {
	k := kernels.Get().(*Kernel)
	defer kernels.Put(k)
	return k.Distance(a, b, a.Box(), b.Box(), limit)
}

// Distance is the function of that name for geometries whose boxes are known.
func (k *Kernel) Distance(a, b plan.Geometry, abox, bbox plan.Box, limit float64) float64 {
	switch {
	case a.IsEmpty() || b.IsEmpty() || gap2(&abox, &bbox) > limit*limit:
		return math.Inf(1)
	case k.Intersects(a, b, abox, bbox):
		return 0
	}
	return k.DistanceApart(a, b, abox, bbox, limit)
}

// DistanceApart is Distance for geometries that are known to share no point.
func (k *Kernel) DistanceApart(a, b plan.Geometry, abox, bbox plan.Box, limit float64) float64 {
	if limit <= 0 || a.IsEmpty() || b.IsEmpty() || gap2(&abox, &bbox) > limit*limit {
		return math.Inf(1)
	}
	const more = 1 + 1e-12 // so that a search that finds nothing ends beyond the limit, and one that finds the seed on it
	best := min(limit, seed(a, b, bbox)) * more
	k.near[0].gather(a, bbox.Grow(best))
	k.near[1].gather(b, abox.Grow(best))
	if best = math.Sqrt(closest2(&k.near[0], &k.near[1], best*best)); best > limit {
		return math.Inf(1)
	}
	return best
}

// gap2 gives the squared distance of two boxes.
func gap2(a, b *plan.Box) float64 {
	dx := max(a.MinX-b.MaxX, b.MinX-a.MaxX, 0)
	dy := max(a.MinY-b.MaxY, b.MinY-a.MaxY, 0)
	return dx*dx + dy*dy
}

// seed gives the distance of two vertices that are probably near each other: no more than that is to be searched.
func seed(a, b plan.Geometry, bbox plan.Box) float64 {
	x, y := nearestVertex(a, (bbox.MinX+bbox.MaxX)/2, (bbox.MinY+bbox.MaxY)/2)
	u, v := nearestVertex(b, x, y)
	x, y = nearestVertex(a, u, v)
	return math.Hypot(x-u, y-v)
}

func nearestVertex(g plan.Geometry, x, y float64) (u, v float64) {
	best := math.Inf(1)
	for i := 0; i+1 < len(g.Coords); i += 2 {
		dx, dy := g.Coords[i]-x, g.Coords[i+1]-y
		if d := dx*dx + dy*dy; d < best {
			best, u, v = d, g.Coords[i], g.Coords[i+1]
		}
	}
	return u, v
}

// neighbours are segments of a geometry (points are segments without length) in blocks of neighbours with their boxes.
type neighbours struct {
	segments []segment
	blocks   []plan.Box
}

type segment struct {
	plan.Box // the bounds
	ends     [4]float64
}

// gather collects the segments that reach into a box.
func (n *neighbours) gather(g plan.Geometry, box plan.Box) {
	n.segments, n.blocks = n.segments[:0], n.blocks[:0]
	if g.Type == plan.Point {
		for i := 0; i+1 < len(g.Coords); i += 2 {
			n.add([4]float64{g.Coords[i], g.Coords[i+1], g.Coords[i], g.Coords[i+1]}, &box)
		}
		return
	}
	for i := range g.NumPaths() {
		path := g.Path(i)
		for j := 0; j+3 < len(path); j += 2 {
			n.add([4]float64(path[j:]), &box)
		}
	}
}

func (n *neighbours) add(ends [4]float64, box *plan.Box) {
	bounds := boxOf(&ends)
	if !bounds.Intersects(*box) {
		return
	}
	if len(n.segments)%blockSize == 0 {
		n.blocks = append(n.blocks, bounds)
	}
	last := &n.blocks[len(n.blocks)-1]
	*last = last.Union(bounds)
	n.segments = append(n.segments, segment{bounds, ends})
}

// in gives the segments of a block.
func (n *neighbours) in(i int) []segment {
	return n.segments[i*blockSize : min((i+1)*blockSize, len(n.segments))]
}

// closest2 gives the least squared distance of two sets of segments that don't meet, or best if none is less.
func closest2(a, b *neighbours, best float64) float64 {
	for i := range a.blocks {
		for j := range b.blocks {
			if gap2(&a.blocks[i], &b.blocks[j]) < best {
				best = closestInBlocks(a.in(i), b.in(j), &b.blocks[j], best)
			}
		}
	}
	return best
}

func closestInBlocks(as, bs []segment, bounds *plan.Box, best float64) float64 {
	for i := range as {
		a := &as[i]
		if gap2(&a.Box, bounds) >= best {
			continue
		}
		for j := range bs {
			if b := &bs[j]; gap2(&a.Box, &b.Box) < best {
				best = min(best, segments2(&a.ends, &b.ends))
			}
		}
	}
	return best
}

// segments2 gives the squared distance of two segments that don't meet: one of their four ends is nearest.
func segments2(p, q *[4]float64) float64 {
	return min(pointSegment2(p[0], p[1], q[0], q[1], q[2], q[3]), pointSegment2(p[2], p[3], q[0], q[1], q[2], q[3]),
		pointSegment2(q[0], q[1], p[0], p[1], p[2], p[3]), pointSegment2(q[2], q[3], p[0], p[1], p[2], p[3]))
}

// pointSegment2 gives the squared distance of a point from a segment.
func pointSegment2(x, y, x0, y0, x1, y1 float64) float64 {
	dx, dy := x1-x0, y1-y0
	px, py := x-x0, y-y0
	if length2 := dx*dx + dy*dy; length2 > 0 {
		t := min(max((px*dx+py*dy)/length2, 0), 1)
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}
