package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func TestOrderIsKept(t *testing.T) {
	const n = 3000 // many chunks
	body := collection(n, 10, geo.House)
	for name, r := range map[string]io.Reader{
		"at once":  bytes.NewReader(body),
		"in drips": iotest.OneByteReader(bytes.NewReader(body)),
		"crs last": bytes.NewReader(crsLast(body)),
	} {
		t.Run(name, func(t *testing.T) {
			batch, err := ReadGeoJSON(t.Context(), r, Options{Layer: builtIn(t, "agriculture")})
			if err != nil {
				t.Fatal(err)
			}
			if batch.Len() != n || batch.CRS != geo.House {
				t.Fatalf("%d features in %v", batch.Len(), batch.CRS)
			}
			for i, f := range kept(t, batch) {
				if f.ID != strconv.Itoa(i+1) || f.Values[0].Text() != fmt.Sprintf("blåbär %d", i) {
					t.Fatalf("feature %d has id %s and %q", i, f.ID, f.Values[0])
				}
			}
		})
	}
}

// crsLast moves the crs member behind the features.
func crsLast(body []byte) []byte {
	from, to := bytes.Index(body, []byte(`"crs"`)), bytes.Index(body, []byte(`"features"`))
	crs := bytes.TrimSuffix(body[from:to], []byte(","))
	return bytes.Join([][]byte{body[:from], body[to : len(body)-1], []byte(","), crs, []byte("}")}, nil)
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits Limits
		body   string
		code   plan.Code
		want   []fault
	}{
		{"features", Limits{MaxFeatures: 2}, featuresOf(feature, feature, feature), plan.TooLarge, []fault{{-1, "too_many_features", ""}}},
		{"vertices", Limits{MaxVertices: 4}, featuresOf(feature), plan.TooLarge, []fault{{0, "too_many_vertices", "/geometry/coordinates"}}},
		{"bytes", Limits{MaxFeatureBytes: len(feature) - 1}, featuresOf(feature), plan.TooLarge, []fault{{-1, "feature_too_large", ""}}},
		{"vertices and more", Limits{MaxVertices: 4}, featuresOf(feature, "null"), plan.Invalid,
			[]fault{{0, "too_many_vertices", "/geometry/coordinates"}, {1, "not_a_feature", ""}}},
		{"findings", Limits{MaxFindings: 2}, featuresOf("1", "2", "3", "4", "5"), plan.Invalid,
			[]fault{{0, "not_a_feature", ""}, {1, "not_a_feature", ""}, {-1, "more_findings", ""}}},
		{"none exceeded", Limits{MaxFeatures: 2, MaxVertices: 5, MaxFeatureBytes: len(feature)}, featuresOf(feature, feature), "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadGeoJSON(t.Context(), strings.NewReader(test.body), Options{Layer: testLayer(plan.Polygon), Limits: test.limits})
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if got := faultsOf(t, err); fmt.Sprint(got) != fmt.Sprint(test.want) || plan.CodeOf(err) != test.code {
				t.Errorf("got %v %v, want %v", plan.CodeOf(err), got, test.want)
			}
		})
	}
}

// endless is a body that never ends a feature; it counts what is read of it.
type endless struct {
	head string
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = '1'
	}
	e.read += len(p)
	return len(p), nil
}

func TestLongFeatureIsRefusedBeforeItIsHeld(t *testing.T) {
	const limit = 1 << 20
	for _, head := range []string{
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"namn":"`,
		`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[`,
		`{"type":"FeatureCollection","note":"`,
		`{"`,
		`"`,
	} {
		body := &endless{head: head}
		_, err := ReadGeoJSON(t.Context(), body, Options{Layer: testLayer(plan.Polygon), Limits: Limits{MaxFeatureBytes: limit}})
		if err == nil || body.read > limit+4*readBuffer {
			t.Errorf("%s: %d bytes read: %v", head, body.read, err)
		}
	}
}

func TestUnknownAttributesAreToldOnce(t *testing.T) {
	var features []string
	for range 1000 {
		features = append(features, featureWith(`"properties":{"hojd":1,"OFFICIELLT_NAMN":"x"},"geometry":`+polygon))
	}
	_, err := read(t, testLayer(plan.Polygon), featuresOf(features...), "")
	e, _ := errors.AsType[*plan.Error](err)
	if e == nil || len(e.Findings) != 2 {
		t.Fatalf("findings: %v", faultsOf(t, err))
	}
	if m := e.Findings[0].Message; !strings.Contains(m.SV, "(Det gäller 1000 objekt.)") || !strings.Contains(m.EN, "(That concerns 1000 features.)") {
		t.Errorf("message: %v", m)
	}
	if m := e.Findings[1].Message; !strings.Contains(m.EN, `"namn"`) {
		t.Errorf("the official name is not recognised: %v", m)
	}
}

func TestPlaceOfMalformedJSON(t *testing.T) {
	long := strings.Repeat(feature+",\n", 2000) // several reads of the decoder
	tests := []struct {
		body string
		line int
		col  int
	}{
		{"{\n  \"type\": x}", 2, 11},
		{"{\"type\": x}", 1, 10},
		{"\n\n[", 0, 0},
		{"{\"type\":\"FeatureCollection\",\"features\":[\n" + long + "   {,", 2002, 5},
		{"{\"type\":\"FeatureCollection\",\"features\":[" + strings.ReplaceAll(long, "\n", "") + "   {,", 1, 41 + 2000*(len(feature)+1) + 4},
	}
	for _, test := range tests {
		_, err := read(t, testLayer(plan.Polygon), test.body, "")
		if test.line == 0 {
			continue
		}
		if want := fmt.Sprintf("line %d, column %d (", test.line, test.col); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %.200v, want %s", err, want)
		}
	}
}

func TestOffsets(t *testing.T) {
	body := "\xef\xbb\xbf" + featuresOf(feature, featureWith(`"id":"å/","properties":{"antal":"x"},"geometry": 7`))
	_, err := read(t, testLayer(plan.Polygon), body, "")
	e, _ := errors.AsType[*plan.Error](err)
	if e == nil || len(e.Findings) != 3 {
		t.Fatal(err)
	}
	for i, want := range []string{`"å/"`, `"x"`, `7`} {
		if f := e.Findings[i]; f.Offset == nil || !strings.HasPrefix(body[*f.Offset:], want) {
			t.Errorf("%s: offset %v", f.Rule, f.Offset)
		}
	}
}

func TestBodyThatFails(t *testing.T) {
	broken := errors.New("the client hung up")
	body := collection(1000, 20, geo.House)
	for _, at := range []int{0, 1, 1000, len(body) / 2, len(body) - 1, len(body)} {
		r := io.MultiReader(bytes.NewReader(body[:at]), iotest.ErrReader(broken))
		_, err := ReadGeoJSON(t.Context(), r, Options{Layer: builtIn(t, "agriculture")})
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", at, err)
		}
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	go func() {
		_, _ = w.Write(collection(1000, 20, geo.House)[:100_000])
		cancel()
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
	}()
	if batch, err := ReadGeoJSON(ctx, r, Options{Layer: builtIn(t, "agriculture")}); err == nil {
		t.Errorf("%d features", batch.Len())
	}
}

func TestCutAnywhere(t *testing.T) {
	body := []byte(featuresOf(feature, featureWith(`"id":"a","properties":{"namn":"ö"},"geometry":`+polygon)))
	for n := range body {
		_, err := ReadGeoJSON(t.Context(), bytes.NewReader(body[:n]), Options{Layer: testLayer(plan.Polygon)})
		if want := "truncated"; n > 0 && faultsOf(t, err)[0].rule != want {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

// TestRealFiles reads the municipalities of the shared test data in two systems: those of the county are accepted, the
// rest of Sweden is outside the region.
func TestRealFiles(t *testing.T) {
	for file, code := range map[string]string{
		"kommun_3857.geojson":                 "code",
		"kommun_rt90/Kommun_RT90_region.json": "KnKod",
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("../../../shared/data/crs", file))
			if err != nil {
				t.Skip("left out: the shared test data is not here")
			}
			layer := &plan.Layer{ID: "kommun", GeometryType: plan.Polygon}
			for _, name := range []string{"code", "name", "KnKod", "KnNamn"} {
				layer.Attributes = append(layer.Attributes, plan.Attribute{Name: name, Type: plan.String})
			}
			_, err = ReadGeoJSON(t.Context(), bytes.NewReader(body), Options{Layer: layer, Limits: Limits{MaxFindings: 1000}})
			e, ok := errors.AsType[*plan.Error](err)
			if !ok {
				t.Fatalf("Stockholm was accepted: %v", err)
			}
			for _, f := range e.Findings {
				if f.Rule != outsideRegion.name {
					t.Errorf("%v", f)
				}
			}
			checkCounty(t, body, layer, code)
		})
	}
}

func checkCounty(t *testing.T, body []byte, layer *plan.Layer, code string) {
	t.Helper()
	var file map[string]json.RawMessage
	var all, county []json.RawMessage
	if json.Unmarshal(body, &file) != nil || json.Unmarshal(file["features"], &all) != nil {
		t.Fatal("not the file that was expected")
	}
	for _, raw := range all {
		if bytes.Contains(raw, []byte(`"`+code+`": "14`)) {
			county = append(county, raw)
		}
	}
	file["features"], _ = json.Marshal(county)
	body, _ = json.Marshal(file)
	batch, err := ReadGeoJSON(t.Context(), bytes.NewReader(body), Options{Layer: layer})
	if err != nil {
		t.Fatal(err)
	}
	if batch.Len() != 49 {
		t.Errorf("%d municipalities, want 49", batch.Len())
	}
	for _, f := range kept(t, batch) {
		checkAccepted(t, plan.Polygon, f)
	}
}

// TestNastyFiles feeds every odd GeoJSON file of the shared test data: an answer or a plan.Error, never a panic.
func TestNastyFiles(t *testing.T) {
	var files []string
	for _, pattern := range []string{"geojsonhint/*", "gdal/geojson/*", "gdal/*/*json"} {
		found, _ := filepath.Glob(filepath.Join("../../../shared/data/nasty", pattern))
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("left out: the shared test data is not here")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []plan.GeometryType{plan.Point, plan.Line, plan.Polygon, plan.None} {
			batch, err := ReadGeoJSON(t.Context(), bytes.NewReader(body), Options{Layer: testLayer(kind)})
			if err == nil && kind != plan.None {
				t.Errorf("%s: accepted %d features, none of which is in the region", filepath.Base(file), batch.Len())
			} else if err != nil {
				faultsOf(t, err)
			}
		}
	}
}
