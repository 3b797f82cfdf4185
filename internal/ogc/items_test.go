package ogc

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares the text with the file of that name in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update and look at the difference):\n%s", path, got)
	}
}

// indented gives JSON in a form that people can compare.
func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return pretty.Bytes()
}

func TestGoldenItems(t *testing.T) {
	for name, crs := range map[string]string{"items_crs84.json": "CRS84", "items_3006_ne.json": "http://www.opengis.net/def/crs/EPSG/0/3006", "items_3006_en.json": "EPSG:3006"} {
		features := someFeatures()
		var text bytes.Buffer
		links := []Link{{Href: "https://example.org/ogc/collections/allt_mojligt/items?a=%C3%A5&b=c", Rel: "self", Type: MediaGeoJSON}}
		err := WriteItems(&text, Items{everything, mustCRS(t, crs), each(features), 17, links, noon, ""})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, text.Bytes())
		if !json.Valid(text.Bytes()) {
			t.Errorf("%s is not JSON", name)
		}
		if !slices.EqualFunc(features, someFeatures(), func(a, b plan.Feature) bool { return slices.Equal(a.Geometry.Coords, b.Geometry.Coords) }) {
			t.Errorf("%s: writing changed the features", name)
		}
	}
}

func mustCRS(t *testing.T, name string) geo.CRS {
	t.Helper()
	crs, err := geo.ParseCRS(name)
	if err != nil {
		t.Fatal(err)
	}
	return crs
}

func TestGeometryTypes(t *testing.T) {
	path := []float64{320000, 6400000, 320001.5, 6400002}
	for _, test := range []struct {
		g    plan.Geometry
		want string
	}{
		{plan.Geometry{Type: plan.Point, Coords: path}, `{"type":"MultiPoint","coordinates":[[320000,6400000],[320001.5,6400002]]}`},
		{plan.Geometry{Type: plan.Line, Coords: path}, `{"type":"MultiLineString","coordinates":[[[320000,6400000],[320001.5,6400002]]]}`},
		{plan.Geometry{Type: plan.Line, Coords: slices.Concat(path, path), Ends: []uint32{2, 4}},
			`{"type":"MultiLineString","coordinates":[[[320000,6400000],[320001.5,6400002]],[[320000,6400000],[320001.5,6400002]]]}`},
		{plan.Geometry{Type: plan.Polygon, Coords: square(1, 2, 3)}, `{"type":"MultiPolygon","coordinates":[[[[1,2],[4,2],[4,5],[1,5],[1,2]]]]}`},
		{plan.Geometry{Type: plan.None}, `null`},
	} {
		e := NewEncoder(&plan.Layer{}, geo.House)
		got, err := e.AppendGeometry(nil, test.g)
		if err != nil || string(got) != test.want {
			t.Errorf("got %s, %v, want %s", got, err, test.want)
		}
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]string{"0": `0`, "1490": `1490`, "0114": `"0114"`, "9007199254740992": `9007199254740992`,
		"9007199254740993": `"9007199254740993"`, "99999999999999999999": `"99999999999999999999"`, "å.1": `"å.1"`, "_": `"_"`, "1e3": `"1e3"`} {
		if got := string(appendID(nil, id)); got != want {
			t.Errorf("id %s is written %s, want %s", id, got, want)
		}
	}
}

func TestNumbersHaveAPoint(t *testing.T) {
	for v, want := range map[float64]string{0: "0.0", 150: "150.0", -3: "-3.0", 150.5: "150.5", 1e21: "1e+21", 1e-9: "1e-09"} {
		if got := string(appendValue(nil, plan.NumberValue(v))); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := string(appendValue(nil, plan.IntegerValue(150))); got != "150" {
		t.Errorf("the integer 150 is written %s", got)
	}
}

// brokenPipe fails at the second write.
type brokenPipe struct{ writes, longest int }

func (p *brokenPipe) Write(b []byte) (int, error) {
	p.longest = max(p.longest, len(b))
	if p.writes++; p.writes == 2 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestChunksAndFailures(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	layer := &plan.Layer{ID: "x", GeometryType: plan.Polygon}
	var features []plan.Feature
	for range 200 {
		features = append(features, plan.Feature{ID: "1", Geometry: blob(random, 350000, 6400000, 100, 100, true)})
	}
	pipe := &brokenPipe{}
	if err := WriteItems(pipe, Items{Layer: layer, CRS: geo.CRS84, Features: each(features)}); err == nil {
		t.Error("a client that hung up was not noticed")
	}
	if pipe.writes != 2 || pipe.longest < chunk || pipe.longest > chunk+chunk/4 {
		t.Errorf("%d writes of up to %d bytes", pipe.writes, pipe.longest)
	}
	features[0].Geometry.Coords[0] = 1e9
	if err := WriteItems(io.Discard, Items{Layer: layer, CRS: geo.CRS84, Features: each(features)}); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("a vertex without a place in CRS84 gave %v", err)
	}
}

func BenchmarkWriteItems(b *testing.B) {
	for _, test := range []struct {
		name  string
		crs   geo.CRS
		round bool
	}{{"crs84", geo.CRS84, true}, {"3006_mm", geo.House.WithURIOrder(), true}, {"3006_full", geo.House.WithURIOrder(), false}} {
		b.Run(test.name, func(b *testing.B) {
			const n = 1000
			random := rand.New(rand.NewPCG(1, 2))
			features := someFeatures()[:1]
			for i := range n {
				f := features[0]
				f.ID = string(plan.IntegerValue(int64(i)).AppendText(nil))
				f.Geometry = blob(random, 350000, 6400000, 100, 100, test.round)
				features = append(features, f)
			}
			var text bytes.Buffer
			for b.Loop() {
				text.Reset()
				if err := WriteItems(&text, Items{everything, test.crs, each(features[1:]), n, nil, noon, ""}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(text.Len()))
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "features/s")
		})
	}
}
