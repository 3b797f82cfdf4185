package conflict

import (
	"math"
	"slices"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func testPartition(t *testing.T) *Partition {
	r := random(t, 10)
	return NewEngine(nil).partitionOf(newWorld(t).change(kommuner(r)))
}

// TestLocateAgainstGEOS holds the grid's and the shapes' verdict against the areas that GEOS gives.
func TestLocateAgainstGEOS(t *testing.T) {
	p := testPartition(t)
	r := random(t, 11)
	for range 2000 {
		side := math.Pow(10, 1+2.5*r.Float64())
		box := region.Grow(-side)
		g := square(region.MinX+r.Float64()*(box.MaxX-box.MinX), region.MinY+r.Float64()*(box.MaxY-box.MinY), side)
		only, settled, crossing := p.locate(nil, g.Box())
		for k := range p.kommuner {
			inside := overlaid(t, g, p.kommuner[k].geometry)
			holds := inside >= side*side*(1-1e-9)
			switch {
			case settled && (only == int16(k)) != holds:
				t.Fatalf("box %v: settled on %d, but kommun %d has %v", g.Box(), only, k, inside)
			case settled && only != int16(k) && inside > 1e-6:
				t.Fatalf("box %v: settled on %d, but kommun %d has %v", g.Box(), only, k, inside)
			case !settled && inside > 1e-6 && !slices.Contains(crossing, int16(k)):
				t.Fatalf("box %v: kommun %d has %v, but is not among %v", g.Box(), k, inside, crossing)
			}
		}
	}
}

func overlaid(t *testing.T, a, b plan.Geometry) float64 {
	t.Helper()
	shared, err := geo.Intersection(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return geo.Area(shared)
}

func TestDivideAddsUp(t *testing.T) {
	w := worker{partition: testPartition(t)}
	r := random(t, 12)
	for range 300 {
		for _, g := range []plan.Geometry{randomPolygon(r, region, 900), randomLine(r, region, 400), randomPoints(r, region)} {
			u := map[plan.GeometryType]unit{plan.Polygon: squareMetres, plan.Line: metres, plan.Point: points}[g.Type]
			size, _ := whole(g, u)
			sum := 0.0
			for _, part := range w.divide(g, g.Box(), size) {
				sum += part.size
				if g.Type != plan.Polygon || part.kommun == none {
					continue
				}
				if want := overlaid(t, g, w.partition.kommuner[part.kommun].geometry); math.Abs(part.size-want) > 1e-6*size {
					t.Errorf("kommun %d has %v, GEOS says %v", part.kommun, part.size, want)
				}
			}
			if math.Abs(sum-size) > 1e-9*size {
				t.Errorf("the parts of a %s of %v add up to %v", g.Type, size, sum)
			}
		}
	}
}

func TestDivideLineAlongABorder(t *testing.T) {
	w := worker{partition: testPartition(t)}
	border := w.partition.kommuner[4].geometry // the middle one: neighbours all around
	g := line(border.Coords[:6]...)
	sum := 0.0
	for _, part := range w.divide(g, g.Box(), geo.Length(g)) {
		sum += part.size
	}
	if math.Abs(sum-geo.Length(g)) > 1e-6 {
		t.Errorf("the parts add up to %v, the line is %v", sum, geo.Length(g))
	}
}

func TestWithoutKommunerAllLiesOutside(t *testing.T) {
	p := newPartition(nil, nil)
	if only, settled, _ := p.locate(nil, region); !settled || only != none {
		t.Errorf("got %d, %v", only, settled)
	}
}

func TestKommunalforbundComesFromKommun(t *testing.T) {
	p := testPartition(t)
	for kod, want := range map[string]string{"1400": "gr", "1401": "fyrbodal", "1402": ""} {
		k := p.kommunIndex(kod)
		if f := p.forbundOf(k); want == "" && f != none || want != "" && p.forbunden[f].id != want {
			t.Errorf("kommun %s: kommunalförbund %d, want %q", kod, f, want)
		}
	}
}
