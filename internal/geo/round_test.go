package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// TestSmallFiguresAreDrawnAround holds the buffers of small figures against GEOS's with finer corners, and every corner
// against the distance.
func TestSmallFiguresAreDrawnAround(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for i := range 60 {
		g := plan.Geometry{Type: []plan.GeometryType{plan.Point, plan.Line, plan.Polygon}[i%3]}
		metres := 250 + 1500*random.Float64()
		size := metres * 0.75 * random.Float64()
		for k := range 30 {
			angle, r := 2*math.Pi*float64(k)/30, size*(0.3+0.7*random.Float64())
			g.Coords = append(g.Coords, 400_000+r*math.Cos(angle), 6_400_000+r*math.Sin(angle))
		}
		if g.Type == plan.Polygon {
			g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
		}
		drawn, err := Buffer(g, metres)
		if err != nil {
			t.Fatal(err)
		}
		if fault := Validate(drawn); fault != nil {
			t.Fatal(fault)
		}
		for j := 0; j+1 < len(drawn.Coords); j += 2 {
			corner := plan.Geometry{Type: plan.Point, Coords: drawn.Coords[j : j+2]}
			if d := Distance(corner, g, math.Inf(1)); d > metres+1e-6 || d < metres-Sagitta {
				t.Fatalf("a corner is %.3f m away, and not %.3f", d, metres)
			}
		}
		fine, err := shape(g, plan.Polygon, func(g *geos.Geom) *geos.Geom { return g.Buffer(metres, 400) })
		if err != nil {
			t.Fatal(err)
		}
		sameInPart(t, g, drawn, metres)
		if lost := Area(fine) - Area(drawn); math.Abs(lost) > Sagitta*Length(fine) {
			t.Errorf("%s, %.0f m: %.0f m2 are lost of %.0f", g.Type, metres, lost, Area(fine))
		}
	}
}

// sameInPart: what is drawn for a part of the plane is the same there.
func sameInPart(t *testing.T, g, whole plan.Geometry, metres float64) {
	t.Helper()
	x, y := whole.Coords[0], whole.Coords[1]
	part := plan.Box{MinX: x - metres, MinY: y - metres/2, MaxX: x - metres/4, MaxY: y + metres/3}
	window := plan.Geometry{Type: plan.Polygon, Coords: []float64{part.MinX, part.MinY, part.MaxX, part.MinY, part.MaxX, part.MaxY, part.MinX, part.MaxY, part.MinX, part.MinY}}
	coarse := new(Pen).Around(g, metres, part)
	a, err := Intersection(whole, window)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Intersection(coarse, window)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(Area(a)-Area(b)) > 1e-6*Area(a) {
		t.Errorf("in a part of the plane %.3f m2 are drawn of %.3f", Area(b), Area(a))
	}
}
