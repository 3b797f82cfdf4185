package export

import (
	"fmt"
	"io"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// chunk is how much is gathered before it is written.
const chunk = 64 << 10

// writeGeoJSON writes a collection (RFC 7946), or a feature a line (newline-delimited, or as RFC 8142 with a record
// separator before each). Other systems than CRS84 are named by the crs member of the specification of 2008, in every
// feature where there is no collection to have it.
func writeGeoJSON(w io.Writer, file File) error {
	layer := file.Layers[0]
	crs := file.CRS.WithXYOrder()
	encoder := ogc.NewEncoder(layer.Definition, crs)
	open, before, after, between, shut := string(collectionHead(layer, crs)), "", "", ",\n", "\n]}\n"
	if file.Format != GeoJSON {
		open, between, after, shut = "", "", "\n", ""
	}
	if file.Format == GeoJSONSeq {
		before = "\x1e"
	}
	member := ""
	if file.Format != GeoJSON && crs != geo.CRS84 {
		member = "," + crsMember(crs)
	}
	buffer := append(make([]byte, 0, chunk+chunk/4), open...)
	first := true
	for f := range layer.Features {
		if !first {
			buffer = append(buffer, between...)
		}
		first = false
		buffer = append(buffer, before...)
		var err error
		if buffer, err = encoder.Append(buffer, f); err != nil {
			return fmt.Errorf("writing layer %s: %w", layer.Name, err)
		}
		if member != "" {
			buffer = append(append(buffer[:len(buffer)-1], member...), '}')
		}
		buffer = append(buffer, after...)
		if len(buffer) >= chunk {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	_, err := w.Write(append(buffer, shut...))
	return err
}

// collectionHead opens a collection; what the layer is stands in foreign members (RFC 7946, 6.1). GDAL takes name for
// the name of the layer.
func collectionHead(layer Layer, crs geo.CRS) []byte {
	head := append([]byte(`{"type":"FeatureCollection","name":`), quoted(layer.Name)...)
	if crs != geo.CRS84 {
		head = append(append(head, ','), crsMember(crs)...)
	}
	for _, fact := range facts(layer, crs) {
		if fact.value != "" {
			head = append(append(append(append(head, ','), quoted(fact.key)...), ':'), quoted(fact.value)...)
		}
	}
	return append(head, `,"features":[`+"\n"...)
}

func crsMember(crs geo.CRS) string {
	return `"crs":{"type":"name","properties":{"name":"` + crs.URN() + `"}}`
}

func quoted(text string) []byte { return plan.TextValue(text).AppendJSON(nil) }
