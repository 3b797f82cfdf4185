package server_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

const formatLayer = `{"id":"%s","title":{"sv":"Prov"},"theme":"nature","geometry_type":"%s","status":"published","attributes":[
	{"name":"namn","type":"text"},{"name":"height","type":"number","unit":"m","title":{"sv":"Höjd över mark","en":"Height"}}]}`

const formatPoints = `{"type":"FeatureCollection","features":[
	{"type":"Feature","id":"a-1","properties":{"namn":"Åmål","height":0.1},"geometry":{"type":"Point","coordinates":[400000.125,6450000.25]}},
	{"type":"Feature","id":"a-2","properties":{"namn":null,"height":null},"geometry":{"type":"Point","coordinates":[330000,6500000]}}]}`

// asFile has ogr2ogr write the file in a format and a system; one that is several files is zipped.
func asFile(t *testing.T, from, name, system string, options ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	to := filepath.Join(dir, name)
	if out, err := exec.Command("ogr2ogr", append([]string{"-t_srs", system, to, from}, options...)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	if filepath.Ext(name) == ".shp" {
		return zippedDir(t, dir)
	}
	file, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func zippedDir(t *testing.T, dir string) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// place is what a loaded feature is compared by: its attributes and its first vertex in EPSG:3006.
type place struct {
	properties string
	x, y       float64
	vertices   int
}

func (s *site) places(layer string) map[string]place {
	s.Helper()
	var page struct {
		Features []struct {
			ID         string
			Properties json.RawMessage
			Geometry   struct{ Coordinates json.RawMessage }
		}
	}
	answer := s.ask(plan.Anonymous, "GET", "/api/v1/layers/"+layer+"/features?crs=EPSG:3006", "").want(http.StatusOK)
	if err := json.Unmarshal(answer.body, &page); err != nil {
		s.Fatal(err)
	}
	all := map[string]place{}
	for _, f := range page.Features {
		numbers := strings.FieldsFunc(string(f.Geometry.Coordinates), func(r rune) bool { return strings.ContainsRune("[], ", r) })
		p := place{properties: string(f.Properties), vertices: len(numbers) / 2}
		if _, err := fmt.Sscan(numbers[0]+" "+numbers[1], &p.x, &p.y); err != nil {
			s.Fatal(err)
		}
		all[f.ID] = p
	}
	return all
}

// TestEveryFormatInSwedishSystems uploads what an officer may have: each format, in one of the systems and encodings
// that they come in, and expects the same features in the same places.
func TestEveryFormatInSwedishSystems(t *testing.T) {
	s := newSite(t)
	load := func(layer, name string, body []byte, query string) {
		t.Helper()
		s.ask(plan.Officer, "POST", "/api/v1/layers/"+layer+"/uploads?mode=replace&ignore_unknown=true&filename="+url.QueryEscape(name)+query, string(body),
			"Content-Type", "application/octet-stream").want(http.StatusCreated)
	}
	made := func(layer, kind, name string, body []byte, query string) (gpkg string, places map[string]place) {
		s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(formatLayer, layer, kind)).want(http.StatusCreated)
		load(layer, name, body, query)
		gpkg = filepath.Join(t.TempDir(), "bas.gpkg")
		if err := os.WriteFile(gpkg, s.ask(plan.Anonymous, "GET", "/api/v1/layers/"+layer+"/export?f=gpkg", "").want(http.StatusOK).body, 0o600); err != nil {
			t.Fatal(err)
		}
		return gpkg, s.places(layer)
	}
	parquet := func(name string) []byte {
		body, err := os.ReadFile(filepath.Join("../ingest/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	ytor, areas := made("ytor", "polygon", "a.parquet", parquet("areas.parquet"), "&id=key")
	_, points := made("punkter", "point", "a.geojson", []byte(formatPoints), "&crs=EPSG:3006")
	sheet := s.ask(plan.Anonymous, "GET", "/api/v1/layers/punkter/export?f=xlsx&crs=EPSG:3021", "").want(http.StatusOK).body
	wkt := s.ask(plan.Anonymous, "GET", "/api/v1/layers/ytor/export?f=xlsx&geometry=wkt&crs=EPSG:3008", "").want(http.StatusOK).body
	windows := bytes.ReplaceAll(s.ask(plan.Anonymous, "GET", "/api/v1/layers/punkter/export?f=csv&separator=semicolon&crs=EPSG:3009", "").want(http.StatusOK).body, []byte("Åmål"), []byte("\xc5m\xe5l"))
	for _, c := range []struct {
		layer, name string
		body        []byte
		query       string
	}{
		{"ytor", "a.gpkg", asFile(t, ytor, "a.gpkg", "EPSG:3007"), ""},
		{"ytor", "a.zip", asFile(t, ytor, "a.shp", "EPSG:3021", "-lco", "ENCODING=ISO-8859-1"), ""},
		{"ytor", "b.zip", asFile(t, ytor, "b.shp", "EPSG:3008", "-lco", "ENCODING=CP1252"), ""},
		{"ytor", "a.fgb", asFile(t, ytor, "a.fgb", "EPSG:3009"), ""},
		{"ytor", "a.geojson", asFile(t, ytor, "a.geojson", "EPSG:3857", "-lco", "COORDINATE_PRECISION=6"), ""},
		{"ytor", "a.geojsonl", asFile(t, ytor, "a.geojsonl", "EPSG:4326", "-lco", "COORDINATE_PRECISION=12"), ""},
		{"ytor", "a.geojsons", asFile(t, ytor, "a.geojsons", "EPSG:4326", "-f", "GeoJSONSeq", "-lco", "RS=YES", "-lco", "COORDINATE_PRECISION=12"), ""},
		{"ytor", "2.gml", asFile(t, ytor, "2.gml", "EPSG:3021", "-dsco", "FORMAT=GML2"), ""},
		{"ytor", "3.gml", asFile(t, ytor, "3.gml", "EPSG:3007", "-dsco", "FORMAT=GML3"), ""},
		{"ytor", "32.gml", asFile(t, ytor, "32.gml", "EPSG:4326", "-dsco", "FORMAT=GML3.2"), ""},
		{"ytor", "a.kml", asFile(t, ytor, "a.kml", "EPSG:4326", "-f", "KML"), ""},
		{"ytor", "a.kmz", asFile(t, ytor, "a.kmz", "EPSG:4326", "-f", "LIBKML"), ""},
		{"ytor", "a.csv", asFile(t, ytor, "a.csv", "EPSG:3008", "-lco", "GEOMETRY=AS_WKT"), "&crs=EPSG:3008"},
		{"ytor", "wkt.xlsx", wkt, "&crs=EPSG:3008"},
		{"punkter", "w.csv", windows, "&crs=EPSG:3009&encoding=windows-1252"},
		{"punkter", "a.xlsx", sheet, "&crs=EPSG:3021"},
	} {
		load(c.layer, c.name, c.body, c.query+"&id=id")
		want := areas
		if c.layer == "punkter" {
			want = points
		}
		got := s.places(c.layer)
		for id, w := range want {
			g := got[id]
			if g.properties != w.properties || g.vertices != w.vertices || math.Hypot(g.x-w.x, g.y-w.y) > 0.01 { // GDAL's way to RT 90 is not ours, by millimetres
				t.Errorf("%s: %s is %v, want %v", c.name, id, g, w)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d features, want %d", c.name, len(got), len(want))
		}
	}
	load("ytor", "d.parquet", parquet("degrees.parquet"), "&id=key")
	for id, g := range s.places("ytor") {
		if w := areas[id]; math.Hypot(g.x-w.x, g.y-w.y) > 0.001 {
			t.Errorf("degrees.parquet: %s is %v, want %v", id, g, w)
		}
	}
}
