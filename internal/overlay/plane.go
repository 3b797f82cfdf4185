package overlay

import "strukturbild/internal/plan"

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
	// Reach is in metres; 0: the polygon itself. A geometry with a reach is one of geo.Stretches.
	Reach float64
}

// member is a figure or a zone in a tile.
type member struct {
	Figure
	kind  int32 // of a figure; of zone z it is zoneKind(z)
	edges span  // once it is drawn
}

// span is a range of a list.
type span struct{ from, to int }

func zoneKind(zone int) int32 { return int32(-1 - zone) }

func zoneOf(kind int32) int16 { return int16(-1 - kind) }
