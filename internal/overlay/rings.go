package overlay

import (
	"cmp"
	"math"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// rings puts directed edges together to polygons; the inside is to their left.
type rings struct {
	edges  [][2]int32 // from and to, by vertex
	points [][2]float64
	used   []bool
}

// leastRing is the area below which a ring is rounding, in square metres.
const leastRing = 1e-4

// polygons makes the polygons.
func (r *rings) polygons(points [][2]float64) plan.Geometry {
	r.points = points
	r.cancel()
	r.used = make([]bool, len(r.edges))
	var shells, holes [][]float64
	for i := range r.edges {
		if r.used[i] {
			continue
		}
		for _, ring := range r.simple(r.trace(i)) {
			switch area := signedArea(ring); {
			case area > leastRing:
				shells = append(shells, ring)
			case area < -leastRing:
				holes = append(holes, ring)
			}
		}
	}
	return nest(shells, holes)
}

// cancel sorts the edges, and takes out those that run to and fro.
func (r *rings) cancel() {
	undirected := func(e [2]int32) [2]int32 { return [2]int32{min(e[0], e[1]), max(e[0], e[1])} }
	slices.SortFunc(r.edges, func(a, b [2]int32) int {
		x, y := undirected(a), undirected(b)
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a[0], b[0]))
	})
	kept := r.edges[:0]
	for i := 0; i < len(r.edges); {
		one, sum := undirected(r.edges[i]), 0
		for ; i < len(r.edges) && undirected(r.edges[i]) == one; i++ {
			if r.edges[i] == one {
				sum++
			} else {
				sum--
			}
		}
		switch {
		case sum > 0:
			kept = append(kept, one)
		case sum < 0:
			kept = append(kept, [2]int32{one[1], one[0]})
		}
	}
	r.edges = kept
	slices.SortFunc(r.edges, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
}

// trace follows the border from an edge on until it comes back, and gives the vertices.
func (r *rings) trace(first int) (path []int32) {
	for at := first; at >= 0 && !r.used[at]; at = r.next(at) {
		r.used[at] = true
		path = append(path, r.edges[at][0])
	}
	return path
}

// next gives the edge that goes on from one: where several do, the one farthest to the left, so that polygons that touch in
// a point stay apart. -1 when the border ends, which only rounding makes it do.
func (r *rings) next(at int) int {
	from, via := r.edges[at][0], r.edges[at][1]
	i, _ := slices.BinarySearchFunc(r.edges, via, func(e [2]int32, v int32) int { return cmp.Compare(e[0], v) })
	best, turn := -1, math.Inf(-1)
	for ; i < len(r.edges) && r.edges[i][0] == via; i++ {
		if r.used[i] {
			continue
		}
		if t := r.turn(from, via, r.edges[i][1]); t > turn {
			best, turn = i, t
		}
	}
	return best
}

// turn tells by how much one turns to the left at b on the way from a to c, in radians; right about is the least.
func (r *rings) turn(a, b, c int32) float64 {
	p, q, s := r.points[a], r.points[b], r.points[c]
	ux, uy, vx, vy := q[0]-p[0], q[1]-p[1], s[0]-q[0], s[1]-q[1]
	if angle := math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy); angle < math.Pi {
		return angle
	}
	return -math.Pi
}

// simple parts a closed path at the vertices that it passes several times.
func (r *rings) simple(path []int32) (list [][]float64) {
	place := map[int32]int{}
	var open []int32
	for _, v := range append(path, path[0]) {
		if at, seen := place[v]; seen {
			loop := open[at:]
			if len(loop) >= 3 {
				list = append(list, r.ring(loop))
			}
			for _, u := range loop[1:] {
				delete(place, u)
			}
			open = open[:at+1]
			continue
		}
		place[v] = len(open)
		open = append(open, v)
	}
	return list
}

func (r *rings) ring(loop []int32) []float64 {
	ring := make([]float64, 0, 2*len(loop)+2)
	for _, v := range loop {
		ring = append(ring, r.points[v][0], r.points[v][1])
	}
	return append(ring, ring[0], ring[1])
}

func signedArea(ring []float64) (area float64) {
	x, y := ring[0], ring[1]
	for i := 2; i+3 < len(ring); i += 2 {
		area += (ring[i]-x)*(ring[i+3]-y) - (ring[i+2]-x)*(ring[i+1]-y)
	}
	return area / 2
}

// nest puts each hole into the smallest polygon around it.
func nest(shells, holes [][]float64) plan.Geometry {
	slices.SortFunc(shells, func(a, b []float64) int { return cmp.Compare(signedArea(a), signedArea(b)) })
	around := make([]*geo.Prepared, len(shells))
	for i, ring := range shells {
		around[i] = geo.Prepare(plan.Geometry{Type: plan.Polygon, Coords: ring})
	}
	inside := make([][][]float64, len(shells))
	for _, hole := range holes {
		g := plan.Geometry{Type: plan.Polygon, Coords: slices.Clone(hole)}
		geo.Normalize(&g)
		x, y := geo.PointOnSurface(g)
		for i := range shells {
			if around[i].Box().Contains(g.Box()) && around[i].ContainsPoint(x, y) {
				inside[i] = append(inside[i], hole)
				break
			}
		}
	}
	made := plan.Geometry{Type: plan.Polygon}
	for i := len(shells) - 1; i >= 0; i-- { // the largest first
		for _, ring := range append([][]float64{shells[i]}, inside[i]...) {
			made.Coords = append(made.Coords, ring...)
			made.Ends = append(made.Ends, uint32(made.NumVertices()))
		}
		made.Parts = append(made.Parts, uint32(len(made.Ends)))
	}
	return made
}
