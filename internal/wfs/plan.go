package wfs

import (
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// Resolve puts what a stored query stands for in its place, and names the layer that the query asks.
func (q Query) Resolve(version Version) (Query, string, error) {
	if q.Stored != "" {
		resolved, err := q.stored()
		if err != nil {
			return q, "", err
		}
		q = resolved
	}
	switch len(q.TypeNames) {
	case 0:
		return q, "", faultf(MissingParameterValue, version.typeNames(), "the parameter %s is missing: name the layer that is wanted", version.typeNames())
	case 1:
		return q, local(q.TypeNames[0]), nil
	}
	return q, "", faultf(OptionNotSupported, version.typeNames(), "%s names several layers in one query, which is a join, and there are none here; ask for one after the other: (%s)",
		version.typeNames(), clip(strings.Join(q.TypeNames, ")(")))
}

// NoLayer is the fault of a request for features of a layer that is not there, or not for who asks. An id that begins with no layer's
// name is one of no feature.
func (r *Request) NoLayer(name string) error {
	if id, alone := r.ByID(); alone {
		return NoFeature(id)
	}
	return UnknownLayer(r.Version, name)
}

// UnknownLayer is the fault of a query that names a layer that is not there, or not for who asks.
func UnknownLayer(version Version, name string) error {
	return faultf(InvalidParameterValue, version.typeNames(), "there is no layer %q", clip(name))
}

// Plan gives the query as the layer is asked it, and the system of the answer. In GML the attributes that the schema requires
// are always there (OGC 09-025r2, 7.9.2.5.4.1).
func (q Query) Plan(version Version, layer *plan.Layer, format Format) (plan.Query, ogc.Reference, error) {
	p := plan.Query{Layer: layer.ID}
	system := version.DefaultSystem()
	var err error
	if q.SRSName != "" {
		if system, err = ogc.ParseReference(q.SRSName); err != nil {
			return p, system, as(InvalidParameterValue, "srsName", err)
		}
	}
	if p.Properties, err = q.properties(layer, format); err != nil {
		return p, system, err
	}
	if p.Sort, err = q.sort(layer); err != nil {
		return p, system, err
	}
	box, err := q.box(version, layer)
	if err != nil {
		return p, system, err
	}
	p.Where(box)
	p.Where(q.ids(layer))
	filter, err := q.filter(version, layer)
	p.Where(filter)
	return p, system, err
}

// properties gives the attributes that are wanted; nil is everything.
func (q Query) properties(layer *plan.Layer, format Format) ([]string, error) {
	var wanted []string
	for _, name := range q.Properties {
		name = property(name)
		switch {
		case name == "*":
			return nil, nil
		case name != plan.GeometryProperty && layer.Attribute(name) < 0:
			return nil, faultf(InvalidParameterValue, "propertyName", "layer %q has no property %q", layer.ID, clip(name))
		}
		wanted = append(wanted, name)
	}
	if wanted == nil || format.GML == nil {
		return wanted, nil
	}
	inOrder := []string{}
	for _, a := range layer.Attributes { // as the schema has them
		if a.Required || slices.Contains(wanted, a.Name) {
			inOrder = append(inOrder, a.Name)
		}
	}
	if slices.Contains(wanted, plan.GeometryProperty) {
		inOrder = append(inOrder, plan.GeometryProperty)
	}
	return inOrder, nil
}

// property gives the name at the end of a path: sb:kommun/sb:namn[1] is namn.
func property(path string) string {
	name := local(path[strings.LastIndexByte(path, '/')+1:])
	name, _, _ = strings.Cut(name, "[")
	return name
}

// sort reads SORTBY: names, each with ASC or DESC, or A or D as 1.1.0 has it, or neither.
func (q Query) sort(layer *plan.Layer) (keys []plan.SortKey, err error) {
	for _, item := range list(q.SortBy) {
		fields := strings.Fields(item)
		key := plan.SortKey{Property: property(fields[0])}
		if len(fields) > 1 {
			order := strings.ToUpper(fields[1])
			if key.Descending = order == "D" || order == "DESC"; len(fields) > 2 || !key.Descending && order != "A" && order != "ASC" {
				return nil, faultf(InvalidParameterValue, "sortBy", "%q is no order; write ASC or DESC behind the property", clip(item))
			}
		}
		if layer.Attribute(key.Property) < 0 && key.Property != plan.IDProperty {
			return nil, faultf(InvalidParameterValue, "sortBy", "layer %q has no attribute %q to sort by", layer.ID, clip(key.Property))
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// ids keeps the features with the ids; nil when none are named.
func (q Query) ids(layer *plan.Layer) plan.Expression {
	if len(q.IDs) == 0 {
		return nil
	}
	in := plan.In{Of: plan.Property{Name: plan.IDProperty}}
	for _, name := range q.IDs {
		for _, id := range ogc.FeatureIDs(layer.ID, name) {
			in.List = append(in.List, plan.Literal{Value: plan.TextValue(id)})
		}
	}
	return in
}

// NamedIDs gives the ids that the query names features by: in its parameter, or in a filter of nothing else.
func (q Query) NamedIDs() []string {
	ids := q.IDs
	if q.Filter != nil {
		ids = slices.Concat(ids, ogc.FilterIDs(q.Filter))
	}
	return ids
}

// box reads BBOX: four numbers and the system they are in, that of the layer when none is named.
func (q Query) box(version Version, layer *plan.Layer) (plan.Expression, error) {
	if q.BBox == "" || layer.GeometryType == plan.None {
		return nil, nil
	}
	numbers, system := q.BBox, version.DefaultSystem()
	if i := strings.LastIndexByte(numbers, ','); i >= 0 {
		if _, err := strconv.ParseFloat(strings.TrimSpace(numbers[i+1:]), 64); err != nil {
			if system, err = ogc.ParseReference(numbers[i+1:]); err != nil {
				return nil, as(InvalidParameterValue, "bbox", err)
			}
			numbers = numbers[:i]
		}
	}
	area, err := ogc.ParseBox(numbers, system.CRS)
	if err != nil {
		return nil, faultf(InvalidParameterValue, "bbox", "the bounding box %s is wrong: %w", clip(q.BBox), err)
	}
	if !bounds(area).Intersects(geo.Window) {
		swapped, err := ogc.ParseBox(numbers, system.CRS.WithAxesSwapped())
		if err == nil && geo.Window.Contains(bounds(swapped)) {
			return nil, faultf(InvalidParameterValue, "bbox", "the bounding box %s lies outside the region when it is read as %s, and inside as %s; "+
				"a name like urn:ogc:def:crs:EPSG::3006 stands for northing first, EPSG:3006 for easting first", clip(numbers), system.CRS, system.CRS.WithAxesSwapped())
		}
	}
	return plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: plan.GeometryProperty}, Right: area}, nil
}

// bounds gives the box around a literal.
func bounds(area plan.Expression) plan.Box {
	switch area := area.(type) {
	case plan.BoxLiteral:
		return area.Box
	case plan.GeometryLiteral:
		return area.Geometries[0].Box()
	}
	return plan.EmptyBox
}

// filter reads the filter; nil when there is none.
func (q Query) filter(version Version, layer *plan.Layer) (plan.Expression, error) {
	if q.Filter == nil {
		return nil, nil
	}
	condition, err := ogc.NewFES(layer, string(version)).Filter(q.Filter)
	return condition, FilterFault(err)
}

// Value is what GetPropertyValue asks for of each feature: the name of a property, or its id.
func (r *Request) Value(layer *plan.Layer) (name string, err error) {
	if _, sent := r.parameters["valuereference"]; sent && r.ValueReference == "" {
		return "", faultf(InvalidParameterValue, "valueReference", "the parameter valueReference is empty: name the property whose values are wanted")
	}
	if r.ValueReference == "" {
		return "", faultf(MissingParameterValue, "valueReference", "the parameter valueReference is missing: name the property whose values are wanted")
	}
	if strings.HasPrefix(r.ValueReference[strings.LastIndexByte(r.ValueReference, '/')+1:], "@") && property(r.ValueReference) == plan.IDProperty {
		return plan.IDProperty, nil
	}
	name = property(r.ValueReference)
	if name != plan.GeometryProperty && layer.Attribute(name) < 0 {
		return "", faultf(InvalidParameterValue, "valueReference", "layer %q has no property %q", layer.ID, clip(r.ValueReference))
	}
	return name, nil
}

// Values narrows the query to the features that have the property, so that what is counted is values.
func (r *Request) Values(q plan.Query, layer *plan.Layer) (plan.Query, error) {
	name, err := r.Value(layer)
	q.Properties = []string{name}
	if name == plan.IDProperty {
		q.Properties = []string{}
	} else if name != plan.GeometryProperty {
		q.Where(plan.Not{Of: plan.IsNull{Of: plan.Property{Name: name}}})
	}
	return q, err
}
