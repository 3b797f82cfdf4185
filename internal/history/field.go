package history

import (
	"slices"

	"strukturbild/internal/plan"
)

// Field is one value of a feature that differs.
type Field struct {
	Name          string
	Before, After plan.Value
}

// column is an attribute of either state; -1 where a state does not have it.
type column struct {
	plan.Attribute
	was, is int
}

// columns lists the attributes of both states: the later schema first, then what it has lost.
func columns(was, is *plan.Layer) (list []column) {
	for i, a := range is.Attributes {
		list = append(list, column{a, was.Attribute(a.Name), i})
	}
	for i, a := range was.Attributes {
		if is.Attribute(a.Name) < 0 {
			list = append(list, column{a, i, -1})
		}
	}
	return list
}

// at gives the feature's value; null where the feature or the attribute is not there.
func at(f *plan.Feature, i int) plan.Value {
	if f == nil || i < 0 {
		return plan.Value{}
	}
	return f.Values[i]
}

// fields lists what differs in the attributes.
func fields(columns []column, c *Change) (list []Field) {
	for _, a := range columns {
		if before, after := at(c.Before, a.was), at(c.After, a.is); before != after {
			list = append(list, Field{a.Name, before, after})
		}
	}
	return list
}

// sameColumns reports whether a version of a feature has the same values under both schemas.
func sameColumns(was, is *plan.Layer) bool {
	return slices.EqualFunc(was.Attributes, is.Attributes, func(a, b plan.Attribute) bool { return a.Name == b.Name && a.Type == b.Type })
}

// sameContent gives the test whether two versions of a feature agree in shape and values, by the names of attributes.
func sameContent(was, is *plan.Layer) func(before, after *plan.Feature) bool {
	both := columns(was, is)
	return func(before, after *plan.Feature) bool {
		return before.Geometry.Equal(after.Geometry) &&
			!slices.ContainsFunc(both, func(a column) bool { return at(before, a.was) != at(after, a.is) })
	}
}
