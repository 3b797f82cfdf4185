package atlas

import (
	"cmp"
	"slices"

	"strukturbild/internal/plan"
)

// compare compiles a comparison; both sides have kinds that fit.
func (c *compiler) compare(e plan.Compare) test {
	left, right := plan.KindOf(e.Left), plan.KindOf(e.Right)
	switch {
	case left == plan.String:
		return compared(e.Op, c.text(e.Left), c.text(e.Right))
	case left == plan.Boolean:
		return compared(e.Op, c.bit(e.Left), c.bit(e.Right))
	case left == plan.Number || right == plan.Number:
		return compared(e.Op, c.number(e.Left), c.number(e.Right))
	case left != right: // a date and an instant
		return compared(e.Op, c.instant(e.Left), c.instant(e.Right))
	}
	return compared(e.Op, c.whole(e.Left), c.whole(e.Right))
}

// accepts tells which outcomes of cmp.Compare (-1, 0, 1) a comparison takes, at index outcome + 1.
var accepts = map[plan.CompareOp][3]bool{
	plan.Equal: {false, true, false}, plan.NotEqual: {true, false, true},
	plan.Less: {true, false, false}, plan.LessOrEqual: {true, true, false},
	plan.Greater: {false, false, true}, plan.GreaterOrEqual: {false, true, true},
}

func compared[T cmp.Ordered](op plan.CompareOp, a, b value[T]) test {
	accept := accepts[op]
	return func(f *frame) truth {
		x, known := a(f)
		if !known {
			return unknown
		}
		y, known := b(f)
		return when(accept[cmp.Compare(x, y)+1], known)
	}
}

// in compiles a test against a list: of constants as a set, else as a comparison with each.
func (c *compiler) in(e plan.In) test {
	constant := !slices.ContainsFunc(e.List, func(e plan.Expression) bool { _, is := e.(plan.Literal); return !is })
	switch kind := plan.KindOf(e.Of); {
	case constant && kind == plan.String:
		return among(c.text(e.Of), e.List, func(v plan.Value) string { return v.Text() })
	case constant && kind == plan.Integer && alike(e.List, kind):
		return among(c.whole(e.Of), e.List, plan.Value.Int)
	}
	tests := make([]test, len(e.List))
	for i, item := range e.List {
		tests[i] = c.compare(plan.Compare{Op: plan.Equal, Left: e.Of, Right: item})
	}
	return some(tests)
}

func alike(list []plan.Expression, kind plan.Kind) bool {
	return !slices.ContainsFunc(list, func(e plan.Expression) bool { return plan.KindOf(e) != kind })
}

func among[T comparable](a value[T], list []plan.Expression, read func(plan.Value) T) test {
	set := make(map[T]struct{}, len(list))
	for _, e := range list {
		set[read(e.(plan.Literal).Value)] = struct{}{}
	}
	return func(f *frame) truth {
		x, known := a(f)
		_, found := set[x]
		return when(found, known)
	}
}
