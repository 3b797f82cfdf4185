package conflict

import (
	"math"
	"math/rand/v2"

	"strukturbild/internal/plan"
)

// polygon closes the rings: the outer one counter-clockwise, then holes, clockwise.
func polygon(rings ...[]float64) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon}
	for _, ring := range rings {
		g.Coords = append(append(g.Coords, ring...), ring[0], ring[1])
		g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
	}
	return g
}

// multi makes one geometry of polygons that don't overlap.
func multi(polygons ...plan.Geometry) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon}
	for _, p := range polygons {
		vertices, paths := uint32(g.NumVertices()), uint32(len(g.Ends))
		g.Coords = append(g.Coords, p.Coords...)
		for _, end := range p.Ends {
			g.Ends = append(g.Ends, vertices+end)
		}
		g.Parts = append(g.Parts, paths+uint32(len(p.Ends)))
	}
	return g
}

func square(x, y, side float64) plan.Geometry { return rectangle(x, y, x+side, y+side) }

func rectangle(x0, y0, x1, y1 float64) plan.Geometry {
	return polygon([]float64{x0, y0, x1, y0, x1, y1, x0, y1})
}

func line(coords ...float64) plan.Geometry { return plan.Geometry{Type: plan.Line, Coords: coords} }

func pointsAt(coords ...float64) plan.Geometry {
	return plan.Geometry{Type: plan.Point, Coords: coords}
}

// blob gives a smooth star-shaped ring, counter-clockwise.
func blob(r *rand.Rand, x, y, radius float64, vertices int) []float64 {
	a2, a3, p2, p3 := r.Float64()*0.3, r.Float64()*0.2, r.Float64()*7, r.Float64()*7
	ring := make([]float64, 0, 2*vertices+2)
	for i := range vertices {
		at := 2 * math.Pi * float64(i) / float64(vertices)
		d := radius * (1 + a2*math.Sin(2*at+p2) + a3*math.Sin(3*at+p3))
		ring = append(ring, x+d*math.Cos(at), y+d*math.Sin(at))
	}
	return ring
}

// hole gives a ring inside the blob's inner circle, clockwise.
func hole(x, y, radius float64) []float64 {
	return []float64{x - radius, y - radius, x - radius, y + radius, x + radius, y + radius, x + radius, y - radius}
}

// randomPolygon gives a blob, a blob with a hole, or two blobs in one geometry.
func randomPolygon(r *rand.Rand, box plan.Box, radius float64) plan.Geometry {
	x, y := box.MinX+r.Float64()*(box.MaxX-box.MinX), box.MinY+r.Float64()*(box.MaxY-box.MinY)
	radius *= 0.3 + r.Float64()
	outer := blob(r, x, y, radius, 6+r.IntN(60))
	switch r.IntN(4) {
	case 0:
		return polygon(outer, hole(x, y, radius*0.3))
	case 1:
		return multi(polygon(outer), polygon(blob(r, x+4*radius, y+radius, radius, 6+r.IntN(20))))
	}
	return polygon(outer)
}

func randomLine(r *rand.Rand, box plan.Box, step float64) plan.Geometry {
	x, y := box.MinX+r.Float64()*(box.MaxX-box.MinX), box.MinY+r.Float64()*(box.MaxY-box.MinY)
	heading := r.Float64() * 7
	g := line(x, y)
	for range 2 + r.IntN(20) {
		heading += r.NormFloat64() * 0.4
		x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
		g.Coords = append(g.Coords, x, y)
	}
	return g
}

func randomPoints(r *rand.Rand, box plan.Box) plan.Geometry {
	g := plan.Geometry{Type: plan.Point}
	for range 1 + r.IntN(4) {
		g.Coords = append(g.Coords, box.MinX+r.Float64()*(box.MaxX-box.MinX), box.MinY+r.Float64()*(box.MaxY-box.MinY))
	}
	return g
}

// tiles parts a square of n x n cells into polygons that share crooked borders exactly: fields, or municipalities.
func tiles(r *rand.Rand, x, y, side float64, n int) []plan.Geometry {
	const bends = 4 // vertices an edge
	step := side / float64(n*bends)
	count := n*bends + 1
	at := make([][2]float64, count*count)
	for i := range at {
		at[i] = [2]float64{x + float64(i%count)*step + (r.Float64()-0.5)*step*0.8, y + float64(i/count)*step + (r.Float64()-0.5)*step*0.8}
	}
	var cells []plan.Geometry
	for row := range n {
		for column := range n {
			var ring []float64
			add := func(i, j int) {
				p := at[(row*bends+j)*count+column*bends+i]
				ring = append(ring, p[0], p[1])
			}
			for i := range bends {
				add(i, 0)
			}
			for j := range bends {
				add(bends, j)
			}
			for i := range bends {
				add(bends-i, bends)
			}
			for j := range bends {
				add(0, bends-j)
			}
			cells = append(cells, polygon(ring))
		}
	}
	return cells
}

// degenerate gives shapes that meet in every awkward way around (x, y): shared edges, touching corners, slivers, equal
// shapes, one inside another's hole.
func degenerate(x, y float64) (a, b []plan.Geometry) {
	withHole := polygon([]float64{x, y, x + 400, y, x + 400, y + 400, x, y + 400}, hole(x+200, y+200, 100))
	a = []plan.Geometry{
		square(x, y, 100), withHole, multi(square(x+500, y, 50), square(x+500, y+60, 50)),
		square(x, y+500, 100), rectangle(x, y+700, x+1000, y+700.001),
	}
	b = []plan.Geometry{
		square(x+100, y, 100),      // shares an edge with the first
		square(x-100, y-100, 100),  // touches its corner
		square(x, y, 100),          // is it
		square(x+100, y+100, 200),  // fills the hole
		square(x+150, y+150, 100),  // lies in the hole
		square(x+525, y+25, 60),    // meets both parts
		square(x+50, y+500, 1e-3),  // a speck on an edge
		square(x+100, y+550, 1e-6), // less than rounding
		rectangle(x+500, y+600, x+600, y+800),
	}
	return a, b
}
