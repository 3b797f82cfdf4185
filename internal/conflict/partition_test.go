package conflict

import (
	"math"
	"slices"
	"testing"

	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func testPartition(t *testing.T) *division.Partition {
	r := random(t, 10)
	return newWorld(t).change(kommuner(r)).Partition()
}

// TestLocateAgainstGEOS holds the grid's and the shapes' verdict against the areas that GEOS gives.
func TestLocateAgainstGEOS(t *testing.T) {
	p := testPartition(t)
	r := random(t, 11)
	for range 2000 {
		side := math.Pow(10, 1+2.5*r.Float64())
		box := region.Grow(-side)
		g := square(region.MinX+r.Float64()*(box.MaxX-box.MinX), region.MinY+r.Float64()*(box.MaxY-box.MinY), side)
		only, settled, crossing := p.Locate(nil, g.Box())
		for k := range p.Kommuner {
			inside := overlaid(t, g, p.Kommuner[k].Geometry)
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
	w := worker{Divider: division.Divider{Partition: testPartition(t)}}
	r := random(t, 12)
	for range 300 {
		for _, g := range []plan.Geometry{randomPolygon(r, region, 900), randomLine(r, region, 400), randomPoints(r, region)} {
			u := map[plan.GeometryType]unit{plan.Polygon: squareMetres, plan.Line: metres, plan.Point: points}[g.Type]
			size, _ := whole(g, u)
			sum := 0.0
			for _, part := range w.Divide(g, g.Box(), size) {
				sum += part.Size
				if g.Type != plan.Polygon || part.Kommun == division.None {
					continue
				}
				if want := overlaid(t, g, w.Partition.Kommuner[part.Kommun].Geometry); math.Abs(part.Size-want) > 1e-6*size {
					t.Errorf("kommun %d has %v, GEOS says %v", part.Kommun, part.Size, want)
				}
			}
			if math.Abs(sum-size) > 1e-9*size {
				t.Errorf("the parts of a %s of %v add up to %v", g.Type, size, sum)
			}
		}
	}
}

func TestDivideLineAlongABorder(t *testing.T) {
	w := worker{Divider: division.Divider{Partition: testPartition(t)}}
	border := w.Partition.Kommuner[4].Geometry // the middle one: neighbours all around
	g := line(border.Coords[:6]...)
	sum := 0.0
	for _, part := range w.Divide(g, g.Box(), geo.Length(g)) {
		sum += part.Size
	}
	if math.Abs(sum-geo.Length(g)) > 1e-6 {
		t.Errorf("the parts add up to %v, the line is %v", sum, geo.Length(g))
	}
}

func TestWithoutKommunerAllLiesOutside(t *testing.T) {
	p := division.New(nil, nil)
	if only, settled, _ := p.Locate(nil, region); !settled || only != division.None {
		t.Errorf("got %d, %v", only, settled)
	}
}

func TestKommunalforbundComesFromKommun(t *testing.T) {
	p := testPartition(t)
	for kod, want := range map[string]string{"1400": "gr", "1401": "fyrbodal", "1402": ""} {
		k := p.KommunIndex(kod)
		if f := p.ForbundOf(k); want == "" && f != division.None || want != "" && p.Forbunden[f].ID != want {
			t.Errorf("kommun %s: kommunalförbund %d, want %q", kod, f, want)
		}
	}
}
