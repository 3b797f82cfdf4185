package geo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// BenchmarkToHouse converts longitudes and latitudes, and has PROJ do the same.
func BenchmarkToHouse(b *testing.B) { benchmarkProjection(b, true) }

// BenchmarkFromHouse makes longitudes and latitudes, and has PROJ do the same.
func BenchmarkFromHouse(b *testing.B) { benchmarkProjection(b, false) }

func benchmarkProjection(b *testing.B, toHouse bool) {
	const n = 10_000
	house := placesIn(3, n, 0)
	degrees := append([]float64{}, house...)
	if err := CRS84.FromHouse(degrees); err != nil {
		b.Fatal(err)
	}
	from, ours, theirs := house, CRS84.FromHouse, oracle(b, "OGC:CRS84").ForwardFlatCoords
	if toHouse {
		from, ours, theirs = degrees, CRS84.ToHouse, oracle(b, "OGC:CRS84").InverseFlatCoords
	}
	work := make([]float64, len(from))
	start := time.Now()
	const rounds = 20
	for range rounds {
		copy(work, from)
		if err := theirs(work, 2, -1, -1); err != nil {
			b.Fatal(err)
		}
	}
	proj := float64(time.Since(start)) / rounds / n
	for b.Loop() {
		copy(work, from)
		if err := ours(work); err != nil {
			b.Fatal(err)
		}
	}
	own := float64(b.Elapsed()) / float64(b.N) / n
	b.ReportMetric(own, "ns/point")
	b.ReportMetric(proj, "PROJ-ns/point")
	b.ReportMetric(proj/own, "x-PROJ")
}

// BenchmarkIntersectionArea measures pairs of 30 to 150 vertices, and has GEOS do the same on figures that stand ready
// in its memory. Rough outlines turn back in x at every other vertex, smooth ones hardly ever.
func BenchmarkIntersectionArea(b *testing.B) {
	for _, c := range []struct {
		name  string
		rough float64
	}{{"smooth", 0.9}, {"bumpy", 0.6}, {"rough", 0.2}} {
		pairs := starPairs(11, 1000, c.rough)
		b.Run(c.name, func(b *testing.B) {
			geos := geosTime(b, pairs[:200])
			var k Kernel
			i := 0
			for b.Loop() {
				p := &pairs[i%len(pairs)]
				k.IntersectionAreaBoxes(p.a, p.b, p.abox, p.bbox)
				i++
			}
			own := float64(b.Elapsed()) / float64(b.N)
			b.ReportMetric(geos, "GEOS-ns/op")
			b.ReportMetric(geos/own, "x-GEOS")
		})
	}
}

// geosTime gives the nanoseconds that GEOS takes for the area of an intersection.
func geosTime(b *testing.B, pairs []pair) float64 {
	context := geos.NewContext()
	var figures [][2]*geos.Geom
	for _, p := range pairs {
		figures = append(figures, [2]*geos.Geom{toGEOS(b, context, p.a), toGEOS(b, context, p.b)})
	}
	start := time.Now()
	for _, f := range figures {
		f[0].Intersection(f[1]).Area()
	}
	return float64(time.Since(start)) / float64(len(figures))
}

// BenchmarkPrepared asks a polygon of 5 000 vertices about features of 100 that cross its border, and has GEOS do the
// same on figures that stand ready: where each lies, and what is shared.
func BenchmarkPrepared(b *testing.B) {
	r := rand.New(rand.NewPCG(19, 19))
	big := coast(r, 5000)
	prepared, context := Prepare(big), geos.NewContext()
	figure := toGEOS(b, context, big)
	figurePrepared := figure.Prepare()
	var features []plan.Geometry
	var boxes []plan.Box
	var figures []*geos.Geom
	for len(features) < 100 {
		i := 2 * r.IntN(big.NumVertices())
		g := star(r, big.Coords[i]+r.Float64()*200, big.Coords[i+1], 200, 0.8, 100)
		features, boxes, figures = append(features, g), append(boxes, g.Box()), append(figures, toGEOS(b, context, g))
	}
	var k Kernel
	against := func(name string, ours, theirs func(i int)) {
		b.Run(name, func(b *testing.B) {
			start := time.Now()
			for i := range features {
				theirs(i)
			}
			geosTime := float64(time.Since(start)) / float64(len(features))
			i := 0
			for b.Loop() {
				ours(i % len(features))
				i++
			}
			b.ReportMetric(geosTime, "GEOS-ns/op")
			b.ReportMetric(geosTime*float64(b.N)/float64(b.Elapsed()), "x-GEOS")
		})
	}
	against("locate", func(i int) { prepared.Locate(boxes[i]) }, func(i int) { figurePrepared.Intersects(figures[i]) })
	against("area", func(i int) { prepared.IntersectionArea(&k, features[i], boxes[i]) }, func(i int) { figure.Intersection(figures[i]).Area() })
}

// BenchmarkPrepare makes the grid of a polygon of 5 000 vertices.
func BenchmarkPrepare(b *testing.B) {
	big := coast(rand.New(rand.NewPCG(19, 19)), 5000)
	for b.Loop() {
		Prepare(big)
	}
}

// coast gives a polygon of the size of a kommun with an outline that wanders as coasts do.
func coast(r *rand.Rand, n int) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon}
	d := 15_000.0
	for i := range n {
		d += 30*(r.Float64()-0.5) - 0.01*(d-15_000)
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		g.Coords = append(g.Coords, 350_000+d*cos, 6_450_000+d*sin)
	}
	g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	return g
}

// BenchmarkParseEWKB reads polygons of 100 vertices, as at a start.
func BenchmarkParseEWKB(b *testing.B) {
	ewkb := AppendEWKB(nil, star(rand.New(rand.NewPCG(1, 1)), 300_000, 6_400_000, 100, 0.5, 100))
	var g plan.Geometry
	b.SetBytes(int64(len(ewkb)))
	for b.Loop() {
		if err := ParseEWKB(ewkb, &g); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkValidate checks polygons of 100 vertices, and has GEOS do the same.
func BenchmarkValidate(b *testing.B) {
	r := rand.New(rand.NewPCG(17, 17))
	polygons := make([]plan.Geometry, 200)
	for i := range polygons {
		polygons[i] = star(r, 300_000, 6_400_000, 200, 0.7, 100)
	}
	start := time.Now()
	for _, g := range polygons {
		if geosFault(g) != nil {
			b.Fatal("not valid")
		}
	}
	theirs := float64(time.Since(start)) / float64(len(polygons))
	i := 0
	for b.Loop() {
		if Validate(polygons[i%len(polygons)]) != nil {
			b.Fatal("not valid")
		}
		i++
	}
	own := float64(b.Elapsed()) / float64(b.N)
	b.ReportMetric(theirs, "GEOS-ns/op")
	b.ReportMetric(theirs/own, "x-GEOS")
}
