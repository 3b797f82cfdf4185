package conflict

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// regionLayer reads one of the region's own layers from geodata, with the attributes that matter here.
func regionLayer(t *testing.T, id string) plan.LayerChange {
	t.Helper()
	file, err := os.Open("../../geodata/" + id + ".geojson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var collection struct {
		Features []struct {
			ID         any
			Geometry   struct{ Coordinates json.RawMessage }
			Properties map[string]any
		}
	}
	if err := json.NewDecoder(unzipped).Decode(&collection); err != nil {
		t.Fatal(err)
	}
	kind, theme := plan.Polygon, plan.Administrative
	if id == "tatort" {
		kind, theme = plan.Point, plan.Settlement
	}
	change := layer(id, theme, kind)
	change.Define.Attributes = nil
	for _, name := range []string{"namn", "kommunkod", "kommunalforbund"} {
		change.Define.Attributes = append(change.Define.Attributes, plan.Attribute{Name: name, Type: plan.String})
	}
	var add plan.List
	for _, f := range collection.Features {
		feature := plan.Feature{ID: fmt.Sprint(f.ID), Geometry: readGeometry(t, f.Geometry.Coordinates, kind)}
		for _, a := range change.Define.Attributes {
			text, _ := f.Properties[a.Name].(string)
			feature.Values = append(feature.Values, plan.TextValue(text))
		}
		add = append(add, feature)
	}
	change.Add = add
	return change
}

func readGeometry(t *testing.T, text json.RawMessage, kind plan.GeometryType) plan.Geometry {
	t.Helper()
	if kind == plan.Point {
		var at []float64
		if json.Unmarshal(text, &at) != nil {
			var all [][]float64
			if err := json.Unmarshal(text, &all); err != nil {
				t.Fatal(err)
			}
			at = all[0]
		}
		return pointsAt(at[0], at[1])
	}
	var parts [][][][2]float64
	if err := json.Unmarshal(text, &parts); err != nil {
		t.Fatal(err)
	}
	var polygons []plan.Geometry
	for _, rings := range parts {
		var flat [][]float64
		for _, ring := range rings {
			var coords []float64
			for _, p := range ring[:len(ring)-1] {
				coords = append(coords, p[0], p[1])
			}
			flat = append(flat, coords)
		}
		polygons = append(polygons, polygon(flat...))
	}
	g := multi(polygons...)
	geo.Normalize(&g)
	return g
}

func regionView(t *testing.T, more ...plan.LayerChange) *atlas.View {
	return newWorld(t).change(append(more, regionLayer(t, "kommun"), regionLayer(t, "kommunalforbund"), regionLayer(t, "tatort"))...)
}

// TestTatorterAreLocated asks the real region's partition where each place lies, and each municipality whether it does.
func TestTatorterAreLocated(t *testing.T) {
	view := regionView(t)
	from := time.Now()
	p := view.Partition()
	t.Logf("%d municipalities, %d kommunalförbund: prepared in %v", len(p.Kommuner), len(p.Forbunden), time.Since(from))
	if len(p.Kommuner) != 49 || len(p.Forbunden) != 4 {
		t.Fatalf("%d municipalities, %d kommunalförbund", len(p.Kommuner), len(p.Forbunden))
	}
	places, _ := view.Layer("tatort")
	w, astray := division.Divider{Partition: p}, 0
	for slot := range places.All("") {
		at, want := places.Geometry(slot), division.None
		for k := range p.Kommuner {
			if geo.ContainsPoint(p.Kommuner[k].Geometry, at.Coords[0], at.Coords[1]) {
				want = int16(k)
			}
		}
		got := w.Divide(at, places.Box(slot), 1)[0].Kommun
		if got != want {
			t.Errorf("%s is in %d, not %d", places.ID(slot), got, want)
		}
		if kod, _ := p.Name(got); kod != attributeText(places, slot, "kommunkod") {
			astray++
		}
	}
	t.Logf("%d of %d places lie outside the drawn border of their municipality", astray, places.Len())
}

// TestWholeRegionByKommun claims the whole county: each municipality has its own area of it.
func TestWholeRegionByKommun(t *testing.T) {
	view := regionView(t)
	kommuner, _ := view.Layer("kommun")
	box := kommuner.Extent().Grow(1000)
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	a := evaluate(t, NewEngine(rules), view, plan.ConflictQuery{Geometry: rectangle(box.MinX, box.MinY, box.MaxX, box.MaxY), Theme: plan.Wind})
	parts := map[string]float64{}
	sum := 0.0
	for _, k := range a.ClaimKommuner {
		parts[k.Kommun] = *k.AreaHa
		sum += *k.AreaHa
	}
	for slot := range kommuner.All("") {
		kod := attributeText(kommuner, slot, "kommunkod")
		if want := geo.Area(kommuner.Geometry(slot)) / 10_000; math.Abs(parts[kod]-want) > 1e-7*want {
			t.Errorf("kommun %s has %v ha of the claim and is %v ha", kod, parts[kod], want)
		}
	}
	places, _ := view.Layer("tatort")
	if !near(sum, *a.Claim.AreaHa) || len(parts) != 50 || a.HitsTotal != 2*places.Len() { // the distance to settlement, and shadows
		t.Errorf("%d parts add up to %v of %v ha; %d hits of %d places", len(parts), sum, *a.Claim.AreaHa, a.HitsTotal, places.Len())
	}
}

func attributeText(s *atlas.Snapshot, slot atlas.Slot, name string) string {
	return s.Values(nil, slot)[s.Layer().Attribute(name)].String()
}
