package ogc

import (
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// FES reads filters of the OGC's Filter Encoding: FES 2.0 (OGC 09-026r2), Filter 1.1 (04-095) and 1.0 (02-059), which
// differ in the names of a few elements, so that one reader takes them all, in any namespace.
type FES struct {
	Layer *plan.Layer
	GML   GMLReader // of the geometries
}

// NewFES makes the reader of filters in requests of a version of WFS. Where no system is named, it is EPSG:3006; in 1.0.0
// easting comes first in any system, later the order is that of the name, and of the registry where there is none.
func NewFES(layer *plan.Layer, version string) FES {
	if version == "1.0.0" {
		return FES{layer, GMLReader{Unnamed: geo.House, EastFirst: true}}
	}
	return FES{layer, GMLReader{Unnamed: geo.House.WithURIOrder()}}
}

// ParseFES reads a filter from the text of a Filter element (the FILTER parameter of WFS). The error is a plan.Error,
// Invalid or TooLarge, that tells line and element.
func (f FES) ParseFES(text string) (plan.Expression, error) {
	root, err := ParseXML(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return f.Filter(root)
}

// Filter reads a Filter element: one condition, or any number of ids. What it gives has been checked against the layer.
func (f FES) Filter(e *Element) (plan.Expression, error) {
	if e.Name != "Filter" {
		return nil, e.fault("there must be a Filter here")
	}
	if len(e.Children) == 0 {
		return nil, e.fault("the filter is empty")
	}
	condition, err := f.whole(e)
	if err != nil {
		return nil, err
	}
	return f.Layer.Check(condition)
}

func (f FES) whole(e *Element) (plan.Expression, error) {
	if _, is := idOf(e.Children[0]); is {
		return f.ids(e.Children)
	}
	if len(e.Children) > 1 {
		return nil, e.fault("the filter has %d conditions; put them into an And or an Or", len(e.Children))
	}
	return f.condition(e.Children[0])
}

// idAttributes are the elements that name a feature, with the attribute that its id is in (09-026r2, 7.11; 04-095, 10).
var idAttributes = map[string]string{"ResourceId": "rid", "FeatureId": "fid", "GmlObjectId": "id"}

func idOf(e *Element) (string, bool) {
	name, is := idAttributes[e.Name]
	if !is {
		return "", false
	}
	id, _ := e.Attribute(name)
	return id, true
}

// FilterIDs gives the ids, as they are sent, of a filter that is a list of them.
func FilterIDs(filter *Element) (ids []string) {
	for _, e := range filter.Children {
		if id, is := idOf(e); is {
			ids = append(ids, id)
		}
	}
	return ids
}

// ids reads a list of ids.
func (f FES) ids(list []*Element) (plan.Expression, error) {
	in := plan.In{Of: plan.Property{Name: plan.IDProperty}}
	for _, e := range list {
		id, is := idOf(e)
		if !is || id == "" {
			return nil, e.fault("a filter by ids has nothing else than ResourceId rid, FeatureId fid or GmlObjectId id")
		}
		in.List = append(in.List, f.id(id)...)
	}
	return in, nil
}

// FeatureNames gives the ids that a Filter element names, when it holds nothing else; false otherwise.
func (e *Element) FeatureNames() (names []string, only bool) {
	for _, child := range e.Children {
		name, is := idOf(child)
		if !is {
			return nil, false
		}
		names = append(names, name)
	}
	return names, len(names) > 0
}

// id gives the ids that a feature may have in its layer that we name so in GML: kommun.1480 is feature 1480.
func (f FES) id(name string) (ids []plan.Expression) {
	for _, id := range FeatureIDs(f.Layer.ID, name) {
		ids = append(ids, plan.Literal{Value: plan.TextValue(id)})
	}
	return ids
}

// condition reads an element that holds or not.
func (f FES) condition(e *Element) (plan.Expression, error) {
	if f.lacks(e) {
		return aboutLacking(e), nil
	}
	if op, is := fesComparisons[e.Name]; is {
		return f.comparison(e, op)
	}
	if op, is := fesSpatial[e.Name]; is {
		return f.spatial(e, op)
	}
	if op, is := fesTemporal[e.Name]; is {
		return f.temporal(e, op)
	}
	switch e.Name {
	case "And":
		list, err := f.conditions(e)
		return plan.And(list), err
	case "Or":
		list, err := f.conditions(e)
		return plan.Or(list), err
	case "Not":
		list, err := f.conditions(e)
		if err == nil && len(list) != 1 {
			err = e.fault("it takes one condition, not %d", len(list))
		}
		if err != nil {
			return nil, err
		}
		return plan.Not{Of: list[0]}, nil
	case "PropertyIsNull", "PropertyIsNil":
		return f.isNull(e)
	case "PropertyIsBetween":
		return f.between(e)
	case "PropertyIsLike":
		return f.like(e)
	case "BBOX":
		return f.bbox(e)
	case "DWithin", "Beyond":
		return f.distance(e)
	}
	if id, is := idOf(e); is { // an id in an And or Or, which Filter 1.0 did not forbid in practice
		return plan.In{Of: plan.Property{Name: plan.IDProperty}, List: f.id(id)}, nil
	}
	return nil, e.fault("there is no such condition")
}

// isNull reads whether a property is left out, which is how we write null. Nil is a property that is there and says that it
// has no value (09-026r2, 7.7.3.6), as none of ours does: it holds for nothing.
func (f FES) isNull(e *Element) (plan.Expression, error) {
	operands, err := f.operands(e, 1)
	if err != nil {
		return nil, err
	}
	null := plan.IsNull{Of: operands[0]}
	if e.Name == "PropertyIsNil" {
		return plan.And{null, plan.Or{}}, nil
	}
	return null, nil
}

func (f FES) conditions(e *Element) ([]plan.Expression, error) {
	if len(e.Children) == 0 {
		return nil, e.fault("it is empty")
	}
	list := make([]plan.Expression, len(e.Children))
	for i, child := range e.Children {
		var err error
		if list[i], err = f.condition(child); err != nil {
			return nil, err
		}
	}
	return list, nil
}
