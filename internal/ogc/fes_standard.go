package ogc

import (
	"errors"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// ErrUnordered is a comparison of what has no order, which WFS has a code of its own for (09-025r2, table 3).
var ErrUnordered = errors.New("it can't be compared")

// lacking are the properties that GML gives every feature (07-036, 7.2.4) and that ours go without.
var lacking = []string{"gml:name", "gml:description", "gml:descriptionReference", "gml:identifier", "gml:metaDataProperty", "gml:location"}

// lacks reports whether the condition is about such a property. Where the layer has an attribute of the name, that is meant:
// there are clients that put gml before any name.
func (f FES) lacks(e *Element) bool {
	return names(e, lacking...) && !slices.ContainsFunc(e.Children, func(c *Element) bool { return f.Layer.Attribute(propertyOf(c.Text).Name) >= 0 })
}

// aboutLacking gives what holds of a property that is not there: that it is null, and nothing else.
func aboutLacking(e *Element) plan.Expression {
	if e.Name == "PropertyIsNull" {
		return plan.And{}
	}
	return plan.Or{}
}

// names reports whether an operand of the condition is a property of one of the names.
func names(e *Element, of ...string) bool {
	return slices.ContainsFunc(e.Children, func(c *Element) bool {
		name := strings.TrimSpace(c.Text)
		return (c.Name == "ValueReference" || c.Name == "PropertyName") && slices.Contains(of, name[strings.LastIndexByte(name, '/')+1:])
	})
}
