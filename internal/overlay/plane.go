package overlay

import (
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Plane is what is laid over each other.
type Plane struct {
	Zones []Zone // where areas are measured; where zones overlap each counts
	// Families has one entry a kind, ascending: of the kinds of one family only the first that is present at a place
	// counts there.
	Families []int
	// Find yields the figures that may reach into the box. Many goroutines call it.
	Find func(box plan.Box, yield func(Figure))
}

// Zone is a polygon in which areas are measured.
type Zone struct {
	Geometry plan.Geometry
	Box      plan.Box
}

// Figure is a place that has one kind: a polygon, or all that lies within a reach of a geometry.
type Figure struct {
	Kind     int
	Geometry plan.Geometry
	Box      plan.Box // of the geometry
	Reach    float64  // metres; 0: the polygon itself
	// Draw draws a figure with a reach: a polygon that lies inside the true one, by at most geo.Sagitta.
	Draw func() plan.Geometry
}

// member is a figure or a zone in a tile.
type member struct {
	Figure
	kind int32 // of a figure; of zone z it is zoneKind(z)
}

func zoneKind(zone int) int32 { return int32(-1 - zone) }

func zoneOf(kind int32) int16 { return int16(-1 - kind) }

// bearing tells how a figure lies to a cell, as far as that can be told without drawing it.
type bearing uint8

const (
	apart bearing = iota
	across
	covering
)

// bearing tells how a figure with a reach lies to the box: it covers what lies within reach of one of its vertices.
func (m *member) bearing(box plan.Box) bearing {
	dx, dy := max(m.Box.MinX-box.MaxX, box.MinX-m.Box.MaxX, 0), max(m.Box.MinY-box.MaxY, box.MinY-m.Box.MaxY, 0)
	reach := m.Reach - geo.Sagitta
	switch half := math.Hypot(box.MaxX-box.MinX, box.MaxY-box.MinY) / 2; {
	case dx*dx+dy*dy > m.Reach*m.Reach:
		return apart
	case half > reach:
		return across
	}
	c := m.Geometry.Coords
	for i := 0; i+1 < len(c); i += 2 {
		dx, dy = max(c[i]-box.MinX, box.MaxX-c[i]), max(c[i+1]-box.MinY, box.MaxY-c[i+1])
		if dx*dx+dy*dy <= reach*reach {
			return covering
		}
	}
	return across
}
