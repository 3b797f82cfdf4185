package ogc

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// gmlEncoder writes the features of one layer. It keeps scratch memory and belongs to one goroutine.
type gmlEncoder struct {
	coordinates
	*GML
	layer  *plan.Layer
	system string // srsName, escaped
	shape  gmlShape
	id     []byte // of the feature at hand, as GML has it
	parts  int    // ids given to its geometries
	text   bytes.Buffer
}

func newGMLEncoder(edition *GML, layer *plan.Layer, system Reference) *gmlEncoder {
	return &gmlEncoder{coordinates: newCoordinates(system.CRS), GML: edition, layer: layer, system: escaped(system.Name), shape: edition.shapes[layer.GeometryType]}
}

// escaped gives text as it stands in XML, in an attribute too.
func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}

// append appends the feature's element, with further attributes in its start tag.
func (e *gmlEncoder) append(dst []byte, f *plan.Feature, attributes string) ([]byte, error) {
	e.id, e.parts = appendGMLID(e.id[:0], e.layer.ID, f.ID), 0
	dst = append(append(dst, "<sb:"...), e.layer.ID...)
	dst = append(append(append(dst, ' '), e.idName...), `="`...)
	dst = append(append(append(dst, e.id...), '"'), attributes...)
	dst = append(dst, '>')
	if g := f.Geometry; !g.IsEmpty() {
		if err := e.convert(&g); err != nil {
			return dst, fmt.Errorf("feature %s: %w", f.ID, err)
		}
		dst = append(e.appendGeometry(append(dst, "<sb:geometry>"...), g), "</sb:geometry>"...)
	}
	for i, a := range e.layer.Attributes {
		if !f.Values[i].IsNull() { // the schema lets a null be left out
			dst = e.appendValue(dst, a.Name, f.Values[i])
		}
	}
	dst = append(append(dst, "</sb:"...), e.layer.ID...)
	return append(dst, '>'), nil
}

func (e *gmlEncoder) appendValue(dst []byte, name string, v plan.Value) []byte {
	dst = append(append(append(dst, "<sb:"...), name...), '>')
	dst = e.appendText(dst, v)
	return append(append(append(dst, "</sb:"...), name...), '>')
}

// appendText writes a value as XML Schema has it.
func (e *gmlEncoder) appendText(dst []byte, v plan.Value) []byte {
	if v.Kind() != plan.String {
		return v.AppendText(dst)
	}
	if isPlainText(v.Text()) {
		return append(dst, v.Text()...)
	}
	e.text.Reset()
	_ = xml.EscapeText(&e.text, []byte(v.Text()))
	return append(dst, e.text.Bytes()...)
}

// isPlainText reports whether the text is the same in XML: nearly all are, and looking is quicker than escaping.
func isPlainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x80 || c == '<' || c == '>' || c == '&' || c == '"' || c == '\'' {
			return false
		}
	}
	return true
}

// appendOpen opens a geometry.
func (e *gmlEncoder) appendOpen(dst []byte, element string) []byte {
	dst = append(append(dst, '<'), element...)
	if e.ids {
		dst = append(append(append(dst, ` gml:id="`...), e.id...), ".g"...)
		dst = append(strconv.AppendInt(dst, int64(e.parts), 10), '"')
	}
	if e.parts == 0 {
		dst = append(append(append(dst, ` srsName="`...), e.system...), '"')
	}
	e.parts++
	return append(dst, '>')
}

func appendEnd(dst []byte, element string) []byte {
	return append(append(append(dst, "</"...), element...), '>')
}

// appendGeometry writes the converted geometry.
func (e *gmlEncoder) appendGeometry(dst []byte, g plan.Geometry) []byte {
	dst = e.appendOpen(dst, e.shape.multi)
	for i := range g.NumParts() {
		dst = append(append(append(dst, '<'), e.shape.member...), '>')
		dst = e.appendOpen(dst, e.shape.part)
		switch g.Type {
		case plan.Point:
			dst = e.appendCoords(dst, e.positions[0], g.Coords[2*i:2*i+2])
		case plan.Line:
			dst = e.appendCoords(dst, e.positions[1], g.Path(i))
		case plan.Polygon:
			dst = e.appendRings(dst, g, i)
		}
		dst = appendEnd(appendEnd(dst, e.shape.part), e.shape.member)
	}
	return appendEnd(dst, e.shape.multi)
}

func (e *gmlEncoder) appendRings(dst []byte, g plan.Geometry, part int) []byte {
	from, to := g.PartPaths(part)
	for i := from; i < to; i++ {
		side := e.ring[min(i-from, 1)]
		dst = append(append(append(dst, '<'), side...), "><gml:LinearRing>"...)
		dst = append(e.appendCoords(dst, e.positions[1], g.Path(i)), "</gml:LinearRing>"...)
		dst = appendEnd(dst, side)
	}
	return dst
}

func (e *gmlEncoder) appendCoords(dst []byte, element string, coords []float64) []byte {
	dst = append(append(append(dst, '<'), element...), '>')
	return appendEnd(e.appendVertices(dst, coords, e.inside, ' '), element)
}

// appendBounds writes where features lie: GDAL takes the system of a layer from there.
func (e *gmlEncoder) appendBounds(dst []byte, extent plan.Box) ([]byte, error) {
	element := "gml:boundedBy"
	if e.GML == GML32 {
		element = "wfs:boundedBy"
	}
	dst = append(append(append(dst, '<'), element...), '>')
	if extent.IsEmpty() { // GML 2.1.2 wants it said
		return append(appendEnd(append(dst, "<gml:null>unknown</gml:null>"...), element), '\n'), nil
	}
	box, err := geo.TransformBox(extent, geo.House, e.crs)
	if err != nil {
		return dst, err
	}
	corners := []float64{box.MinX, box.MinY, box.MaxX, box.MaxY}
	if e.GML == GML21 {
		dst = append(fmt.Appendf(dst, `<gml:Box srsName="%s"><gml:coordinates>`, e.system), e.appendVertices(nil, corners, ',', ' ')...)
		dst = append(dst, "</gml:coordinates></gml:Box>"...)
	} else {
		dst = append(fmt.Appendf(dst, `<gml:Envelope srsName="%s"><gml:lowerCorner>`, e.system), e.appendVertices(nil, corners[:2], ' ', ' ')...)
		dst = e.appendVertices(append(dst, "</gml:lowerCorner><gml:upperCorner>"...), corners[2:], ' ', ' ')
		dst = append(dst, "</gml:upperCorner></gml:Envelope>"...)
	}
	return append(appendEnd(dst, element), '\n'), nil
}
