package wfs

import (
	"strings"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// Content is what an action says of a feature.
type Content struct {
	ID       string         // of the feature as it was sent; "" for none
	Geometry *plan.Geometry // in EPSG:3006; nil when nothing is said of it, empty when it is to have none
	Fields   []plan.Field
}

// Content reads what the action makes of features.
func (a Action) Content(version Version, layer *plan.Layer) (c Content, err error) {
	reader, err := a.gml(version)
	if err != nil {
		return c, err
	}
	r := contentReader{reader: reader, layer: layer}
	if a.Kind == Update {
		err = r.properties(a.properties)
	} else {
		err = r.feature(a.feature)
	}
	return r.Content, err
}

type contentReader struct {
	Content
	reader ogc.GMLReader
	layer  *plan.Layer
}

// feature reads a feature. What GML itself says of it, such as its bounds, is not kept.
func (r *contentReader) feature(e *ogc.Element) error {
	for _, a := range e.Attributes {
		if name := a.Name.Local; name == "id" && strings.HasPrefix(a.Name.Space, "http://www.opengis.net/gml") || name == "fid" {
			r.ID = ogc.FeatureIDs(r.layer.ID, a.Value)[0]
		}
	}
	for _, property := range e.Children {
		if strings.HasPrefix(property.Space, "http://www.opengis.net/gml") {
			continue
		}
		if err := r.property(property.Name, property); err != nil {
			return err
		}
	}
	return nil
}

// properties reads those that an Update names.
func (r *contentReader) properties(list []*ogc.Element) error {
	for _, e := range list {
		name := e.Child("ValueReference", "Name")
		if name == nil || strings.TrimSpace(name.Text) == "" {
			return faultf(MissingParameterValue, "ValueReference", "line %d: the property has no name", e.Line)
		}
		if err := r.known(strings.TrimSpace(name.Text)); err != nil {
			return err
		}
		value := e.Child("Value")
		switch action := attribute(name, "action"); action {
		case "", "replace":
		case "remove":
			value = nil
		default: // no property comes twice
			return faultf(InvalidParameterValue, "action", "line %d: action is %q; each property has one value, so it must be replace or remove", name.Line, clip(action))
		}
		if err := r.property(property(strings.TrimSpace(name.Text)), value); err != nil {
			return err
		}
	}
	return nil
}

// known refuses what a feature does not have, and its id, which it keeps.
func (r *contentReader) known(path string) error {
	name := property(path)
	if name == "boundedBy" {
		return faultf(InvalidValue, path, "the bounds of a feature follow from its geometry; change that")
	}
	if name != plan.GeometryProperty && r.layer.Attribute(name) < 0 {
		return faultf(InvalidParameterValue, path, "layer %q has no property %q that can be changed", r.layer.ID, clip(path))
	}
	return nil
}

// property takes a value: nil is none, as QGIS says it.
func (r *contentReader) property(name string, value *ogc.Element) error {
	if name == plan.GeometryProperty {
		return r.geometry(value)
	}
	field := plan.Field{Name: name, Null: value == nil || isNil(value)}
	if !field.Null {
		if len(value.Children) > 0 {
			return faultf(InvalidValue, name, "line %d: the property %s has a text or a number, no elements", value.Line, clip(name))
		}
		field.Text = value.Text
	}
	r.Fields = append(r.Fields, field)
	return nil
}

func isNil(e *ogc.Element) bool {
	for _, a := range e.Attributes {
		if a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1") {
			return true
		}
	}
	return false
}

func (r *contentReader) geometry(value *ogc.Element) error {
	r.Geometry = new(plan.Geometry)
	if value == nil || isNil(value) || len(value.Children) == 0 {
		return nil
	}
	if len(value.Children) > 1 {
		return faultf(InvalidValue, plan.GeometryProperty, "line %d: a feature has one geometry, not %d", value.Line, len(value.Children))
	}
	var err error
	*r.Geometry, err = r.reader.Placed(value.Children[0])
	return as(InvalidValue, plan.GeometryProperty, err)
}
