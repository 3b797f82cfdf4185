package atlas

import "strukturbild/internal/plan"

// Deriver makes a snapshot of a layer that is not stored: it follows from other layers, and from what else its edition
// names. Such a snapshot answers every question that another one does. It serves one goroutine.
type Deriver struct{ builder *builder }

// Derive begins a derived layer under the definition, whose Revision is that of the view that it follows from. The
// edition names what its features follow from beside that: "" is not allowed. shape makes the geometry of a feature that
// was put without one, whenever it is asked for; it may be called by any number of goroutines.
func Derive(layer *plan.Layer, edition string, shape func(Slot) (plan.Geometry, error)) *Deriver {
	d := &Deriver{newBuilder(layer)}
	d.builder.next.edition, d.builder.next.shape = edition, shape
	return d
}

// Put adds a feature and gives its slot: 0, 1, 2 ... in the order in which they are put. Everything is copied. Without a
// geometry the box must hold the shape that will be made; it may be wider, since whoever searches looks at the shape too.
func (d *Deriver) Put(f *plan.Feature, box plan.Box) Slot {
	d.builder.putIn(f, box)
	return d.builder.next.end - 1
}

// Snapshot gives the layer; nothing may be put afterwards.
func (d *Deriver) Snapshot() *Snapshot { return d.builder.publish(d.builder.next.layer) }

// Edition names what a derived layer follows from beside its revision; "" for a layer that is stored.
func (s *Snapshot) Edition() string { return s.edition }

// Shape gives the feature's geometry, and of a derived one why it can't be made.
func (s *Snapshot) Shape(slot Slot) (plan.Geometry, error) {
	if r := s.record(slot); s.shape == nil || r.coords.length > 0 || r.box.IsEmpty() {
		return s.stored(r), nil
	}
	g, err := s.shape(slot)
	if err != nil {
		g = plan.Geometry{}
	}
	g.Type = s.layer.GeometryType
	return g, err
}
