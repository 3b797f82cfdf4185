package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

func TestMend(t *testing.T) {
	for _, c := range []struct {
		name, wkt     string
		before, after float64 // -1: declined
		want          string
	}{
		{"repeated vertex", "POLYGON ((0 0, 4 0, 4 0, 4 4, 0 4, 0 4, 0 0, 0 0))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"spike", "POLYGON ((0 0, 4 0, 4 4, 4 9, 4 4, 0 4, 0 0))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"spike at the first vertex", "POLYGON ((0 -9, 0 0, 4 0, 4 4, 0 4, 0 -9))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"spike beyond the last vertex", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 -9, 0 0))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"spike on a spike", "POLYGON ((0 0, 4 0, 4 4, 4 9, 6 9, 4 9, 4 4, 0 4, 0 0))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"touches itself", "POLYGON ((0 0, 4 0, 4 4, 2 0, 0 4, 0 0))", 8, 8, "MULTIPOLYGON (((0 0, 2 0, 0 4, 0 0)), ((2 0, 4 0, 4 4, 2 0)))"},
		{"small bow tie", "POLYGON ((0 0, 40 0, 40 40, 39 41, 40 41, 39 40, 0 40, 0 0))", 1600, 1600.5, ""},
		{"hole outside", "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (13 3, 16 3, 16 6, 13 6, 13 3))", 72, 90, "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 9, 0 0)), ((13 3, 16 3, 16 6, 13 6, 13 3)))"},
		{"parts share a side", "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((4 0, 6 0, 6 4, 4 4, 4 0)))", 24, 24, "POLYGON ((0 0, 4 0, 6 0, 6 4, 4 4, 0 4, 0 0))"},
		{"hole of nothing", "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 3 3, 3 3, 3 3))", 81, 81, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))"},
		{"nothing", "POLYGON ((0 0, 4 0, 8 0, 0 0))", 0, -1, ""},
		{"nothing of a part", "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((7 0, 8 0, 9 0, 7 0)))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"nothing of the first part", "MULTIPOLYGON (((7 0, 8 0, 9 0, 7 0)), ((0 0, 4 0, 4 4, 0 4, 0 0)))", 16, 16, "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"},
		{"line that stops", "LINESTRING (0 0, 1 1, 1 1, 2 0)", 0, 0, "LINESTRING (0 0, 1 1, 2 0)"},
		{"line that turns back", "LINESTRING (0 0, 5 0, 0 0)", 0, 0, "LINESTRING (0 0, 5 0, 0 0)"},
		{"line in place", "MULTILINESTRING ((0 0, 1 1), (5 6, 5 6))", 0, -1, ""},
		{"point", "POINT (1 2)", 0, -1, ""},
	} {
		g := fromWKT(t, c.wkt)
		kept := slices.Clone(g.Coords)
		r, found := Mend(g)
		if found != (c.after >= 0) || found && (r.Before != c.before || r.After != c.after || Validate(r.Geometry) != nil || r.Geometry.Type != g.Type) {
			t.Errorf("%s: %+v, %v", c.name, r, found)
		}
		if c.want != "" && !sameFigure(t, r.Geometry, normalized(t, c.want)) {
			t.Errorf("%s: %+v, want %s", c.name, r.Geometry, c.want)
		}
		if !slices.Equal(kept, g.Coords) {
			t.Errorf("%s: the original was changed", c.name)
		}
	}
}

// sameFigure compares figures whatever the order of their parts and rings.
func sameFigure(t *testing.T, a, b plan.Geometry) bool {
	t.Helper()
	context := geos.NewContext()
	return toGEOS(t, context, a).Normalize().EqualsExact(toGEOS(t, context, b).Normalize(), 0)
}

func TestOddities(t *testing.T) {
	for _, c := range []struct {
		name, wkt string
		want      []Oddity
	}{
		{"square", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", nil},
		{"repeated vertices", "POLYGON ((0 0, 4 0, 4 0, 4 0, 4 4, 0 4, 0 0))", []Oddity{{"duplicate_vertex", 0, 2, 2}}},
		{"repeated at the end", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0, 0 0))", []Oddity{{"duplicate_vertex", 0, 5, 1}}},
		{"in a line", "MULTILINESTRING ((0 0, 1 1), (5 6, 5 6, 7 8))", []Oddity{{"duplicate_vertex", 1, 1, 1}}},
		{"spike", "POLYGON ((0 0, 4 0, 4 4, 4.01 9, 3.99 4, 0 4, 0 0))", []Oddity{{"narrow_spike", 0, 3, 1}}},
		{"spike at the first vertex", "POLYGON ((4.01 9, 3.99 4, 0 4, 0 0, 4 0, 4 4, 4.01 9))", []Oddity{{"narrow_spike", 0, 0, 1}}},
		{"short spike", "POLYGON ((0 0, 4 0, 4 4, 4.001 4.5, 3.999 4, 0 4, 0 0))", nil},
		{"long wedge", "POLYGON ((0 0, 1000 0, 1000 8, 0 0))", nil},
		{"sliver", "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((7 0, 97 0, 97 .4, 7 .4, 7 0)))", []Oddity{{"sliver", 1, 0, 1}}},
	} {
		if got := Oddities(normalized(t, c.wkt), plan.SliverWidth); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A figure without fault has none found in it; one that is corrupted at a vertex has the fault found at that vertex.
func TestFaultNamesTheVertex(t *testing.T) {
	r := rand.New(rand.NewPCG(77, 1))
	for i := range 2000 {
		g := star(r, 300_000, 6_400_000, 100, 0.6, 5+r.IntN(60))
		if fault := Validate(g); fault != nil {
			t.Fatalf("star %d of seed 77: %+v", i, fault)
		}
		for _, odd := range Oddities(g, plan.SliverWidth) {
			if odd.Rule != "narrow_spike" && odd.Rule != "sliver" { // stars have corners of every width
				t.Fatalf("star %d of seed 77: %+v", i, odd)
			}
		}
		n := g.NumVertices()
		at := 1 + r.IntN(n-2)
		x, y := g.Coords[2*at], g.Coords[2*at+1]
		tipX, tipY := 300_000+1.5*(x-300_000), 6_400_000+1.5*(y-6_400_000)
		spiked := g
		spiked.Coords = slices.Insert(slices.Clone(g.Coords), 2*at+2, tipX, tipY, x, y)
		if fault := Validate(spiked); fault == nil || fault.Rule != "spike" || fault.Vertex != at+1 || fault.X != tipX || fault.Y != tipY {
			t.Fatalf("star %d of seed 77 with a spike behind vertex %d: %+v", i, at, fault)
		}
		twice := g
		twice.Coords = slices.Insert(slices.Clone(g.Coords), 2*at, x, y)
		if odd := Oddities(twice, plan.SliverWidth); len(odd) == 0 || odd[0].Rule != "duplicate_vertex" || odd[0].Vertex != at+1 {
			t.Fatalf("star %d of seed 77 with vertex %d twice: %+v", i, at, odd)
		}
		crossFault(t, r, g, i)
	}
}

// crossFault swaps two neighbouring vertices of a star, which crosses the edges beside them.
func crossFault(t *testing.T, r *rand.Rand, g plan.Geometry, star int) {
	t.Helper()
	last := g.NumVertices() - 1
	at := 1 + r.IntN(last-2)
	crossed := g
	crossed.Coords = slices.Clone(g.Coords)
	c := crossed.Coords
	c[2*at], c[2*at+1], c[2*at+2], c[2*at+3] = c[2*at+2], c[2*at+3], c[2*at], c[2*at+1]
	fault := Validate(crossed)
	if fault == nil { // the two stood so that either order is fine
		return
	}
	// The edges that changed run from the vertex before at to the one behind at + 1; what they cross may be any other edge.
	j := fault.Vertex
	if d := math.Sqrt(pointSegment2(fault.X, fault.Y, c[2*j], c[2*j+1], c[2*j+2], c[2*j+3])); d > 1e-6 {
		t.Fatalf("star %d of seed 77: the fault is %v m from the edge that it names: %+v", star, d, fault)
	}
	near := math.Inf(1)
	for i := at - 1; i <= at+1; i++ {
		near = min(near, pointSegment2(fault.X, fault.Y, c[2*i], c[2*i+1], c[2*i+2], c[2*i+3]))
	}
	if math.Sqrt(near) > 1e-6 {
		t.Fatalf("star %d of seed 77, vertices %d and %d swapped: the fault is elsewhere: %+v", star, at, at+1, fault)
	}
}

// Whatever is mended is valid by GEOS, of its type, and has the area that it is said to have.
func TestMendAgainstGEOS(t *testing.T) {
	context := geos.NewContext()
	r := rand.New(rand.NewPCG(78, 1))
	mended, declined := 0, 0
	for i := range 1000 {
		g := star(r, 300_000, 6_400_000, 100, 0.3, 4+r.IntN(30))
		switch r.IntN(3) {
		case 0:
			appendGeometry(&g, star(r, 300_100, 6_400_000, 60, 0.5, 3+r.IntN(8)))
		case 1:
			g = withHole(g, star(r, 300_060, 6_400_000, 60, 0.5, 3+r.IntN(8)))
		}
		for range 1 + r.IntN(3) { // vertices go astray
			k := 2 * (1 + r.IntN(len(g.Path(0))/2-2))
			g.Coords[k], g.Coords[k+1] = 299_900+200*r.Float64(), 6_399_900+200*r.Float64()
		}
		if Validate(g) == nil {
			continue
		}
		repair, found := Mend(g)
		if !found {
			declined++
			continue
		}
		mended++
		figure := toGEOS(t, context, repair.Geometry)
		if !figure.IsValid() || repair.Geometry.Type != plan.Polygon || math.Abs(figure.Area()-repair.After) > 1e-6 {
			t.Fatalf("figure %d of seed 78: %v m² said, %v by GEOS, %s", i, repair.After, figure.Area(), figure.IsValidReason())
		}
		if before := toGEOS(t, context, g).Area(); math.Abs(before-repair.Before) > 1e-6 {
			t.Fatalf("figure %d of seed 78: %v m² said, drawn %v by GEOS", i, repair.Before, before)
		}
	}
	t.Logf("%d mended, %d declined", mended, declined)
	if mended < 500 || declined > mended/20 {
		t.Errorf("%d mended, %d declined", mended, declined)
	}
}

// A scribble that crosses itself everywhere takes no more memory than is allowed, and is not mended.
func TestScribbleIsNotMended(t *testing.T) {
	r := rand.New(rand.NewPCG(79, 1))
	g := plan.Geometry{Type: plan.Polygon}
	for range 20_000 {
		g.Coords = append(g.Coords, 300_000+1000*r.Float64(), 6_400_000+1000*r.Float64())
	}
	g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	if fault := Validate(g); fault == nil || fault.Rule != "self_intersection" {
		t.Errorf("%+v", fault)
	}
	if _, found := Mend(g); found {
		t.Error("a scribble was mended")
	}
}

func FuzzMend(f *testing.F) {
	f.Add([]byte{0, 0, 4, 4, 4, 0, 0, 4})
	f.Add([]byte{0, 0, 9, 0, 9, 9, 9, 20, 9, 9, 0, 9})
	f.Fuzz(func(t *testing.T, raw []byte) {
		g := plan.Geometry{Type: plan.Polygon}
		for i := 0; i+1 < len(raw) && i < 200; i += 2 {
			g.Coords = append(g.Coords, float64(int8(raw[i])), float64(int8(raw[i+1])))
		}
		if len(g.Coords) < 6 {
			return
		}
		g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
		if repair, found := Mend(g); found && (Validate(repair.Geometry) != nil || repair.Geometry.Type != plan.Polygon || Area(repair.Geometry) != repair.After) {
			t.Fatalf("%v became %+v", g, repair)
		}
	})
}
