package ingest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"strukturbild/internal/plan"
)

// FuzzReadGeoJSON: whatever the bytes, the answer is a plan.Error, or features that are finite, valid and in the window.
func FuzzReadGeoJSON(f *testing.F) {
	f.Add([]byte(featuresOf(feature, featureWith(`"id":"å","properties":{"namn":"x","antal":1.0,"dag":"2026-11-22"},"geometry":`+polygon))))
	f.Add([]byte("\x1e" + feature + "\n\x1e" + polygon))
	f.Add([]byte(`{"type":"MultiPolygon","coordinates":[[` + square + `],[[[13,58,1],[13.1,58],[13.1,58.1],[13,58]]]]}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,-0.0e-1]}}],"crs":{"type":"name","properties":{"name":"EPSG:3006"}}}`))
	nasty, _ := filepath.Glob("../../../shared/data/nasty/*/*json")
	for _, file := range nasty {
		if body, err := os.ReadFile(file); err == nil {
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []plan.GeometryType{plan.Polygon, plan.Line, plan.Point, plan.None} {
			opts := Options{Layer: testLayer(kind), Limits: Limits{MaxFindings: 5, MaxFeatureBytes: 1 << 16, MaxVertices: 1000}}
			batch, err := ReadGeoJSON(t.Context(), bytes.NewReader(body), opts)
			if err != nil {
				if _, ok := errors.AsType[*plan.Error](err); !ok {
					t.Fatalf("not a plan.Error: %v", err)
				}
				if n := len(faultsOf(t, err)); n < 1 || n > 7 {
					t.Fatalf("%d findings: %v", n, err)
				}
				continue
			}
			for _, f := range kept(t, batch) {
				if kind != plan.None {
					checkAccepted(t, kind, f)
				}
			}
		}
	})
}
