package conflict_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// TestPairsAndAreasArePostGIS holds the standing conflicts of two layers against ST_Intersects and
// ST_Area(ST_Intersection) over the very rows that the service has written.
func TestPairsAndAreasArePostGIS(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	for name, layers := range map[string][2][]plan.Geometry{
		"random":      {blobs(random, 350, 1200), blobs(random, 250, 1700)},
		"degenerate":  {degenerate(0), degenerate(1)},
		"itself":      {degenerate(0), degenerate(0)},
		"real":        {realLayer(t, "region/vg.gpkg", "naturreservat"), realLayer(t, "region/vg.gpkg", "tatorter_polygons")},
		"real mosaic": {third(realLayer(t, "/vsizip/%s/landuse/padova_on_vg.gpkg.zip", "agriculture")), shifted(realLayer(t, "/vsizip/%s/landuse/padova_on_vg.gpkg.zip", "forest"))},
	} {
		t.Run(name, func(t *testing.T) {
			if layers[0] == nil || layers[1] == nil {
				t.Skip("left out: ../shared/data is not there")
			}
			compareWithPostGIS(t, layers)
		})
	}
}

// pair is what both sides say of two features.
type pair struct{ area, perimeter float64 }

func compareWithPostGIS(t *testing.T, layers [2][]plan.Geometry) {
	t.Helper()
	schema := pgtest.Schema(t)
	at := atlas.New(pgtest.Open(t, schema))
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	for i, theme := range []plan.Theme{plan.Nature, plan.Settlement} {
		add(t, at, string(rune('a'+i)), theme, layers[i])
	}
	rules := &plan.Ruleset{ID: "prov", Version: 1, Rules: []plan.Rule{{ID: "overlap", Relation: plan.Overlap, Severity: 1,
		Claim: plan.Side{Layer: "a"}, Interest: plan.Side{Layer: "b"}}}}
	standing, err := conflict.NewEngine(rules).Standing(t.Context(), at.View())
	if err != nil {
		t.Fatal(err)
	}
	page, err := standing.Find(conflict.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	want := overlapsInPostGIS(t, schema)
	compareShapes(t, standing, want)
	worst := 0.0
	for _, c := range page.Conflicts {
		key := c.Claim.ID + "/" + c.Interest.ID
		w, found := want[key]
		delete(want, key)
		if !found {
			t.Errorf("pair %s: we find %.9g ha, PostGIS nothing", key, *c.AreaHa)
			continue
		}
		// PostGIS rounds the corners of the overlay to the double nearest: about 1e-9 m at these coordinates.
		difference := math.Abs(*c.AreaHa*1e4 - w.area)
		if difference > 1e-9*w.area+1e-9*w.perimeter {
			t.Errorf("pair %s: %.12g m2, PostGIS %.12g m2", key, *c.AreaHa*1e4, w.area)
		}
		worst = max(worst, difference/max(w.area, 1))
	}
	for key, w := range want {
		if w.area > 1.001e-4 { // less than a square centimetre is no area: see leastArea
			t.Errorf("pair %s: PostGIS finds %.9g m2, we nothing", key, w.area)
		}
	}
	t.Logf("%d pairs, largest relative difference %.1e", len(page.Conflicts), worst)
}

// compareShapes holds the shapes that the layer of conflicts shows against ST_Intersection.
func compareShapes(t *testing.T, standing *conflict.Standing, want map[string]pair) {
	t.Helper()
	snapshot, err := standing.Layer("conflict")
	if err != nil {
		t.Fatal(err)
	}
	claim, interest := snapshot.Layer().Attribute("claim_id"), snapshot.Layer().Attribute("interest_id")
	for slot := range snapshot.All("") {
		f := snapshot.Feature(slot)
		w := want[f.Values[claim].Text()+"/"+f.Values[interest].Text()]
		if area := geo.Area(f.Geometry); math.Abs(area-w.area) > 1e-9*w.area+1e-8*w.perimeter {
			t.Errorf("%s: the shape has %.12g m2, that of PostGIS %.12g m2", f.ID, area, w.area)
		}
	}
}

func overlapsInPostGIS(t *testing.T, schema string) map[string]pair {
	t.Helper()
	conn := pgtest.Connect(t, schema)
	rows, err := conn.Query(t.Context(), `
		WITH f AS MATERIALIZED (SELECT l.id AS layer, f.id, f.geom FROM feature f JOIN layer l USING (partition)),
			p AS (SELECT a.id || '/' || b.id AS key, ST_Intersection(a.geom, b.geom) AS geom
				FROM f a JOIN f b ON a.layer = 'a' AND b.layer = 'b' AND ST_Intersects(a.geom, b.geom))
		SELECT key, ST_Area(geom), ST_Perimeter(geom) FROM p`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]pair{}
	for rows.Next() {
		var key string
		var p pair
		if err := rows.Scan(&key, &p.area, &p.perimeter); err != nil {
			t.Fatal(err)
		}
		found[key] = p
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return found
}

func add(t *testing.T, at *atlas.Atlas, id string, theme plan.Theme, geometries []plan.Geometry) {
	t.Helper()
	change := plan.LayerChange{Layer: id, Define: &plan.Layer{ID: id, Theme: theme, GeometryType: plan.Polygon, Status: plan.Published}}
	var list plan.List
	for i, g := range geometries {
		list = append(list, plan.Feature{ID: fmt.Sprint(i + 1), Geometry: g})
	}
	change.Add = list
	_, err := at.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Layers: []plan.LayerChange{change}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// blobs are star-shaped polygons, one in four with a hole, one in four of two parts.
func blobs(random *rand.Rand, n int, radius float64) (list []plan.Geometry) {
	for range n {
		x, y, r := 300000+30000*random.Float64(), 6400000+30000*random.Float64(), radius*(0.2+random.Float64())
		g := plan.Geometry{Type: plan.Polygon, Coords: star(random, x, y, r)}
		outer := uint32(len(g.Coords) / 2)
		switch random.IntN(4) {
		case 0: // the star reaches at least half of r everywhere
			g.Coords = append(g.Coords, hole(x, y, r/4)...)
			g.Ends = []uint32{outer, uint32(len(g.Coords) / 2)}
		case 1:
			g.Coords = append(g.Coords, star(random, x+4*r, y, r)...)
			g.Ends, g.Parts = []uint32{outer, uint32(len(g.Coords) / 2)}, []uint32{1, 2}
		}
		list = append(list, g)
	}
	return list
}

func star(random *rand.Rand, x, y, radius float64) (ring []float64) {
	n := 5 + random.IntN(120)
	for i := range n {
		angle, r := 2*math.Pi*float64(i)/float64(n), radius*(0.5+random.Float64())
		ring = append(ring, x+r*math.Cos(angle), y+r*math.Sin(angle))
	}
	return append(ring, ring[0], ring[1])
}

func hole(x, y, r float64) []float64 {
	return []float64{x - r/2, y - r/2, x - r/2, y + r/2, x + r/2, y + r/2, x + r/2, y - r/2, x - r/2, y - r/2}
}

// degenerate is a set of shapes whose borders and corners meet exactly: a grid of squares, in the second set shifted by
// half a square and with holes, slivers along the borders, triangles that touch in a point, and copies.
func degenerate(set int) (list []plan.Geometry) {
	square := func(x, y, side float64) []float64 {
		return []float64{x, y, x + side, y, x + side, y + side, x, y + side, x, y}
	}
	polygon := func(rings ...[]float64) {
		g := plan.Geometry{Type: plan.Polygon}
		for _, ring := range rings {
			g.Coords = append(g.Coords, ring...)
			g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
		}
		if len(rings) == 1 {
			g.Ends = nil
		}
		geo.Normalize(&g)
		list = append(list, g)
	}
	const x0, y0 = 320000.1, 6410000.7
	for i := range 6 {
		for j := range 6 {
			x, y := x0+100*float64(i), y0+100*float64(j)
			polygon(square(x+50*float64(set), y, 100))
			if set == 1 {
				polygon(square(x, y, 100), square(x+25, y+25, 50))
				polygon([]float64{x, y, x + 100, y, x + 100, y + 1e-4, x, y})                              // a sliver on the border
				polygon([]float64{x + 100, y + 100, x + 150, y + 100, x + 100, y + 150, x + 100, y + 100}) // touches a corner
				polygon(square(x+25, y+25, 50))                                                            // fills the hole
			}
		}
	}
	return list
}

// realLayer reads a real layer with ogr2ogr, without the features that are not valid; nil when the data is not there.
func realLayer(t *testing.T, source, layer string) (list []plan.Geometry) {
	t.Helper()
	const data = "../../../shared/data"
	if _, err := os.Stat(data); err != nil {
		return nil
	}
	path := data + "/" + source
	if bytes.Contains([]byte(source), []byte("%s")) {
		path = fmt.Sprintf(source, data)
	}
	command := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", path, "-dialect", "SQLite", "-sql",
		`SELECT geom FROM "`+layer+`" WHERE ST_IsValid(geom) LIMIT 3000`, "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=6", "-nlt", "MULTIPOLYGON")
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("ogr2ogr %s: %v: %s", layer, err, stderr.String())
	}
	batch, err := ingest.ReadGeoJSON(t.Context(), &out, ingest.Options{CRS: "EPSG:3006",
		Layer: &plan.Layer{ID: layer, GeometryType: plan.Polygon, Theme: plan.Nature}})
	if err != nil {
		t.Fatalf("%s: %v", layer, err)
	}
	defer batch.Close()
	for i := range batch.Len() {
		var f plan.Feature
		if err := batch.At(i, &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, f.Geometry)
	}
	return list
}

// third keeps every third figure: enough to meet all kinds of borders of a mosaic.
func third(list []plan.Geometry) (kept []plan.Geometry) {
	for i := 0; i < len(list); i += 3 {
		kept = append(kept, list[i])
	}
	return kept
}

// shifted moves the shapes by 40 m, so that layers that tile overlap.
func shifted(list []plan.Geometry) []plan.Geometry {
	for _, g := range list {
		for i := range g.Coords {
			g.Coords[i] += 40
		}
	}
	return list
}
