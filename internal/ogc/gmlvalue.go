package ogc

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"strukturbild/internal/plan"
)

// WriteGMLValues streams the values of one property of features, nulls left out (OGC 09-025r2, 10.3): the features have
// that property alone, and of plan.IDProperty none. The number of values goes before them, so it must be known.
func WriteGMLValues(w io.Writer, file GMLFile, property string) error {
	found := file.Results[0]
	e := newGMLEncoder(file.Edition, found.Layer, found.System)
	buffer := fmt.Appendf(append(make([]byte, 0, chunk+chunk/4), xml.Header...), `<wfs:ValueCollection xmlns:wfs="%s" xmlns:gml="%s"%s timeStamp="%s" numberMatched="%d" numberReturned="%d"`,
		file.Edition.collection, file.Edition.namespace, file.Edition.declarations(file.Schema, true), file.Time.UTC().Format(time.RFC3339), found.Matched, found.Returned)
	for _, page := range [][2]string{{"next", file.Next}, {"previous", file.Before}} {
		if page[1] != "" {
			buffer = fmt.Appendf(buffer, ` %s="%s"`, page[0], escaped(page[1]))
		}
	}
	buffer = append(buffer, ">\n"...)
	if file.Hits {
		found.Features = func(func(*plan.Feature) bool) {}
	}
	for f := range found.Features {
		var err error
		if buffer, err = e.appendMember(buffer, f, property); err != nil {
			return fmt.Errorf("writing layer %s: %w", found.Layer.ID, err)
		}
		if len(buffer) >= chunk {
			if _, err := w.Write(buffer); err != nil {
				return fmt.Errorf("writing values: %w", err)
			}
			buffer = buffer[:0]
		}
	}
	_, err := w.Write(append(buffer, "</wfs:ValueCollection>\n"...))
	return err
}

// appendMember writes the property of one feature when it has a value.
func (e *gmlEncoder) appendMember(dst []byte, f *plan.Feature, property string) ([]byte, error) {
	const open, shut = "<wfs:member>", "</wfs:member>\n"
	e.id, e.parts = appendGMLID(e.id[:0], e.layer.ID, f.ID), 0
	switch {
	case property == plan.IDProperty:
		return append(append(append(dst, open...), e.id...), shut...), nil
	case property == plan.GeometryProperty && !f.Geometry.IsEmpty():
		g := f.Geometry
		if err := e.convert(&g); err != nil {
			return dst, fmt.Errorf("feature %s: %w", f.ID, err)
		}
		dst = e.appendGeometry(append(append(dst, open...), "<sb:geometry>"...), g)
		return append(append(dst, "</sb:geometry>"...), shut...), nil
	case property != plan.GeometryProperty && !f.Values[0].IsNull():
		return append(e.appendValue(append(dst, open...), property, f.Values[0]), shut...), nil
	}
	return dst, nil
}
