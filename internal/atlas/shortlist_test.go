package atlas

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestShortlist holds the first of many candidates, in any order and with ids of every length, against sorting them all.
func TestShortlist(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		b := newBuilder(&plan.Layer{ID: "x"})
		ids := someIDs(random, 1+random.IntN(60))
		for _, id := range ids {
			b.put(&plan.Feature{ID: id})
		}
		limit := random.IntN(2 * len(ids))
		l := shortlist{order: &order{snapshot: &b.next}, limit: limit}
		for _, i := range random.Perm(len(ids)) {
			l.add(Slot(i))
		}
		slots, more := l.slots()
		var got []string
		for _, slot := range slots {
			got = append(got, b.next.ID(slot))
		}
		want := slices.SortedFunc(slices.Values(ids), plan.CompareIDs)
		if limit > 0 && limit < len(want) {
			want = want[:limit]
		}
		if !slices.Equal(got, want) || more != (len(want) < len(ids)) {
			t.Fatalf("of %q the first %d are %q, %v; want %q", ids, limit, got, more, want)
		}
	}
}

// someIDs gives different ids: many that begin alike, and some so long that a byte can't tell their length.
func someIDs(random *rand.Rand, n int) (ids []string) {
	known := map[string]bool{}
	for len(ids) < n {
		id := strings.Repeat("å", random.IntN(3)*random.IntN(64)) + strings.Repeat("a", random.IntN(9)) + string(rune('a'+random.IntN(26)))
		if !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
