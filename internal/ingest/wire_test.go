package ingest

import (
	"bytes"
	"reflect"
	"testing"

	"strukturbild/internal/plan"
)

func wireFeatures(t testing.TB) []plan.Feature {
	batch, err := ReadGeoJSON(t.Context(), bytes.NewReader([]byte(areas)), Options{Layer: areaLayer(), Columns: Columns{ID: "key"}})
	if err != nil {
		t.Fatal(err)
	}
	return append(kept(t, batch), plan.Feature{Geometry: plan.Geometry{Type: plan.None, Coords: []float64{}}, Values: []plan.Value{}})
}

func TestWire(t *testing.T) {
	var got plan.Feature // reused, as readers do
	for _, want := range wireFeatures(t) {
		raw := appendFeature(nil, &want)
		w := wire{rest: raw}
		w.feature(&got)
		if w.err != nil || len(w.rest) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v became %+v (%v)", want, got, w.err)
		}
		for n := range raw {
			cut := wire{rest: raw[:n]}
			if cut.feature(&got); cut.err == nil {
				t.Errorf("%d of %d bytes were taken for a feature", n, len(raw))
			}
		}
	}
}

// FuzzWire: bytes either fail or are a feature that survives being written again.
func FuzzWire(f *testing.F) {
	for _, feature := range wireFeatures(f) {
		f.Add(appendFeature(nil, &feature))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got plan.Feature
		w := wire{rest: raw}
		if w.feature(&got); w.err != nil {
			return
		}
		again := appendFeature(nil, &got)
		var twice plan.Feature
		w = wire{rest: again}
		if w.feature(&twice); w.err != nil || !bytes.Equal(appendFeature(nil, &twice), again) {
			t.Fatalf("%+v became %+v (%v)", got, twice, w.err)
		}
	})
}
