package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// coordinates are those of a MultiPolygon.
type coordinates [][][][2]float64

// TestPagesAreThoseOfPostGIS holds a page in each kind of system against ST_AsGeoJSON, which has nine decimals too.
func TestPagesAreThoseOfPostGIS(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	rings := someRings(rand.New(rand.NewPCG(5, 5)), 200)
	var body strings.Builder
	for i, ring := range rings {
		fmt.Fprintf(&body, `{"type":"Feature","id":%d,"properties":{"namn":"x"},"geometry":{"type":"Polygon","coordinates":[%s]}}`+"\n", i+1, ring)
	}
	s.ask(plan.Officer, "POST", fieldsPath+"crs=EPSG:3006", body.String(), "Content-Type", "application/x-ndjson").want(http.StatusCreated)
	conn := pgtest.Connect(t, "public")
	for crs, srid := range map[string]int{"CRS84": 4326, "EPSG:3006": 3006, "EPSG:3007": 3007, "EPSG:3857": 3857} {
		var page struct {
			Features []struct {
				ID       int
				Geometry struct{ Coordinates coordinates }
			}
		}
		if err := json.Unmarshal(s.ask(plan.Viewer, "GET", "/ogc/collections/prov/items?limit=1000&crs="+crs, "").want(http.StatusOK).body, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Features) != len(rings) {
			t.Fatalf("%s: %d features, want %d", crs, len(page.Features), len(rings))
		}
		off := 0.0
		for _, f := range page.Features {
			var text string
			polygon := fmt.Sprintf(`{"type":"MultiPolygon","coordinates":[[%s]]}`, rings[f.ID-1])
			if err := conn.QueryRow(t.Context(), `SELECT ST_AsGeoJSON(ST_Transform(ST_SetSRID(ST_ForcePolygonCCW(ST_GeomFromGeoJSON($1)), 3006), $2::int))`,
				polygon, srid).Scan(&text); err != nil {
				t.Fatal(err)
			}
			var want struct{ Coordinates coordinates }
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
			off = max(off, farthest(t, f.Geometry.Coordinates, want.Coordinates))
		}
		most := 1.1e-9 // degrees: half a unit of the last decimal on either side
		if srid != 4326 {
			most = 2e-8 // metres
		}
		if t.Logf("%s: %.3g from PostGIS", crs, off); off > most {
			t.Errorf("%s: %.3g from PostGIS, at most %g", crs, off, most)
		}
	}
}

// someRings gives closed rings of 30 vertices in EPSG:3006, in whole millimetres, counter-clockwise.
func someRings(random *rand.Rand, n int) (rings []string) {
	for range n {
		x, y := 280_000+random.Float64()*200_000, 6_340_000+random.Float64()*230_000
		var vertices []string
		for i := range 30 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 30)
			r := 100 + 20*random.Float64()
			vertices = append(vertices, fmt.Sprintf("[%.3f,%.3f]", x+r*cos, y+r*sin))
		}
		rings = append(rings, "["+strings.Join(append(vertices, vertices[0]), ",")+"]")
	}
	return rings
}

func farthest(t *testing.T, got, want coordinates) (most float64) {
	t.Helper()
	if len(got) != 1 || len(want) != 1 || len(got[0]) != 1 || len(want[0]) != 1 || len(got[0][0]) != len(want[0][0]) {
		t.Fatalf("%v is not of the form of %v", got, want)
	}
	for i, at := range got[0][0] {
		most = max(most, math.Abs(at[0]-want[0][0][i][0]), math.Abs(at[1]-want[0][0][i][1]))
	}
	return most
}
