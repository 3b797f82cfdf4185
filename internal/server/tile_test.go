package server_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"strukturbild/internal/plan"
)

// drawn reads from the metrics how many tiles were drawn.
func (s *site) drawn() int {
	s.Helper()
	found := regexp.MustCompile(`(?m)^strukturbild_tiles_drawn_total (\d+)`).FindSubmatch(s.raw("/metrics").want(http.StatusOK).body)
	if found == nil {
		s.Fatal("the metrics don't tell of tiles")
	}
	n, _ := strconv.Atoi(string(found[1]))
	return n
}

// TestTiles: tiles of a layer and of several, kept until a revision touches them, and what is said of them.
func TestTiles(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Admin, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("1", 350000, 6450000, `{"namn":"Åmål"}`), square("2", 420000, 6500000, `{"namn":"Skövde","antal":-3}`))).want(http.StatusCreated)
	// 3006, zoom 9: 2048 m a tile. (350000+1200000)/2048 = 756, (8500000-6450000)/2048 = 1000.
	const near, far = "/ogc/collections/prov/tiles/SWEREF99TM/9/1000/756", "/ogc/collections/prov/tiles/SWEREF99TM/9/976/791"
	first, other := s.raw(near).want(http.StatusOK), s.raw(far).want(http.StatusOK)
	if first.header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
		t.Errorf("a tile comes as %s", first.header.Get("Content-Type"))
	}
	layers, err := mvt.Unmarshal(first.body)
	if err != nil || len(layers) != 1 || layers[0].Name != "prov" || len(layers[0].Features) != 1 || layers[0].Features[0].Properties["namn"] != "Åmål" {
		t.Fatalf("%v %+v", err, layers)
	}
	if layers, _ = mvt.Unmarshal(other.body); len(layers) != 1 || layers[0].Features[0].Properties["antal"] != -3.0 {
		t.Fatalf("%+v", layers)
	}

	before := s.drawn()
	s.ask(plan.Officer, "PATCH", provItems+"/1", `{"properties":{"namn":"Orust"}}`, "Content-Type", "application/merge-patch+json").want(http.StatusNoContent)
	s.raw(far, "If-None-Match", other.header.Get("ETag")).want(http.StatusNotModified)
	if now := s.drawn(); now != before {
		t.Errorf("a tile that the revision did not touch was drawn again")
	}
	if changed := s.raw(near, "If-None-Match", first.header.Get("ETag")).want(http.StatusOK); !strings.Contains(string(changed.body), "Orust") || s.drawn() != before+1 {
		t.Errorf("the tile that it touched is %q, drawn %d times", changed.body, s.drawn()-before)
	}
	if then := s.raw(near + "?revision=" + first.header.Get("Strukturbild-Revision")).want(http.StatusOK); !strings.Contains(string(then.body), "Åmål") {
		t.Errorf("the tile as it was: %q", then.body)
	}

	s.ask(plan.Admin, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"annat"`, 1)).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers/annat/uploads?crs=EPSG:3006", collection(square("5", 350100, 6450000, `{}`)), "Content-Type", geoJSON).want(http.StatusCreated)
	both := s.raw("/ogc/tiles/SWEREF99TM/9/1000/756?collections=prov,annat&properties=namn&anchors=true").want(http.StatusOK)
	if layers, err = mvt.Unmarshal(both.body); err != nil || len(layers) != 4 || layers[0].Name != "prov" || layers[1].Name != "prov_anchor" || layers[2].Name != "annat" {
		t.Errorf("%v: a tile of two layers has %+v", err, layers)
	}
	if empty := s.raw("/ogc/collections/prov/tiles/WebMercatorQuad/3/0/0").want(http.StatusOK); len(empty.body) > 0 {
		t.Errorf("the tile of another part of the world has %d bytes", len(empty.body))
	}
}

func TestTileDocuments(t *testing.T) {
	s := editSite(t)
	for path, want := range map[string]string{
		"/ogc":                                        `"rel":"http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"`,
		"/ogc/collections/prov":                       `/ogc/collections/prov/tiles"`,
		"/ogc/tileMatrixSets":                         `"id":"WebMercatorQuad"`,
		"/ogc/tileMatrixSets/SWEREF99TM":              `"pointOfOrigin":[8500000,-1200000]`,
		"/ogc/tileMatrixSets/WebMercatorQuad":         `"scaleDenominator":559082264.028`,
		"/ogc/tiles":                                  `/ogc/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}`,
		"/ogc/tiles/SWEREF99TM":                       `"tileMatrixSetLimits":[{"tileMatrix":"0"`,
		"/ogc/collections/prov/tiles":                 `"tilesets":[`,
		"/ogc/collections/prov/tiles/WebMercatorQuad": `"geometryDimension":2`,
		"/ogc/tiles/WebMercatorQuad?f=tilejson":       `"vector_layers":[`,
		"/ogc/collections/prov/tiles/WebMercatorQuad?f=tilejson&properties=namn": `/tiles/WebMercatorQuad/{z}/{y}/{x}?properties=namn"`,
	} {
		body := s.raw(path).want(http.StatusOK).body
		if text := strings.NewReplacer(" ", "", "\n", "").Replace(string(body)); !strings.Contains(text, strings.ReplaceAll(want, " ", "")) {
			t.Errorf("%s does not say %s: %.600s", path, want, text)
		}
	}
}

func TestBadTiles(t *testing.T) {
	s := editSite(t)
	for path, code := range map[string]plan.Code{
		"/ogc/tiles/GoogleMaps/0/0/0":                                    plan.NotFound,
		"/ogc/tiles/SWEREF99TM/14/0/0":                                   plan.NotFound,
		"/ogc/tiles/SWEREF99TM/0/4/0":                                    plan.NotFound,
		"/ogc/tiles/SWEREF99TM/0/-1/0":                                   plan.NotFound,
		"/ogc/tiles/SWEREF99TM/0/x/0":                                    plan.Invalid,
		"/ogc/tiles/SWEREF99TM/0/0/0?collections=nej":                    plan.NotFound,
		"/ogc/tiles/SWEREF99TM/0/0/0?collections=prov,prov":              plan.Invalid,
		"/ogc/tiles/SWEREF99TM/0/0/0?f=png":                              plan.Invalid,
		"/ogc/tiles/SWEREF99TM/0/0/0?farg=1":                             plan.Invalid,
		"/ogc/tiles/SWEREF99TM?f=tilejson":                               plan.NotFound,
		"/ogc/collections/prov/tiles/SWEREF99TM/0/0/0?properties=farg":   plan.Invalid,
		"/ogc/collections/prov/tiles/SWEREF99TM/0/0/0?anchors=kanske":    plan.Invalid,
		"/ogc/collections/prov/tiles/SWEREF99TM/0/0/0?revision=99999999": plan.Invalid,
		"/ogc/collections/nej/tiles":                                     plan.NotFound,
	} {
		status := http.StatusBadRequest
		if code == plan.NotFound {
			status = http.StatusNotFound
		}
		s.raw(path).problem(status, code)
	}
}

// TestTilesInGDAL has GDAL read a tile, and holds its coordinates against the layer's own.
func TestTilesInGDAL(t *testing.T) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is missing: scripts/setup.sh --test installs gdal-bin")
	}
	s := newSite(t)
	s.ask(plan.Admin, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("1", 350000, 6450000, `{"namn":"Åmål","antal":7}`))).want(http.StatusCreated)
	corner := s.raw(provItems + "/1?crs=http://www.opengis.net/def/crs/EPSG/0/3857").want(http.StatusOK).json()["geometry"].(map[string]any)["coordinates"].([]any)
	for len(corner) != 2 || !isNumber(corner[0]) {
		corner = corner[0].([]any)
	}
	x, y := corner[0].(float64), corner[1].(float64)
	const zoom, half = 14, 20037508.3427892
	side := 2 * half / (1 << zoom)
	column, row := int((x+half)/side), int((half-y)/side)
	file := filepath.Join(t.TempDir(), "tile.mvt")
	body := s.raw("/ogc/collections/prov/tiles/WebMercatorQuad/" + itoa(zoom) + "/" + itoa(row) + "/" + itoa(column)).want(http.StatusOK).body
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:3857", "-lco", "RFC7946=NO", "/vsistdout/", "MVT:"+file,
		"-oo", "X="+itoa(column), "-oo", "Y="+itoa(row), "-oo", "Z="+itoa(zoom)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Features []struct {
			Properties map[string]any
			Geometry   struct{ Coordinates json.RawMessage }
		}
	}
	if err := json.Unmarshal(out, &read); err != nil || len(read.Features) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	if p := read.Features[0].Properties; p["namn"] != "Åmål" || p["antal"] != 7.0 || p["id"] != "1" {
		t.Errorf("GDAL reads %v", p)
	}
	numbers := regexp.MustCompile(`[\d.]+`).FindAllString(string(read.Features[0].Geometry.Coordinates), -1)
	nearest := math.Inf(1)
	for i := 0; i+1 < len(numbers); i += 2 {
		gotX, _ := strconv.ParseFloat(numbers[i], 64)
		gotY, _ := strconv.ParseFloat(numbers[i+1], 64)
		nearest = min(nearest, math.Hypot(gotX-x, gotY-y))
	}
	if nearest > 4*side/4096 {
		t.Errorf("the corner is %v m off: %s", nearest, read.Features[0].Geometry.Coordinates)
	}
}

func isNumber(v any) bool { _, ok := v.(float64); return ok }

// TestTilesOfConflicts: what follows from the layers is drawn as they are, kept while it stays the same, and drawn anew
// when it does not.
func TestTilesOfConflicts(t *testing.T) {
	s := newSite(t)
	s.fields(3)
	const tile = "/ogc/collections/conflict/tiles/SWEREF99TM/8/500/378"
	count := func() int {
		layers, err := mvt.Unmarshal(s.raw(tile).want(http.StatusOK).body)
		if err != nil || len(layers) != 1 || layers[0].Name != "conflict" {
			t.Fatalf("%v: %v", err, layers)
		}
		return len(layers[0].Features)
	}
	if got := count(); got != 3 {
		t.Errorf("the tile shows %d conflicts, want 3", got)
	}
	before := s.drawn()
	if count(); s.drawn() != before {
		t.Error("a tile that was at hand is drawn again")
	}
	s.ask(plan.Officer, "DELETE", "/ogc/collections/bostad/items/h:0", "").want(http.StatusNoContent)
	if got := count(); got != 2 {
		t.Errorf("after a change the tile shows %d conflicts, want 2", got)
	}
}
