package geo

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

const regionFile = "../../../shared/data/region/vg.gpkg"

// realLayer reads the valid polygons or lines of a layer of the region; the test is left out where the data is not there.
func realLayer(t testing.TB, layer string) []plan.Geometry {
	t.Helper()
	if _, err := os.Stat(regionFile); err != nil {
		t.Skipf("left out: %v", err)
	}
	out, err := exec.Command("ogr2ogr", "-f", "CSV", "/vsistdout/", regionFile, "-sql", "SELECT hex(geom) AS h FROM "+layer).Output()
	if err != nil {
		t.Skipf("left out: ogr2ogr: %v", err)
	}
	var all []plan.Geometry
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 1<<26)
	scanner.Scan() // the heading
	for scanner.Scan() {
		blob, err := hex.DecodeString(string(bytes.Trim(scanner.Bytes(), `"`)))
		if err != nil {
			t.Fatal(err)
		}
		header := 8 + [...]int{0, 32, 48, 48, 64}[blob[3]>>1&7] // GeoPackage 1.3, clause 2.1.3
		var g plan.Geometry
		if err := ParseEWKB(blob[header:], &g); err != nil {
			t.Fatal(err)
		}
		Normalize(&g)
		if Validate(g) == nil {
			all = append(all, g)
		}
	}
	return all
}

func TestRealLayers(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"kommuner_scb_generalised", "kommuner_1m"}, {"kommuner_1m", "kommuner_1m"}, {"kommuner_1m", "naturreservat"}, {"naturreservat", "tatorter_polygons"},
	} {
		compareLayers(t, c.a, c.b)
	}
}

// compareLayers measures every pair of two layers and has GEOS do the same.
func compareLayers(t *testing.T, aName, bName string) {
	as, bs := realLayer(t, aName), realLayer(t, bName)
	var pairs, touching, wrong atomic.Int64
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		wait.Go(func() {
			context := geos.NewContext()
			var k Kernel
			for i := worker; i < len(as); i += workers {
				p := Prepare(as[i])
				var aFigure *geos.Geom
				for _, b := range bs {
					bbox := b.Box()
					if !p.Box().Intersects(bbox) {
						continue
					}
					if aFigure == nil {
						aFigure = toGEOS(t, context, as[i])
					}
					bFigure := toGEOS(t, context, b)
					want := aFigure.Intersection(bFigure).Area()
					w := newWindow(p.box, bbox)
					if k.cross(&p.operand, &operand{Geometry: b, box: bbox}, &w) {
						touching.Add(1)
					}
					pairs.Add(1)
					meets := aFigure.Intersects(bFigure)
					floor := Length(as[i]) + Length(b)
					for way, got := range map[string]float64{"prepared": p.IntersectionArea(&k, b, bbox), "kernel": k.IntersectionArea(as[i], b)} {
						if !agrees(got, want, floor) {
							wrong.Add(1)
							t.Errorf("%s %d and %s share %v by %s, GEOS says %v (off by %v)", aName, i, bName, got, way, want, math.Abs(got-want))
						}
					}
					if got := p.Intersects(&k, b, bbox); got != meets || k.Intersects(as[i], b, p.box, bbox) != meets {
						t.Errorf("%s %d and %s meet: %v, GEOS says %v", aName, i, bName, got, meets)
					}
					if at := p.Locate(bbox); at == Inside && math.Abs(want-Area(b)) > 1e-9*want || at == Outside && meets {
						t.Errorf("%s %d: box of %s is %v, share %v", aName, i, bName, at, want)
					}
					bFigure.Destroy()
				}
			}
		})
	}
	wait.Wait()
	t.Logf("%s x %s: %d pairs, %d touch, %d wrong", aName, bName, pairs.Load(), touching.Load(), wrong.Load())
}
