package server_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// TestOverlapsAreSkipped: of two features that overlap in a layer that tiles the later one is left out, and one that is
// in the way of nothing that is kept comes in; what is enclosed and not covered is told with its place.
func TestOverlapsAreSkipped(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"title"`, `"tiling":true,"title"`, 1)).want(http.StatusCreated)
	square := func(id string, x, y, width, height float64) string {
		x, y = 350_000+x, 6_450_000+y
		return fmt.Sprintf(`{"type":"Feature","id":%q,"properties":{},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%[3]v],[%[4]v,%v],[%[2]v,%[5]v],[%[2]v,%[3]v]]]}}`,
			id, x, y, x+width, y+height)
	}
	file := collection(square("a", 0, 0, 300, 100), square("b", 250, 0, 100, 100), square("c", 310, 0, 100, 100), square("d", 0, 200, 300, 100),
		square("e", 0, 100, 100, 100), square("f", 200, 100, 100, 100))
	s.upload("", file).problem(http.StatusBadRequest, plan.Invalid)
	done := s.upload("on_fault=skip_feature", file).want(http.StatusCreated).json()
	if done["refused"] != 1.0 || done["accepted"] != 5.0 || done["added"] != 5.0 || fmt.Sprint(done["rules"]) != "map[gap:1 overlap:1]" {
		t.Errorf("%v", done)
	}
	for _, f := range done["findings"].([]any) {
		finding := f.(map[string]any)
		place := finding["location"].(map[string]any)
		switch finding["rule"] {
		case "overlap":
			if finding["id"] != "b" || finding["feature"] != 1.0 || place["x"].(float64) < 350_250 || place["x"].(float64) > 350_300 {
				t.Errorf("%v", finding)
			}
		case "gap":
			if place["x"].(float64) < 350_100 || place["x"].(float64) > 350_200 || finding["notice"] != true {
				t.Errorf("%v", finding)
			}
		}
	}
	// One that was to be replaced stays as it is, and then keeps its own ground.
	moved := s.upload("mode=upsert&on_fault=skip_feature", collection(square("e", 50, 50, 100, 100), square("g", 0, 150, 50, 40), square("c", 310, 0, 50, 100))).want(http.StatusCreated).json()
	if moved["refused"] != 2.0 || moved["changed"] != 1.0 || moved["added"] != 0.0 {
		t.Errorf("%v", moved)
	}
}

// TestGapsOfRealDistricts holds the gaps between the real districts against the holes of PostGIS's union of them.
func TestGapsOfRealDistricts(t *testing.T) {
	from, to := "../../../shared/data/region/vg.gpkg", filepath.Join(t.TempDir(), "d.gpkg")
	if _, err := os.Stat(from); err != nil {
		t.Skip("left out: ../shared/data is not there")
	}
	if out, err := exec.Command("ogr2ogr", "-f", "GPKG", to, from, "distrikt_detailed", "-spat", "320000", "6390000", "400000", "6480000").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	file, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"title"`, `"tiling":true,"title"`, 1)).want(http.StatusCreated)
	job := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/uploads?ignore_unknown=true&repair=true&on_fault=skip_feature&filename=d.gpkg", string(file),
		"Content-Type", "application/geopackage+sqlite3", "Prefer", "wait=300").want(http.StatusCreated).json()
	var holes int
	err = pgtest.Connect(t, s.schema).QueryRow(t.Context(), `
		WITH whole AS (SELECT ST_UnaryUnion(ST_Collect(geom)) AS g FROM feature),
		ring AS (SELECT (ST_DumpRings(d.geom)).* FROM whole, ST_Dump(whole.g) d),
		hole AS (SELECT (ST_Dump(ST_Difference(ST_MakePolygon(ST_ExteriorRing(geom)), (SELECT g FROM whole)))).geom FROM ring WHERE path[1] > 0)
		SELECT count(*) FROM hole WHERE ST_Area(geom) >= 0.01`).Scan(&holes)
	if err != nil {
		t.Fatal(err)
	}
	rules := job["rules"].(map[string]any)
	t.Logf("%v districts, %v gaps, PostGIS finds %d: %v", job["added"], rules["gap"], holes, rules)
	if rules["gap"] != float64(holes) {
		t.Errorf("%v gaps, PostGIS finds %d", rules["gap"], holes)
	}
}
