package ingest

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// DecodeFields reads what a client says of a feature in texts, with the checks of ReadGeoJSON. The geometry is in EPSG:3006
// already: nil says nothing of it, an empty one that there is none. A whole feature is null in what is not named. The error is a
// plan.Error with a finding a fault.
func DecodeFields(geometry *plan.Geometry, fields []plan.Field, whole bool, opts Options) (plan.Edit, error) {
	limits := opts.Limits.orDefaults()
	opts.Columns.loose = true
	d, report := newDecoder(&opts, limits), newReport(limits, opts.Checks)
	d.begin()
	f := draft{pointer: geometryPointer, budget: &d.budget}
	for _, field := range fields {
		d.field(&f, field)
	}
	if geometry != nil || whole {
		d.placed(&f, geometry)
	}
	if whole {
		d.requireAttributes(&f)
	}
	d.place(&f, geo.House)
	report.read = -1
	report.feature(&f, geo.House.Name())
	if err := report.err(); err != nil {
		return plan.Edit{}, err
	}
	edit := plan.Edit{Values: d.values, Given: d.given}
	if whole {
		edit.Given = slices.Repeat([]bool{true}, len(d.given))
	}
	if !f.feature.Geometry.IsEmpty() {
		edit.Geometry = &f.feature.Geometry
	}
	return edit, nil
}

// field takes one attribute. An instant without a time zone is in UTC, which is how QGIS gets it; what is empty is no value where
// that can't be meant: of numbers, dates and code lists.
func (d *decoder) field(f *draft, field plan.Field) {
	i := d.layer.Attribute(field.Name)
	if i < 0 {
		d.unknownAttribute(f, 0, field.Name)
		return
	}
	raw, attribute := []byte("null"), &d.layer.Attributes[i]
	if text := field.Text; !field.Null && (text != "" || attribute.Allows("")) {
		if at, err := plan.ParseMoment(text); attribute.Type == plan.DateTime && err == nil && at.Kind() == plan.DateTime {
			text = at.String()
		}
		raw, _ = jsontext.AppendQuote(nil, text) // XML is UTF-8
	}
	d.take(f, &cursor{doc: raw}, i)
}

// placed takes a geometry that is in the house already.
func (d *decoder) placed(f *draft, g *plan.Geometry) {
	want := d.layer.GeometryType
	none := g == nil || g.IsEmpty()
	switch {
	case want == plan.None && !none:
		f.fault(0, f.pointer, geometryUnexpected, d.layer.ID)
	case want == plan.None:
	case none:
		f.fault(0, f.pointer, geometryMissing, d.layer.ID)
	case g.Type != want:
		f.fault(0, f.pointer, geometryType, multiKinds[g.Type], wanted[want])
	default:
		f.feature.Geometry, f.depth = *g, kinds[multiKinds[want]].depth
	}
}

// multiKinds are what GeoJSON, by which a fault names its place, calls the geometries of each type.
var multiKinds = map[plan.GeometryType]string{plan.Point: "MultiPoint", plan.Line: "MultiLineString", plan.Polygon: "MultiPolygon"}
