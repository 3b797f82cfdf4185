package ogc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// chunk is how much is gathered before it is written: many features a system call, little memory a request.
const chunk = 32 << 10

// Items is one page of features to be written.
type Items struct {
	Layer    *plan.Layer
	CRS      geo.CRS
	Features iter.Seq[*plan.Feature] // the feature may be reused between steps
	Matched  int                     // features on all pages together; -1 when not known
	Links    []Link
	Time     time.Time
	System   string // to be named as GeoJSON of 2008 did (WFS); "" is not
}

// WriteItems streams the page as a GeoJSON FeatureCollection (Part 1, 7.16). After an error the text is incomplete: if
// the first chunk is out already, the connection must be broken off. Nothing has been written when the page is small.
func WriteItems(w io.Writer, items Items) error {
	head := `{"type":"FeatureCollection",`
	if items.System != "" {
		head += `"crs":{"type":"name","properties":{"name":` + string(appendText(nil, items.System)) + "}},"
	}
	return items.stream(w, head+`"features":[`, NewEncoder(items.Layer, items.CRS).Append)
}

// stream writes the head, the features as they come, and what is known only at the end.
func (items Items) stream(w io.Writer, head string, encode func([]byte, *plan.Feature) ([]byte, error)) error {
	buffer := append(make([]byte, 0, chunk+chunk/4), head...)
	returned := 0
	var err error
	for f := range items.Features {
		if returned > 0 {
			buffer = append(buffer, ",\n"...)
		}
		if buffer, err = encode(buffer, f); err != nil {
			return fmt.Errorf("writing layer %s: %w", items.Layer.ID, err)
		}
		returned++
		if len(buffer) >= chunk {
			if _, err := w.Write(buffer); err != nil {
				return fmt.Errorf("writing layer %s: %w", items.Layer.ID, err)
			}
			buffer = buffer[:0]
		}
	}
	buffer = appendCounts(buffer, items, returned)
	if buffer, err = appendLinks(buffer, items.Links); err != nil {
		return err
	}
	_, err = w.Write(append(buffer, "}\n"...))
	return err
}

// appendCounts closes the features and tells how many there are, which is not known before (Part 1, 7.16.3).
func appendCounts(dst []byte, items Items, returned int) []byte {
	dst = append(dst, `],"numberReturned":`...)
	dst = strconv.AppendInt(dst, int64(returned), 10)
	if items.Matched >= 0 {
		dst = append(dst, `,"numberMatched":`...)
		dst = strconv.AppendInt(dst, int64(items.Matched), 10)
	}
	dst = append(dst, `,"timeStamp":"`...)
	dst = items.Time.UTC().AppendFormat(dst, time.RFC3339)
	return append(dst, '"')
}

func appendLinks(dst []byte, links []Link) ([]byte, error) {
	if links == nil {
		links = []Link{}
	}
	text, err := Encode(links)
	if err != nil {
		return dst, err
	}
	return append(append(dst, `,"links":`...), text...), nil
}

// WriteItem writes one feature with its links (Part 1, 7.17).
func WriteItem(w io.Writer, layer *plan.Layer, f *plan.Feature, crs geo.CRS, links []Link) error {
	buffer, err := NewEncoder(layer, crs).appendMembers(nil, f)
	if err != nil {
		return fmt.Errorf("writing layer %s: %w", layer.ID, err)
	}
	if buffer, err = appendLinks(buffer, links); err != nil {
		return err
	}
	_, err = w.Write(append(buffer, "}\n"...))
	return err
}

// Encode gives a document as JSON. Links stay readable: & is not written as \u0026.
func Encode(document any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encoding %T: %w", document, err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
