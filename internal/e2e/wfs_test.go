package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// wfsNasty is a layer with all that has ever gone wrong between a server and QGIS.
const wfsNasty = `{"id":"provbana","theme":"nature","title":{"sv":"Provbana för å, ä & ö <WFS>"},"geometry_type":"polygon","status":"published","attributes":[
{"name":"namn","type":"text","title":{"sv":"Namn"},"required":true},{"name":"text","type":"text","title":{"sv":"Text"}},
{"name":"antal","type":"integer","title":{"sv":"Antal"}},{"name":"tal","type":"number","title":{"sv":"Tal"}},{"name":"sant","type":"boolean","title":{"sv":"Sant"}},
{"name":"dag","type":"date","title":{"sv":"Dag"}},{"name":"tid","type":"datetime","title":{"sv":"Tid"}},
{"name":"interest","type":"text","title":{"sv":"Slag"},"codes":[{"value":"hög","title":{"sv":"Hög"}},{"value":"låg","title":{"sv":"Låg & <lägst>"}}]}]}`

// wfsTable is a layer without geometry.
const wfsTable = `{"id":"provtabell","theme":"nature","title":{"sv":"Provtabell"},"geometry_type":"none","status":"published","attributes":[
{"name":"namn","type":"text","title":{"sv":"Namn"}},{"name":"antal","type":"integer","title":{"sv":"Antal"}}]}`

// nastyFeatures gives more than a page of features: each attribute null in some, texts with all that XML and QGIS trip
// over, integers of 64 bits, a hole, two parts.
func nastyFeatures() []byte {
	texts := []any{"Åmål & <Öckerö>", `O'Brien "citat"`, "rad ett\nrad två", "a\tb]]>c", "100 % _ \\ *", "🌲 skog", nil, "avslutande mellanslag "}
	numbers := []any{0.1, -1e-7, 150, 1.7976931348623157e308, nil, 123456.789012345}
	integers := []any{json.Number("9223372036854775806"), json.Number("-9223372036854775807"), 0, nil, json.Number("9007199254740993")}
	days := []any{"1990-01-01", "2026-11-25", nil, "1632-11-06"}
	times := []any{"2026-11-22T10:00:00Z", nil, "1999-12-31T23:59:59.125Z"}
	var features []any
	for i := range 1203 {
		x, y := 320000+float64(i%40)*700.25, 6400000+float64(i/40)*700.125
		ring := func(x, y, side float64) any {
			return [][2]float64{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
		}
		polygons := []any{[]any{ring(x, y, 300)}}
		if i%3 == 0 {
			polygons = []any{[]any{ring(x, y, 300), ring(x+100, y+100, 50)}, []any{ring(x+400, y, 100)}}
		}
		id := any(fmt.Sprint(1000 + i))
		if i%100 == 7 {
			id = fmt.Sprintf("å:%d", i)
		}
		features = append(features, map[string]any{"type": "Feature", "id": id, "geometry": map[string]any{"type": "MultiPolygon", "coordinates": polygons},
			"properties": map[string]any{"namn": fmt.Sprintf("Yta %d", i), "text": texts[i%len(texts)], "antal": integers[i%len(integers)], "tal": numbers[i%len(numbers)],
				"sant": []any{true, false, nil}[i%3], "dag": days[i%len(days)], "tid": times[i%len(times)], "interest": []any{"hög", "låg", nil}[i%3]}})
	}
	text, _ := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	return text
}

// startNasty is a service with demonstration data and the nasty layers.
func startNasty(t *testing.T) *service {
	t.Helper()
	s := start(t, dataDir(t), "--demo-when-empty", "600")
	t.Cleanup(s.stop)
	table := []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"1","geometry":null,"properties":{"namn":"Ärla","antal":3}},{"type":"Feature","id":"2","geometry":null,"properties":{"namn":null,"antal":null}}]}`)
	for layer, body := range map[string][]byte{wfsNasty: nastyFeatures(), wfsTable: table} {
		made := s.must(201, "POST", "/api/v1/layers", "application/json", strings.NewReader(layer))
		status, answer := s.do("POST", fmt.Sprintf("/api/v1/layers/%v/uploads?mode=replace&crs=EPSG:3006", made["id"]), "application/geo+json", bytes.NewReader(body))
		if status != http.StatusCreated || !bytes.Contains(answer, []byte(`"state":"done"`)) {
			t.Fatalf("the upload answers %d: %s", status, clip(answer))
		}
	}
	return s
}

var wfsLayers = append([]string{"provbana", "provtabell"}, everyLayer...)

// stackLayers are listed as the others are, but their polygons are too many corners to compare here.
var stackLayers = []string{"lucis", "stack", "stack_combination", "symphony"}

// truth gives the features as the service has them, by their ids in GML, in EPSG:3006 with easting first.
func (s *service) truth(layer string) map[string]feature {
	s.t.Helper()
	all := map[string]feature{}
	for path := "/ogc/collections/" + layer + "/items?f=json&limit=10000&crs=EPSG:3006"; path != ""; {
		_, body := s.do("GET", path, "", nil)
		var page struct {
			Features []feature
			Links    []struct{ Rel, Href string }
		}
		decode(s.t, body, &page)
		for _, f := range page.Features {
			all[layer+"."+notInNames.ReplaceAllStringFunc(fmt.Sprint(f.ID), func(r string) string { return fmt.Sprintf("_x%04X_", []rune(r)[0]) })] = f
		}
		path = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				path = strings.TrimPrefix(link.Href, s.base)
			}
		}
	}
	return all
}

// notInNames is what XML does not take in an id.
var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_.\-åäöÅÄÖ]`)

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v: %s", err, clip(text))
	}
}

// same compares what a client sees with the truth: every attribute, every vertex.
func same(t *testing.T, what string, got, want map[string]feature) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d of %d features", what, len(got), len(want))
		return
	}
	for id, w := range want {
		g, found := got[id]
		if !found {
			t.Errorf("%s: %s is missing", what, id)
			return
		}
		for name, value := range w.Properties {
			if !sameValue(g.Properties[name], value) {
				t.Errorf("%s: %s: %s is %#v, want %#v", what, id, name, g.Properties[name], value)
				return
			}
		}
		if !near(g.Geometry.Coordinates, w.Geometry.Coordinates, 1e-6) {
			t.Errorf("%s: %s lies at %.200v, want %.200v", what, id, g.Geometry.Coordinates, w.Geometry.Coordinates)
			return
		}
	}
}

// sameValue compares values as far as clients can tell them: GDAL writes dates with slashes and booleans as numbers,
// and none can tell an empty text from none.
func sameValue(got, want any) bool {
	if want == nil || want == "" {
		return got == nil || got == ""
	}
	if w, ok := want.(json.Number); ok {
		g, ok := got.(json.Number)
		if !ok {
			return false
		}
		x, _ := g.Float64()
		y, _ := w.Float64()
		return g == w || !isWhole(w) && math.Abs(x-y) <= 1e-9*math.Abs(y)
	}
	if w, ok := want.(bool); ok && fmt.Sprint(got) == map[bool]string{true: "1", false: "0"}[w] {
		return true
	}
	return moment(fmt.Sprint(got)) == moment(fmt.Sprint(want))
}

func isWhole(n json.Number) bool { return !strings.ContainsAny(n.String(), ".e") }

func moment(text string) string {
	for _, form := range []string{"2006/01/02", "2006-01-02"} {
		if day, err := time.Parse(form, text); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	for _, form := range []string{"2006/01/02 15:04:05.999-07", time.RFC3339Nano, "2006/01/02 15:04:05.999"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return text
}

// TestWFSInClients reads every kind of layer in every version, as users do.
func TestWFSInClients(t *testing.T) {
	s := startNasty(t)
	t.Run("OGR", func(t *testing.T) { wfsInOGR(t, s) })
	t.Run("QGIS", func(t *testing.T) { wfsInQGIS(t, s) })
	t.Run("OWSLib", func(t *testing.T) { wfsInOWSLib(t, s) })
}

func wfsInOGR(t *testing.T, s *service) {
	for _, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		source := "WFS:" + s.base + "/wfs?VERSION=" + version
		listed := mustOutput(t, "ogrinfo", "-ro", source)
		if !strings.Contains(listed, "sb:provbana (title: Provbana för å, ä & ö <WFS>)") {
			t.Errorf("%s: ogrinfo does not list the layers by their titles:\n%s", version, listed)
		}
		for _, layer := range wfsLayers {
			read := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, "sb:"+layer, "-lco", "COORDINATE_PRECISION=9")
			var stderr bytes.Buffer
			read.Stderr = &stderr
			text, err := read.Output()
			if err != nil || strings.Contains(stderr.String(), "ERROR") || strings.Contains(stderr.String(), "Warning") {
				t.Errorf("%s: ogr2ogr %s: %v: %s", version, layer, err, stderr.String())
				continue
			}
			var collection struct{ Features []feature }
			decode(t, text, &collection)
			got := map[string]feature{}
			for _, f := range collection.Features {
				got[fmt.Sprint(f.Properties["gml_id"])] = f
			}
			same(t, version+" "+layer, got, s.truth(layer))
		}
	}
}

func wfsInQGIS(t *testing.T, s *service) {
	var seen map[string]struct {
		Valid    bool
		Error    string
		CRS      string
		Fields   map[string]string
		Features []feature
		West     []float64
		InWest   int
		Subset   int
	}
	decode(t, inPython(t, "qgis.core", "python3-qgis", "testdata/wfs_in_qgis.py", append([]string{s.base + "/wfs"}, wfsLayers...)...), &seen)
	for name, got := range seen {
		version, layer, _ := strings.Cut(name, " ")
		want := s.truth(layer)
		if !got.Valid || got.CRS != "EPSG:3006" && layer != "provtabell" {
			t.Errorf("%s: valid %v, in %q: %s", name, got.Valid, got.CRS, got.Error)
			continue
		}
		same(t, name, byPlace(got.Features), byPlace(slices.Collect(maps.Values(want))))
		west := 0
		for _, f := range want {
			if len(got.West) == 4 && touches(f.Geometry.Coordinates, got.West[2]) {
				west++
			}
		}
		if layer != "provtabell" && got.InWest != west && layer != "conflict_line" {
			t.Errorf("%s: %d features in the west, want %d", name, got.InWest, west)
		}
		if layer == "provbana" {
			if subset := inSubset(want); got.Subset != subset || subset == 0 {
				t.Errorf("%s: QGIS finds %d features by its filter, want %d", name, got.Subset, subset)
			}
			for field, kind := range map[string]string{"antal": "longlong", "tal": "double", "tid": "QDateTime", "interest": "QString", "text": "QString"} {
				if !strings.EqualFold(strings.TrimPrefix(got.Fields[field], "q"), kind) {
					t.Errorf("%s: QGIS takes %s for %q in %s", name, field, got.Fields[field], version)
				}
			}
		}
	}
}

// byPlace tells features apart that come without an id: by where they begin, and what they are called.
func byPlace(features []feature) map[string]feature {
	places := map[string]feature{}
	for _, f := range features {
		var at any = f.Geometry.Coordinates
		for list, nested := at.([]any); nested && len(list) > 0; list, nested = at.([]any) {
			if n, isNumber := list[0].(json.Number); isNumber {
				x, _ := n.Float64()
				second, _ := list[1].(json.Number)
				y, _ := second.Float64()
				at = fmt.Sprintf("%.3f %.3f", x, y)
				break
			}
			at = list[0]
		}
		place := fmt.Sprint(at, f.Properties["namn"], f.Properties["name"], f.Properties["rule"], f.Properties["claim_id"], f.Properties["interest_id"], f.Properties["kind"])
		for places[place].Properties != nil {
			place += "+"
		}
		places[place] = f
	}
	return places
}

// inSubset counts what the filter of the script in QGIS keeps.
func inSubset(features map[string]feature) (n int) {
	for _, f := range features {
		antal, isNumber := f.Properties["antal"].(json.Number)
		namn, _ := f.Properties["namn"].(string)
		dag, _ := f.Properties["dag"].(string)
		if isNumber && antal.String() != "0" && strings.HasPrefix(namn, "Yta 1") && dag >= "1990-01-01" && f.Properties["interest"] == "hög" {
			n++
		}
	}
	return n
}

// touches reports whether a vertex lies west of x, which for these layers is the same as that the shape does.
func touches(coordinates any, x float64) bool {
	list, _ := coordinates.([]any)
	if len(list) == 0 {
		return false
	}
	if n, ok := list[0].(json.Number); ok {
		v, _ := n.Float64()
		return v <= x
	}
	for _, part := range list {
		if touches(part, x) {
			return true
		}
	}
	return false
}

// inPython runs a script with the distribution's Python, which has the module, and gives what it says behind RESULT.
func inPython(t *testing.T, module, from, script string, args ...string) []byte {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import "+module).Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: scripts/setup.sh --test installs %s", module, from)
		}
		t.Skipf("%s is missing: scripts/setup.sh --test installs %s", module, from)
	}
	command := exec.Command(python, append([]string{script}, args...)...)
	command.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "HOME="+t.TempDir())
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	_, result, found := bytes.Cut(out, []byte("RESULT "))
	if err != nil || !found {
		t.Fatalf("%s: %v\n%s\n%s", script, err, clip(out), clip(stderr.Bytes()))
	}
	return result
}

func wfsInOWSLib(t *testing.T, s *service) {
	var seen map[string]struct {
		Layers, CRS, Operations []string
		Title, Geometry         string
		Schema                  map[string]string
		Features, Boxed         int
	}
	decode(t, inPython(t, "owslib", "python3-owslib", "testdata/wfs_in_owslib.py", s.base+"/wfs", "provbana"), &seen)
	for _, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		got := seen[version]
		if len(got.Layers) != len(wfsLayers)+len(stackLayers) || got.Title != "Provbana för å, ä & ö <WFS>" || got.Features != 1203 || got.Boxed != 1203 {
			t.Errorf("%s: OWSLib sees %+v", version, got)
		}
		if got.Schema["tid"] != "dateTime" || got.Schema["antal"] != "long" || got.Schema["dag"] != "date" {
			t.Errorf("%s: OWSLib takes the attributes for %v", version, got.Schema)
		}
	}
}
