package atlas

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// geometric is a compiled geometry. The room is a box that holds it, which often tells enough, and so spares making the
// geometry of a derived feature; an empty one is not known. Then the geometry itself with its box.
type geometric struct {
	room func(*frame) plan.Box
	get  func(*frame) (plan.Geometry, plan.Box, bool)
}

// geometry compiles the feature's geometry, or a constant of one type.
func (c *compiler) geometry(e plan.Expression) geometric {
	if _, is := e.(plan.Property); is {
		return geometric{func(f *frame) plan.Box { return f.snapshot.Box(f.slot) }, func(f *frame) (plan.Geometry, plan.Box, bool) {
			g, box := f.snapshot.Geometry(f.slot), f.snapshot.Box(f.slot)
			if f.snapshot.shape != nil {
				box = g.Box()
			}
			return g, box, !box.IsEmpty()
		}}
	}
	g := plan.Geometry{Type: plan.Polygon}
	if all := geometriesOf(e); len(all) > 0 {
		g = all[0]
	}
	box := g.Box()
	return geometric{func(*frame) plan.Box { return box }, func(*frame) (plan.Geometry, plan.Box, bool) { return g, box, true }}
}

// geometriesOf gives what a constant is made of.
func geometriesOf(e plan.Expression) []plan.Geometry {
	if literal, is := e.(plan.BoxLiteral); is {
		return []plan.Geometry{boxGeometry(literal.Box)}
	}
	return e.(plan.GeometryLiteral).Geometries
}

// boxGeometry gives the box as a polygon, or, when it has no width or height, as what is left of it.
func boxGeometry(b plan.Box) plan.Geometry {
	switch {
	case b.IsEmpty():
		return plan.Geometry{Type: plan.Polygon}
	case b.MinX == b.MaxX && b.MinY == b.MaxY:
		return plan.Geometry{Type: plan.Point, Coords: []float64{b.MinX, b.MinY}}
	case b.MinX == b.MaxX || b.MinY == b.MaxY:
		return plan.Geometry{Type: plan.Line, Coords: []float64{b.MinX, b.MinY, b.MaxX, b.MaxY}}
	}
	return plan.Geometry{Type: plan.Polygon, Coords: []float64{b.MinX, b.MinY, b.MaxX, b.MinY, b.MaxX, b.MaxY, b.MinX, b.MaxY, b.MinX, b.MinY}}
}

// converse turns a relation round: a contains b when b is within a.
func converse(op plan.SpatialOp) plan.SpatialOp {
	switch op {
	case plan.SContains:
		return plan.SWithin
	case plan.SWithin:
		return plan.SContains
	}
	return op
}

// spatial compiles a relation of the feature's geometry to a constant, on whichever side it stands.
func (c *compiler) spatial(e plan.Spatial) test {
	if _, is := e.Left.(plan.Property); !is {
		e = plan.Spatial{Op: converse(e.Op), Left: e.Right, Right: e.Left}
	}
	switch right := e.Right.(type) {
	case plan.Property:
		return c.toItself(e)
	case plan.BoxLiteral:
		if e.Op == plan.SIntersects {
			return c.inBox(c.geometry(e.Left), right.Box)
		}
	}
	return c.related(c.geometry(e.Left), e.Op, geometriesOf(e.Right))
}

// inBox is the commonest question of all: mostly the boxes tell.
func (c *compiler) inBox(get geometric, window plan.Box) test {
	return func(f *frame) truth {
		switch room := get.room(f); {
		case room.IsEmpty():
			return unknown
		case window.Contains(room), !window.Intersects(room):
			return truthOf(window.Contains(room))
		}
		g, _, known := get.get(f)
		return when(geo.IntersectsBox(g, window), known)
	}
}

// related compiles a relation to a constant, of which the parts of a collection are asked one by one: what intersects one
// intersects all of it, and what is disjoint from each is disjoint.
func (c *compiler) related(get geometric, op plan.SpatialOp, geometries []plan.Geometry) test {
	tests := make([]test, 0, len(geometries))
	for _, g := range geometries {
		if g.IsEmpty() {
			continue
		}
		relation, err := geo.Relate(op, g)
		if err != nil {
			c.fault = err
			return nil
		}
		c.held = append(c.held, relation)
		tests = append(tests, relates(get, relation))
	}
	if op == plan.SDisjoint {
		return all(tests)
	}
	return some(tests)
}

func relates(get geometric, relation *geo.Relation) test {
	return func(f *frame) truth {
		room := get.room(f)
		if holds, told := relation.Told(room); told && !room.IsEmpty() {
			return truthOf(holds)
		}
		g, box, known := get.get(f)
		if !known {
			return unknown
		}
		holds, err := relation.Holds(g, box)
		if err != nil && f.fault == nil {
			f.fault = err
		}
		return truthOf(holds)
	}
}

// toItself compiles a relation of a geometry to itself, which its type decides.
func (c *compiler) toItself(e plan.Spatial) test {
	get := c.geometry(e.Left)
	holds := e.Op == plan.SIntersects || e.Op == plan.SEquals || e.Op == plan.SContains || e.Op == plan.SWithin
	return func(f *frame) truth {
		_, _, known := get.get(f)
		return when(holds, known)
	}
}

// near compiles a question of distance.
func (c *compiler) near(e plan.Near) test {
	if _, is := e.Left.(plan.Property); !is {
		e.Left, e.Right = e.Right, e.Left
	}
	var tests []test
	if _, is := e.Right.(plan.Property); is {
		tests = []test{c.within(c.geometry(e.Left), c.geometry(e.Right), e.Metres)}
	} else {
		for _, g := range geometriesOf(e.Right) {
			tests = append(tests, c.within(c.geometry(e.Left), c.geometry(plan.GeometryLiteral{Geometries: []plan.Geometry{g}}), e.Metres))
		}
	}
	if e.Beyond {
		return not(some(tests))
	}
	return some(tests)
}

func (c *compiler) within(a, b geometric, metres float64) test {
	return func(f *frame) truth {
		g, gbox, known := a.get(f)
		h, hbox, knownToo := b.get(f)
		return when(f.kernel.Distance(g, h, gbox, hbox, metres) <= metres, known && knownToo)
	}
}
