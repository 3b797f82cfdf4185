package conflict

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// county is about as big as Västra Götaland.
var county = plan.Box{MinX: 270_000, MinY: 6_340_000, MaxX: 480_000, MaxY: 6_570_000}

// blobs gives smooth polygons of 30 to 150 vertices over the county.
func blobs(r *rand.Rand, n int, radius float64) []plan.Geometry {
	list := make([]plan.Geometry, n)
	for i := range list {
		x, y := county.MinX+r.Float64()*(county.MaxX-county.MinX), county.MinY+r.Float64()*(county.MaxY-county.MinY)
		list[i] = polygon(blob(r, x, y, radius*(0.4+1.2*r.Float64()), 30+r.IntN(121)))
	}
	return list
}

// countyWorld has 49 municipalities that tile the county.
func countyWorld(b *testing.B, changes ...plan.LayerChange) *atlas.View {
	r := rand.New(rand.NewPCG(7, 0))
	kommuner := layer("kommun", plan.Administrative, plan.Polygon, tiles(r, county.MinX, county.MinY, 230_000, 7)...)
	return newWorld(b).change(append(changes, kommuner)...)
}

// BenchmarkJoin is all pairs with areas, 100 000 x 60 000 polygons of 30 to 150 vertices.
func BenchmarkJoin(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 0))
	view := countyWorld(b, layer("a", plan.Wind, plan.Polygon, blobs(r, 100_000, 390)...), layer("b", plan.Nature, plan.Polygon, blobs(r, 60_000, 390)...))
	k := key(b, view, overlap, "a", "b")
	b.ReportAllocs()
	for b.Loop() {
		found, err := join(context.Background(), k)
		if err != nil || len(found[0].unmeasured) > 0 {
			b.Fatal(err, found[0].unmeasured)
		}
		b.ReportMetric(float64(len(found[0].records)), "pairs")
		b.ReportMetric(float64(len(found[0].splits)), "parts")
	}
}

// BenchmarkWhatIf asks by the default rules about wind farms of 5 km² and 100 vertices over 400 000 features.
func BenchmarkWhatIf(b *testing.B) {
	r := rand.New(rand.NewPCG(6, 0))
	kinds := []string{"road", "rail", "power_line", "other"}
	infrastructure := layer("infrastructure", plan.Infrastructure, plan.Line)
	infrastructure.Define.Attributes = append(infrastructure.Define.Attributes, plan.Attribute{Name: "kind", Type: plan.String})
	var lines plan.List
	for i, g := range blobs(r, 50_000, 400) {
		lines = append(lines, plan.Feature{ID: strconv.Itoa(i), Geometry: plan.Geometry{Type: plan.Line, Coords: g.Coords[:len(g.Coords)/4*2]},
			Values: []plan.Value{plan.TextValue("led"), plan.TextValue(kinds[i%len(kinds)])}})
	}
	infrastructure.Add = lines
	view := countyWorld(b, infrastructure, layer("fields", plan.Agriculture, plan.Polygon, blobs(r, 150_000, 200)...),
		layer("forest", plan.Forest, plan.Polygon, blobs(r, 100_000, 300)...), layer("houses", plan.Settlement, plan.Polygon, blobs(r, 60_000, 60)...),
		layer("reserves", plan.Nature, plan.Polygon, blobs(r, 40_000, 300)...))
	rules, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(rules)
	claims := make([]plan.Geometry, 64)
	for i := range claims {
		x, y := county.MinX+r.Float64()*(county.MaxX-county.MinX), county.MinY+r.Float64()*(county.MaxY-county.MinY)
		claims[i] = polygon(blob(r, x, y, 1240, 100))
	}
	farm := attributes("total_height", 250, "rotor_diameter", 170, "hub_height", 165)
	hits, i := 0, 0
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		from := time.Now()
		q := plan.ConflictQuery{Geometry: claims[i%len(claims)], Theme: plan.Wind, Attributes: farm, Limit: 100}
		a, err := e.Evaluate(context.Background(), view, q)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(from))
		hits += a.HitsTotal
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(hits)/float64(i), "hits/op")
}
