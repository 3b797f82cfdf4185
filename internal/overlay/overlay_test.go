package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// star is a polygon around a place.
func star(random *rand.Rand, x, y, radius float64, vertices int) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon}
	for i := range vertices {
		angle, r := 2*math.Pi*float64(i)/float64(vertices), radius*(0.4+0.6*random.Float64())
		g.Coords = append(g.Coords, round(x+r*math.Cos(angle)), round(y+r*math.Sin(angle)))
	}
	g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	return g
}

// round rounds as registers do: many vertices of many figures then have one height.
func round(x float64) float64 { return math.Round(x*100) / 100 }

func square(x, y, side float64) plan.Geometry {
	return plan.Geometry{Type: plan.Polygon, Coords: []float64{x, y, x + side, y, x + side, y + side, x, y + side, x, y}}
}

// scene is zones with figures of three kinds, each its own family.
type scene struct {
	zones   []plan.Geometry
	figures [][]plan.Geometry // by kind
}

func (s *scene) plane() *Plane {
	p := &Plane{}
	for _, z := range s.zones {
		p.Zones = append(p.Zones, Zone{z, z.Box()})
	}
	for kind := range s.figures {
		p.Families = append(p.Families, kind)
	}
	p.Find = func(box plan.Box, yield func(Figure)) {
		for kind, list := range s.figures {
			for _, g := range list {
				if g.Box().Intersects(box) {
					yield(Figure{Kind: kind, Geometry: g, Box: g.Box()})
				}
			}
		}
	}
	return p
}

// measured adds up the sums: [zone] the area, [zone, kinds...] that where all the kinds are.
func measured(t *testing.T, p *Plane) (all []Sum) {
	t.Helper()
	box := plan.EmptyBox
	for _, z := range p.Zones {
		box = box.Union(z.Box)
	}
	found, err := p.Measure(t.Context(), Tiles(box))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(found...)
}

func areaOf(sums []Sum, zone int, kinds ...int) (area float64) {
	for _, s := range sums {
		have := s.Label.Kinds()
		if s.Zone == zone && !slices.ContainsFunc(kinds, func(k int) bool { return !slices.Contains(have, k) }) {
			area += s.Area
		}
	}
	return area
}

// TestAreasAreThoseOfGEOS holds the areas of every set of three kinds against unions and intersections.
func TestAreasAreThoseOfGEOS(t *testing.T) {
	for name, s := range scenes() {
		t.Run(name, func(t *testing.T) { compareWithGEOS(t, s) })
	}
}

func compareWithGEOS(t *testing.T, s *scene) {
	sums := measured(t, s.plane())
	unions := make([]plan.Geometry, len(s.figures))
	for kind, list := range s.figures {
		unions[kind] = must(geo.Union(list...))(t)
	}
	for zone, shape := range s.zones {
		near(t, areaOf(sums, zone), geo.Area(shape), "zone %d", zone)
		for a := range unions {
			one := must(geo.Intersection(unions[a], shape))(t)
			near(t, areaOf(sums, zone, a), geo.Area(one), "zone %d, kind %d", zone, a)
			for b := a + 1; b < len(unions); b++ {
				two := must(geo.Intersection(one, unions[b]))(t)
				near(t, areaOf(sums, zone, a, b), geo.Area(two), "zone %d, kinds %d and %d", zone, a, b)
				for c := b + 1; c < len(unions); c++ {
					three := must(geo.Intersection(two, unions[c]))(t)
					near(t, areaOf(sums, zone, a, b, c), geo.Area(three), "zone %d, kinds %d, %d and %d", zone, a, b, c)
				}
			}
		}
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func near(t *testing.T, got, want float64, format string, args ...any) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*max(want, 1e5) {
		t.Errorf(format+": %.12g m2, not %.12g", append(args, got, want)...)
	}
}

func scenes() map[string]*scene {
	random := rand.New(rand.NewPCG(1, 2))
	const x, y = 400_000, 6_400_000
	all := map[string]*scene{}
	few := &scene{zones: []plan.Geometry{square(x+1000, y+1000, 9000), square(x+10000, y+1000, 9000)}, figures: make([][]plan.Geometry, 3)}
	for kind := range few.figures {
		for range 40 {
			few.figures[kind] = append(few.figures[kind], star(random, x+20_000*random.Float64(), y+11_000*random.Float64(), 1500, 30))
		}
	}
	all["random"] = few
	stacked := &scene{zones: few.zones, figures: make([][]plan.Geometry, 3)}
	one := star(random, x+9000, y+5000, 6000, 200)
	for kind := range stacked.figures {
		for range 8 {
			stacked.figures[kind] = append(stacked.figures[kind], one)
		}
	}
	all["the same again and again"] = stacked
	chess := &scene{zones: []plan.Geometry{square(x, y, 4000), square(x+4000, y, 4000)}, figures: make([][]plan.Geometry, 3)}
	for i := range 20 {
		for j := range 20 {
			kind := random.IntN(3)
			chess.figures[kind] = append(chess.figures[kind], square(x+float64(i)*400, y+float64(j)*200, 400))
		}
	}
	all["chess"] = chess
	return all
}
