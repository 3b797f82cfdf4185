package e2e

import (
	"bytes"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const realData = "../../../shared/data/region/vg.gpkg"

// TestRealLayers is the main story on real input: two real layers go in as GeoJSON over REST, and the conflicts come out
// by kommun.
func TestRealLayers(t *testing.T) {
	if _, err := os.Stat(realData); err != nil {
		t.Skip("left out: the folder of real files, ../shared/data, is not here")
	}
	s := start(t, dataDir(t))
	defer s.stop()
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(`{"id":"naturreservat","theme":"nature",
		"title":{"sv":"Naturreservat"},"geometry_type":"polygon","status":"published","attributes":[{"name":"namn","type":"text"}]}`))
	reserves := geoJSONOf(t, "SELECT NAMN AS namn, geom FROM naturreservat")
	if job := s.must(http.StatusCreated, "POST", "/api/v1/layers/naturreservat/uploads", "application/geo+json", reserves); job["added"] != 508.0 {
		t.Errorf("the reserves: %v", job)
	}

	// As dirty as the register is: turbines without a position refuse the whole file.
	dirty := geoJSONOf(t, "SELECT 'x' AS project, geom FROM vindkraftverk")
	if status, body := s.do("POST", "/api/v1/layers/wind_power/uploads", "application/geo+json", dirty); status != http.StatusBadRequest ||
		!strings.Contains(string(body), "outside_region") {
		t.Errorf("the dirty turbines are answered %d: %s", status, clip(body))
	}
	clean := geoJSONOf(t, "SELECT 'x' AS project, geom FROM vindkraftverk WHERE ST_X(geom) > 240000")
	job := s.must(http.StatusCreated, "POST", "/api/v1/layers/wind_power/uploads", "application/geo+json", clean)
	if job["added"] != 2481.0 || job["revision"] != 4.0 {
		t.Errorf("the turbines: %v", job)
	}

	for rule, condition := range map[string]string{
		"wind_nature_overlap":    "ST_Intersects(v.geom, r.geom)",
		"wind_nature_within_500": "ST_Distance(v.geom, r.geom) <= 500",
	} {
		found := s.must(http.StatusOK, "GET", "/api/v1/conflicts?limit=1000&rule="+rule, "", nil)["matched"].(float64)
		byKommun := 0.0
		for _, row := range s.must(http.StatusOK, "GET", "/api/v1/conflicts/summary?by=kommun&rule="+rule, "", nil)["summary"].([]any) {
			byKommun += row.(map[string]any)["conflicts"].(float64)
		}
		if want := turbinesNearReserves(t, condition); found != want || byKommun < found {
			t.Errorf("%s: %v conflicts, %v by kommun; SpatiaLite finds %v", rule, found, byKommun, want)
		}
	}
}

// turbinesNearReserves is the same figure from the same file, by another engine.
func turbinesNearReserves(t *testing.T, condition string) float64 {
	t.Helper()
	out := mustOutput(t, "ogrinfo", "-q", realData, "-dialect", "SQLite", "-sql", `SELECT count(*) AS n FROM vindkraftverk v, naturreservat r
		WHERE ST_X(v.geom) > 240000 AND `+condition)
	_, number, found := strings.Cut(out, "= ")
	if !found {
		t.Fatalf("ogrinfo says %s", out)
	}
	n := 0.0
	for _, digit := range strings.TrimSpace(number) {
		if digit < '0' || digit > '9' {
			return math.NaN()
		}
		n = 10*n + float64(digit-'0')
	}
	return n
}

// geoJSONOf makes GeoJSON in CRS84 of a selection from the real data.
func geoJSONOf(t *testing.T, sql string) *bytes.Buffer {
	t.Helper()
	command := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", realData, "-dialect", "SQLite", "-sql", sql, "-lco", "RFC7946=YES", "-lco", "COORDINATE_PRECISION=9")
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, stderr.String())
	}
	return &out
}
