package conflict

import (
	"fmt"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// The shape of a conflict is the place that claim and interest share: of two areas the area, of a line in an area or
// along a line the stretches, else the points. Under a within rule it is the part of the claim within the distance.

// shapeType gives the geometry type of the conflict's shape. Lines that only cross share points.
func (p pick) shapeType() plan.GeometryType {
	switch b := p.block; {
	case b.unit == distance:
		return b.claim.Layer().GeometryType
	case b.unit == squareMetres:
		return plan.Polygon
	case b.unit == metres && p.record.size > 0:
		return plan.Line
	}
	return plan.Point
}

// shapeKey is what a shape depends on.
type shapeKey struct{ claim, interest bufferKey }

func versionOf(s *atlas.Snapshot, slot atlas.Slot, metres float64) bufferKey {
	return bufferKey{s.Layer().ID, strings.Clone(s.ID(slot)), s.Since(slot), metres}
}

// shape gives the conflict's shape, made when it is not at hand. An error when GEOS can't make it.
func (e *shared) shape(p pick) (plan.Geometry, error) {
	b, r, limit := p.block, p.record, 0.0
	if b.unit == distance {
		limit = b.rule.limit(b.frameOf(r))
	}
	key := shapeKey{versionOf(b.claim, r.a, 0), versionOf(b.interest, r.b, limit)}
	return e.shapes.Get(key, func() (plan.Geometry, error) { return e.draw(p, limit) })
}

// draw makes the shape of a conflict, under a within rule that of its limit in metres.
func (e *shared) draw(p pick, limit float64) (g plan.Geometry, err error) {
	b, r := p.block, p.record
	claim, interest := b.claim.Geometry(r.a), b.interest.Geometry(r.b)
	switch kind := p.shapeType(); {
	case b.unit == distance:
		g, err = e.drawInside(p, claim, limit)
	case b.unit == points:
		g = plan.Geometry{Type: plan.Point, Coords: hitPoints(nil, figureOf(claim), figureOf(interest))}
	case kind == plan.Point:
		g, err = geo.CommonPoints(claim, interest)
	case kind == plan.Line && claim.Type != plan.Line:
		g, err = geo.Intersection(interest, claim)
	default:
		g, err = geo.Intersection(claim, interest)
	}
	if err == nil && g.IsEmpty() {
		err = fmt.Errorf("the two share no %s that can be drawn", p.shapeType())
	}
	return g, err
}

func figureOf(g plan.Geometry) *figure { return &figure{geometry: g, box: g.Box()} }

// outer is how much farther than the true distance the corners of the wider buffer reach, so that its sides do not come
// nearer (1/cos(pi/32)): what lies between is within the distance, but not in the buffer that is drawn inside it.
const outer = 1.0049

// drawInside gives the part of the claim within the distance of the interest: in the buffer that what-if measures by, or
// where the claim reaches in no further than the buffer is too small, in the next larger one.
func (e *shared) drawInside(p pick, claim plan.Geometry, limit float64) (plan.Geometry, error) {
	for _, metres := range []float64{limit, limit * outer} {
		buffer, err := e.buffers.get(p.block.interest, p.record.b, metres)
		if err != nil {
			return plan.Geometry{}, err
		}
		if g, err := geo.Intersection(claim, buffer.Geometry); err != nil || !g.IsEmpty() {
			return g, err
		}
	}
	return plan.Geometry{}, nil
}

// room gives a box that the conflict's shape lies in.
func (p pick) room() plan.Box {
	b, r := p.block, p.record
	around := b.interest.Box(r.b)
	if b.unit == distance {
		around = around.Grow(b.rule.limit(b.frameOf(r)) * outer)
	}
	return intersection(b.claim.Box(r.a), around)
}
