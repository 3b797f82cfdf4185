package geodata

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twpayne/go-geos"
)

type feature struct {
	ID         string          `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties map[string]any  `json:"properties"`
	geom       *geos.Geom
}

// read decodes a layer and parses its geometries in one GEOS context, keyed by feature id.
func read(t *testing.T, ctx *geos.Context, name string) map[string]*feature {
	t.Helper()
	file, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var collection struct {
		CRS      struct{ Properties struct{ Name string } }
		Features []*feature
	}
	if err := json.NewDecoder(file).Decode(&collection); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got := collection.CRS.Properties.Name; got != "EPSG:3006" {
		t.Errorf("%s: crs is %q", name, got)
	}
	byID := map[string]*feature{}
	for _, f := range collection.Features {
		if f.geom, err = ctx.NewGeomFromGeoJSON(string(f.Geometry)); err != nil {
			t.Fatalf("%s %s: %v", name, f.ID, err)
		}
		byID[f.ID] = f
	}
	if len(byID) != len(collection.Features) {
		t.Errorf("%s: %d features but %d ids", name, len(collection.Features), len(byID))
	}
	return byID
}

// table gives the rows of kommun.csv as maps.
func table(t *testing.T) []map[string]string {
	t.Helper()
	file, err := os.Open("kommun.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestNames(t *testing.T) {
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".geojson.gz"))
	}
	listed := slices.Sorted(slices.Values(Names))
	slices.Sort(names)
	if !slices.Equal(names, listed) {
		t.Errorf("embedded %v, listed %v", names, listed)
	}
	if _, err := Open("nowhere"); err == nil {
		t.Error("Open of an unknown layer gave no error")
	}
}

func TestKommunAgreesWithTable(t *testing.T) {
	ctx := geos.NewContext()
	for _, layer := range []string{"kommun", "kommun_coarse"} {
		kommuner := read(t, ctx, layer)
		inside := 0
		for _, row := range table(t) {
			if row["utanfor_lan"] == "1" {
				continue
			}
			inside++
			f := kommuner[row["kommunkod"]]
			if f == nil {
				t.Errorf("%s: %s is missing", layer, row["kommunkod"])
			} else if f.Properties["kommunkod"] != row["kommunkod"] || f.Properties["namn"] != row["namn"] {
				t.Errorf("%s: %v is not %s %s", layer, f.Properties, row["kommunkod"], row["namn"])
			}
		}
		if len(kommuner) != 49 || inside != 49 {
			t.Errorf("%s has %d municipalities, kommun.csv %d, want 49", layer, len(kommuner), inside)
		}
	}
}

func TestKommunalforbundMembers(t *testing.T) {
	forbund := read(t, geos.NewContext(), "kommunalforbund")
	tests := []struct {
		id      string
		members int
		outside string
	}{
		{"gr", 12, "1384"}, {"borasregionen", 8, "1383"}, {"skaraborg", 15, ""}, {"fyrbodal", 14, ""},
	}
	for _, test := range tests {
		f := forbund[test.id]
		if f == nil {
			t.Errorf("%s is missing", test.id)
			continue
		}
		members := strings.Split(f.Properties["medlemmar"].(string), ",")
		if len(members) != test.members || f.Properties["medlemmar_utanfor_lan"] != test.outside {
			t.Errorf("%s: %d members, outside %v; want %d, %q",
				test.id, len(members), f.Properties["medlemmar_utanfor_lan"], test.members, test.outside)
		}
	}
	if len(forbund) != len(tests) {
		t.Errorf("%d kommunalförbund, want %d", len(forbund), len(tests))
	}
}

// TestCoverage holds that the areas of each layer tile the county: valid, no overlap and no gap of more than 1 m².
func TestCoverage(t *testing.T) {
	ctx := geos.NewContext()
	county := read(t, ctx, "lan")["14"].geom.Area()
	for _, layer := range []string{"kommun", "kommun_coarse", "kommunalforbund", "la_region"} {
		t.Run(layer, func(t *testing.T) {
			features := read(t, ctx, layer)
			checkOverlaps(t, features)
			sum, union := 0.0, unite(ctx, features)
			for _, f := range features {
				sum += f.geom.Area()
			}
			if math.Abs(sum-union.Area()) > 1 {
				t.Errorf("the areas sum to %f m², their union has %f m²", sum, union.Area())
			}
			if layer != "kommun_coarse" && math.Abs(union.Area()-county) > 1 {
				t.Errorf("the union has %f m², the county %f m²", union.Area(), county)
			}
			checkHoles(t, ctx, union)
			checkSharedEdges(t, features, union)
		})
	}
}

func checkOverlaps(t *testing.T, features map[string]*feature) {
	neighbours := 0
	for a, f := range features {
		if !f.geom.IsValid() {
			t.Errorf("%s: %s", a, f.geom.IsValidReason())
		}
		for b, g := range features {
			if a >= b || !f.geom.Intersects(g.geom) {
				continue
			}
			neighbours++
			if area := f.geom.Intersection(g.geom).Area(); area > 1 {
				t.Errorf("%s and %s overlap by %f m²", a, b, area)
			}
		}
	}
	t.Logf("%d areas, %d pairs of neighbours", len(features), neighbours)
}

// checkHoles allows a hole between the areas only where it can be real water: derive.py closes all below 100 ha.
func checkHoles(t *testing.T, ctx *geos.Context, union *geos.Geom) {
	for i := range union.NumGeometries() {
		part := union.Geometry(i)
		for j := range part.NumInteriorRings() {
			hole := ctx.NewPolygon([][][]float64{part.InteriorRing(j).CoordSeq().ToCoords()})
			if hole.Area() < 1e6 {
				t.Errorf("a hole of %f m² at %s", hole.Area(), hole.Centroid().ToWKT())
			} else {
				t.Logf("a hole of %.0f ha, taken for water, at %s", hole.Area()/1e4, hole.Centroid().ToWKT())
			}
		}
	}
}

// checkSharedEdges holds that neighbours share every vertex of their border. Rings run one way, so each edge between
// two areas is met once in either direction, and what is left over must be exactly the outline of the union.
func checkSharedEdges(t *testing.T, features map[string]*feature, union *geos.Geom) {
	single := map[[4]float64]bool{}
	for _, f := range features {
		for _, edge := range edges(t, f) {
			if single[edge] {
				t.Errorf("edge %v is met twice in the same direction", edge)
			}
			if back := [4]float64{edge[2], edge[3], edge[0], edge[1]}; single[back] {
				delete(single, back)
			} else {
				single[edge] = true
			}
		}
	}
	outline := 0.0
	for edge := range single {
		outline += math.Hypot(edge[2]-edge[0], edge[3]-edge[1])
	}
	if math.Abs(outline-union.Length()) > 0.01 {
		t.Errorf("unshared edges measure %f m, the outline of the union %f m", outline, union.Length())
	}
}

// edges gives the directed edges of a MultiPolygon, and checks that outer rings run counter-clockwise and holes clockwise.
func edges(t *testing.T, f *feature) [][4]float64 {
	var geometry struct{ Coordinates [][][][2]float64 }
	if err := json.Unmarshal(f.Geometry, &geometry); err != nil {
		t.Fatalf("%s: %v", f.ID, err)
	}
	var all [][4]float64
	for _, polygon := range geometry.Coordinates {
		for i, ring := range polygon {
			twice := 0.0
			for k := 1; k < len(ring); k++ {
				a, b := ring[k-1], ring[k]
				all = append(all, [4]float64{a[0], a[1], b[0], b[1]})
				twice += (a[0]-ring[0][0])*(b[1]-ring[0][1]) - (b[0]-ring[0][0])*(a[1]-ring[0][1])
			}
			if (twice > 0) != (i == 0) {
				t.Errorf("%s: ring %d runs the wrong way", f.ID, i)
			}
		}
	}
	return all
}

// unite takes the geometries over: the features keep clones.
func unite(ctx *geos.Context, features map[string]*feature) *geos.Geom {
	var geoms []*geos.Geom
	for _, f := range features {
		geoms = append(geoms, f.geom.Clone())
	}
	return ctx.NewCollection(geos.TypeIDGeometryCollection, geoms).UnaryUnion()
}

// TestTatortLiesInItsKommun allows for SCB's generalised borders, which cut straight past places and leave islands out:
// a point may be up to 1.5 km into a neighbour, or outside every municipality up to 8 km from its own.
func TestTatortLiesInItsKommun(t *testing.T) {
	ctx := geos.NewContext()
	kommuner := read(t, ctx, "kommun")
	places := read(t, ctx, "tatort")
	astray := 0
	for id, place := range places {
		code := place.Properties["kommunkod"].(string)
		own := kommuner[code]
		if own == nil {
			t.Errorf("%s %v: no municipality %q", id, place.Properties["namn"], code)
			continue
		}
		distance, limit := own.geom.Distance(place.geom), 8000.0
		for other, f := range kommuner {
			if other != code && f.geom.Intersects(place.geom) {
				limit = 1500
			}
		}
		if distance > limit {
			t.Errorf("%s %v lies %.0f m from %v", id, place.Properties["namn"], distance, own.Properties["namn"])
		}
		if distance > 0 {
			astray++
		}
	}
	t.Logf("%d places, %d of them outside the drawn border of their municipality", len(places), astray)
	if len(places) < 200 || astray > len(places)/5 {
		t.Errorf("%d places, %d outside the drawn border of their municipality", len(places), astray)
	}
}

func TestEveryCentralortIsThere(t *testing.T) {
	found := map[string]any{}
	for _, place := range read(t, geos.NewContext(), "tatort") {
		if place.Properties["centralort"] == true {
			found[place.Properties["kommunkod"].(string)] = place.Properties["namn"]
		}
	}
	for _, row := range table(t) {
		if row["utanfor_lan"] == "0" && found[row["kommunkod"]] != row["centralort"] {
			t.Errorf("%s: centralort %s, found %v", row["namn"], row["centralort"], found[row["kommunkod"]])
		}
	}
}
