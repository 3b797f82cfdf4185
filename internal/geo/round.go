package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// Of Sagitta, what the corners of a drawn circle may take, and what is lost along straight edges.
const (
	cornerShare = 0.75
	edgeShare   = 1 - cornerShare
)

// small is how many times the distance a figure may at most reach out from its middle to be drawn around.
const small = 0.8

// outset gives how far a figure reaches out from the middle of its box.
func outset(g plan.Geometry, box plan.Box) (metres float64) {
	x, y := (box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2
	for i := 0; i+1 < len(g.Coords); i += 2 {
		metres = max(metres, math.Hypot(g.Coords[i]-x, g.Coords[i+1]-y))
	}
	return metres
}

// Pen draws the places within a distance of figures that are small beside it: the scratch memory of one goroutine.
type Pen struct {
	x, y     float64 // the middle of the figure
	radius   float64
	farthest float64 // from the middle
	turn     float64 // radians from corner to corner
	ahead    float64 // by how much one circle can get ahead of another, a metre between their centres and a radian
	part     plan.Box
	points   []float64 // of the figure, and on them those at hand in each of the directions
	leaves   []float64
	coords   []float64
}

// Around draws the places within a distance of one of Stretches, as far as they lie in a part of the plane; elsewhere
// coarsely, but not so as to come into that part. The polygon is good until the next call. Each point of the figure covers
// its middle, so that the border is met once in every direction from there: it is as far away as the farthest of the
// circles about the points of the figure. GEOS would have to find out what of all its corners matters, which takes several
// times as long.
func (p *Pen) Around(g plan.Geometry, metres float64, part plan.Box) plan.Geometry {
	box := g.Box()
	p.x, p.y, p.radius, p.part = (box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2, metres, part
	t := outset(g, box) / metres
	corners := max(32, int(math.Ceil((1+t)*math.Pi/math.Acos(1-cornerShare*Sagitta/max(metres, Sagitta)))))
	p.farthest, p.turn = (1+t)*metres, 2*math.Pi/float64(corners)
	t /= math.Sqrt(1 - t*t)
	p.ahead = 1 + 2*t + t*t*t
	p.points, p.coords = pointsAlong(p.points[:0], g, p.x, p.y, math.Sqrt(8*metres*edgeShare*Sagitta)), p.coords[:0]
	const fans = 8
	for i := range fans {
		p.fan(p.points, i*corners/fans, (i+1)*corners/fans)
	}
	p.coords = append(p.coords, p.coords[0], p.coords[1])
	return plan.Geometry{Type: plan.Polygon, Coords: p.coords}
}

// Of so few points it is not worth while to pick those that matter in fewer directions.
const fewPoints = 6

// fan draws the corners from one to another, which are within an eighth of a turn; points are those whose circles may
// matter there.
func (p *Pen) fan(points []float64, from, to int) {
	switch {
	case !p.bounds(from, to).Intersects(p.part):
		p.corner(points, from)
	case to-from <= 4 || len(points) <= 2*fewPoints:
		for i := from; i < to; i++ {
			p.corner(points, i)
		}
	default:
		height, middle := len(p.points), (from+to)/2
		points = p.outer(points, float64(from+to-1)/2*p.turn, float64(to-from)/2*p.turn)
		p.fan(points, from, middle)
		p.fan(points, middle, to)
		p.points = p.points[:height]
	}
}

func (p *Pen) corner(points []float64, number int) {
	sin, cos := math.Sincos(float64(number) * p.turn)
	r := 0.0
	for j := 0; j+1 < len(points); j += 2 {
		r = max(r, leave(points[j], points[j+1], cos, sin, p.radius))
	}
	p.coords = append(p.coords, p.x+r*cos, p.y+r*sin)
}

// bounds gives those of the border from one corner to another, and of the straight line between them.
func (p *Pen) bounds(from, to int) plan.Box {
	box, nearest := plan.EmptyBox, 2*p.radius-p.farthest
	outside := p.farthest / math.Cos(float64(to-from)/2*p.turn)
	for _, i := range []int{from, to} {
		sin, cos := math.Sincos(float64(i) * p.turn)
		for _, r := range []float64{nearest, outside} {
			x, y := p.x+r*cos, p.y+r*sin
			box = box.Union(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y})
		}
	}
	return box
}

// outer picks the points whose circles may be the last that one leaves in a direction that departs by at most so many
// radians from another.
func (p *Pen) outer(points []float64, direction, apart float64) []float64 {
	sin, cos := math.Sincos(direction)
	p.leaves = p.leaves[:0]
	last := 0
	for i := 0; i+1 < len(points); i += 2 {
		p.leaves = append(p.leaves, leave(points[i], points[i+1], cos, sin, p.radius))
		if p.leaves[i/2] > p.leaves[last] {
			last = i / 2
		}
	}
	height := len(p.points)
	for i, r := range p.leaves {
		behind, dx, dy := (p.leaves[last]-r)/(p.ahead*apart), points[2*i]-points[2*last], points[2*i+1]-points[2*last+1]
		if behind*behind <= dx*dx+dy*dy {
			p.points = append(p.points, points[2*i], points[2*i+1])
		}
	}
	return p.points[height:]
}

// leave gives how far one gets from the middle in a direction before one leaves the circle about a point.
func leave(x, y, cos, sin, radius float64) float64 {
	across := x*sin - y*cos
	return x*cos + y*sin + math.Sqrt(radius*radius-across*across)
}

// pointsAlong appends the vertices, counted from a place, and points between those that are farther apart than a step.
func pointsAlong(points []float64, g plan.Geometry, x, y, step float64) []float64 {
	if g.Type == plan.Point {
		for i := 0; i+1 < len(g.Coords); i += 2 {
			points = append(points, g.Coords[i]-x, g.Coords[i+1]-y)
		}
	}
	for i := range g.NumPaths() {
		path := g.Path(i)
		points = append(points, path[0]-x, path[1]-y)
		for j := 2; j+1 < len(path); j += 2 {
			dx, dy := path[j]-path[j-2], path[j+1]-path[j-1]
			parts := max(1, math.Ceil(math.Hypot(dx, dy)/step))
			for k := 1.0; k <= parts; k++ {
				points = append(points, path[j-2]+dx*k/parts-x, path[j-1]+dy*k/parts-y)
			}
		}
	}
	return points
}

// Stretches yields parts of a figure that are small beside a distance, so that each can be drawn around: the places within
// the distance are those of all parts, and of a polygon that is larger itself.
func Stretches(g plan.Geometry, metres float64, yield func(plan.Geometry, plan.Box)) {
	if box := g.Box(); outset(g, box) <= small*metres {
		yield(g, box)
		return
	}
	if g.Type == plan.Point {
		stretch(g.Coords, plan.Point, metres, yield)
	}
	for i := range g.NumPaths() {
		stretch(g.Path(i), plan.Line, metres, yield)
	}
}

func diagonal(box plan.Box) float64 { return math.Hypot(box.MaxX-box.MinX, box.MaxY-box.MinY) }

// stretch yields the runs of a path; an edge that is too long is yielded in parts.
func stretch(path []float64, kind plan.GeometryType, metres float64, yield func(plan.Geometry, plan.Box)) {
	at := func(i int) plan.Box {
		return plan.Box{MinX: path[i], MinY: path[i+1], MaxX: path[i], MaxY: path[i+1]}
	}
	from, box := 0, at(0)
	for i := 2; i+1 < len(path); i += 2 {
		grown := box.Union(at(i))
		if diagonal(grown) <= 2*small*metres {
			box = grown
			continue
		}
		yield(plan.Geometry{Type: kind, Coords: path[from:i:i]}, box)
		from, box = i, at(i)
		if kind == plan.Line {
			yieldEdge(path[i-2:i+2:i+2], metres, yield)
		}
	}
	yield(plan.Geometry{Type: kind, Coords: path[from:len(path):len(path)]}, box)
}

// yieldEdge yields an edge, in parts that are short enough.
func yieldEdge(ends []float64, metres float64, yield func(plan.Geometry, plan.Box)) {
	dx, dy := ends[2]-ends[0], ends[3]-ends[1]
	parts := max(1, math.Ceil(math.Hypot(dx, dy)/(2*small*metres)))
	for k := range int(parts) {
		t, u := float64(k)/parts, float64(k+1)/parts
		g := plan.Geometry{Type: plan.Line, Coords: []float64{ends[0] + dx*t, ends[1] + dy*t, ends[0] + dx*u, ends[1] + dy*u}}
		yield(g, g.Box())
	}
}
