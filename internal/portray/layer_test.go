package portray

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"strukturbild/geodata"
	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// decode reads a tile by another library, and holds every feature against what MVT demands of it: whole numbers, rings
// that run the right way, polygons that are valid.
func decode(t *testing.T, body []byte) mvt.Layers {
	t.Helper()
	layers, err := mvt.Unmarshal(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		if layer.Version != 2 || layer.Extent != Extent || len(layer.Features) == 0 {
			t.Errorf("layer %s: version %d, extent %d, %d features", layer.Name, layer.Version, layer.Extent, len(layer.Features))
		}
		for _, feature := range layer.Features {
			for _, polygon := range polygons(feature.Geometry) {
				holdPolygon(t, fmt.Sprint(layer.Name, " ", feature.Properties["id"]), polygon)
			}
		}
	}
	return layers
}

func polygons(g orb.Geometry) []orb.Polygon {
	switch g := g.(type) {
	case orb.Polygon:
		return []orb.Polygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

func holdPolygon(t *testing.T, name string, polygon orb.Polygon) {
	t.Helper()
	g := plan.Geometry{Type: plan.Polygon}
	for i, ring := range polygon {
		if area := signedArea(ring); (area > 0) != (i == 0) || area == 0 {
			t.Errorf("%s: ring %d has the area %v: MVT 2.1, 4.3.3.3 wants outer ones positive and holes negative", name, i, area)
		}
		for _, p := range ring {
			g.Coords = append(g.Coords, p[0], p[1])
		}
		g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
	}
	if fault := geo.Validate(g); fault != nil {
		t.Errorf("%s is not valid: %s at %v %v", name, fault.Rule, fault.X, fault.Y)
	}
}

func signedArea(ring orb.Ring) (sum float64) {
	for i := range len(ring) - 1 {
		sum += ring[i][0]*ring[i+1][1] - ring[i+1][0]*ring[i][1]
	}
	return sum / 2
}

func area(polygon orb.Polygon) (sum float64) {
	for _, ring := range polygon {
		sum += signedArea(ring)
	}
	return sum
}

func tileAt(t *testing.T, grid *geo.TileGrid, zoom int, x, y float64) geo.Tile {
	t.Helper()
	rows, columns, err := grid.TilesOver(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}, zoom)
	if err != nil {
		t.Fatal(err)
	}
	tile, err := grid.Tile(zoom, rows[0], columns[0])
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

func draw(t *testing.T, layer *atlas.Snapshot, tile geo.Tile, choice Choice) mvt.Layers {
	t.Helper()
	body, err := Draw(t.Context(), layer, tile, choice)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, body)
}

// mesh is polygons that tile a square of the plane: the corners of a grid, moved at random, and borders with many
// vertices, which both neighbours have.
func mesh(random *rand.Rand, x, y, side float64, count int) *atlas.Snapshot {
	corner := make([][][2]float64, count+1)
	for i := range corner {
		corner[i] = make([][2]float64, count+1)
		for j := range corner[i] {
			corner[i][j] = [2]float64{x + side*float64(i), y + side*float64(j)}
			if i > 0 && j > 0 && i < count && j < count {
				corner[i][j][0] += side * (random.Float64() - 0.5) * 0.6
				corner[i][j][1] += side * (random.Float64() - 0.5) * 0.6
			}
		}
	}
	borders := map[[4]int][]float64{}
	border := func(i, j, k, l int) []float64 { // from (i,j) to (k,l), without the last vertex
		forth, found := borders[[4]int{i, j, k, l}]
		if !found {
			a, b := corner[i][j], corner[k][l]
			const parts = 40
			for n := range parts {
				at := float64(n) / parts
				wave := 0.08 * side * math.Sin(at*math.Pi) * math.Sin(at*40+float64(i*j))
				forth = append(forth, a[0]+(b[0]-a[0])*at-wave*(b[1]-a[1])/side, a[1]+(b[1]-a[1])*at+wave*(b[0]-a[0])/side)
			}
			if i == k && (i == 0 || i == count) || j == l && (j == 0 || j == count) { // the outer border is straight
				forth = []float64{a[0], a[1]}
			}
			borders[[4]int{i, j, k, l}] = forth
			back := []float64{b[0], b[1]}
			for n := len(forth) - 2; n > 0; n -= 2 {
				back = append(back, forth[n], forth[n+1])
			}
			borders[[4]int{k, l, i, j}] = back
		}
		return forth
	}
	var features []*plan.Feature
	for i := range count {
		for j := range count {
			var ring []float64
			for _, b := range [][4]int{{i, j, i + 1, j}, {i + 1, j, i + 1, j + 1}, {i + 1, j + 1, i, j + 1}, {i, j + 1, i, j}} {
				ring = append(ring, border(b[0], b[1], b[2], b[3])...)
			}
			ring = append(ring, ring[0], ring[1])
			features = append(features, &plan.Feature{ID: fmt.Sprint(i*count + j + 1), Geometry: plan.Geometry{Type: plan.Polygon, Coords: ring}})
		}
	}
	return atlas.Of(&plan.Layer{ID: "mesh", GeometryType: plan.Polygon}, features...)
}

// TestSharedBordersStayShared: in tiles inside the mesh its polygons cover the tile and its margin exactly once, at
// every zoom at which they are seen: neither gap nor overlap, to the last whole number.
func TestSharedBordersStayShared(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const x, y, side, count = 300_000, 6_400_000, 2_000, 30
	layer, held := mesh(random, x, y, side, count), 0
	for _, grid := range geo.TileGrids {
		for zoom := 7; zoom <= grid.Deep; zoom++ {
			tile := tileAt(t, grid, zoom, x+side*count/2, y+side*count/2)
			reach, err := tile.HouseBox(0.1)
			if err != nil {
				t.Fatal(err)
			}
			if !(plan.Box{MinX: x, MinY: y, MaxX: x + side*count, MaxY: y + side*count}).Contains(reach) {
				continue
			}
			held++
			sum, features := 0.0, 0
			for _, layer := range draw(t, layer, tile, Choice{}) {
				for _, feature := range layer.Features {
					features++
					for _, polygon := range polygons(feature.Geometry) {
						sum += area(polygon)
					}
				}
			}
			if want := float64((Extent + 2*margin) * (Extent + 2*margin)); sum != want {
				t.Errorf("%s zoom %d: %d polygons cover %v of %v", grid.ID, zoom, features, sum, want)
			}
		}
	}
	if held < 12 {
		t.Errorf("only %d tiles were held against it", held)
	}
}

// builtIn reads a layer that the service is born with.
func builtIn(t *testing.T, id string) *atlas.Snapshot {
	t.Helper()
	for _, definition := range plan.BuiltIn() {
		if definition.ID != id {
			continue
		}
		file, err := geodata.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		batch, err := ingest.ReadGeoJSON(t.Context(), file, ingest.Options{Layer: &definition})
		if err != nil {
			t.Fatal(err)
		}
		var features []*plan.Feature
		for i := range batch.Len() {
			var f plan.Feature
			if err := batch.At(i, &f); err != nil {
				t.Fatal(err)
			}
			features = append(features, &f)
		}
		return atlas.Of(&definition, features...)
	}
	t.Fatalf("there is no layer %s", id)
	return nil
}

// TestKommunerCoverTheCounty: the real municipalities, in every tile of the first zooms: what they cover together is
// what their union covers.
func TestKommunerCoverTheCounty(t *testing.T) {
	kommuner := builtIn(t, "kommun")
	seen := map[string]bool{}
	for _, grid := range geo.TileGrids {
		for zoom := grid.Deep - 10; zoom <= grid.Deep-5; zoom++ {
			rows, columns, err := grid.TilesOver(kommuner.Extent(), zoom)
			if err != nil {
				t.Fatal(err)
			}
			for row := rows[0]; row <= rows[1]; row++ {
				for column := columns[0]; column <= columns[1]; column++ {
					tile, err := grid.Tile(zoom, row, column)
					if err != nil {
						t.Fatal(err)
					}
					holdCoverage(t, fmt.Sprint(grid.ID, " ", zoom, "/", row, "/", column), draw(t, kommuner, tile, Choice{}), seen)
				}
			}
		}
	}
	if len(seen) != kommuner.Len() {
		t.Errorf("%d of %d municipalities were seen", len(seen), kommuner.Len())
	}
}

func holdCoverage(t *testing.T, name string, layers mvt.Layers, seen map[string]bool) {
	t.Helper()
	var all []plan.Geometry
	sum := 0.0
	for _, layer := range layers {
		for _, feature := range layer.Features {
			seen[feature.Properties["id"].(string)] = true
			for _, polygon := range polygons(feature.Geometry) {
				sum += area(polygon)
				g := plan.Geometry{Type: plan.Polygon}
				for _, ring := range polygon {
					for _, p := range ring {
						g.Coords = append(g.Coords, p[0], p[1])
					}
					g.Ends = append(g.Ends, uint32(len(g.Coords)/2))
				}
				all = append(all, g)
			}
		}
	}
	if len(all) == 0 {
		return
	}
	union, err := geo.Union(all...)
	if err != nil {
		t.Fatal(err)
	}
	if covered := geo.Area(union); math.Abs(covered-sum) > 1 {
		t.Errorf("%s: the polygons have %v together, their union %v", name, sum, covered)
	}
}

// TestKnownPlaces holds both grids against places whose tile and coordinates are known.
func TestKnownPlaces(t *testing.T) {
	for _, place := range []struct {
		name        string
		x, y        float64 // EPSG:3006
		column, row int     // Lantmäteriet's grid, zoom 9
		webX, webY  float64 // EPSG:3857
	}{
		{"Göteborg", 319755.489, 6400322.805, 742, 1025, 1333001.922, 7906407.265},
		{"Skövde", 432505.115, 6472841.950, 797, 989, math.NaN(), math.NaN()},
	} {
		point := atlas.Of(&plan.Layer{ID: "ort", GeometryType: plan.Point, Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}}},
			&plan.Feature{ID: "7", Values: []plan.Value{plan.TextValue(place.name)}, Geometry: plan.Geometry{Type: plan.Point, Coords: []float64{place.x, place.y}}})
		for _, grid := range geo.TileGrids {
			x, y := place.x, place.y
			if grid.CRS != geo.House {
				x, y = place.webX, place.webY
			}
			if math.IsNaN(x) {
				continue
			}
			tile := tileAt(t, grid, 9, place.x, place.y)
			if grid.CRS == geo.House && (tile.Column != place.column || tile.Row != place.row) {
				t.Errorf("%s is in column %d, row %d; want %d, %d", place.name, tile.Column, tile.Row, place.column, place.row)
			}
			layers := draw(t, point, tile, Choice{})
			if len(layers) != 1 || len(layers[0].Features) != 1 {
				t.Fatalf("%s is not in its tile of %s", place.name, grid.ID)
			}
			feature := layers[0].Features[0]
			if feature.ID != 7.0 || feature.Properties["namn"] != place.name {
				t.Errorf("%s: id %v, %v", place.name, feature.ID, feature.Properties)
			}
			box, unit := tile.Box(), grid.TileSide(9)/Extent
			at := feature.Geometry.(orb.Point)
			gotX, gotY := box.MinX+at[0]*unit, box.MaxY-at[1]*unit
			if math.Abs(gotX-x) > coarse*unit || math.Abs(gotY-y) > coarse*unit {
				t.Errorf("%s in %s: %v %v, want %v %v to %v m", place.name, grid.ID, gotX, gotY, x, y, coarse*unit)
			}
		}
	}
}

// TestSmallFigures: what is too small to be seen is neither lost nor drawn each by itself.
func TestSmallFigures(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var fields, trees []*plan.Feature
	const x, y, width = 300_000, 6_400_000, 40_000
	for i := range 20_000 {
		a, b := x+random.Float64()*width, y+random.Float64()*width
		fields = append(fields, &plan.Feature{ID: fmt.Sprint(i), Geometry: plan.Geometry{Type: plan.Polygon, Coords: []float64{a, b, a + 100, b, a + 100, b + 100, a, b + 100, a, b}}})
		trees = append(trees, &plan.Feature{ID: fmt.Sprint(i), Geometry: plan.Geometry{Type: plan.Point, Coords: []float64{a, b}}})
	}
	grid := geo.TileGrids[0]
	rows, columns, err := grid.TilesOver(plan.Box{MinX: x, MinY: y, MaxX: x + width, MaxY: y + width}, 4)
	if err != nil {
		t.Fatal(err)
	}
	unit := grid.TileSide(4) / Extent
	covered, points, counted := 0.0, 0, 0.0
	polygon, point := atlas.Of(&plan.Layer{ID: "falt", GeometryType: plan.Polygon}, fields...), atlas.Of(&plan.Layer{ID: "trad", GeometryType: plan.Point}, trees...)
	for row := rows[0]; row <= rows[1]; row++ {
		for column := columns[0]; column <= columns[1]; column++ {
			tile, _ := grid.Tile(4, row, column)
			for _, layer := range draw(t, polygon, tile, Choice{}) {
				for _, feature := range layer.Features {
					covered += area(feature.Geometry.(orb.Polygon)) * unit * unit
				}
			}
			for _, layer := range draw(t, point, tile, Choice{}) {
				for _, feature := range layer.Features {
					if at := feature.Geometry.(orb.Point); at[0] < 0 || at[1] < 0 || at[0] >= Extent || at[1] >= Extent {
						continue
					}
					points++
					if n, ok := feature.Properties["point_count"].(float64); ok {
						counted += n
					} else {
						counted++
					}
				}
			}
		}
	}
	if want := 20_000.0 * 100 * 100; math.Abs(covered-want) > 0.02*want {
		t.Errorf("small fields cover %v m2, want %v", covered, want)
	}
	if points > 10_000 || math.Abs(counted-20_000) > 500 {
		t.Errorf("%d points stand for %v; there are 20000", points, counted)
	}
}

// TestAnchors: each feature has one anchor in all tiles of a zoom together, and it lies in the feature.
func TestAnchors(t *testing.T) {
	kommuner := builtIn(t, "kommun")
	grid, found := geo.TileGrids[0], map[string]int{}
	rows, columns, err := grid.TilesOver(kommuner.Extent(), 6)
	if err != nil {
		t.Fatal(err)
	}
	unit := grid.TileSide(6) / Extent
	for row := rows[0]; row <= rows[1]; row++ {
		for column := columns[0]; column <= columns[1]; column++ {
			tile, _ := grid.Tile(6, row, column)
			for _, layer := range draw(t, kommuner, tile, Choice{Anchors: true, Attributes: []string{"namn"}}) {
				for _, feature := range layer.Features {
					if len(feature.Properties) != 2 {
						t.Errorf("%s carries %v", layer.Name, feature.Properties)
					}
					if layer.Name != "kommun_anchor" {
						continue
					}
					id := feature.Properties["id"].(string)
					found[id]++
					slot, _ := kommuner.ByID(id)
					at := feature.Geometry.(orb.Point)
					if box := tile.Box(); !geo.ContainsPoint(kommuner.Geometry(slot), box.MinX+at[0]*unit, box.MaxY-at[1]*unit) {
						t.Errorf("the anchor of %s lies outside", id)
					}
				}
			}
		}
	}
	if len(found) != kommuner.Len() {
		t.Errorf("%d of %d have an anchor", len(found), kommuner.Len())
	}
	for id, n := range found {
		if n != 1 {
			t.Errorf("%s has %d anchors", id, n)
		}
	}
}

// TestOutlinesPassHurdles: leaving out what runs far outside changes nothing that shows.
func TestOutlinesPassHurdles(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	box := plan.Box{MinX: 0, MinY: 0, MaxX: 100, MaxY: 100}
	window := plan.Geometry{Type: plan.Polygon, Coords: []float64{0, 0, 100, 0, 100, 100, 0, 100, 0, 0}}
	shorter := 0
	for range 2000 {
		star := plan.Geometry{Type: plan.Polygon}
		const corners = 60
		x, y := random.Float64()*300-100, random.Float64()*300-100
		for i := range corners {
			r, at := 20+random.Float64()*200, 2*math.Pi*float64(i)/corners
			star.Coords = append(star.Coords, x+r*math.Cos(at), y+r*math.Sin(at))
		}
		star.Coords = append(star.Coords, star.Coords[0], star.Coords[1])
		short := plan.Geometry{Type: plan.Polygon, Coords: hurdle(nil, star.Coords, box)}
		if len(short.Coords) < len(star.Coords) {
			shorter++
		}
		var kernel geo.Kernel
		if geo.Validate(short) != nil {
			continue // outside the box it may cross itself
		}
		want, got := kernel.IntersectionArea(star, window), 0.0
		if len(short.Coords) >= 8 {
			got = kernel.IntersectionArea(short, window)
		}
		if math.Abs(got-want) > 1e-6 {
			t.Fatalf("%v of the star shows, %v before", got, want)
		}
	}
	if shorter < 1000 {
		t.Errorf("only %d outlines became shorter", shorter)
	}
}
