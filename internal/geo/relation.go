package geo

import (
	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// Relation answers one spatial question of many geometries: how each lies to one that stays the same. It keeps a context
// of GEOS and belongs to one goroutine, until Close.
type Relation struct {
	op       plan.SpatialOp
	box      plan.Box
	figure   *Prepared
	kernel   Kernel
	room     *geosRoom // nil where the kernel answers
	whole    *geos.Geom
	prepared *geos.PrepGeom
}

// Relate prepares the question whether `x op g`. The error is GEOS's, of a geometry that it can't take.
func Relate(op plan.SpatialOp, g plan.Geometry) (*Relation, error) {
	r := &Relation{op: op, box: g.Box()}
	if op == plan.SIntersects || op == plan.SDisjoint {
		r.figure = Prepare(g)
		return r, nil
	}
	r.room = pool.borrow()
	err := r.room.fenced(func(room *geosRoom) (err error) {
		if r.whole, err = room.in(g); err == nil {
			r.prepared = r.whole.Prepare()
		}
		return err
	})
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close gives the context back.
func (r *Relation) Close() {
	if r.prepared != nil {
		r.prepared.Destroy()
	}
	if r.room != nil {
		pool.giveBack(r.room)
		r.room = nil
	}
}

// Told answers the question for all that lies in the box at once, if that can be.
func (r *Relation) Told(box plan.Box) (holds, told bool) {
	if r.figure == nil {
		return false, false
	}
	place := Crossing
	if !r.box.Intersects(box) {
		place = Outside
	} else if r.figure.Type == plan.Polygon {
		place = r.figure.Locate(box)
	}
	return (place == Inside) == (r.op == plan.SIntersects), place != Crossing
}

// Holds answers the question for x, whose box is given. Whether something intersects is told exactly; the other answers are
// GEOS's, and so are the errors.
func (r *Relation) Holds(x plan.Geometry, box plan.Box) (holds bool, err error) {
	switch {
	case r.op == plan.SIntersects:
		return r.figure.Intersects(&r.kernel, x, box), nil
	case r.op == plan.SDisjoint:
		return !r.figure.Intersects(&r.kernel, x, box), nil
	case !r.thinkable(box):
		return false, nil
	}
	err = r.room.fenced(func(room *geosRoom) error {
		figure, err := room.in(x)
		if err != nil {
			return err
		}
		defer room.drop()
		holds = r.ask(figure)
		return nil
	})
	return holds, err
}

// thinkable reports whether what has the box can be so related at all.
func (r *Relation) thinkable(box plan.Box) bool {
	switch r.op {
	case plan.SWithin:
		return r.box.Contains(box)
	case plan.SContains:
		return box.Contains(r.box)
	case plan.SEquals:
		return box == r.box
	}
	return r.box.Intersects(box)
}

// ask turns the question round, since it is the other figure that is prepared.
func (r *Relation) ask(x *geos.Geom) bool {
	switch r.op {
	case plan.SWithin:
		return r.prepared.Contains(x)
	case plan.SContains:
		return r.prepared.Within(x)
	case plan.STouches:
		return r.prepared.Touches(x)
	case plan.SCrosses:
		return r.prepared.Crosses(x)
	case plan.SOverlaps:
		return r.prepared.Overlaps(x)
	}
	return r.whole.Equals(x)
}
