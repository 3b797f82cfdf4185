package atlas_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// field is a rectangle; its corner is from a corner in the region, in metres.
func field(id string, x, y, width, height float64) plan.Feature {
	x, y = 400_000+x, 6_450_000+y
	g := plan.Geometry{Type: plan.Polygon, Coords: []float64{x, y, x + width, y, x + width, y + height, x, y + height, x, y}}
	return plan.Feature{ID: id, Geometry: g, Values: []plan.Value{}}
}

func tilingLayer(t *testing.T, features ...plan.Feature) *atlas.Snapshot {
	t.Helper()
	a := node(t, strings.ToLower(t.Name()))
	write(t, a, "rutor", func(*atlas.Snapshot) plan.LayerChange {
		layer := testLayer("rutor")
		layer.Attributes, layer.Tiling = []plan.Attribute{}, true
		return plan.LayerChange{Layer: "rutor", Define: layer, Add: plan.List(features)}
	})
	snapshot, err := a.View().Layer("rutor")
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func TestTiling(t *testing.T) {
	snapshot := tilingLayer(t, field("a", 0, 0, 100, 100), field("b", 100, 0, 100, 100))
	for _, c := range []struct {
		name     string
		mode     plan.UploadMode
		features plan.List
		want     string // in the sentence; "" for none
		x, y     float64
	}{
		{"beside", plan.UploadAppend, plan.List{field("c", 200, 0, 100, 100), field("d", 300, 0, 100, 100)}, "", 0, 0},
		{"corner to corner", plan.UploadAppend, plan.List{field("c", 200, 100, 100, 100)}, "", 0, 0},
		{"within the tolerance", plan.UploadAppend, plan.List{field("c", 199.995, 0, 100, 100)}, "", 0, 0},
		{"with one that stays", plan.UploadAppend, plan.List{field("c", 190, 0, 100, 100)}, `objektet "b" i lagret med 0,1000 ha`, 195, 50},
		{"among themselves", plan.UploadAppend, plan.List{field("c", 300, 0, 100, 100), field("", 390, 0, 100, 100)}, `objekt 1 i filen med 0,1000 ha`, 395, 50},
		{"replaced", plan.UploadUpsert, plan.List{field("b", 150, 0, 100, 100), field("c", 100, 0, 50, 100)}, "", 0, 0},
		{"replaced onto another", plan.UploadUpsert, plan.List{field("b", 50, 0, 100, 100)}, `objektet "a" i lagret med 0,5000 ha`, 75, 50},
		{"all is new", plan.UploadReplace, plan.List{field("c", 50, 0, 100, 100)}, "", 0, 0},
		{"one stays", plan.UploadReplace, plan.List{field("a", 0, 0, 100, 100), field("c", 50, 0, 100, 100)}, `objektet "a" i lagret`, 75, 50},
	} {
		_, err := snapshot.Compare(c.features, c.mode)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		known, ok := errors.AsType[*plan.Error](err)
		if !ok || known.Code != plan.Invalid || len(known.Findings) != 1 || known.Findings[0].Rule != "overlap" || !strings.Contains(known.Findings[0].Message.SV, c.want) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if at := known.Findings[0].Location; math.Abs(at.X-400_000-c.x) > 1e-6 || math.Abs(at.Y-6_450_000-c.y) > 1e-6 || at.CRS != geo.House.Name() {
			t.Errorf("%s: at %+v", c.name, at)
		}
	}
}

// TestTilingOfMany: fifty thousand fields that fit, and then one that does not.
func TestTilingOfMany(t *testing.T) {
	const n = 50_000
	var features plan.List
	for i := range n {
		features = append(features, ragged(fmt.Sprint("f", i), float64(i%400)*100, float64(i/400)*100))
	}
	snapshot := tilingLayer(t)
	began := time.Now()
	if _, err := snapshot.Compare(features, plan.UploadReplace); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d fields that fit: %v", n, time.Since(began))
	features = append(features, field("x", 150, 150, 20, 20))
	_, err := snapshot.Compare(features, plan.UploadReplace)
	if known, ok := errors.AsType[*plan.Error](err); !ok || len(known.Findings) != 1 || known.Findings[0].Feature != 401 || !strings.Contains(known.Findings[0].Message.EN, fmt.Sprintf("feature %d of the file by 0.0400 ha", n)) {
		t.Errorf("%v", err)
	}
}

// ragged is a square of 100 m whose sides wave, each like the neighbour's.
func ragged(id string, x, y float64) plan.Feature {
	const steps = 20
	wave := func(i int, at float64) float64 { return 3 * math.Sin(float64(i)*math.Pi/steps) * math.Sin(at) }
	g := plan.Geometry{Type: plan.Polygon}
	add := func(dx, dy float64) { g.Coords = append(g.Coords, 400_000+x+dx, 6_450_000+y+dy) }
	for i := range steps {
		add(float64(i)*5, wave(i, x+7*y))
	}
	for i := range steps {
		add(100+wave(i, y+3*(x+100)), float64(i)*5)
	}
	for i := range steps {
		add(100-float64(i)*5, 100+wave(steps-i, x+7*(y+100)))
	}
	for i := range steps {
		add(wave(steps-i, y+3*x), 100-float64(i)*5)
	}
	g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	return plan.Feature{ID: id, Geometry: g, Values: []plan.Value{}}
}
