package conflict

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

var region = plan.Box{MinX: 350_000, MinY: 6_400_000, MaxX: 358_000, MaxY: 6_408_000}

func random(t testing.TB, seed uint64) *rand.Rand {
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// kommuner makes the layer kommun: 3 x 3 municipalities over most of the region, in two kommunalförbund and one without.
func kommuner(r *rand.Rand) plan.LayerChange {
	change := layer("kommun", plan.Administrative, plan.Polygon, tiles(r, region.MinX+700, region.MinY+700, 6600, 3)...)
	change.Define.Attributes = []plan.Attribute{{Name: "kommunkod", Type: plan.String}, {Name: "namn", Type: plan.String}, {Name: "kommunalforbund", Type: plan.String}}
	for i := range change.Add.Len() {
		change.Add.(plan.List)[i].Values = []plan.Value{plan.TextValue(fmt.Sprintf("14%02d", i)), plan.TextValue(fmt.Sprintf("Ö-kommun %d", i)),
			plan.TextValue([]string{"gr", "fyrbodal", ""}[i%3])}
	}
	return change
}

// mixed gives two sets of polygons: blobs, fields that tile, and awkward pairs.
func mixed(r *rand.Rand, n int) (a, b []plan.Geometry) {
	for range n {
		a = append(a, randomPolygon(r, region, 300))
		b = append(b, randomPolygon(r, region, 300))
	}
	a = append(a, tiles(r, region.MinX+1000, region.MinY+1000, 2000, 4)...)
	b = append(b, tiles(r, region.MinX+1000, region.MinY+1000, 2000, 4)...)
	b = append(b, a[len(a)-16:]...) // the same fields: every border shared
	for _, corner := range [][2]float64{{351_000, 6_406_000}, {352_899.7, 6_402_900.3}} {
		da, db := degenerate(corner[0], corner[1])
		a, b = append(a, da...), append(b, db...)
	}
	return a, b
}

var overlap = plan.Rule{ID: "overlap", Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Nature}, Relation: plan.Overlap, Severity: 3}

func within(d float64) plan.Rule {
	rule := overlap
	rule.ID, rule.Relation, rule.DistanceM = "within", plan.Within, d
	return rule
}

func joined(t testing.TB, view *atlas.View, rule plan.Rule, a, b string) *block {
	t.Helper()
	found, err := join(context.Background(), key(t, view, rule, a, b))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("%d blocks", len(found))
	}
	return found[0]
}

func key(t testing.TB, view *atlas.View, rule plan.Rule, a, b string) blockKey {
	t.Helper()
	get := func(id string) *atlas.Snapshot {
		s, err := view.Layer(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	compiled, faults := compileRule(&rule, "", nil, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return blockKey{compiled, get(a), get(b), view.Partition()}
}

// sizes gives the block's conflicts by "a-b".
func sizes(b *block) map[string]float64 {
	found := map[string]float64{}
	for _, r := range b.records {
		found[b.claim.ID(r.a)+"-"+b.interest.ID(r.b)] = r.size
	}
	return found
}

// oracle measures every pair by GEOS's overlay.
func oracle(t *testing.T, a, b []plan.Geometry, size func(plan.Geometry) float64) map[string]float64 {
	t.Helper()
	want := map[string]float64{}
	for i := range a {
		for j := range b {
			if !a[i].Box().Intersects(b[j].Box()) {
				continue
			}
			shared, err := geo.Intersection(a[i], b[j])
			if err != nil {
				t.Fatal(err)
			}
			if s := size(shared); s > 0 {
				want[fmt.Sprintf("%d-%d", i+1, j+1)] = s
			}
		}
	}
	return want
}

// same compares the pairs found with those that the oracle says are bigger than the least; about the least itself the
// two may differ by a tenth.
func same(t *testing.T, got, want map[string]float64, least float64) {
	t.Helper()
	for pair, size := range want {
		found, hit := got[pair]
		switch {
		case !hit && size >= 1.1*least:
			t.Errorf("pair %s of %v is missing", pair, size)
		case hit && math.Abs(found-size) > 1e-9*size+1e-7:
			t.Errorf("pair %s: %v, the oracle says %v", pair, found, size)
		}
	}
	for pair, size := range got {
		if want[pair] < 0.9*least {
			t.Errorf("pair %s of %v is none by the oracle: %v", pair, size, want[pair])
		}
	}
}

func TestJoinPolygonsAgainstGEOS(t *testing.T) {
	r := random(t, 1)
	a, b := mixed(r, 150)
	world := newWorld(t)
	view := world.change(kommuner(r), layer("a", plan.Wind, plan.Polygon, a...), layer("b", plan.Nature, plan.Polygon, b...))
	want := oracle(t, a, b, geo.Area)
	for _, least := range []float64{0, 100, 10_000} {
		rule := overlap
		rule.MinAreaM2 = least
		found := joined(t, view, rule, "a", "b")
		if len(found.unmeasured) > 0 {
			t.Errorf("not measured: %v", found.unmeasured)
		}
		same(t, sizes(found), want, max(least, leastArea))
	}
}

func TestJoinLinesAgainstGEOS(t *testing.T) {
	r := random(t, 2)
	lines := []plan.Geometry{line(351_000, 6_406_000, 351_400, 6_406_000)} // along the edge of a square
	for range 100 {
		lines = append(lines, randomLine(r, region, 150))
	}
	_, b := mixed(r, 100)
	world := newWorld(t)
	view := world.change(kommuner(r), layer("a", plan.Wind, plan.Line, lines...), layer("b", plan.Nature, plan.Polygon, b...))
	rule := overlap
	rule.MinLengthM = 5
	same(t, sizes(joined(t, view, rule, "a", "b")), oracle(t, lines, b, geo.Length), 5)
}

func TestJoinCrossingLines(t *testing.T) {
	world := newWorld(t)
	view := world.change(layer("a", plan.Wind, plan.Line, line(0, 0, 100, 100), line(0, 200, 100, 200)),
		layer("b", plan.Nature, plan.Line, line(0, 100, 100, 0), line(50, 200, 300, 200), line(500, 0, 600, 0)))
	got := sizes(joined(t, view, overlap, "a", "b"))
	if want := map[string]float64{"1-1": 0, "2-2": 50}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestJoinPointsCountsThem(t *testing.T) {
	world := newWorld(t)
	view := world.change(layer("a", plan.Wind, plan.Point, pointsAt(10, 10, 20, 20, 500, 500), pointsAt(60, 60)),
		layer("b", plan.Nature, plan.Polygon, square(0, 0, 50), square(400, 400, 200)),
		layer("c", plan.Nature, plan.Line, line(0, 60, 100, 60)),
		layer("d", plan.Nature, plan.Point, pointsAt(20, 20, 500, 500, 1, 1)))
	for other, want := range map[string]map[string]float64{
		"b": {"1-1": 2, "1-2": 1}, "c": {"2-1": 1}, "d": {"1-1": 2}} {
		if got := sizes(joined(t, view, overlap, "a", other)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("a with %s: got %v, want %v", other, got, want)
		}
	}
}

func TestJoinDistances(t *testing.T) {
	r := random(t, 3)
	figures := map[string][]plan.Geometry{}
	for range 40 {
		figures["polygon"] = append(figures["polygon"], randomPolygon(r, region, 200))
		figures["line"] = append(figures["line"], randomLine(r, region, 100))
		figures["point"] = append(figures["point"], randomPoints(r, region))
	}
	kinds := []string{"polygon", "line", "point"}
	for _, ka := range kinds {
		for _, kb := range kinds {
			world := newWorld(t)
			view := world.change(kommuner(r), layer("a", plan.Wind, plan.GeometryType(ka), figures[ka]...),
				layer("b", plan.Nature, plan.GeometryType(kb), figures[kb]...))
			want := map[string]float64{}
			for i, a := range figures[ka] {
				for j, b := range figures[kb] {
					if d := slowDistance(a, b); d <= 400 {
						want[fmt.Sprintf("%d-%d", i+1, j+1)] = d
					}
				}
			}
			got := sizes(joined(t, view, within(400), "a", "b"))
			if len(got) != len(want) {
				t.Errorf("%s, %s: %d pairs, want %d", ka, kb, len(got), len(want))
			}
			for pair, d := range want {
				if found, hit := got[pair]; !hit || math.Abs(found-d) > 1e-6 {
					t.Errorf("%s, %s: pair %s at %v (%v), want %v", ka, kb, pair, found, hit, d)
				}
			}
		}
	}
}

// slowDistance compares every segment with every other.
func slowDistance(a, b plan.Geometry) float64 {
	if geo.Intersects(a, b) {
		return 0
	}
	least := math.Inf(1)
	for _, p := range segments(a) {
		for _, q := range segments(b) {
			for i := 0; i < 4; i += 2 {
				least = min(least, toSegment(p[i], p[i+1], q), toSegment(q[i], q[i+1], p))
			}
		}
	}
	return least
}

func segments(g plan.Geometry) (list [][4]float64) {
	if g.Type == plan.Point {
		for i := 0; i < len(g.Coords); i += 2 {
			list = append(list, [4]float64{g.Coords[i], g.Coords[i+1], g.Coords[i], g.Coords[i+1]})
		}
	}
	for i := range g.NumPaths() {
		for c := g.Path(i); len(c) >= 4; c = c[2:] {
			list = append(list, [4]float64(c))
		}
	}
	return list
}

func toSegment(x, y float64, s [4]float64) float64 {
	dx, dy := s[2]-s[0], s[3]-s[1]
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(max(((x-s[0])*dx+(y-s[1])*dy)/l, 0), 1)
	}
	return math.Hypot(x-s[0]-t*dx, y-s[1]-t*dy)
}

func TestJoinWithItself(t *testing.T) {
	world := newWorld(t)
	world.change(layer("a", plan.Wind, plan.Polygon, square(0, 0, 10), square(5, 5, 10), square(100, 0, 10), square(8, 0, 10)))
	first := plan.Feature{ID: "1", Geometry: square(0, 0, 10), Values: []plan.Value{{}}}
	view := world.change(plan.LayerChange{Layer: "a", Replace: plan.List{first}}) // its slot is the last now
	rule := overlap
	rule.Interest = rule.Claim
	got := sizes(joined(t, view, rule, "a", "a"))
	if want := map[string]float64{"1-2": 25, "1-4": 20, "2-4": 35}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestCategoryWithItself: two of one category are told once, whichever of them is asked first.
func TestCategoryWithItself(t *testing.T) {
	w := newWorld(t)
	lines := layer("ledning", plan.Infrastructure, plan.Line)
	lines.Define.Attributes = []plan.Attribute{{Name: "kind", Type: plan.String}}
	var add plan.List
	for i, kind := range []string{"power_line", "road", "power_line"} { // all cross
		x := 300_000 + 10*float64(i)
		add = append(add, plan.Feature{ID: fmt.Sprint(i + 1), Values: []plan.Value{plan.TextValue(kind)},
			Geometry: plan.Geometry{Type: plan.Line, Coords: []float64{x, 6_400_000, 300_100 - x + 300_000, 6_400_100}}})
	}
	lines.Add = add
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	ids := ""
	for _, c := range find(t, stand(t, NewEngine(rules), w.change(lines)), Filter{}).Conflicts {
		ids += c.ID + " "
	}
	const want = "power_line_power_line_overlap:ledning.1:ledning.3 road_power_line_overlap:ledning.2:ledning.1 road_power_line_overlap:ledning.2:ledning.3 "
	if ids != want {
		t.Errorf("got %s, want %s", ids, want)
	}
}

func TestJoinIsTheSameOnAnyNumberOfCores(t *testing.T) {
	r := random(t, 4)
	a, b := mixed(r, 200)
	world := newWorld(t)
	view := world.change(kommuner(r), layer("a", plan.Wind, plan.Polygon, a...), layer("b", plan.Nature, plan.Polygon, b...))
	describe := func(cores int) (text string) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		found := joined(t, view, overlap, "a", "b")
		for i := range found.records {
			c := pick{found, &found.records[i]}.conflict()
			text += fmt.Sprint(c.ID, *c.AreaHa, len(c.Kommuner))
			for _, k := range c.Kommuner {
				text += fmt.Sprint(k.Kommun, *k.AreaHa)
			}
		}
		return text
	}
	if describe(1) != describe(2) {
		t.Error("one core and two cores disagree")
	}
}

func TestConflictsOnABorderOfMunicipalities(t *testing.T) {
	w := newWorld(t)
	kommun := layer("kommun", plan.Administrative, plan.Polygon, square(0, 0, 1000), square(1000, 0, 1000))
	view := w.change(kommun,
		layer("roads", plan.Wind, plan.Line, line(900, 100, 1100, 300), line(900, 400, 1100, 400)),
		layer("rails", plan.Nature, plan.Line, line(900, 250, 1100, 0), line(950, 400, 1200, 400)),
		layer("places", plan.Wind, plan.Point, pointsAt(990, 510, 1010, 510, 1000, 520)),
		layer("reserves", plan.Nature, plan.Polygon, square(950, 500, 100)))
	for pair, want := range map[[2]string]string{
		{"roads", "rails"}:     "roads.2:rails.2 1 50 2 100; roads.1:rails.1 1 0; ", // the crossing lies at x = 955
		{"places", "reserves"}: "places.1:reserves.1 1 2 2 1; ",                     // the point on the border is the first's
	} {
		found, got := joined(t, view, overlap, pair[0], pair[1]), ""
		for i := range found.records {
			c := pick{found, &found.records[i]}.conflict()
			got += strings.TrimPrefix(c.ID, "overlap:")
			for _, k := range c.Kommuner {
				switch {
				case k.LengthM != nil:
					got += fmt.Sprint(" ", k.Kommun, " ", *k.LengthM)
				case k.Points != nil:
					got += fmt.Sprint(" ", k.Kommun, " ", *k.Points)
				}
			}
			got += "; "
		}
		if got != want {
			t.Errorf("%v: got %s, want %s", pair, got, want)
		}
	}
}

// TestJoinLargePolygons meets polygons of so many vertices that they are prepared, with figures of every type.
func TestJoinLargePolygons(t *testing.T) {
	r := random(t, 5)
	var large, small, lines, places []plan.Geometry
	for i := range 60 {
		large = append(large, randomPolygon(r, region, 200))
		if i%6 == 0 {
			large[i] = polygon(blob(r, region.MinX+r.Float64()*8000, region.MinY+r.Float64()*8000, 1500, largeFrom+i))
		}
		if i < 15 {
			small, lines, places = append(small, randomPolygon(r, region, 200)), append(lines, randomLine(r, region, 150)), append(places, randomPoints(r, region))
		}
	}
	view := newWorld(t).change(kommuner(r), layer("large", plan.Nature, plan.Polygon, large...), layer("small", plan.Wind, plan.Polygon, small...),
		layer("lines", plan.Wind, plan.Line, lines...), layer("places", plan.Wind, plan.Point, places...))
	same(t, sizes(joined(t, view, overlap, "small", "large")), oracle(t, small, large, geo.Area), leastArea)
	same(t, sizes(joined(t, view, overlap, "lines", "large")), oracle(t, lines, large, geo.Length), leastLength)
	for name, figures := range map[string][]plan.Geometry{"small": small, "places": places} {
		got, n := sizes(joined(t, view, within(250), name, "large")), 0
		for i := range figures {
			for j := range large {
				d := slowDistance(figures[i], large[j])
				found, hit := got[fmt.Sprintf("%d-%d", i+1, j+1)]
				if hit != (d <= 250) || hit && math.Abs(found-d) > 1e-6 {
					t.Errorf("%s: %d and %d at %v (%v), want %v", name, i+1, j+1, found, hit, d)
				}
				if hit {
					n++
				}
			}
		}
		if n < 10 {
			t.Errorf("%s: only %d pairs: the test shows little", name, n)
		}
	}
}
