package geo

import "strukturbild/internal/plan"

// chains are the parts of a polygon's rings that matter in a window, as chains of knots that run in x direction, in
// coordinates from the window's lower left corner. Their heights are at most the window's: what runs above counts as
// running along the top, what runs below or beside counts nothing.
type chains struct {
	knots []knot
	list  []chain

	width, height float64
	open          int     // first knot of the chain that can be continued, -1 for none
	forward       bool    // the open chain runs to the right
	above         bool    // the ring runs above the window ...
	enter, leave  float64 // ... and did so from here to here
}

// knot is a vertex of a chain and the slope of the edge to the next one.
type knot struct{ x, y, slope float64 }

// at gives the height of the knot's edge at x.
func (k *knot) at(x float64) float64 { return k.y + (x-k.x)*k.slope }

// chain is a run of knots with growing x.
type chain struct {
	minX, maxX float64
	sign       float64 // +1: the polygon lies below
	from, to   int     // range in the knots
}

// gather collects the chains of all rings in the window.
func (c *chains) gather(g plan.Geometry, w plan.Box) {
	c.knots, c.list = c.knots[:0], c.list[:0]
	c.width, c.height = w.MaxX-w.MinX, w.MaxY-w.MinY
	c.open = -1
	for i := range g.NumPaths() {
		c.ring(g.Path(i), w)
	}
}

// ring collects the chains of one ring.
func (c *chains) ring(ring []float64, w plan.Box) {
	px, py := ring[0], ring[1]
	for i := 2; i+1 < len(ring); i += 2 {
		qx, qy := ring[i], ring[i+1]
		switch {
		case py <= w.MinY && qy <= w.MinY || px <= w.MinX && qx <= w.MinX || px >= w.MaxX && qx >= w.MaxX:
			c.rest()
		case py >= w.MaxY && qy >= w.MaxY:
			c.over(min(max(px-w.MinX, 0), c.width), min(max(qx-w.MinX, 0), c.width))
		default:
			c.edge(px-w.MinX, py-w.MinY, qx-w.MinX, qy-w.MinY)
		}
		px, py = qx, qy
	}
	c.rest()
}

// edge collects an edge that is neither above, below nor beside the window.
func (c *chains) edge(x0, y0, x1, y1 float64) {
	if x0 == x1 { // upright: nothing lies under it
		c.rest()
		return
	}
	slope := (y1 - y0) / (x1 - x0)
	x0, y0 = cutSides(x0, y0, slope, c.width)
	x1, y1 = cutSides(x1, y1, slope, c.width)
	if y0 <= 0 && y1 <= 0 {
		c.rest()
		return
	}
	x2, y2 := x1, y1
	if y0 > c.height {
		x := cutLevel(x0, y0, x1, y1, c.height)
		c.over(x0, x)
		x0, y0 = x, c.height
	} else if y0 < 0 {
		c.rest()
		x0, y0 = cutLevel(x0, y0, x1, y1, 0), 0
	}
	if y1 > c.height {
		x1, y1 = cutLevel(x0, y0, x1, y1, c.height), c.height
	} else if y1 < 0 {
		x1, y1 = cutLevel(x0, y0, x1, y1, 0), 0
	}
	if y0 < c.height || y1 < c.height {
		c.land()
		c.append(x0, y0, x1, y1)
	}
	if y2 > c.height {
		c.over(x1, x2)
	} else if y2 < 0 {
		c.rest()
	}
}

// cutSides moves an end of an edge to the side of the window that it lies beyond.
func cutSides(x, y, slope, width float64) (float64, float64) {
	if x < 0 {
		return 0, y - x*slope
	}
	if x > width {
		return width, y + (width-x)*slope
	}
	return x, y
}

// cutLevel gives x where an edge that is not level has the height y.
func cutLevel(x0, y0, x1, y1, y float64) float64 {
	return x0 + (x1-x0)*((y-y0)/(y1-y0))
}

// over notes that the ring runs above the window from x0 to x1. Going to and fro up there cancels out.
func (c *chains) over(x0, x1 float64) {
	if !c.above {
		c.above, c.enter = true, x0
	}
	c.leave = x1
}

// land ends a run above the window.
func (c *chains) land() {
	if c.above {
		c.above = false
		c.append(c.enter, c.height, c.leave, c.height)
	}
}

// rest ends the open chain: the ring runs below or beside the window.
func (c *chains) rest() {
	c.land()
	c.close()
}

// append adds an edge to the open chain, or opens one with it.
func (c *chains) append(x0, y0, x1, y1 float64) {
	if x0 == x1 {
		c.close()
		return
	}
	if forward := x0 < x1; c.open < 0 || forward != c.forward {
		c.close()
		c.open, c.forward = len(c.knots), forward
		c.knots = append(c.knots, knot{x: x0, y: y0})
	}
	c.knots = append(c.knots, knot{x: x1, y: y1})
}

// close ends the open chain.
func (c *chains) close() {
	if c.open < 0 {
		return
	}
	knots := c.knots[c.open:]
	sign := -1.0
	if !c.forward {
		sign = 1
		for i, j := 0, len(knots)-1; i < j; i, j = i+1, j-1 {
			knots[i], knots[j] = knots[j], knots[i]
		}
	}
	for i := 0; i+1 < len(knots); i++ {
		knots[i].slope = (knots[i+1].y - knots[i].y) / (knots[i+1].x - knots[i].x)
	}
	c.list = append(c.list, chain{knots[0].x, knots[len(knots)-1].x, sign, c.open, len(c.knots)})
	c.open = -1
}
