package ogc

import (
	"bytes"
	"encoding/csv"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// gdal runs one of GDAL's programs.
func gdal(t *testing.T, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed (Debian: gdal-bin)", program)
	}
	command := exec.Command(program, args...)
	var faults bytes.Buffer
	command.Stderr = &faults
	text, err := command.Output()
	if err != nil || strings.Contains(faults.String(), "ERROR") {
		t.Fatalf("%s %v: %v\n%s%s", program, args, err, text, faults.String())
	}
	return string(text)
}

var numbers = regexp.MustCompile(`-?[0-9.]+`)

// TestGDALReadsBack writes features as a file and compares what ogr2ogr reads from it, value by value.
func TestGDALReadsBack(t *testing.T) {
	features := someFeatures()
	path := filepath.Join(t.TempDir(), "items.geojson")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteItems(file, Items{everything, geo.CRS84, each(features), 3, nil, noon, ""}); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	text := gdal(t, "ogr2ogr", "-f", "CSV", "/vsistdout/", path, "-lco", "GEOMETRY=AS_WKT", "-lco", "STRING_QUOTING=ALWAYS")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v in %s", err, text)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for i, f := range features {
		row := rows[i+1]
		for k, a := range everything.Attributes {
			want := f.Values[k].String()
			switch v := f.Values[k]; {
			case v.IsNull():
				want = ""
			case a.Type == plan.Boolean:
				want = map[bool]string{true: "1", false: "0"}[v.Bool()]
			case a.Type == plan.Date:
				want = strings.ReplaceAll(want, "-", "/")
			case a.Type == plan.DateTime:
				want = "2026/11/22 09:00:00+00"
			}
			if got := row[column[a.Name]]; got != want {
				t.Errorf("feature %s: %s is %q, want %q", f.ID, a.Name, got, want)
			}
		}
		compareWKT(t, row[column["WKT"]], f.Geometry)
	}
}

// compareWKT finds the same vertices, to the ninth decimal, in a WKT multipolygon.
func compareWKT(t *testing.T, wkt string, g plan.Geometry) {
	t.Helper()
	if !strings.HasPrefix(wkt, "MULTIPOLYGON") {
		t.Errorf("the geometry is %s", wkt)
	}
	want := append([]float64(nil), g.Coords...)
	if err := geo.CRS84.FromHouse(want); err != nil {
		t.Fatal(err)
	}
	got := numbers.FindAllString(wkt, -1)
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d in %s", len(got), len(want), wkt)
	}
	for i := range got {
		if v, err := strconv.ParseFloat(got[i], 64); err != nil || math.Abs(v-want[i]) > 0.6e-9 {
			t.Errorf("number %d is %s, want %v", i, got[i], want[i])
		}
	}
}

// serve serves the layers as a server does, with pages of two features however many are asked for.
func serve(t *testing.T, features map[string][]plan.Feature) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	site := Site{Base: server.URL, Language: Swedish}
	document := func(pattern, media string, make func() (any, error)) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, _ *http.Request) {
			value, err := make()
			if err != nil {
				t.Error(err)
			}
			text, err := Encode(value)
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", media)
			_, _ = w.Write(text)
		})
	}
	document("/{$}", MediaJSON, func() (any, error) { return site.Landing(), nil })
	document("/api", MediaAPI, func() (any, error) { return site.API(layers) })
	document("/conformance", MediaJSON, func() (any, error) { return site.Conformance(), nil })
	document("/collections", MediaJSON, func() (any, error) { return site.Collections(contents) })
	for _, layer := range layers {
		document("/collections/"+layer.ID+"/schema", MediaSchema, func() (any, error) { return site.Schema(layer), nil })
		mux.HandleFunc("GET /collections/"+layer.ID+"/schema.xsd", func(w http.ResponseWriter, _ *http.Request) {
			text, err := GML32.XSD(layer)
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", MediaXML)
			_, _ = w.Write(text)
		})
		mux.HandleFunc("GET /collections/"+layer.ID+"/items", func(w http.ResponseWriter, r *http.Request) {
			serveItems(t, w, r, site, layer, features[layer.ID])
		})
	}
	return server
}

func serveItems(t *testing.T, w http.ResponseWriter, r *http.Request, site Site, layer *plan.Layer, features []plan.Feature) {
	request, err := ParseItems(r.URL.Query(), r.Header.Get("Accept"), layer)
	if err != nil {
		t.Errorf("%s: %v", r.URL, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var page []plan.Feature
	for _, f := range features {
		if plan.CompareIDs(f.ID, request.Query.After) > 0 {
			page = append(page, f)
		}
	}
	after := ""
	if len(page) > 2 {
		page, after = page[:2], page[1].ID
	}
	w.Header().Set("Content-Type", MediaGeoJSON)
	w.Header().Set("Content-Crs", ContentCRS(request.CRS))
	if err := WriteItems(w, Items{layer, request.CRS, each(page), len(features), site.ItemsLinks(request, 7, len(features), after), noon, ""}); err != nil {
		t.Error(err)
	}
}

func TestGDALReadsTheService(t *testing.T) {
	features := someFeatures()
	features[0], features[2] = features[2], features[0] // in the order of plan.CompareIDs
	features[0], features[1], features[2] = features[2], features[0], features[1]
	server := serve(t, map[string][]plan.Feature{
		"allt_mojligt": features,
		"tabell":       {{ID: "1", Values: []plan.Value{plan.TextValue("åäö ÅÄÖ")}}},
	})
	summary := gdal(t, "ogrinfo", "-so", "-al", "OAPIF:"+server.URL)
	for _, part := range []string{
		"Layer name: allt_mojligt", "TITLE=Allt möjligt", "Geometry: Multi Polygon", "Feature Count: 3",
		"namn: String", "antal: Integer64", "areal_ha: Real", "skyddad: Integer(Boolean)", "beslut: Date", "andrad: DateTime",
		"Layer name: tabell", "Layer name: pahittat", "Geometry: Multi Point", // the empty layer has its type
		"Extent: (11.900416, 57.706072)",
	} {
		if !strings.Contains(summary, part) {
			t.Errorf("ogrinfo does not say %q", part)
		}
	}
	if t.Failed() {
		t.Log(summary)
	}
	text := gdal(t, "ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", "OAPIF:"+server.URL, "allt_mojligt")
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 3 { // through the next link
		t.Errorf("%d features, want 3:\n%s", len(lines), text)
	}
	for _, part := range []string{`"namn":"Åmål, Öckerö & \"Ärla\""`, "9223372036854775806", "-9223372036854775807"} {
		if !strings.Contains(strings.ReplaceAll(text, `": `, `":`), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
	if text := gdal(t, "ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", "OAPIF:"+server.URL, "tabell"); !strings.Contains(text, "åäö ÅÄÖ") {
		t.Errorf("the table has %s", text)
	}
}
