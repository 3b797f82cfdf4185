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

// drawAround draws the places within a distance of a figure that is small beside it: at most as large as the distance. Each
// of its points then covers the middle of the figure, so that the border is met once in every direction from there: it
// is as far away as the farthest of the circles about the points of the figure. GEOS would have to find out what of all its
// corners matters, which takes several times as long.
func drawAround(g plan.Geometry, box plan.Box, metres float64) plan.Geometry {
	x, y := (box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2
	points := pointsAlong(g, x, y, math.Sqrt(8*metres*edgeShare*Sagitta))
	corners := max(32, int(math.Ceil(math.Pi/math.Acos(1-cornerShare*Sagitta/max(metres, Sagitta)))))
	made := plan.Geometry{Type: plan.Polygon, Coords: make([]float64, 0, 2*corners+2)}
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(corners))
		r := leaves(points, cos, sin, metres)
		made.Coords = append(made.Coords, x+r*cos, y+r*sin)
	}
	made.Coords = append(made.Coords, made.Coords[0], made.Coords[1])
	return made
}

// pointsAlong gives the vertices, counted from a place, and points between those that are farther apart than a step.
func pointsAlong(g plan.Geometry, x, y, step float64) (points []float64) {
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

// leaves gives how far one gets in a direction before one leaves the last of the circles about the points.
func leaves(points []float64, cos, sin, radius float64) (r float64) {
	for i := 0; i+1 < len(points); i += 2 {
		along := points[i]*cos + points[i+1]*sin
		if along+radius <= r {
			continue
		}
		across := points[i]*sin - points[i+1]*cos
		r = max(r, along+math.Sqrt(radius*radius-across*across))
	}
	return r
}

// Stretches yields parts of a figure that are small beside a distance, so that Buffer draws each at once: the places within
// the distance are those of all parts, and of a polygon that is larger itself.
func Stretches(g plan.Geometry, metres float64, yield func(plan.Geometry, plan.Box)) {
	if box := g.Box(); diagonal(box) <= metres {
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
		if diagonal(grown) <= metres {
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

// yieldEdge yields an edge, in parts that are no longer than the distance.
func yieldEdge(ends []float64, metres float64, yield func(plan.Geometry, plan.Box)) {
	dx, dy := ends[2]-ends[0], ends[3]-ends[1]
	parts := max(1, math.Ceil(math.Hypot(dx, dy)/metres))
	for k := range int(parts) {
		t, u := float64(k)/parts, float64(k+1)/parts
		g := plan.Geometry{Type: plan.Line, Coords: []float64{ends[0] + dx*t, ends[1] + dy*t, ends[0] + dx*u, ends[1] + dy*u}}
		yield(g, g.Box())
	}
}
