package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSettleUndoesTheJourney: what goes out in degrees with nine decimals and comes back is what it was, and what was
// moved stays moved.
func TestSettleUndoesTheJourney(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	earlier := make([]float64, 2000)
	for i := range earlier {
		earlier[i] = math.Round(map[bool]float64{true: 350_000, false: 6_450_000}[i%2 == 0]*1000+random.Float64()*1e8) / 1000
	}
	back := slices.Clone(earlier)
	if err := CRS84.FromHouse(back); err != nil {
		t.Fatal(err)
	}
	for i := range back {
		back[i] = math.Round(back[i]*1e9) / 1e9
	}
	if err := CRS84.ToHouse(back); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(back, earlier) {
		t.Error("the journey moves nothing, so this test says nothing")
	}
	back[10], back[21] = back[10]+0.01, back[21]-0.001
	Settle(back, earlier)
	for i := range back {
		moved := i/2 == 5 || i/2 == 10
		if moved == (back[i] == earlier[i]) && (i == 10 || i == 21 || !moved) {
			t.Errorf("coordinate %d: %v, was %v", i, back[i], earlier[i])
		}
	}
}
