package atlas

import (
	"errors"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// filter is a plan.Expression made ready to be asked of many features of one snapshot: closures over one frame, so that a
// feature costs no memory. It belongs to one goroutine, until close.
type filter struct {
	frame  frame
	test   test
	index  index
	needed []bool // which attributes, up to the last of them
	held   []*geo.Relation
}

// frame is the feature that a filter looks at.
type frame struct {
	snapshot *Snapshot
	slot     Slot
	values   []plan.Value // those that are needed, by attribute
	kernel   geo.Kernel
	fault    error // of GEOS: what it could not tell
}

// filter compiles the expression, which has been checked against the layer; nil is what everything fulfils.
func (s *Snapshot) filter(e plan.Expression) (*filter, error) {
	if e == nil {
		e = plan.And{}
	}
	c := compiler{snapshot: s}
	f := &filter{test: c.test(e), index: indexOf(e)}
	f.needed, f.held = c.needed, c.held
	f.frame = frame{snapshot: s, values: make([]plan.Value, len(c.needed))}
	if c.fault != nil {
		f.close()
		return nil, plan.Errorf(plan.Invalid, plan.GeometryProperty, "a geometry of the filter can't be used: %w", c.fault)
	}
	return f, nil
}

// close gives back what is held in GEOS.
func (f *filter) close() {
	for _, r := range f.held {
		r.Close()
	}
}

// keeps reports whether the filter is true of the feature.
func (f *filter) keeps(slot Slot) bool {
	s := f.frame.snapshot
	f.frame.slot = slot
	if n := len(f.needed); n > 0 {
		decodeSome(f.frame.values, s.bytes.get(s.record(slot).row), s.codes[:n], f.needed)
	}
	return f.test(&f.frame) == yes
}

// err tells of what GEOS could not answer.
func (f *filter) err() error {
	if f.frame.fault == nil {
		return nil
	}
	return plan.Errorf(plan.Invalid, plan.GeometryProperty, "how feature %q lies to a geometry of the filter can't be told: %w",
		f.frame.snapshot.ID(f.frame.slot), f.frame.fault)
}

// compiler turns a checked expression into closures.
type compiler struct {
	snapshot *Snapshot
	needed   []bool // attributes that must be decoded
	held     []*geo.Relation
	fault    error
}

// test compiles what holds or not.
func (c *compiler) test(e plan.Expression) test {
	switch e := e.(type) {
	case plan.And:
		return all(c.tests(e))
	case plan.Or:
		return some(c.tests(e))
	case plan.Not:
		return not(c.test(e.Of))
	case plan.Literal:
		return always(truthOf(e.Value.Bool()))
	case plan.Property:
		i := c.attribute(e)
		return func(f *frame) truth { return when(f.values[i].Bool(), !f.values[i].IsNull()) }
	case plan.IsNull:
		return c.isNull(e.Of)
	case plan.Compare:
		return c.compare(e)
	case plan.Between:
		return all([]test{c.compare(plan.Compare{Op: plan.GreaterOrEqual, Left: e.Of, Right: e.Low}),
			c.compare(plan.Compare{Op: plan.LessOrEqual, Left: e.Of, Right: e.High})})
	case plan.In:
		return c.in(e)
	case plan.Like:
		return like(c.text(e.Of), e.Pattern)
	case plan.Spatial:
		return c.spatial(e)
	case plan.Near:
		return c.near(e)
	case plan.Temporal:
		return c.temporal(e)
	}
	panic(errors.New("implementation error: an expression that is no condition was not refused"))
}

// tests compiles conditions, those first that only need attributes: they are the cheaper ones.
func (c *compiler) tests(list []plan.Expression) []test {
	tests := make([]test, 0, len(list))
	for _, dear := range []bool{false, true} {
		for _, e := range list {
			if isSpatial(e) == dear {
				tests = append(tests, c.test(e))
			}
		}
	}
	return tests
}

// isSpatial reports whether the condition looks at geometries.
func isSpatial(e plan.Expression) bool {
	switch e := e.(type) {
	case plan.Spatial, plan.Near:
		return true
	case plan.And:
		return slices.ContainsFunc(e, isSpatial)
	case plan.Or:
		return slices.ContainsFunc(e, isSpatial)
	case plan.Not:
		return isSpatial(e.Of)
	}
	return false
}

// attribute notes that the attribute is needed, and gives its index.
func (c *compiler) attribute(p plan.Property) int {
	i, _ := p.Attribute()
	for len(c.needed) <= i {
		c.needed = append(c.needed, false)
	}
	c.needed[i] = true
	return i
}

func (c *compiler) isNull(e plan.Expression) test {
	known := c.known(e)
	return func(f *frame) truth { return truthOf(!known(f)) }
}

// known compiles whether an expression has a value.
func (c *compiler) known(e plan.Expression) func(*frame) bool {
	switch plan.KindOf(e) {
	case plan.Boolean:
		t := c.test(e)
		return func(f *frame) bool { return t(f) != unknown }
	case plan.GeometryKind:
		g := c.geometry(e)
		return func(f *frame) bool { _, _, known := g.get(f); return known }
	case plan.String:
		return knows(c.text(e))
	case plan.Number:
		return knows(c.number(e))
	}
	return knows(c.whole(e))
}

func knows[T any](get value[T]) func(*frame) bool {
	return func(f *frame) bool {
		_, known := get(f)
		return known
	}
}
