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

// ray is a half-line from a point to the right that counts the rings which it leaves. It is exact.
type ray struct {
	x, y     float64
	moved    int  // the point is moved by (e, e²) times this, as crossing says
	windings int  // how often the point is enclosed: once inside a polygon
	on       bool // the point, unmoved, lies on an edge
}

func (r *ray) location() Location {
	switch {
	case r.on:
		return Crossing
	case r.windings != 0:
		return Inside
	}
	return Outside
}

// cast meets all edges of a polygon geometry.
func (r *ray) cast(g plan.Geometry) {
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			r.meet((*[4]float64)(ring[j:]))
		}
	}
}

// meet counts an edge that passes the ray's height to the right of its point: rising edges of a ring that runs
// counter-clockwise have the inside on their left. The lower end of an edge belongs to it, the upper one does not (for
// a point moved down, the other way round).
func (r *ray) meet(e *[4]float64) {
	above0, above1 := e[1] > r.y, e[3] > r.y
	if r.moved < 0 {
		above0, above1 = e[1] >= r.y, e[3] >= r.y
	}
	if above0 == above1 {
		r.on = r.on || e[1] == r.y && (e[0] == r.x || e[3] == r.y && (e[0] < r.x) != (e[2] < r.x))
		return
	}
	rising := 1
	if above0 {
		rising = -1
	}
	switch turn := orient(e[0], e[1], e[2], e[3], r.x, r.y); {
	case turn == rising:
		r.windings += rising
	case turn == 0:
		r.on = true
		if r.moved < 0 {
			r.windings += rising
		}
	}
}
