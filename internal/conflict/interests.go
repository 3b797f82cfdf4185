package conflict

import (
	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// plane gives the canvas to be measured in the municipalities.
func (c *canvas) plane() *overlay.Plane {
	p := &overlay.Plane{Families: c.families, Find: c.find}
	for i := range c.partition.Kommuner {
		k := &c.partition.Kommuner[i]
		p.Zones = append(p.Zones, overlay.Zone{Geometry: k.Geometry, Box: k.Shape.Box()})
	}
	return p
}

// find yields what of all interests may reach into the box.
func (c *canvas) find(box plan.Box, yield func(overlay.Figure)) {
	for f := range c.questions {
		c.eachOf(f, box, func(_ *asking, slot atlas.Slot, list []band) { c.draw(f, slot, list, yield) })
	}
}

// draw yields the places where a feature has each of the outcomes. Within a distance they are those about stretches of
// its outline, which are drawn at once, and the feature itself.
func (c *canvas) draw(f int, slot atlas.Slot, list []band, yield func(overlay.Figure)) {
	layer := c.questions[f].interest
	g, box := layer.Geometry(slot), layer.Box(slot)
	for _, b := range list {
		kind := c.kindOf[f][b.outcome]
		if g.Type == plan.Polygon {
			yield(overlay.Figure{Kind: kind, Geometry: g, Box: box})
		}
		if b.reach <= 0 {
			continue
		}
		geo.Stretches(g, b.reach, func(part plan.Geometry, box plan.Box) {
			yield(overlay.Figure{Kind: kind, Geometry: part, Box: box, Reach: b.reach})
		})
	}
}

// eachOf asks a question of each feature that may reach into the box. A feature that it is true of is yielded with the
// bands of its outcomes; of an overlap that is one without a reach.
func (c *canvas) eachOf(f int, box plan.Box, yield func(asked *asking, slot atlas.Slot, list []band)) {
	q := &c.questions[f]
	asked, err := c.ask(q)
	if err != nil || q.flat() {
		return
	}
	reach, applies, _ := asked.begin(q.interest)
	if !applies {
		return
	}
	var list []band
	q.interest.Search(box.Grow(reach), func(slot atlas.Slot) bool {
		limit, applies, reason := asked.admit(q.interest, slot)
		if applies {
			if list, reason = c.outcomes(q, asked, slot, limit, list); len(list) > 0 {
				yield(asked, slot, list)
			}
		}
		if reason != "" {
			c.note(f, slot, reason)
		}
		return true
	})
}

// outcomes gives the bands of a feature that the question is true of.
func (c *canvas) outcomes(q *question, asked *asking, slot atlas.Slot, limit float64, list []band) ([]band, string) {
	if q.rule.Relation == plan.Within {
		return asked.bands(list, limit)
	}
	size := c.query.AreaHa * 10_000
	if q.rule.MinAreaM2 > 0 || len(q.rule.outcomes) > 1 {
		size = min(size, geo.Area(q.interest.Geometry(slot)))
	}
	if size < q.rule.MinAreaM2 {
		return nil, ""
	}
	return append(list[:0], band{0, int(asked.outcome(squareMetres, size))}), ""
}
