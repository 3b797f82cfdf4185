package atlas

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"strukturbild/internal/plan"
	"strukturbild/internal/plantest"
)

// BenchmarkFind asks a layer of 200 000 features for 1 000 of the 10 000 in a box: with no further condition, with ones on
// attributes that keep everything or half, and sorted; and all of it without a box.
func BenchmarkFind(b *testing.B) {
	s := benchSnapshot(200_000)
	box := plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: "geometry"},
		Right: plan.BoxLiteral{Box: plan.Box{MinX: 300_000, MinY: 6_400_000, MaxX: 300_000 + 22_360, MaxY: 6_400_000 + 22_360}}}
	number := func(op plan.CompareOp, n int64) plan.Expression {
		return plan.Compare{Op: op, Left: plan.Property{Name: "antal"}, Right: plan.Literal{Value: plan.IntegerValue(n)}}
	}
	folded := plan.Like{Of: plan.Fold{Case: true, Accent: true, Of: plan.Property{Name: "namn"}}, Pattern: "%a%"}
	byName := []plan.SortKey{{Property: "namn"}}
	for _, c := range []struct {
		name string
		plan.Query
	}{
		{"box", plan.Query{Filter: box}},
		{"box and attribute, all", plan.Query{Filter: plan.And{box, number(plan.NotEqual, 77)}}},
		{"box and attribute, half", plan.Query{Filter: plan.And{box, number(plan.Greater, 1)}}},
		{"box and folded text", plan.Query{Filter: plan.And{box, folded}}},
		{"box, sorted", plan.Query{Filter: box, Sort: byName}},
		{"attribute", plan.Query{Filter: number(plan.Greater, 1)}},
		{"sorted", plan.Query{Sort: byName}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.Limit = 1000
			b.ReportAllocs()
			for b.Loop() {
				page, err := s.Find(c.Query)
				if err != nil || len(page.Slots) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchSnapshot(n int) *Snapshot {
	random := rand.New(rand.NewPCG(1, 2))
	builder := newBuilder(plantest.Layer("prov", plan.Polygon))
	for i := range n {
		x, y := 300_000+100_000*random.Float64(), 6_400_000+100_000*random.Float64()
		builder.put(&plan.Feature{ID: fmt.Sprint(i), Values: plantest.Values(random),
			Geometry: plan.Geometry{Type: plan.Polygon, Coords: []float64{x, y, x + 50, y, x + 50, y + 50, x, y + 50, x, y}}})
	}
	return builder.publish(builder.next.layer)
}
