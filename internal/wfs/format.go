package wfs

import (
	"strings"

	"strukturbild/internal/ogc"
)

// Format is the form of features in an answer: an edition of GML, or a file by the name that package export gives its format.
type Format struct {
	GML  *ogc.GML
	File string
}

// GeoJSON is the one file format that is a page of features as well.
const GeoJSON = "geojson"

// formats are the forms by the names that clients know them by, in lower case and without spaces.
var formats = map[string]Format{
	"application/gml+xml;version=3.2": {GML: ogc.GML32}, "text/xml;subtype=gml/3.2": {GML: ogc.GML32}, "text/xml;subtype=gml/3.2.1": {GML: ogc.GML32},
	"gml32": {GML: ogc.GML32}, "gml3.2": {GML: ogc.GML32},
	"text/xml;subtype=gml/3.1.1": {GML: ogc.GML31}, "text/gml;subtype=gml/3.1.1": {GML: ogc.GML31}, "gml3": {GML: ogc.GML31}, "gml31": {GML: ogc.GML31},
	"text/xml;subtype=gml/2.1.2": {GML: ogc.GML21}, "gml2": {GML: ogc.GML21},
	"application/geo+json": {File: GeoJSON}, "application/json": {File: GeoJSON}, "application/vnd.geo+json": {File: GeoJSON}, "json": {File: GeoJSON}, "geojson": {File: GeoJSON},
	"text/csv": {File: "csv"}, "csv": {File: "csv"},
	"application/flatgeobuf": {File: "fgb"}, "flatgeobuf": {File: "fgb"}, "fgb": {File: "fgb"},
	"application/x-shapefile": {File: "shp"}, "shape-zip": {File: "shp"}, "shapefile": {File: "shp"}, "shp": {File: "shp"},
}

// advertised are the names in the capabilities, beside the version's own GML.
var advertised = []string{ogc.GML32.Media, ogc.GML31.Media, ogc.GML21.Media, "application/geo+json", "text/csv", "application/flatgeobuf", "SHAPE-ZIP"}

// outputFormats lists what the capabilities offer, the version's own first.
func (v Version) outputFormats() []string {
	own := v.gml().Media
	offered := []string{own}
	if v == V200 {
		offered = append(offered, "text/xml; subtype=gml/3.2") // OGC 09-025r2, 7.6.3.7, of clients before it
	}
	for _, name := range advertised {
		if name != own {
			offered = append(offered, name)
		}
	}
	return offered
}

// Format gives the form that is asked for.
func (r *Request) Format() (Format, error) {
	switch name := strings.ToLower(strings.ReplaceAll(r.OutputFormat, " ", "")); name {
	case "", "text/xml", "application/xml", "application/gml+xml":
		return Format{GML: r.Version.gml()}, nil
	default:
		if format, found := formats[name]; found {
			return format, nil
		}
	}
	return Format{}, faultf(InvalidParameterValue, "outputFormat", "there is no outputFormat %q; the formats are %s", clip(r.OutputFormat), strings.Join(r.Version.outputFormats(), ", "))
}

// SchemaFormat gives the edition of GML that a schema is wanted in.
func (r *Request) SchemaFormat() (*ogc.GML, error) {
	if strings.EqualFold(r.OutputFormat, "XMLSCHEMA") { // OGC 02-058, 8.3
		return r.Version.gml(), nil
	}
	format, err := r.Format()
	if err == nil && format.GML == nil {
		err = faultf(InvalidParameterValue, "outputFormat", "there is no schema for the outputFormat %q; take a GML", clip(r.OutputFormat))
	}
	return format.GML, err
}
