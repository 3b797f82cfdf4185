package atlas_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// TestFindIsBruteForce compares every kind of query with a scan of all features.
func TestFindIsBruteForce(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random, next := rand.New(rand.NewPCG(11, 12)), 0
	write(t, a, "prov", define("prov"))
	for range 30 {
		write(t, a, "prov", randomEdit(random, &next))
	}
	s := layerOf(t, a)
	var all []plan.Feature
	for slot := range s.All("") {
		all = append(all, s.Feature(slot))
	}
	if !slices.IsSortedFunc(all, func(x, y plan.Feature) int { return plan.CompareIDs(x.ID, y.ID) }) {
		t.Fatal("features do not come in the order of their ids")
	}
	for i := range 200 {
		q := plan.Query{Layer: "prov", Limit: 1 + random.IntN(40)}
		if i%3 > 0 {
			x, y, d := 300000+150000*random.Float64(), 6400000+150000*random.Float64(), 40000*random.Float64()
			q.Box = &plan.Box{MinX: x, MinY: y, MaxX: x + d, MaxY: y + d}
		}
		if i%3 == 2 {
			q.Area = &plan.Geometry{Type: plan.Polygon, Coords: []float64{q.Box.MinX, q.Box.MinY, q.Box.MaxX, q.Box.MinY,
				q.Box.MinX, q.Box.MaxY, q.Box.MinX, q.Box.MinY}}
		}
		if i%5 == 0 {
			q.Equal = map[string]string{"sant": "true"}
		}
		checkPages(t, s, q, matching(all, q))
	}
}

func matching(all []plan.Feature, q plan.Query) (ids []string) {
	for _, f := range all {
		switch {
		case q.Equal != nil && f.Values[3].String() != q.Equal["sant"]:
		case q.Area != nil && !geo.Intersects(f.Geometry, *q.Area):
		case q.Box != nil && !geo.IntersectsBox(f.Geometry, *q.Box):
		default:
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// checkPages follows the cursor to the end: every match once, in order, with the same total on each page.
func checkPages(t *testing.T, s *atlas.Snapshot, q plan.Query, want []string) {
	t.Helper()
	var got []string
	for {
		page, err := s.Find(q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Matched != len(want) {
			t.Fatalf("%+v: matched %d, want %d", q, page.Matched, len(want))
		}
		if len(page.Slots) > q.Limit || (page.Next != "" && len(page.Slots) != q.Limit) {
			t.Fatalf("%+v: a page of %d, next %q", q, len(page.Slots), page.Next)
		}
		for _, slot := range page.Slots {
			got = append(got, s.ID(slot))
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v: %d ids, want %d", q, len(got), len(want))
	}
}

func TestFindUnknownAttribute(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	write(t, a, "prov", define("prov"))
	if _, err := layerOf(t, a).Find(plan.Query{Equal: map[string]string{"nan": "1"}}); plan.CodeOf(err) != plan.Invalid {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random := rand.New(rand.NewPCG(21, 22))
	var features plan.List
	for i := range 50 {
		features = append(features, blob(random, fmt.Sprint(i+1)))
	}
	write(t, a, "prov", define("prov", features...))
	s := layerOf(t, a)
	anonymous := slices.Clone(features)
	for i := range anonymous {
		anonymous[i].ID = ""
	}
	changed := slices.Clone(features[:49])
	changed[0] = blob(random, "1")
	for name, c := range map[string]struct {
		features                    plan.List
		mode                        plan.UploadMode
		added, replaced, gone, same int
	}{
		"the same file again":             {features, plan.UploadReplace, 0, 0, 0, 50},
		"the same file without ids":       {anonymous, plan.UploadReplace, 0, 0, 0, 50},
		"one changed, one missing":        {changed, plan.UploadReplace, 0, 1, 1, 48},
		"upsert leaves what is not named": {changed, plan.UploadUpsert, 0, 1, 0, 48},
		"append without ids":              {anonymous, plan.UploadAppend, 50, 0, 0, 0},
		"nothing replaces everything":     {nil, plan.UploadReplace, 0, 0, 50, 0},
	} {
		got, err := s.Compare(c.features, c.mode)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ch := got.Change.Counts()
		if ch.Added != c.added || ch.Changed != c.replaced || ch.Removed != c.gone || got.Same != c.same {
			t.Errorf("%s: %d added, %d replaced, %d removed, %d same", name, ch.Added, ch.Changed, ch.Removed, got.Same)
		}
	}
	if _, err := s.Compare(features, plan.UploadAppend); plan.CodeOf(err) != plan.Exists {
		t.Errorf("append with taken ids: %v", err)
	}
	if _, err := s.Compare(anonymous, plan.UploadUpsert); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("upsert without ids: %v", err)
	}
	given, err := s.Compare(anonymous, plan.UploadAppend)
	if err != nil || given.Change.Add.ID(0) != "51" {
		t.Errorf("the first new id is %q, want 51 (%v)", given.Change.Add.ID(0), err)
	}
}
