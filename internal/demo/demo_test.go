package demo

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"strings"
	"testing"

	"strukturbild/geodata"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// realRegion is Västra Götaland as the binary knows it.
func realRegion(tb testing.TB) Region {
	tb.Helper()
	var region Region
	read(tb, "lan", func(f record) { region.County = f.polygon(tb) })
	read(tb, "kommun", func(f record) {
		region.Kommuner = append(region.Kommuner, Kommun{f.Properties.Kommunkod, f.polygon(tb)})
	})
	read(tb, "tatort", func(f record) {
		var at [2]float64
		if err := json.Unmarshal(f.Geometry.Coordinates, &at); err != nil {
			tb.Fatal(err)
		}
		region.Tatorter = append(region.Tatorter, Tatort{f.Properties.Namn, at[0], at[1], f.Properties.Folkmangd})
	})
	return region
}

type record struct {
	Properties struct {
		Kommunkod string `json:"kommunkod"`
		Namn      string `json:"namn"`
		Folkmangd int    `json:"folkmangd"`
	} `json:"properties"`
	Geometry struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

func read(tb testing.TB, layer string, visit func(record)) {
	tb.Helper()
	file, err := geodata.Open(layer)
	if err != nil {
		tb.Fatal(err)
	}
	var collection struct {
		Features []record `json:"features"`
	}
	if err := json.NewDecoder(file).Decode(&collection); err != nil {
		tb.Fatal(err)
	}
	for _, f := range collection.Features {
		visit(f)
	}
}

func (r record) polygon(tb testing.TB) plan.Geometry {
	tb.Helper()
	var parts [][][][2]float64
	raw := r.Geometry.Coordinates
	if r.Geometry.Type == "Polygon" {
		raw = json.RawMessage("[" + string(raw) + "]")
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		tb.Fatal(err)
	}
	g := plan.Geometry{Type: plan.Polygon}
	for _, rings := range parts {
		for _, ring := range rings {
			for _, p := range ring {
				g.Coords = append(g.Coords, p[0], p[1])
			}
			g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
		}
		g.Parts = append(g.Parts, uint32(len(g.Ends)))
	}
	geo.Normalize(&g)
	return g
}

func TestFeatures(t *testing.T) {
	const seed = 7
	region := realRegion(t)
	layers := map[string]plan.Layer{}
	for _, l := range plan.BuiltIn() {
		layers[l.ID] = l
	}
	for _, n := range []int{1, 50, 1500} {
		counts, total := map[string]int{}, 0
		for layer, f := range Generate(region, seed, n) {
			total++
			counts[layer]++
			if f.ID != fmt.Sprintf("demo_%d", counts[layer]) || !plan.FeatureID.MatchString(f.ID) {
				t.Fatalf("%s: id %s", layer, f.ID)
			}
			checkFeature(t, layers[layer], f)
			if !inCounty(region.County, f.Geometry) {
				t.Fatalf("seed %d: %s %s leaves the county", seed, layer, f.ID)
			}
		}
		if total != n {
			t.Errorf("%d features, want %d: %v", total, n, counts)
		}
		t.Log(n, counts)
	}
}

func checkFeature(t *testing.T, layer plan.Layer, f plan.Feature) {
	t.Helper()
	if f.Geometry.Type != layer.GeometryType {
		t.Fatalf("%s %s is a %s", layer.ID, f.ID, f.Geometry.Type)
	}
	if fault := geo.Validate(f.Geometry); fault != nil {
		t.Fatalf("%s %s: %v", layer.ID, f.ID, fault)
	}
	if f.Geometry.Type == plan.Polygon && geo.Area(f.Geometry) <= 0 {
		t.Fatalf("%s %s: area %v", layer.ID, f.ID, geo.Area(f.Geometry))
	}
	if len(f.Values) != len(layer.Attributes) {
		t.Fatalf("%s %s: %d values", layer.ID, f.ID, len(f.Values))
	}
	for i, a := range layer.Attributes {
		v := f.Values[i]
		if !v.IsNull() && v.Kind() != a.Type || a.Required && v.IsNull() || v.Kind() == plan.String && !a.Allows(v.Text()) {
			t.Fatalf("%s %s: %s is %v (%s)", layer.ID, f.ID, a.Name, v, v.Kind())
		}
		if a.Name == "synthetic" && !v.Bool() {
			t.Fatalf("%s %s is not marked", layer.ID, f.ID)
		}
	}
}

// inCounty asks geo for every vertex and the middle between vertices.
func inCounty(county, g plan.Geometry) bool {
	for i := 0; i+1 < len(g.Coords); i += 2 {
		j := min(i+2, len(g.Coords)-2)
		if !geo.ContainsPoint(county, g.Coords[i], g.Coords[i+1]) ||
			!geo.ContainsPoint(county, (g.Coords[i]+g.Coords[j])/2, (g.Coords[i+1]+g.Coords[j+1])/2) {
			return false
		}
	}
	return true
}

// TestNeighboursShareBorders: no two fields overlap, and where they meet they have the same vertices.
func TestNeighboursShareBorders(t *testing.T) {
	var kernel geo.Kernel
	for _, layer := range []string{"agriculture", "forest"} {
		var all []plan.Feature
		for id, f := range Generate(realRegion(t), 11, 800) {
			if id == layer {
				all = append(all, f)
			}
		}
		vertices, shared := map[[2]float64]int{}, 0
		for i, f := range all {
			for _, other := range all[:i] {
				if f.Geometry.Box().Intersects(other.Geometry.Box()) {
					if area := kernel.IntersectionArea(f.Geometry, other.Geometry); area > 1e-6 {
						t.Fatalf("%s: %s and %s share %v m²", layer, f.ID, other.ID, area)
					}
				}
			}
			for k := 0; k+3 < len(f.Geometry.Coords); k += 2 {
				vertices[[2]float64(f.Geometry.Coords[k:])]++
			}
		}
		for _, n := range vertices {
			if n > 1 {
				shared++
			}
		}
		if part := float64(shared) / float64(len(vertices)); part < 0.3 {
			t.Errorf("%s: only %.0f %% of the vertices are shared", layer, 100*part)
		}
	}
}

// digest sums up everything that is generated.
func digest(region Region, seed uint64, n int) uint64 {
	h := fnv.New64a()
	for layer, f := range Generate(region, seed, n) {
		fmt.Fprintln(h, layer, f.ID, f.Geometry, f.Values)
	}
	return h.Sum64()
}

func TestSameSeedSameFeatures(t *testing.T) {
	region := realRegion(t)
	want := digest(region, 1, 400)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if digest(realRegion(t), 1, 400) != want {
		t.Error("the same seed gave other features")
	}
	if digest(region, 2, 400) == want {
		t.Error("another seed gave the same features")
	}
}

func TestStopsWhenAsked(t *testing.T) {
	n := 0
	for range Generate(realRegion(t), 1, 400) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Error(n)
	}
}

func TestSmallRegion(t *testing.T) {
	county := plan.Geometry{Type: plan.Polygon, Coords: []float64{4e5, 6.4e6, 4.1e5, 6.4e6, 4.1e5, 6.41e6, 4e5, 6.41e6, 4e5, 6.4e6}}
	for range Generate(Region{}, 1, 100) {
		t.Fatal("features in an empty region")
	}
	n := 0
	for _, f := range Generate(Region{County: county}, 1, 200) {
		n++
		if !inCounty(county, f.Geometry) {
			t.Errorf("%s leaves the county", f.ID)
		}
	}
	if n == 0 {
		t.Error("no features")
	}
}

// TestShapes holds what makes the data useful as a stand-in: polygons of 30 to 150 vertices, turbines with heights that
// fit, roads that join settlements, conflicts near some of these.
func TestShapes(t *testing.T) {
	region := realRegion(t)
	vertices, polygons, turbines, near := 0, 0, 0, 0
	kinds := map[string]int{}
	for layer, f := range Generate(region, 3, 4000) {
		switch layer {
		case "agriculture", "forest":
			polygons++
			vertices += f.Geometry.NumVertices()
			if n := f.Geometry.NumVertices(); n < 15 || n > 150 {
				t.Errorf("%s %s has %d vertices", layer, f.ID, n)
			}
		case "infrastructure":
			kinds[f.Values[0].Text()]++
		case "wind_power":
			turbines++
			for _, tatort := range region.Tatorter {
				if math.Hypot(tatort.X-f.Geometry.Coords[0], tatort.Y-f.Geometry.Coords[1]) < tatort.radius()+1000 {
					near++
					break
				}
			}
			if s := fmt.Sprint(f.Values); strings.Contains(s, "NaN") {
				t.Errorf("%s", s)
			}
		}
	}
	if mean := vertices / polygons; mean < 50 || mean > 110 {
		t.Errorf("%d vertices a polygon", mean)
	}
	if kinds["road"] == 0 || kinds["rail"] == 0 || kinds["power_line"] == 0 {
		t.Errorf("infrastructure: %v", kinds)
	}
	if near == 0 || near > turbines/2 {
		t.Errorf("%d of %d turbines are near a settlement", near, turbines)
	}
}

func BenchmarkGenerate(b *testing.B) {
	region := realRegion(b)
	const n = 50_000
	for b.Loop() {
		for range Generate(region, 1, n) {
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "features/s")
}
