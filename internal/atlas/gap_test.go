package atlas_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func gapsOf(t *testing.T, s *atlas.Snapshot, features plan.List, mode plan.UploadMode) []plan.Finding {
	t.Helper()
	compared, err := s.CompareSkipping(features, mode)
	if err != nil {
		t.Fatal(err)
	}
	findings, err := compared.Gaps()
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// TestGaps: a hole among what comes and what stays, a sliver where a corner is missed, an island in a hole, and none.
func TestGaps(t *testing.T) {
	stays := tilingLayer(t, field("a", 0, 0, 300, 100), field("b", 0, 100, 100, 100))
	for _, c := range []struct {
		name     string
		mode     plan.UploadMode
		features plan.List
		want     []string
	}{
		{"open to the outside", plan.UploadAppend, plan.List{field("c", 200, 100, 100, 100)}, nil},
		{"a hole", plan.UploadAppend, plan.List{field("c", 200, 100, 100, 100), field("d", 0, 200, 300, 100)}, []string{"Ett glapp på 1 ha, i medeltal 50 m bred"}},
		{"an island in it", plan.UploadAppend, plan.List{field("c", 200, 100, 100, 100), field("d", 0, 200, 300, 100), field("e", 130, 130, 40, 40)}, []string{"Ett glapp på 0,84 ha, i medeltal 30 m bred"}},
		{"a sliver", plan.UploadAppend, plan.List{field("c", 100.001, 100, 199.999, 100), field("d", 0, 200, 300, 100)}, []string{"En flisa (smalare än 0,5 m) på 1e-05 ha, i medeltal 0,001 m bred"}},
		{"too small to tell of", plan.UploadAppend, plan.List{field("c", 100.00001, 100, 199.99999, 100), field("d", 0, 200, 300, 100)}, []string{"1 glapp är mindre än 0,01 m²"}},
		{"what goes leaves none", plan.UploadReplace, plan.List{field("c", 200, 100, 100, 100), field("d", 0, 200, 300, 100)}, nil},
		{"a hole of its own", plan.UploadReplace, plan.List{ring(field("c", 0, 0, 300, 300), field("", 100, 100, 100, 100))}, []string{"Ett glapp på 1 ha"}},
	} {
		findings := gapsOf(t, stays, c.features, c.mode)
		for i := 0; i < max(len(findings), len(c.want)); i++ {
			if len(findings) != len(c.want) || !strings.Contains(findings[i].Message.SV, c.want[i]) || !findings[i].Notice {
				t.Errorf("%s: %+v, want %v", c.name, findings, c.want)
				break
			}
		}
	}
}

// ring is a field with a hole in it.
func ring(outer, inner plan.Feature) plan.Feature {
	g := &outer.Geometry
	g.Ends = []uint32{5, 10}
	for i := 4; i >= 0; i-- {
		g.Coords = append(g.Coords, inner.Geometry.Coords[2*i], inner.Geometry.Coords[2*i+1])
	}
	return outer
}

// TestGapsAreThoseOfPostGIS: mosaics with tiles missing, corners that lie on a neighbour's side, and tiles that are a
// little too small, against the holes of ST_Union.
func TestGapsAreThoseOfPostGIS(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var features plan.List
	for i := range 900 {
		x, y := float64(i%30)*100, float64(i/30)*100
		switch random.IntN(12) {
		case 0: // missing
		case 1: // two halves: their corners lie on the sides of the neighbours
			features = append(features, field(fmt.Sprint("l", i), x, y, 50, 100), field(fmt.Sprint("r", i), x+50, y, 50, 100))
		case 2: // too small, by a little or by much
			by := math.Pow(10, -3+4*random.Float64())
			features = append(features, field(fmt.Sprint("s", i), x+by, y+by/2, 100-2*by, 100-by))
		case 3:
			features = append(features, ring(field(fmt.Sprint("h", i), x, y, 100, 100), field("", x+30, y+30, 20, 20)))
		default:
			features = append(features, field(fmt.Sprint("f", i), x, y, 100, 100))
		}
	}
	findings := gapsOf(t, tilingLayer(t), features, plan.UploadReplace)
	if wantN, wantArea := holesByPostGIS(t, features); !agree(findings, wantN, wantArea) {
		t.Errorf("%d gaps, PostGIS finds %d with %g m²; the first: %v", len(findings), wantN, wantArea, findings[:3])
	}
}

// agree holds the number of gaps and the sum of their areas, as far as the sentences tell them, against PostGIS's.
func agree(findings []plan.Finding, n int, area float64) bool {
	sum := 0.0
	for _, f := range findings {
		var ha float64
		if _, err := fmt.Sscanf(f.Message.EN[strings.Index(f.Message.EN, "of ")+3:], "%g ha", &ha); err != nil {
			return false
		}
		sum += ha * 1e4
	}
	return len(findings) == n && math.Abs(sum-area) < 1e-3*area // four digits each
}

func holesByPostGIS(t *testing.T, features plan.List) (n int, area float64) {
	t.Helper()
	conn := pgtest.Connect(t, pgtest.Schema(t))
	var figures [][]byte
	for _, f := range features {
		figures = append(figures, geo.AppendEWKB(nil, f.Geometry))
	}
	err := conn.QueryRow(t.Context(), `
		WITH whole AS (SELECT ST_UnaryUnion(ST_Collect(g::geometry)) AS g FROM unnest($1::bytea[]) g),
		ring AS (SELECT (ST_DumpRings(d.geom)).*  FROM whole, ST_Dump(whole.g) d),
		hole AS (SELECT (ST_Dump(ST_Difference(ST_MakePolygon(ST_ExteriorRing(geom)), (SELECT g FROM whole)))).geom FROM ring WHERE path[1] > 0)
		SELECT count(*), coalesce(sum(ST_Area(geom)), 0) FROM hole WHERE ST_Area(geom) >= 0.01`, figures).Scan(&n, &area)
	if err != nil {
		t.Fatal(err)
	}
	return n, area
}

// TestGapsOfMany: how long it takes with ten thousand tiles that fit, and with as many of which no two share a side.
func TestGapsOfMany(t *testing.T) {
	snapshot := tilingLayer(t)
	for name, shift := range map[string]float64{"that fit": 0, "that share no edge": 0.002} {
		var features plan.List
		n := 10_000
		if testing.Short() {
			n = 1000
		}
		for i := range n {
			tile := ragged(fmt.Sprint("f", i), float64(i%100)*100, float64(i/100)*100)
			for j := 0; j < len(tile.Geometry.Coords); j += 2 {
				tile.Geometry.Coords[j] += shift * float64(i%3)
			}
			features = append(features, tile)
		}
		compared, err := snapshot.CompareSkipping(features, plan.UploadReplace)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		findings, err := compared.Gaps()
		if err != nil || shift == 0 && len(findings) != 0 || shift != 0 && len(findings) == 0 {
			t.Errorf("%s: %d findings, %v", name, len(findings), err)
		}
		t.Logf("%d tiles %s: %d findings in %v", n, name, len(findings), time.Since(began))
	}
}
