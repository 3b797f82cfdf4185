package atlas

import (
	"slices"

	"strukturbild/internal/plan"
)

// projection takes from features what a query wants.
type projection struct {
	layer    *plan.Layer
	picks    []int // indexes of the attributes; nil is all
	geometry bool
	values   []plan.Value // scratch
}

// project gives the projection to the properties, which have been checked; nil is everything.
func project(layer *plan.Layer, properties []string) projection {
	if properties == nil {
		return projection{layer: layer, geometry: true}
	}
	p := projection{picks: []int{}, geometry: slices.Contains(properties, plan.GeometryProperty)}
	narrowed := *layer
	narrowed.Attributes = nil
	for _, name := range properties {
		if i := layer.Attribute(name); i >= 0 && !slices.Contains(p.picks, i) {
			p.picks = append(p.picks, i)
			narrowed.Attributes = append(narrowed.Attributes, layer.Attributes[i])
		}
	}
	p.layer = &narrowed
	return p
}

// read fills the feature, whose memory is used again.
func (p *projection) read(s *Snapshot, slot Slot, into *plan.Feature) {
	into.ID, into.Since, into.Geometry = s.ID(slot), s.Since(slot), plan.Geometry{Type: s.layer.GeometryType}
	if p.geometry {
		into.Geometry = s.Geometry(slot)
	}
	if p.picks == nil {
		into.Values = s.Values(into.Values[:0], slot)
		return
	}
	p.values = s.Values(p.values[:0], slot)
	into.Values = into.Values[:0]
	for _, i := range p.picks {
		into.Values = append(into.Values, p.values[i])
	}
}
