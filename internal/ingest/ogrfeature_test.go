package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// streamOf writes a stream as the child does.
func streamOf(columns string, features ...[]byte) []byte {
	header := []byte(`{"CRS":"EPSG:3006","Columns":` + columns + `}`)
	stream := append(binary.LittleEndian.AppendUint32(nil, uint32(len(header))), header...)
	for _, feature := range features {
		stream = append(binary.LittleEndian.AppendUint32(stream, uint32(len(feature))), feature...)
	}
	return append(stream, 0, 0, 0, 0)
}

// streamed is one feature of a stream: its WKB, and its values as they stand there.
func streamed(key byte, wkb []byte, values ...[]byte) []byte {
	feature := append([]byte{key}, 7, 0, 0, 0, 0, 0, 0, 0)
	feature = append(binary.LittleEndian.AppendUint32(feature, uint32(len(wkb))), wkb...)
	return append(feature, bytes.Join(values, nil)...)
}

func streamedText(tag byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{tag}, uint32(len(text))), text...)
}

func wkbOf(kind plan.GeometryType, coords ...float64) []byte {
	wkb := geo.AppendEWKB(nil, plan.Geometry{Type: kind, Coords: coords})
	wkb[4] &^= 0x20 // without the SRID
	return append(wkb[:5:5], wkb[9:]...)
}

// TestStreamFaults: what is wrong with a feature of a stream is said as of one in GeoJSON.
func TestStreamFaults(t *testing.T) {
	square := wkbOf(plan.Polygon, 4e5, 6.45e6, 4.001e5, 6.45e6, 4.001e5, 6.4501e6, 4e5, 6.45e6)
	null := []byte{tagNull}
	for name, c := range map[string]struct {
		feature []byte
		rule    string // "" for none
		pointer string
	}{
		"good":            {streamed(1, square, streamedText(tagText, "Åmål"), null), "", ""},
		"a float":         {streamed(0, square, null, []byte{tagFloat, 0, 0, 128, 63}), "", ""},
		"no geometry":     {streamed(0, nil, null, null), "geometry_missing", "/geometry"},
		"not closed":      {streamed(0, wkbOf(plan.Polygon, 4e5, 6.45e6, 4.1e5, 6.45e6, 4.1e5, 6.46e6, 4e5, 6.46e6), null, null), "ring_not_closed", "/geometry/coordinates/0/0"},
		"a point":         {streamed(0, wkbOf(plan.Point, 4e5, 6.45e6), null, null), "geometry_type", "/geometry/type"},
		"a triangle":      {streamed(0, []byte{1, 17, 0, 0, 0, 0, 0, 0, 0}, null, null), "geometry_unreadable", "/geometry/type"},
		"a collection":    {streamed(0, []byte{1, 7, 0, 0, 0, 0, 0, 0, 0}, null, null), "geometry_type", "/geometry/type"},
		"empty":           {streamed(0, []byte{1, 6, 0, 0, 0, 0, 0, 0, 0}, null, null), "empty_geometry", "/geometry/coordinates"},
		"an empty part":   {streamed(0, []byte{1, 6, 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0}, null, null), "empty_geometry", "/geometry/coordinates"},
		"NaN":             {streamed(0, wkbOf(plan.Polygon, math.NaN(), 6.45e6, 4.1e5, 6.45e6), null, null), "non_finite", "/geometry/coordinates"},
		"cut WKB":         {streamed(0, square[:40], null, null), "geometry_unreadable", "/geometry/coordinates"},
		"far away":        {streamed(0, wkbOf(plan.Polygon, 4e5, 7.45e6, 4.001e5, 7.45e6, 4.001e5, 7.4501e6, 4e5, 7.45e6), null, null), "outside_region", "/geometry/coordinates/0/0/0"},
		"not UTF-8":       {streamed(0, square, streamedText(tagText, "\xc5m\xe5l"), null), "attribute_utf8", "/properties/namn"},
		"a list":          {streamed(0, square, streamedText(tagJSON, "[1,2]"), null), "", ""},
		"a list of what?": {streamed(0, square, null, streamedText(tagJSON, "[1,2")), "", ""},
		"words":           {streamed(0, square, null, streamedText(tagText, "många")), "attribute_type", "/properties/height"},
	} {
		_, err := readLayer(t.Context(), bytes.NewReader(streamOf(`["NAMN","height"]`, c.feature)),
			Options{Layer: testLayer(plan.Polygon), Columns: Columns{loose: true}})
		if c.rule == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if faults := faultsOf(t, err); faults[0].rule != c.rule || faults[0].pointer != c.pointer {
			t.Errorf("%s: %s at %s", name, faults[0].rule, faults[0].pointer)
		}
	}
}

// FuzzReadLayer: whatever a child writes, the answer is an error of ours, or features that are valid and in the window.
func FuzzReadLayer(f *testing.F) {
	square := wkbOf(plan.Polygon, 4e5, 6.45e6, 4.001e5, 6.45e6, 4.001e5, 6.4501e6, 4e5, 6.45e6)
	whole := streamOf(`["namn","antal","height","klar"]`, streamed(1, square, streamedText(tagText, "x"), []byte{tagInteger, 1, 0, 0, 0, 0, 0, 0, 0},
		[]byte{tagFloat, 0, 0, 128, 63}, []byte{tagTrue}), streamed(0, square, []byte{tagNull}, streamedText(tagJSON, "[1]"), []byte{tagNull}, []byte{tagFalse}))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, stream []byte) {
		opts := Options{Layer: testLayer(plan.Polygon), Limits: Limits{MaxFindings: 5, MaxFeatureBytes: 1 << 16, MaxVertices: 1000}, Columns: Columns{loose: true}}
		batch, err := readLayer(t.Context(), bytes.NewReader(stream), opts)
		if err != nil {
			if _, ok := errors.AsType[*plan.Error](err); !ok && !errors.Is(err, errStream) {
				t.Fatalf("not an error of ours: %v", err)
			}
			return
		}
		for _, feature := range kept(t, batch) {
			checkAccepted(t, plan.Polygon, feature)
		}
	})
}
