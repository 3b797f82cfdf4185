package geo

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	proj "github.com/twpayne/go-proj/v11"

	"strukturbild/internal/plan"
)

// places are of facts computed with PROJ 9.1.1: latitude, longitude, and what they are in other systems.
var places = []struct {
	lat, lon float64
	code     int
	n, e     float64
}{
	{57.70887, 11.97456, 3006, 6400322.805, 319755.489}, {57.70887, 11.97456, 3007, 6398858.330, 148483.470},
	{57.70887, 11.97456, 3021, 6404684.505, 1271719.238}, {57.70887, 11.97456, 3857, 7906407.265, 1333001.922},
	{58.39118, 13.84548, 3006, 6472841.950, 432505.115}, {58.39118, 13.84548, 3008, 6474904.608, 170205.896},
	{58.39118, 13.84548, 3021, 6475892.610, 1385392.930},
	{58.93624, 11.17267, 3006, 6539256.402, 279781.284}, {58.93624, 11.17267, 3007, 6535861.191, 102361.854},
}

func TestKnownPlaces(t *testing.T) {
	for _, p := range places {
		house := []float64{p.lon, p.lat}
		if err := CRS84.ToHouse(house); err != nil {
			t.Fatal(err)
		}
		for _, flipped := range []bool{false, true} {
			c := CRS{p.code, flipped}
			got := append([]float64{}, house...)
			if err := c.FromHouse(got); err != nil {
				t.Fatal(err)
			}
			want := []float64{p.e, p.n}
			if flipped {
				want = []float64{p.n, p.e}
			}
			if math.Abs(got[0]-want[0]) > 6e-4 || math.Abs(got[1]-want[1]) > 6e-4 {
				t.Errorf("%v of %v, %v is %v, want %v", c, p.lat, p.lon, got, want)
			}
			if err := c.ToHouse(want); err != nil || farthest(want, house) > 5e-3 {
				t.Errorf("%v back in the house is %v, %v; want %v", c, want, err, house)
			}
		}
	}
}

// oracle gives PROJ's operation from EPSG:3006 to another system, easting or longitude first on both sides.
func oracle(t testing.TB, name string) *proj.PJ {
	registry, err := proj.NewContext().NewCRSToCRS("EPSG:3006", name, nil)
	if err != nil {
		t.Fatal(err)
	}
	visual, err := registry.NormalizeForVisualization()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.IsCRS() }) // kept until the end: its context is visual's
	return visual
}

// placesIn gives points all over the window and, with a margin in metres, some way beyond it.
func placesIn(seed uint64, n int, margin float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	box := Window.Grow(margin)
	coords := make([]float64, 0, 2*n)
	for range n {
		coords = append(coords, box.MinX+r.Float64()*(box.MaxX-box.MinX), box.MinY+r.Float64()*(box.MaxY-box.MinY))
	}
	return coords
}

func TestAgreesWithPROJ(t *testing.T) {
	for _, c := range []struct {
		crs     CRS
		name    string
		most    float64 // of the own unit, on the way out
		mostWay float64 // metres, there and back
	}{
		{CRS84, "OGC:CRS84", 1e-12, 2e-8}, {CRS{code: 4326}, "EPSG:4326", 1e-12, 2e-8}, {CRS{code: 4619}, "EPSG:4619", 1e-12, 2e-8},
		{CRS{code: 3007}, "EPSG:3007", 2e-8, 2e-8}, {CRS{code: 3008}, "EPSG:3008", 2e-8, 2e-8}, {CRS{code: 3009}, "EPSG:3009", 2e-8, 2e-8},
		{CRS{code: 3857}, "EPSG:3857", 2e-8, 2e-8}, {CRS{code: 3021}, "EPSG:3021", 0, 5e-3}, // PROJ's own way back is not the exact inverse
		{CRS{code: 3012}, "EPSG:3012", 2e-8, 2e-8}, {CRS{code: 3013}, "EPSG:3013", 2e-8, 2e-8}, {CRS{code: 3010}, "EPSG:3010", 2e-8, 2e-8},
		{CRS{code: 3014}, "EPSG:3014", 2e-8, 2e-8}, {CRS{code: 3011}, "EPSG:3011", 2e-8, 2e-8}, {CRS{code: 3015}, "EPSG:3015", 2e-8, 2e-8},
		{CRS{code: 3016}, "EPSG:3016", 2e-8, 2e-8}, {CRS{code: 3017}, "EPSG:3017", 2e-8, 2e-8}, {CRS{code: 3018}, "EPSG:3018", 2e-8, 2e-8},
		{CRS{code: 3019}, "EPSG:3019", 0, 5e-3}, {CRS{code: 3020}, "EPSG:3020", 0, 5e-3}, {CRS{code: 3022}, "EPSG:3022", 0, 5e-3},
		{CRS{code: 5845}, "EPSG:5845", 0, 0}, {CRS{code: 5846}, "EPSG:5846", 2e-8, 2e-8}, {CRS{code: 5847}, "EPSG:5847", 2e-8, 2e-8},
	} {
		house := placesIn(1, 20_000, 200_000)
		want, got := append([]float64{}, house...), append([]float64{}, house...)
		if err := oracle(t, c.name).ForwardFlatCoords(want, 2, -1, -1); err != nil {
			t.Fatal(err)
		}
		if err := c.crs.FromHouse(got); err != nil {
			t.Fatal(err)
		}
		out := farthest(got, want)
		if err := c.crs.ToHouse(got); err != nil {
			t.Fatal(err)
		}
		back := farthest(got, house)
		if out > c.most || back > c.mostWay {
			t.Errorf("%s: %.3g from PROJ (at most %g), %.3g m there and back (at most %g)", c.name, out, c.most, back, c.mostWay)
		}
		t.Logf("%s: %.3g from PROJ, %.3g m there and back", c.name, out, back)
	}
}

// The polynomials take over from the functions that they are made of in the region: there must be no step, up to the
// corners, and all of the import window must lie inside.
func TestPolynomialsHoldToTheirBounds(t *testing.T) {
	most := 0.0
	off := func(got float64, want complex128, unit float64) { most = max(most, math.Abs(got-real(want))*unit) }
	const metre = 1 / 111_000. // degrees; of isometric latitude it is less
	for _, tm := range []*transverseMercator{sweref99TM, zone1200, zone1330, zone(15)} {
		for i := -10.0; i <= 10; i++ {
			for j := -10.0; j <= 10; j++ {
				d, x := i/10*nearNorthing, j/10*nearEasting
				re, im := tm.out.complexAt(d, x)
				w := tm.unproject(complex(tm.northing+d, x))
				off(re, w, 1)
				off(im, w/1i, 1)
				d, x = i/10*nearLatitude, j/10*nearLongitude
				re, im = tm.in.complexAt(d, x)
				z := tm.project(complex(middleIsometric+d, x))
				off(re, z, metre)
				off(im, z/1i, metre)
			}
			off(isometrics.at(i/10*nearLatitude), isometricOf(complex(middle+i/10*nearLatitude, 0)), 1)
			off(latitudes.at(i/10*nearLatitude), latitudeOf(complex(middleIsometric+i/10*nearLatitude, 0)), 1)
		}
	}
	if t.Logf("%.3g degrees between polynomials and functions", most); most > 1e-12 {
		t.Errorf("%.3g degrees between polynomials and functions", most)
	}
	near := plan.Box{MinX: 500_000 - nearEasting, MaxX: 500_000 + nearEasting,
		MinY: sweref99TM.northing - nearNorthing, MaxY: sweref99TM.northing + nearNorthing}
	if !near.Contains(Window) {
		t.Errorf("the window %v is not in %v", Window, near)
	}
}

func farthest(a, b []float64) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(a[i]-b[i]))
	}
	return most
}

// Far from the central meridian the library's functions take over from the short forms: there must be no step.
func TestProjectionHoldsFarOut(t *testing.T) {
	operation := oracle(t, "OGC:CRS84")
	for lon := -29.0; lon <= 59; lon += 0.37 {
		for lat := -80.0; lat <= 85; lat += 3.3 {
			house, want := []float64{lon, lat}, []float64{lon, lat}
			if err := CRS84.ToHouse(house); err != nil {
				t.Fatal(err)
			}
			if err := operation.InverseFlatCoords(want, 2, -1, -1); err != nil {
				t.Fatal(err)
			}
			if d := farthest(house, want); d > 1e-6 {
				t.Errorf("%v, %v is %v, PROJ says %v", lon, lat, house, want)
			}
			if math.Abs(house[0]-500_000) < 0.8*6e6 && CRS84.FromHouse(house) == nil && farthest(house, []float64{lon, lat}) > 1e-9 {
				t.Errorf("%v, %v comes back as %v", lon, lat, house)
			}
		}
	}
}

func TestToHouseRefuses(t *testing.T) {
	for _, c := range []struct {
		crs    CRS
		coords []float64
		vertex string
	}{
		{CRS84, []float64{12, 58, math.NaN(), 58}, "vertex 1 "}, {House, []float64{math.Inf(1), 0}, "vertex 0 "},
		{CRS84, []float64{12, 58, 12, 58, 319755, 6400322}, "vertex 2 "}, {CRS84, []float64{12, 91}, "vertex 0 "},
		{CRS84, []float64{-120, 58}, "vertex 0 "}, {CRS{code: 3007}, []float64{150000, 6.4e6, 1e9, 1e9}, "vertex 1 "},
		{CRS{code: 3021}, []float64{1271719, 6404684, 1e12, 1e12}, "vertex 1 "}, {CRS{code: 3857}, []float64{1e9, 1e9}, "vertex 0 "},
	} {
		err := c.crs.ToHouse(append([]float64{}, c.coords...))
		if plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), c.vertex) {
			t.Errorf("%v of %v: %v; want an Invalid error that names %s", c.coords, c.crs, err, c.vertex)
		}
	}
	if err := CRS84.ToHouse(nil); err != nil {
		t.Error(err)
	}
	if err := (CRS{code: 3021}).ToHouse(nil); err != nil {
		t.Error(err)
	}
}

func TestTransformAtOnce(t *testing.T) {
	rt90 := CRS{code: 3021}
	want := placesIn(2, 200, 0)
	if err := rt90.FromHouse(want); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			got := placesIn(2, 200, 0)
			if err := rt90.FromHouse(got); err != nil || farthest(got, want) != 0 {
				t.Errorf("in parallel: %v, off by %v", err, farthest(got, want))
			}
		})
	}
	wait.Wait()
}
