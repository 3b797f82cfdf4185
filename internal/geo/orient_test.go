package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// orientBig is orient in rational arithmetic.
func orientBig(ax, ay, bx, by, cx, cy float64) int {
	minus := func(a, b float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(a), new(big.Rat).SetFloat64(b))
	}
	left := new(big.Rat).Mul(minus(ax, cx), minus(by, cy))
	return left.Cmp(new(big.Rat).Mul(minus(ay, cy), minus(bx, cx)))
}

func TestOrientIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	zeros := 0
	for range 20_000 {
		ax, ay := 300_000+r.Float64()*1000, 6_400_000+r.Float64()*1000
		bx, by := ax+r.Float64()*100, ay+r.Float64()*100
		if r.IntN(2) == 0 { // coordinates of a millimetre grid are on one line now and then
			ax, ay, bx, by = math.Round(ax), math.Round(ay), math.Round(bx), math.Round(by)
		}
		f := math.Round(r.Float64()*16) / 8
		cx, cy := ax+f*(bx-ax), ay+f*(by-ay)
		for range r.IntN(3) {
			cx = math.Nextafter(cx, float64(r.IntN(2))*1e9)
			cy = math.Nextafter(cy, float64(r.IntN(2))*1e9)
		}
		want := orientBig(ax, ay, bx, by, cx, cy)
		if want == 0 {
			zeros++
		}
		if got := orient(ax, ay, bx, by, cx, cy); got != want {
			t.Fatalf("orient(%v, %v, %v, %v, %v, %v) = %d, want %d", ax, ay, bx, by, cx, cy, got, want)
		}
	}
	if zeros < 1000 {
		t.Errorf("only %d points on the line: the test is too weak", zeros)
	}
}

func TestOrientOfAllSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	number := func() float64 { return math.Ldexp(r.Float64()-0.5, r.IntN(120)-60) }
	for range 20_000 {
		v := [6]float64{number(), number(), number(), number(), number(), number()}
		if r.IntN(2) == 0 {
			v[4], v[5] = v[0], v[1]
		}
		if got, want := orientExact(v[0], v[1], v[2], v[3], v[4], v[5]), orientBig(v[0], v[1], v[2], v[3], v[4], v[5]); got != want {
			t.Fatalf("orientExact(%v) = %d, want %d", v, got, want)
		}
	}
}
