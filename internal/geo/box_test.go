package geo

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// The bounds must hold every point of the box, and no more than the bend of its edges asks for.
func TestTransformBox(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 51))
	for _, c := range Supported {
		for range 50 {
			x, y, side := 250_000+r.Float64()*200_000, 6_330_000+r.Float64()*200_000, 10+r.Float64()*60_000
			box := plan.Box{MinX: x, MinY: y, MaxX: x + side, MaxY: y + side*r.Float64()}
			there, err := TransformBox(box, House, c)
			if err != nil {
				t.Fatal(err)
			}
			inner := plan.EmptyBox
			for range 2000 {
				at := []float64{box.MinX + r.Float64()*(box.MaxX-box.MinX), box.MinY + r.Float64()*(box.MaxY-box.MinY)}
				if r.IntN(2) == 0 {
					at[r.IntN(2)] = []float64{box.MinX, box.MinY}[r.IntN(2)]
				}
				at[0], at[1] = min(max(at[0], box.MinX), box.MaxX), min(max(at[1], box.MinY), box.MaxY)
				if err := c.FromHouse(at); err != nil {
					t.Fatal(err)
				}
				inner = inner.Union(plan.Box{MinX: at[0], MinY: at[1], MaxX: at[0], MaxY: at[1]})
			}
			size := max(there.MaxX-there.MinX, there.MaxY-there.MinY)
			if outer := there.Grow(1e-7 * size); !outer.Contains(inner) {
				t.Errorf("%v of %v is %v, but a point of it makes %v", c, box, there, inner)
			}
			if there.MaxX-there.MinX > inner.MaxX-inner.MinX+0.05*size {
				t.Errorf("%v of %v is %v, much more than %v", c, box, there, inner)
			}
		}
	}
}

func TestBoxPolygon(t *testing.T) {
	for _, c := range Supported {
		house := plan.Box{MinX: 319_000, MinY: 6_400_000, MaxX: 349_000, MaxY: 6_420_000}
		there, err := TransformBox(house, House.WithXYOrder(), c)
		if err != nil {
			t.Fatal(err)
		}
		box, polygon, err := BoxPolygon([4]float64{there.MinX, there.MinY, there.MaxX, there.MaxY}, c)
		if err != nil || !box.Grow(0.01).Contains(house) || !box.Intersects(house) {
			t.Errorf("%v: %v becomes %v, %v", c, there, box, err)
		}
		if c.EPSG() == 3006 {
			if polygon != nil || box != house {
				t.Errorf("a box of EPSG:3006 becomes %v with a polygon of %v", box, polygon)
			}
			continue
		}
		if fault := Validate(*polygon); fault != nil || Area(*polygon) <= 0 {
			t.Errorf("%v: the polygon is not valid: %+v", c, fault)
		}
		if !polygonHolds(polygon, house) {
			t.Errorf("%v: the polygon does not hold the box that it was made of", c)
		}
	}
}

func polygonHolds(g *plan.Geometry, box plan.Box) bool {
	for _, corner := range [][2]float64{{box.MinX + 1, box.MinY + 1}, {box.MaxX - 1, box.MinY + 1}, {box.MaxX - 1, box.MaxY - 1}, {box.MinX + 1, box.MaxY - 1}} {
		if !ContainsPoint(*g, corner[0], corner[1]) {
			return false
		}
	}
	return true
}

// A parallel is not straight in the house: what lies right below it must not count, wherever along it.
func TestBoxPolygonFollowsTheParallel(t *testing.T) {
	_, polygon, err := BoxPolygon([4]float64{11, 58, 14.5, 58.5}, CRS84)
	if err != nil {
		t.Fatal(err)
	}
	for lon := 11.01; lon < 14.5; lon += 0.0173 {
		inside, outside := []float64{lon, 58 + 1e-6}, []float64{lon, 58 - 1e-6} // a decimetre to either side
		if CRS84.ToHouse(inside) != nil || CRS84.ToHouse(outside) != nil {
			t.Fatal("no way into the house")
		}
		if !ContainsPoint(*polygon, inside[0], inside[1]) || ContainsPoint(*polygon, outside[0], outside[1]) {
			t.Fatalf("at %v the edge of the box is not where its parallel is", lon)
		}
	}
}

func TestBoxPolygonOfTheWorld(t *testing.T) {
	center := [2]float64{380_000, 6_450_000}
	for _, c := range []struct {
		box4  [4]float64
		crs   CRS
		holds bool
	}{
		{[4]float64{-180, -90, 180, 90}, CRS84, true}, {[4]float64{-90, -180, 90, 180}, CRS{4326, true}, true},
		{[4]float64{-2.1e7, -2.1e7, 2.1e7, 2.1e7}, CRS{code: 3857}, true}, {[4]float64{-1e8, -1e8, 1e8, 1e8}, CRS{3006, true}, true},
		{[4]float64{100, -40, 120, 90}, CRS84, false}, {[4]float64{170, -90, 12, 90}, CRS84, false}, {[4]float64{170, -90, 14, 90}, CRS84, true},
		{[4]float64{12, -90, -170, 90}, CRS84, true}, {[4]float64{13.5, 50, 12.5, 60}, CRS84, false}, {[4]float64{12.9, 50, 12.8, 60}, CRS84, true},
	} {
		box, polygon, err := BoxPolygon(c.box4, c.crs)
		if err != nil {
			t.Errorf("%v of %v: %v", c.box4, c.crs, err)
			continue
		}
		if holds := inBox(&box, center[0], center[1]) && (polygon == nil || ContainsPoint(*polygon, center[0], center[1])); holds != c.holds {
			t.Errorf("%v of %v becomes %v, %+v; holds the middle of the region: %v", c.box4, c.crs, box, polygon, holds)
		}
	}
}

func TestTransformBoxOfTheWorld(t *testing.T) {
	for _, c := range []struct {
		box  plan.Box
		from CRS
	}{
		{plan.Box{MinX: -180, MinY: -90, MaxX: 180, MaxY: 90}, CRS84}, {plan.Box{MinX: -2e7, MinY: -2e7, MaxX: 2e7, MaxY: 2e7}, CRS{code: 3857}},
		{plan.Box{MinX: -90, MinY: -180, MaxX: 90, MaxY: 180}, CRS{4326, true}},
	} {
		if box, err := TransformBox(c.box, c.from, House); err != nil || !box.Contains(Window) || !reach.Grow(50_000).Contains(box) {
			t.Errorf("%v of %v becomes %v, %v", c.box, c.from, box, err)
		}
	}
	if box, err := TransformBox(plan.Box{MinX: 100, MinY: 0, MaxX: 110, MaxY: 1}, CRS84, House); err != nil || !box.IsEmpty() {
		t.Errorf("a box far away becomes %v, %v", box, err)
	}
}

func TestBoxPolygonRefuses(t *testing.T) {
	for _, c := range []struct {
		box4 [4]float64
		crs  CRS
	}{
		{[4]float64{12, 59, 13, 58}, CRS84}, {[4]float64{2, 1, 1, 2}, House}, {[4]float64{math.NaN(), 1, 1, 2}, House},
		{[4]float64{1, 1, math.Inf(1), 2}, House}, {[4]float64{6_500_000, 300_000, 6_400_000, 310_000}, CRS{3006, true}},
	} {
		if _, _, err := BoxPolygon(c.box4, c.crs); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%v of %v: %v; want an Invalid error", c.box4, c.crs, err)
		}
	}
}

func TestReadings(t *testing.T) {
	for _, p := range places {
		for _, flipped := range []bool{false, true} {
			x, y := p.e, p.n
			if flipped {
				x, y = p.n, p.e
			}
			found := false
			for _, reading := range Readings(x, y) {
				house := []float64{p.lon, p.lat}
				if err := CRS84.ToHouse(house); err != nil {
					t.Fatal(err)
				}
				if reading.CRS == (CRS{p.code, flipped}) {
					found = math.Hypot(reading.X-house[0], reading.Y-house[1]) < 0.01
				}
			}
			if !found {
				t.Errorf("%v, %v is not read as EPSG:%d, flipped %v: %+v", x, y, p.code, flipped, Readings(x, y))
			}
		}
	}
	if r := Readings(11.97456, 57.70887); len(r) != 1 || r[0].CRS != CRS84 {
		t.Errorf("lon, lat is read as %+v", r)
	}
	if r := Readings(57.70887, 11.97456); len(r) != 1 || r[0].CRS != (CRS{4326, true}) {
		t.Errorf("lat, lon is read as %+v", r)
	}
	if r := Readings(1e300, math.NaN()); len(r) != 0 {
		t.Errorf("nonsense is read as %+v", r)
	}
}

func TestDiagnose(t *testing.T) {
	for _, c := range []struct {
		declared CRS
		coords   []float64
		en       string
	}{
		{CRS84, []float64{319755.5, 6400322.8, 320000, 6400000}, "looks like EPSG:3006 SWEREF 99 TM (crs=EPSG:3006) in a CRS84 file"},
		{CRS84, []float64{6400322.8, 319755.5}, "looks like EPSG:3006 SWEREF 99 TM, N, E (crs=EPSG:3006&axis_order=yx) in a CRS84 file"},
		{CRS84, []float64{57.7, 11.97}, "looks axis-swapped: CRS84 means lon, lat here, but the coordinates come as lat, lon (crs=EPSG:4326&axis_order=yx)"},
		{House, []float64{6400322.8, 319755.5}, "looks axis-swapped: EPSG:3006 means E, N here, but the coordinates come as N, E (crs=EPSG:3006&axis_order=yx)"},
		{CRS{3006, true}, []float64{319755.5, 6400322.8}, "looks axis-swapped: EPSG:3006 means N, E here, but the coordinates come as E, N (crs=EPSG:3006)"},
		{House, []float64{11.97, 57.7}, "looks like CRS84 WGS 84 (crs=CRS84) in an EPSG:3006 file"},
		{House, []float64{1271719, 6404684}, "looks like EPSG:3021 RT 90 2.5 gon V (crs=EPSG:3021) in an EPSG:3006 file"},
		{House, []float64{1333001, 7906407}, "looks like EPSG:3857 Web Mercator (crs=EPSG:3857) in an EPSG:3006 file"},
		{House, []float64{148483, 6398858, 148000, 6398000}, "looks like EPSG:3007 SWEREF 99 12 00 (crs=EPSG:3007) or EPSG:3008 SWEREF 99 13 30 (crs=EPSG:3008) or EPSG:3009 SWEREF 99 15 00 (crs=EPSG:3009) or EPSG:3012 SWEREF 99 14 15 (crs=EPSG:3012) in an EPSG:3006 file"},
		{CRS84, []float64{0, 0}, "the coordinate is 0, 0: the position is missing"},
		{CRS84, []float64{319755.5, 6400322.8, 5, 5}, ""}, {CRS84, []float64{-100, 40}, ""}, {CRS84, nil, ""},
	} {
		got := Diagnose(c.declared, c.coords)
		if got.EN != c.en || (got.SV == "") != (c.en == "") || strings.Contains(got.SV, "%!") {
			t.Errorf("%v declared as %v: %+v; want %q", c.coords, c.declared, got, c.en)
		}
	}
}
