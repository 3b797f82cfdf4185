package ogc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// GML is an edition of the Geography Markup Language with the feature collection of the WFS that it came with, as far
// as what we write differs: simple features level 0 (OGC 10-100r3).
type GML struct {
	Version    string // of the language
	Media      string // media type of a collection
	namespace  string
	schema     string // address of the schema that describes features
	collection string // namespace of the feature collection
	wfsSchema  string // address of its schema
	feature    string // what a feature's element stands for
	idName     string // of the attribute with the feature's id
	ids        bool   // geometries must have ids too (OGC 07-036, 7.2.4.5)
	member     string // element around each feature of a collection
	shapes     map[plan.GeometryType]gmlShape
	ring       [2]string // elements around outer and inner rings
	positions  [2]string // elements of one position and of several
	inside     byte      // between the numbers of a position
}

// gmlShape is how a multi-geometry is spelt.
type gmlShape struct{ multi, member, part, property string }

var gml3Shapes = map[plan.GeometryType]gmlShape{
	plan.Point:   {"gml:MultiPoint", "gml:pointMember", "gml:Point", "gml:MultiPointPropertyType"},
	plan.Line:    {"gml:MultiCurve", "gml:curveMember", "gml:LineString", "gml:MultiCurvePropertyType"},
	plan.Polygon: {"gml:MultiSurface", "gml:surfaceMember", "gml:Polygon", "gml:MultiSurfacePropertyType"},
}

// The editions: GML 3.2 with WFS 2.0 (OGC 07-036, 09-025r2), 3.1.1 with WFS 1.1 (03-105r1, 04-094), and 2.1.2 with WFS
// 1.0 (02-069, 02-058).
var (
	GML32 = &GML{Version: "3.2", Media: "application/gml+xml; version=3.2",
		namespace: "http://www.opengis.net/gml/3.2", schema: "http://schemas.opengis.net/gml/3.2.1/gml.xsd",
		collection: "http://www.opengis.net/wfs/2.0", wfsSchema: "http://schemas.opengis.net/wfs/2.0/wfs.xsd",
		feature: "gml:AbstractFeature", idName: "gml:id", ids: true, member: "wfs:member", shapes: gml3Shapes,
		ring: [2]string{"gml:exterior", "gml:interior"}, positions: [2]string{"gml:pos", "gml:posList"}, inside: ' '}
	GML31 = &GML{Version: "3.1.1", Media: "text/xml; subtype=gml/3.1.1",
		namespace: "http://www.opengis.net/gml", schema: "http://schemas.opengis.net/gml/3.1.1/base/gml.xsd",
		collection: "http://www.opengis.net/wfs", wfsSchema: "http://schemas.opengis.net/wfs/1.1.0/wfs.xsd",
		feature: "gml:_Feature", idName: "gml:id", member: "gml:featureMember", shapes: gml3Shapes,
		ring: [2]string{"gml:exterior", "gml:interior"}, positions: [2]string{"gml:pos", "gml:posList"}, inside: ' '}
	GML21 = &GML{Version: "2.1.2", Media: "text/xml; subtype=gml/2.1.2",
		namespace: "http://www.opengis.net/gml", schema: "http://schemas.opengis.net/gml/2.1.2/feature.xsd",
		collection: "http://www.opengis.net/wfs", wfsSchema: "http://schemas.opengis.net/wfs/1.0.0/WFS-basic.xsd",
		feature: "gml:_Feature", idName: "fid", member: "gml:featureMember",
		shapes: map[plan.GeometryType]gmlShape{
			plan.Point:   {"gml:MultiPoint", "gml:pointMember", "gml:Point", "gml:MultiPointPropertyType"},
			plan.Line:    {"gml:MultiLineString", "gml:lineStringMember", "gml:LineString", "gml:MultiLineStringPropertyType"},
			plan.Polygon: {"gml:MultiPolygon", "gml:polygonMember", "gml:Polygon", "gml:MultiPolygonPropertyType"},
		},
		ring:      [2]string{"gml:outerBoundaryIs", "gml:innerBoundaryIs"},
		positions: [2]string{"gml:coordinates", "gml:coordinates"}, inside: ','}
)

// Reference is a coordinate system by the name that an answer gives it, which says its axis order.
type Reference struct {
	CRS  geo.CRS
	Name string
}

// URNReference names the system as the register does, whose axis order is then meant.
func URNReference(crs geo.CRS) Reference { return Reference{crs.WithURIOrder(), crs.URN()} }

// URIReference names the system by its address in the register.
func URIReference(crs geo.CRS) Reference { return Reference{crs.WithURIOrder(), crs.URI()} }

// ShortReference names the system shortly, and so with easting or longitude first.
func ShortReference(crs geo.CRS) Reference { return Reference{crs.WithXYOrder(), crs.Name()} }

// ParseReference reads the name of a system and keeps it, so that an answer names the system as the request did.
func ParseReference(name string) (Reference, error) {
	crs, err := geo.ParseCRS(name)
	if err != nil {
		return Reference{}, err
	}
	if name = strings.TrimSpace(name); isDigits(name) {
		return ShortReference(crs), nil
	}
	return Reference{crs, name}, nil
}

// appendGMLID makes an id that XML takes (NCName): with the layer's name before it, and _xHHHH_ for what may not stand there.
func appendGMLID(dst []byte, layer, id string) []byte {
	dst = append(append(dst, layer...), '.')
	for _, r := range id {
		if isNameRune(r) {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = fmt.Appendf(dst, "_x%04X_", r)
		}
	}
	return dst
}

// GMLID gives the feature's id as GML and WFS have it.
func GMLID(layer, id string) string { return string(appendGMLID(nil, layer, id)) }

// isNameRune reports whether every edition of XML lets the letter stand in a name.
func isNameRune(r rune) bool {
	return r == '_' || r == '.' || r == '-' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || strings.ContainsRune("åäöÅÄÖéÉüÜ", r)
}

var hexRune = regexp.MustCompile(`_x([0-9A-F]{4,6})_`)

// FeatureIDs gives the ids that a feature of the layer may have that is called so in GML or WFS: without the layer's
// name before it, and with what XML does not take in its place again.
func FeatureIDs(layer, name string) []string {
	id := strings.TrimPrefix(name, layer+".")
	ids := []string{id}
	if plain := hexRune.ReplaceAllStringFunc(id, unhex); plain != id {
		ids = append(ids, plain)
	}
	return ids
}

func unhex(code string) string {
	r, err := strconv.ParseUint(code[2:len(code)-1], 16, 32)
	if err != nil {
		return code
	}
	return string(rune(r))
}
