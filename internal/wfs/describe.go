package wfs

import (
	"net/url"
	"slices"
	"strings"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// Described gives the layers whose schema is asked for; all of them when none is named.
func Described(r *Request, layers []*plan.Layer) ([]*plan.Layer, error) {
	if len(r.TypeNames) == 0 {
		return layers, nil
	}
	var asked []*plan.Layer
	for _, name := range r.TypeNames {
		i := slices.IndexFunc(layers, func(l *plan.Layer) bool { return l.ID == local(name) })
		if i < 0 {
			return nil, UnknownLayer(r.Version, name)
		}
		if !slices.Contains(asked, layers[i]) {
			asked = append(asked, layers[i])
		}
	}
	return asked, nil
}

// SchemaAddress gives the address of the schema of layers in an edition of GML.
func SchemaAddress(service string, edition *ogc.GML, layers ...string) string {
	version := versions[slices.IndexFunc(versions, func(v Version) bool { return v.gml() == edition })]
	values := url.Values{"service": {"WFS"}, "version": {string(version)}, "request": {string(DescribeFeatureType)}}
	slices.Sort(layers)
	names := slices.Compact(layers)
	for i := range names {
		names[i] = "sb:" + names[i]
	}
	values.Set(version.typeNames(), strings.Join(names, ","))
	return service + "?" + values.Encode()
}
