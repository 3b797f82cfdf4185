package ingest

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// collection writes a FeatureCollection of n polygons of so many vertices, in the system that it names.
func collection(n, vertices int, crs geo.CRS) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":%q}},"features":[`, crs.URN())
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		x, y := 300_000+random.Float64()*150_000, 6_400_000+random.Float64()*100_000
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"properties":{"blockid":"blåbär %d","arslager":2025,"areal_ha":%.2f,"synthetic":true},`, i+1, i, random.Float64()*20)
		b.WriteString(`"geometry":{"type":"Polygon","coordinates":[[`)
		first := ""
		for j := range vertices - 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(j) / float64(vertices-1))
			r := 100 + 30*random.Float64()
			at := []float64{x + r*cos, y + r*sin}
			if err := crs.FromHouse(at); err != nil {
				panic(err)
			}
			format := "[%.2f,%.2f]"
			if crs.Geographic() {
				format = "[%.8f,%.8f]"
			}
			position := fmt.Sprintf(format, at[0], at[1])
			if j == 0 {
				first = position
			}
			b.WriteString(position + ",")
		}
		b.WriteString(first + "]]}}")
	}
	b.WriteString("]}")
	return b.Bytes()
}

func builtIn(tb testing.TB, id string) *plan.Layer {
	tb.Helper()
	for _, l := range plan.BuiltIn() {
		if l.ID == id {
			return &l
		}
	}
	tb.Fatalf("no built-in layer %s", id)
	return nil
}

func BenchmarkReadGeoJSON(b *testing.B) {
	for _, crs := range []geo.CRS{geo.House, geo.CRS84} {
		body := collection(5000, 100, crs)
		b.Run(crs.Name(), func(b *testing.B) {
			layer := builtIn(b, "agriculture")
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				batch, err := ReadGeoJSON(b.Context(), bytes.NewReader(body), Options{Layer: layer})
				if err != nil || batch.Len() != 5000 {
					b.Fatal(err)
				}
			}
		})
	}
}
