package ogc

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"strukturbild/internal/geo"
)

// cut is strconv's fixed form without trailing zeros and without a negative zero.
func cut(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

func TestDegreesAreThoseOfStrconv(t *testing.T) {
	const seed = 20261122
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	check := func(v float64) {
		t.Helper()
		want := cut(strconv.FormatFloat(v, 'f', 9, 64))
		if got := string(appendDegrees(nil, v)); got != want {
			t.Fatalf("appendDegrees(%v) = %s, want %s", v, got, want)
		}
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 12, 57.7, 0.5e-9, 1.5e-9, 2.5e-9, -0.5e-9, 1e-10, -1e-10, 179.9999999995, 359.99999999999,
		180, -180, 90, 9999999.999999999, 1e7, 1e15, -1e22, 0.1, 0.125, 0.000000125, 99.99999999, 99.999999999, 100} {
		check(v)
	}
	for range 100_000 {
		check((random.Float64() - 0.5) * 360)
	}
	for range 30_000 { // exact ties and their neighbours: odd multiples of 2^-10 have a 5 as tenth decimal
		tie := float64(2*random.IntN(180*512)+1) / 1024
		check(tie)
		check(math.Nextafter(tie, 0))
		check(-math.Nextafter(tie, 200))
	}
	for range 30_000 { // nearest doubles of decimal ties
		v, _ := strconv.ParseFloat(strconv.Itoa(random.IntN(180))+"."+strconv.Itoa(1e9 + random.IntN(9e9))[1:]+"5", 64)
		check(v)
		check(-v)
	}
}

// Whoever reads CRS84 and writes back moves no vertex by more than 0.07 mm, and none that was measured in whole
// millimetres when the way back is rounded to those.
func TestMillimetresComeBack(t *testing.T) {
	const seed = 20261124
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	most := 0.0
	for range 50_000 {
		x, y := math.Round(1000*(266_646+random.Float64()*218_000))/1000, math.Round(1000*(6_335_191+random.Float64()*238_000))/1000
		at := []float64{x, y}
		if err := geo.CRS84.FromHouse(at); err != nil {
			t.Fatal(err)
		}
		for i, v := range at {
			at[i], _ = strconv.ParseFloat(string(appendDegrees(nil, v)), 64)
		}
		if err := geo.CRS84.ToHouse(at); err != nil {
			t.Fatal(err)
		}
		most = max(most, math.Hypot(at[0]-x, at[1]-y))
		if math.Round(1000*at[0])/1000 != x || math.Round(1000*at[1])/1000 != y {
			t.Fatalf("%v, %v comes back as %v", x, y, at)
		}
	}
	if t.Logf("at most %.3g m", most); most > 7e-5 {
		t.Errorf("a vertex moves by %.3g m", most)
	}
}

func TestMetresAreTheShortest(t *testing.T) {
	const seed = 20261123
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	check := func(v float64) {
		t.Helper()
		want := strconv.FormatFloat(v, 'f', -1, 64)
		got := string(appendMetres(nil, v))
		if back, err := strconv.ParseFloat(got, 64); err != nil || back != v {
			t.Fatalf("appendMetres(%v) = %s reads back as %v, %v", v, got, back, err)
		}
		if want != "-0" && got != want {
			t.Fatalf("appendMetres(%v) = %s, want %s", v, got, want)
		}
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 0.1, 6398000.125, -6398000.1, 9999999.99999999, 1e7, 1e7 + 0.1, 1e300, 5e-324, 1e-8, 1e-9, 123456789.123, 1, 1.0000000000000002, 2, math.Nextafter(2, 0), math.Nextafter(2, 3), 4194304, math.Nextafter(4194304, 5e6), math.Nextafter(4194304, 0), 0.3, 5e-9} {
		check(v)
	}
	for range 30_000 {
		v := random.Float64() * 7e6
		check(v)
		check(math.Ldexp(1+random.Float64(), random.IntN(24)))
		for _, decimals := range []float64{1, 10, 100, 1e3, 1e4, 1e6, 1e8, 1e9} {
			check(math.Round(v*decimals) / decimals)
		}
	}
}

func BenchmarkNumber(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 1024)
	forms := []struct {
		name string
		make func() float64
		text func([]byte, float64) []byte
	}{
		{"degrees", func() float64 { return 11 + 3*random.Float64() }, appendDegrees},
		{"degrees_strconv", func() float64 { return 11 + 3*random.Float64() }, func(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', 9, 64) }},
		{"metres_mm", func() float64 { return math.Round(6.4e9+1e8*random.Float64()) / 1000 }, appendMetres},
		{"metres_mm_strconv", func() float64 { return math.Round(6.4e9+1e8*random.Float64()) / 1000 }, func(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', -1, 64) }},
		{"metres_full", func() float64 { return 6.4e6 + 1e5*random.Float64() }, appendMetres},
		{"metres_full_strconv", func() float64 { return 6.4e6 + 1e5*random.Float64() }, func(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', -1, 64) }},
	}
	for _, form := range forms {
		for i := range values {
			values[i] = form.make()
		}
		b.Run(form.name, func(b *testing.B) {
			dst := make([]byte, 0, 64)
			for i := 0; b.Loop(); i++ {
				dst = form.text(dst[:0], values[i&1023])
			}
		})
	}
}
