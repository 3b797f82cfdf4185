package ogc

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
	"strukturbild/internal/plantest"
)

// TestTongues writes random filters in every language that there is and reads them back: the same filter, whatever it was
// written in. What such a filter means is held against PostGIS where it is evaluated.
func TestTongues(t *testing.T) {
	layer := plantest.Layer("prov", plan.Polygon)
	for name, tongue := range map[string]struct {
		can  plantest.Tongue
		says func(plan.Expression) string
		read func(string) (plan.Expression, error)
	}{
		"CQL2 text":  {plantest.CQL2, plantest.Text, CQL2{geo.House}.ParseText},
		"CQL2 JSON":  {plantest.CQL2, plantest.JSON, CQL2{geo.House}.ParseJSON},
		"FES 2.0":    {plantest.FES, func(e plan.Expression) string { return plantest.FES20.Filter(e) }, NewFES(layer, "2.0.0").ParseFES},
		"Filter 1.1": {plantest.Filter11, func(e plan.Expression) string { return plantest.FES11.Filter(e) }, NewFES(layer, "1.1.0").ParseFES},
		"Filter 1.0": {plantest.Filter11, func(e plan.Expression) string { return plantest.FES10.Filter(e) }, NewFES(layer, "1.0.0").ParseFES},
	} {
		t.Run(name, func(t *testing.T) {
			filter := plantest.Filter{Rand: rand.New(rand.NewPCG(71, 72)), Spatial: true, Tongue: tongue.can}
			for range 1000 {
				meant := filter.Make(4)
				want, err := layer.Check(meant)
				if err != nil {
					t.Fatal(err)
				}
				text := tongue.says(meant)
				got, err := tongue.read(text)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				if got, err = layer.Check(got); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%s\nis read as %+v (%v)\nbut means   %+v", text, got, err, want)
				}
			}
		})
	}
}
