package atlas

import (
	"math"

	"strukturbild/internal/plan"
)

// index says where to look for what a filter keeps: in a box, or among ids. Nothing outside is kept.
type index struct {
	box   plan.Box
	boxed bool
	ids   []string
	named bool
}

// indexOf finds what the index can do for a filter.
func indexOf(e plan.Expression) (i index) {
	i.box, i.boxed = bounds(e)
	i.ids, i.named = idsIn(e)
	return i
}

// bounds gives a box that everything the condition keeps has a point in; false when there is none.
func bounds(e plan.Expression) (plan.Box, bool) {
	switch e := e.(type) {
	case plan.And:
		return smallest(e)
	case plan.Or:
		box := plan.EmptyBox
		for _, one := range e {
			b, is := bounds(one)
			if !is {
				return box, false
			}
			box = box.Union(b)
		}
		return box, true
	case plan.Spatial:
		if e.Op != plan.SDisjoint {
			return constantBox(e.Left, e.Right)
		}
	case plan.Near:
		if box, is := constantBox(e.Left, e.Right); is && !e.Beyond {
			const slack = 1e-3 // metres, for what rounding does to a distance
			return box.Grow(e.Metres + slack), true
		}
	}
	return plan.EmptyBox, false
}

// smallest gives the least of the boxes of several conditions: a feature has a point in each, but perhaps none in two.
func smallest(list []plan.Expression) (least plan.Box, bounded bool) {
	area := math.Inf(1)
	for _, e := range list {
		box, is := bounds(e)
		if a := (box.MaxX - box.MinX) * (box.MaxY - box.MinY); is && (!bounded || box.IsEmpty() || a < area) {
			least, bounded, area = box, true, a
		}
	}
	return least, bounded
}

// constantBox gives the bounds of the operand that is a constant, if the other is none.
func constantBox(left, right plan.Expression) (plan.Box, bool) {
	if _, is := left.(plan.Property); !is {
		left, right = right, left
	}
	if _, is := right.(plan.Property); is {
		return plan.EmptyBox, false
	}
	if literal, is := right.(plan.BoxLiteral); is {
		return literal.Box, true
	}
	box := plan.EmptyBox
	for _, g := range geometriesOf(right) {
		box = box.Union(g.Box())
	}
	return box, true
}

// idsIn gives the ids that everything the condition keeps is among; false when there are none such.
func idsIn(e plan.Expression) ([]string, bool) {
	switch e := e.(type) {
	case plan.And:
		for _, one := range e {
			if ids, is := idsIn(one); is {
				return ids, true
			}
		}
	case plan.Compare:
		if e.Op == plan.Equal {
			return idsIn(plan.In{Of: e.Left, List: []plan.Expression{e.Right}})
		}
	case plan.In:
		p, is := e.Of.(plan.Property)
		if !is || p.Name != plan.IDProperty {
			return nil, false
		}
		var ids []string
		for _, item := range e.List {
			literal, is := item.(plan.Literal)
			if !is {
				return nil, false
			}
			ids = append(ids, literal.Value.Text())
		}
		return ids, true
	}
	return nil, false
}
