package ogc

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// GMLFile is a layer to be written as GML 3.2 (OGC 07-036), simple features level 0 (OGC 10-100r3): the collection of
// WFS 2.0 (OGC 09-025r2, 7.4), whose features are of the type that XSD describes.
type GMLFile struct {
	Items
	Schema string   // address of the schema
	Extent plan.Box // of all features
}

// WriteGML streams the file. Coordinates stand in the registry's axis order, as the name of the system says.
func WriteGML(w io.Writer, file GMLFile) error {
	e := newGMLEncoder(file.Layer, file.CRS)
	buffer := append(make([]byte, 0, chunk+chunk/4), xml.Header...)
	buffer = fmt.Appendf(buffer, `<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sb="%s" xsi:schemaLocation="%s %s http://www.opengis.net/wfs/2.0 http://schemas.opengis.net/wfs/2.0/wfs.xsd" `+
		`timeStamp="%s" numberMatched="%d" numberReturned="%d">`+"\n", Namespace, Namespace, file.Schema, file.Time.UTC().Format(time.RFC3339), file.Matched, file.Matched)
	buffer, err := e.appendBounds(buffer, file.Extent)
	if err != nil {
		return err
	}
	for f := range file.Features {
		if buffer, err = e.append(buffer, f); err != nil {
			return fmt.Errorf("writing layer %s: feature %s: %w", file.Layer.ID, f.ID, err)
		}
		if len(buffer) >= chunk {
			if _, err := w.Write(buffer); err != nil {
				return fmt.Errorf("writing layer %s: %w", file.Layer.ID, err)
			}
			buffer = buffer[:0]
		}
	}
	_, err = w.Write(append(buffer, "</wfs:FeatureCollection>\n"...))
	return err
}

// gmlEncoder writes the features of one layer.
type gmlEncoder struct {
	coordinates
	layer  *plan.Layer
	system string
	id     string // gml:id of the feature at hand
	parts  int    // gml:ids given inside it
	text   bytes.Buffer
}

func newGMLEncoder(layer *plan.Layer, crs geo.CRS) *gmlEncoder {
	crs = crs.WithURIOrder()
	return &gmlEncoder{coordinates: newCoordinates(crs), layer: layer, system: crs.URI()}
}

// appendBounds writes where the features lie: GDAL takes the system of the layer from there.
func (e *gmlEncoder) appendBounds(dst []byte, extent plan.Box) ([]byte, error) {
	if extent.IsEmpty() {
		return dst, nil
	}
	box, err := geo.TransformBox(extent, geo.House, e.crs)
	if err != nil {
		return dst, err
	}
	dst = fmt.Appendf(dst, `<wfs:boundedBy><gml:Envelope srsName="%s"><gml:lowerCorner>`, e.system)
	dst = e.appendVertices(dst, []float64{box.MinX, box.MinY}, ' ', ' ')
	dst = append(dst, "</gml:lowerCorner><gml:upperCorner>"...)
	dst = e.appendVertices(dst, []float64{box.MaxX, box.MaxY}, ' ', ' ')
	return append(dst, "</gml:upperCorner></gml:Envelope></wfs:boundedBy>\n"...), nil
}

func (e *gmlEncoder) append(dst []byte, f *plan.Feature) ([]byte, error) {
	e.id, e.parts = gmlID(e.layer.ID, f.ID), 0
	dst = fmt.Appendf(dst, `<wfs:member><sb:%s gml:id="%s">`, e.layer.ID, e.id)
	if g := f.Geometry; !g.IsEmpty() {
		if err := e.convert(&g); err != nil {
			return dst, err
		}
		dst = append(e.appendGeometry(append(dst, "<sb:geometry>"...), g), "</sb:geometry>"...)
	}
	for i, a := range e.layer.Attributes {
		if !f.Values[i].IsNull() { // the schema lets a null be left out
			dst = e.appendValue(dst, a.Name, f.Values[i])
		}
	}
	dst = append(append(dst, "</sb:"...), e.layer.ID...)
	return append(dst, "></wfs:member>\n"...), nil
}

func (e *gmlEncoder) appendValue(dst []byte, name string, v plan.Value) []byte {
	dst = append(append(append(dst, "<sb:"...), name...), '>')
	if v.Kind() == plan.String {
		e.text.Reset()
		_ = xml.EscapeText(&e.text, []byte(v.Text())) // a buffer takes everything
		dst = append(dst, e.text.Bytes()...)
	} else {
		dst = v.AppendText(dst)
	}
	return append(append(append(dst, "</sb:"...), name...), '>')
}

// gmlID makes an id that XML takes (NCName): with the layer's name before it, and _xHHHH_ for what may not stand there.
func gmlID(layer, id string) string {
	var b strings.Builder
	b.WriteString(layer)
	b.WriteByte('.')
	for _, r := range id {
		if r == '_' || r == '.' || r == '-' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || strings.ContainsRune("åäöÅÄÖéÉüÜ", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "_x%04X_", r)
		}
	}
	return b.String()
}

// appendOpen opens a geometry, which must have an id (OGC 07-036, 7.2.4.5).
func (e *gmlEncoder) appendOpen(dst []byte, element string) []byte {
	dst = append(append(append(dst, "<gml:"...), element...), ` gml:id="`...)
	dst = append(append(dst, e.id...), ".g"...)
	dst = strconv.AppendInt(dst, int64(e.parts), 10)
	dst = append(dst, '"')
	if e.parts == 0 {
		dst = append(append(append(dst, ` srsName="`...), e.system...), '"')
	}
	e.parts++
	return append(dst, '>')
}

func (e *gmlEncoder) appendGeometry(dst []byte, g plan.Geometry) []byte {
	switch g.Type {
	case plan.Point:
		dst = e.appendOpen(dst, "MultiPoint")
		for i := range g.NumVertices() {
			dst = e.appendOpen(append(dst, "<gml:pointMember>"...), "Point")
			dst = append(e.appendVertices(append(dst, "<gml:pos>"...), g.Coords[2*i:2*i+2], ' ', ' '), "</gml:pos></gml:Point></gml:pointMember>"...)
		}
		return append(dst, "</gml:MultiPoint>"...)
	case plan.Line:
		dst = e.appendOpen(dst, "MultiCurve")
		for i := range g.NumPaths() {
			dst = e.appendOpen(append(dst, "<gml:curveMember>"...), "LineString")
			dst = append(e.appendPath(dst, g.Path(i)), "</gml:LineString></gml:curveMember>"...)
		}
		return append(dst, "</gml:MultiCurve>"...)
	}
	dst = e.appendOpen(dst, "MultiSurface")
	for i := range g.NumParts() {
		dst = e.appendPolygon(append(dst, "<gml:surfaceMember>"...), g, i)
		dst = append(dst, "</gml:surfaceMember>"...)
	}
	return append(dst, "</gml:MultiSurface>"...)
}

func (e *gmlEncoder) appendPolygon(dst []byte, g plan.Geometry, part int) []byte {
	dst = e.appendOpen(dst, "Polygon")
	from, to := g.PartPaths(part)
	for i := from; i < to; i++ {
		side := "exterior"
		if i > from {
			side = "interior"
		}
		dst = append(append(append(dst, "<gml:"...), side...), "><gml:LinearRing>"...)
		dst = append(e.appendPath(dst, g.Path(i)), "</gml:LinearRing></gml:"...)
		dst = append(append(dst, side...), '>')
	}
	return append(dst, "</gml:Polygon>"...)
}

func (e *gmlEncoder) appendPath(dst []byte, coords []float64) []byte {
	dst = append(dst, "<gml:posList>"...)
	return append(e.appendVertices(dst, coords, ' ', ' '), "</gml:posList>"...)
}
