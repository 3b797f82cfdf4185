package ogc

import (
	"fmt"
	"io"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// jsonFGCore is the conformance class that a JSON-FG document names (OGC Features and Geometries JSON 1.0, 21-045, 7.3).
const jsonFGCore = `"conformsTo":["http://www.opengis.net/spec/json-fg-1/1.0/conf/core"]`

// fgEncoder writes features as JSON-FG: GeoJSON whose geometry is in CRS84 or null, with the figure in any other system in
// place, and with a time.
type fgEncoder struct {
	*Encoder
	time int // the attribute that says when the feature was, or -1
}

// newFGEncoder takes the time from the layer's only attribute of dates or instants; of several none is the feature's own.
func newFGEncoder(layer *plan.Layer, crs geo.CRS) *fgEncoder {
	e := &fgEncoder{NewEncoder(layer, crs), -1}
	for i, a := range layer.Attributes {
		switch {
		case a.Type != plan.Date && a.Type != plan.DateTime:
		case e.time >= 0:
			e.time = -1
			return e
		default:
			e.time = i
		}
	}
	return e
}

func (e *fgEncoder) Append(dst []byte, f *plan.Feature) ([]byte, error) {
	dst, err := e.appendMembers(dst, f)
	return append(dst, '}'), err
}

// appendMembers leaves the object open for further members.
func (e *fgEncoder) appendMembers(dst []byte, f *plan.Feature) ([]byte, error) {
	dst = appendID(append(dst, `{"type":"Feature","id":`...), f.ID)
	dst = e.appendTime(append(dst, `,"time":`...), f)
	geometry, empty := `,"geometry":`, `,"place":null`
	if e.crs != geo.CRS84 {
		geometry, empty = `,"place":`, `,"geometry":null`
	}
	dst, err := e.AppendGeometry(append(append(dst, empty...), geometry...), f.Geometry)
	if err != nil {
		return dst, fmt.Errorf("feature %s: %w", f.ID, err)
	}
	return e.appendProperties(dst, f), nil
}

// appendTime writes a day or an instant (21-045, 7.5).
func (e *fgEncoder) appendTime(dst []byte, f *plan.Feature) []byte {
	if e.time < 0 || f.Values[e.time].IsNull() {
		return append(dst, "null"...)
	}
	v := f.Values[e.time]
	member := `{"timestamp":`
	if v.Kind() == plan.Date {
		member = `{"date":`
	}
	return append(v.AppendJSON(append(dst, member...)), '}')
}

// fgHead gives the members that say of what kind the features are and in which system.
func fgHead(layer *plan.Layer, crs geo.CRS) string {
	return jsonFGCore + `,"featureType":"` + layer.ID + `","coordRefSys":"` + crs.URI() + `"`
}

// WriteJSONFG streams the page as WriteItems does.
func WriteJSONFG(w io.Writer, items Items) error {
	items.CRS = items.CRS.WithURIOrder() // the address stands for the order of the registry
	return items.stream(w, `{"type":"FeatureCollection",`+fgHead(items.Layer, items.CRS)+`,"features":[`, newFGEncoder(items.Layer, items.CRS).Append)
}

// WriteJSONFGItem writes one feature with its links.
func WriteJSONFGItem(w io.Writer, layer *plan.Layer, f *plan.Feature, crs geo.CRS, links []Link) error {
	crs = crs.WithURIOrder()
	buffer, err := newFGEncoder(layer, crs).appendMembers(nil, f)
	if err != nil {
		return fmt.Errorf("writing layer %s: %w", layer.ID, err)
	}
	if buffer, err = appendLinks(append(append(buffer, ','), fgHead(layer, crs)...), links); err != nil {
		return err
	}
	_, err = w.Write(append(buffer, "}\n"...))
	return err
}
