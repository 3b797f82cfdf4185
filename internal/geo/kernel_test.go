package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// star gives a random polygon around a place: its vertices stand at growing angles, at distances between rough times
// the radius and the radius.
func star(r *rand.Rand, x, y, radius, rough float64, n int) plan.Geometry {
	coords := make([]float64, 0, 2*n+2)
	for i := range n {
		angle := 2 * math.Pi * (float64(i) + 0.9*r.Float64()) / float64(n)
		d := radius * (rough + (1-rough)*r.Float64())
		coords = append(coords, x+d*math.Cos(angle), y+d*math.Sin(angle))
	}
	return plan.Geometry{Type: plan.Polygon, Coords: append(coords, coords[0], coords[1])}
}

// pair is two polygons that meet, with their boxes and GEOS figures.
type pair struct {
	a, b       plan.Geometry
	abox, bbox plan.Box
}

// starPairs gives pairs of star polygons of 30 to 150 vertices whose boxes meet, as all-pairs joins find them.
func starPairs(seed uint64, n int, rough float64) []pair {
	r := rand.New(rand.NewPCG(seed, 1))
	var pairs []pair
	for len(pairs) < n {
		x, y := 240_000+r.Float64()*260_000, 6_320_000+r.Float64()*270_000
		ra, rb := 50+r.Float64()*250, 50+r.Float64()*250
		a := star(r, x, y, ra, rough, 30+r.IntN(121))
		b := star(r, x+(2*r.Float64()-1)*(ra+rb), y+(2*r.Float64()-1)*(ra+rb), rb, rough, 30+r.IntN(121))
		p := pair{a, b, a.Box(), b.Box()}
		if p.abox.Intersects(p.bbox) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// toGEOS takes a geometry into a context of a test.
func toGEOS(t testing.TB, context *geos.Context, g plan.Geometry) *geos.Geom {
	figure, err := context.NewGeomFromWKB(AppendWKB(nil, g))
	if err != nil {
		t.Fatal(err)
	}
	return figure
}

func TestIntersectionAreaOfStars(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	for _, rough := range []float64{0.9, 0.6, 0.2} {
		worst := 0.0
		for i, p := range starPairs(7, 500, rough) {
			want := toGEOS(t, context, p.a).Intersection(toGEOS(t, context, p.b)).Area()
			got := k.IntersectionAreaBoxes(p.a, p.b, p.abox, p.bbox)
			worst = max(worst, math.Abs(got-want)/max(want, 1))
			if math.Abs(got-want) > 1e-9*want+1e-9*(Length(p.a)+Length(p.b)) {
				t.Errorf("rough %v, pair %d: %v, GEOS %v", rough, i, got, want)
			}
		}
		t.Logf("rough %v: off by %.2g at most", rough, worst)
	}
}

// Second polygons are made of the vertices of first ones, moved by nothing, by rounding or by a little, so that they
// touch, nearly touch and run along each other in every way.
func TestIntersectionAreaNearlyTouching(t *testing.T) {
	context := geos.NewContext()
	var k Kernel
	r := rand.New(rand.NewPCG(41, 41))
	jitters := []float64{0, 0, 0, 2e-9, 1e-7, 1e-4, 0.3}
	compared, touching := 0, 0
	for i := range 3000 {
		a := star(r, 300_000, 6_400_000, 100, 0.6, 3+r.IntN(20))
		b := plan.Geometry{Type: plan.Polygon}
		jitter := jitters[r.IntN(len(jitters))]
		for j := 0; j+3 < len(a.Coords); j += 2 {
			f := float64(r.IntN(5)) / 4
			x, y := a.Coords[j]+f*(a.Coords[j+2]-a.Coords[j]), a.Coords[j+1]+f*(a.Coords[j+3]-a.Coords[j+1])
			if r.IntN(4) == 0 { // away from the border
				x, y = x+(300_000-x)*(r.Float64()-0.3), y+(6_400_000-y)*(r.Float64()-0.3)
			}
			b.Coords = append(b.Coords, x+jitter*(r.Float64()-0.5), y+jitter*(r.Float64()-0.5))
		}
		b.Coords = append(b.Coords, b.Coords[0], b.Coords[1])
		Normalize(&b)
		if Validate(b) != nil {
			continue
		}
		compared++
		w := newWindow(a.Box(), b.Box())
		if k.cross(&operand{Geometry: a, box: a.Box()}, &operand{Geometry: b, box: b.Box()}, &w) {
			touching++
		}
		want := toGEOS(t, context, a).Intersection(toGEOS(t, context, b)).Area()
		if got := k.IntersectionArea(a, b); !agrees(got, want, Length(a)+Length(b)) {
			t.Errorf("pair %d of seed 41, moved by %v: %v, GEOS says %v", i, jitter, got, want)
		}
		if got, want := Intersects(a, b), toGEOS(t, context, a).Intersects(toGEOS(t, context, b)); got != want {
			t.Errorf("pair %d of seed 41, moved by %v: meet %v, GEOS says %v", i, jitter, got, want)
		}
	}
	t.Logf("%d pairs, %d touch", compared, touching)
	if compared < 1000 || touching < compared/10 || touching > compared*9/10 {
		t.Errorf("%d pairs, %d touch: the test is too weak", compared, touching)
	}
}

// FuzzIntersectionArea builds two polygons from bytes, on a coarse grid so that they touch often, and compares with GEOS.
func FuzzIntersectionArea(f *testing.F) {
	f.Add([]byte{0, 0, 9, 0, 9, 9, 0, 9}, []byte{5, 5, 15, 5, 15, 15, 5, 15}, uint8(0))
	f.Add([]byte{0, 0, 9, 0, 9, 9, 0, 9}, []byte{9, 0, 15, 0, 15, 9, 9, 9}, uint8(1))
	f.Add([]byte{0, 0, 9, 0, 0, 9}, []byte{9, 0, 9, 9, 0, 9}, uint8(2))
	f.Add([]byte{1, 0, 9, 3, 0, 9, 3, 3}, []byte{9, 0, 9, 9, 0, 9, 4, 4, 2, 1}, uint8(3))
	context := geos.NewContext()
	f.Fuzz(func(t *testing.T, aBytes, bBytes []byte, move uint8) {
		m := moves[int(move)%len(moves)]
		a, b := moved(polygonOf(aBytes), m.x, m.y, m.scale, m.sin), moved(polygonOf(bBytes), m.x, m.y, m.scale, m.sin)
		if Validate(a) != nil || Validate(b) != nil {
			return
		}
		aFigure, bFigure := toGEOS(t, context, a), toGEOS(t, context, b)
		defer aFigure.Destroy()
		defer bFigure.Destroy()
		var k Kernel
		var want float64
		var meet bool
		if !survives(func() { want, meet = aFigure.Intersection(bFigure).Area(), aFigure.Intersects(bFigure) }) {
			return
		}
		border := Length(a) + Length(b)
		for _, got := range []float64{k.IntersectionArea(a, b), Prepare(a).IntersectionArea(&k, b, b.Box())} {
			if agrees(got, want, border) {
				continue
			}
			if want = exactArea(a, b); !agrees(got, want, border) {
				t.Fatalf("%v and %v share %v, exactly %v", a.Coords, b.Coords, got, want)
			}
		}
		if got := k.Intersects(a, b, a.Box(), b.Box()); got != meet {
			t.Fatalf("%v and %v meet: %v, GEOS says %v", a.Coords, b.Coords, got, meet)
		}
	})
}

// survives reports whether GEOS does something without giving up, as it does on slivers (TopologyException).
func survives(work func()) (ok bool) {
	defer func() { ok = recover() == nil }()
	work()
	return true
}

// polygonOf makes a ring of pairs of bytes.
func polygonOf(b []byte) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon}
	for i := 0; i+1 < len(b) && i < 60; i += 2 {
		g.Coords = append(g.Coords, float64(b[i]), float64(b[i+1]))
	}
	if len(g.Coords) > 0 {
		g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	}
	return g
}

func TestMeasuresDoNotAllocate(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short tests, which run under the race detector: it makes pools forget what they hold")
	}
	pairs := starPairs(51, 50, 0.7)
	var k Kernel
	r := rand.New(rand.NewPCG(52, 52))
	line := star(r, 300_000, 6_400_000, 100, 0.5, 40)
	line.Type = plan.Line
	polygon := star(r, 300_050, 6_400_000, 100, 0.5, 400)
	prepared, lineBox := Prepare(polygon), line.Box()
	work := func() {
		for _, p := range pairs {
			k.IntersectionAreaBoxes(p.a, p.b, p.abox, p.bbox)
			k.Intersects(p.a, p.b, p.abox, p.bbox)
			k.Distance(p.a, p.b, p.abox, p.bbox, 1000)
			IntersectsBox(p.a, p.bbox)
		}
		k.IntersectionLengthBoxes(line, polygon, lineBox, prepared.Box())
		prepared.IntersectionLength(&k, line, lineBox)
		prepared.Locate(lineBox)
		prepared.ContainsPoint(300_000, 6_400_000)
		Validate(polygon)
	}
	work()
	if n := testing.AllocsPerRun(20, work); n > 1 { // a garbage collection may empty the pool behind Validate
		t.Errorf("%v allocations", n)
	}
}
