package ingest

import (
	"bytes"
	"errors"
	"io"

	"strukturbild/internal/plan"
)

// DecodeGeometry reads one GeoJSON geometry, checks it and takes it into EPSG:3006. Its type must be want, unless that
// is ""; crsName is as Options.CRS. The error is a plan.Error with a finding a fault.
func DecodeGeometry(raw []byte, want plan.GeometryType, crsName string, limits Limits) (plan.Geometry, error) {
	layer := &plan.Layer{GeometryType: want}
	f, err := decodeOne(raw, Options{Layer: layer, CRS: crsName, Limits: limits}, (*decoder).bareGeometry)
	return f.Geometry, err
}

// DecodeFeature reads one GeoJSON Feature for a layer, with the checks of ReadGeoJSON.
func DecodeFeature(raw []byte, opts Options) (plan.Feature, error) {
	return decodeOne(raw, opts, (*decoder).draft)
}

// DecodePatch reads a JSON merge patch (RFC 7396) for a feature of a layer. A null attribute becomes null, and so does every attribute
// when properties is null; a null geometry is a fault in a layer that has one. A geometry is replaced as a whole.
func DecodePatch(raw []byte, opts Options) (plan.Edit, error) {
	var p plan.Edit
	f, err := decodeOne(raw, opts, func(d *decoder, raw []byte, at int64) draft {
		f := d.patch(raw, at)
		p.Given = d.given
		return f
	})
	if err != nil {
		return plan.Edit{}, err
	}
	p.ID, p.Values = f.ID, f.Values
	if !f.Geometry.IsEmpty() {
		p.Geometry = &f.Geometry
	}
	return p, nil
}

// decodeOne reads a body that is one JSON value.
func decodeOne(raw []byte, opts Options, decode func(*decoder, []byte, int64) draft) (plan.Feature, error) {
	var choice crsChoice
	if err := choice.ask(&opts); err != nil {
		return plan.Feature{}, err
	}
	limits := opts.Limits.orDefaults()
	report := newReport(limits, opts.Checks)
	value, at, err := onlyValue(raw, limits)
	if err == nil {
		err = choice.find(value, at)
	}
	if ended, ok := errors.AsType[*fatal](err); ok {
		report.ended = ended
		return plan.Feature{}, report.err()
	}
	if err != nil {
		return plan.Feature{}, err
	}
	d := newDecoder(&opts, limits)
	f := decode(d, value, at)
	d.place(&f, choice.crs())
	report.read = -1
	report.feature(&f, choice.crs().Name())
	if err := report.err(); err != nil {
		return plan.Feature{}, err
	}
	return f.feature, nil
}

// onlyValue reads the one value of a body.
func onlyValue(raw []byte, limits Limits) (value []byte, at int64, err error) {
	s := newStream(bytes.NewReader(raw), limits)
	value, at, err = s.value()
	if err == io.EOF {
		return nil, 0, fatalf(0, notGeoJSON, isEmpty)
	}
	if err != nil {
		return nil, 0, err
	}
	value = bytes.Clone(value)
	return value, at, s.end()
}

// bareGeometry decodes a geometry that stands alone.
func (d *decoder) bareGeometry(raw []byte, at int64) draft {
	f := draft{at: at, budget: &d.budget}
	c := &cursor{doc: raw}
	if b := c.peek(); b != '{' {
		f.fault(0, "", geometryUnreadable, kindOf(b))
		return f
	}
	d.shape.read(c, d.limits)
	f.take(&d.shape, d.layer.GeometryType)
	return f
}

// patch decodes a merge patch.
func (d *decoder) patch(raw []byte, at int64) draft {
	f := draft{at: at, pointer: geometryPointer, budget: &d.budget}
	if b := raw[0]; b != '{' {
		f.fault(0, "", notFeature, kindOf(b))
		return f
	}
	got := d.members(&f, raw)
	if got.kind != "" && got.kind != "Feature" {
		f.fault(0, "/type", notFeature, typeIs(got.kind))
		return f
	}
	if got.geometry != absent && !(got.geometry == null && d.layer.GeometryType == plan.None) {
		d.takeGeometry(&f, got.geometry)
	}
	if got.properties == null {
		d.clearAttributes(&f)
	}
	f.feature.Values = d.values
	return f
}

// clearAttributes names every attribute, with null.
func (d *decoder) clearAttributes(f *draft) {
	d.requireAttributes(f)
	for i := range d.given {
		d.given[i] = true
	}
}
