package atlas_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func testLayer(id string) *plan.Layer {
	return &plan.Layer{ID: id, Theme: plan.Nature, GeometryType: plan.Polygon, Status: plan.Published, Title: plan.Text{SV: "Prov"},
		Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}, {Name: "antal", Type: plan.Integer},
			{Name: "hojd", Type: plan.Number}, {Name: "sant", Type: plan.Boolean}, {Name: "dag", Type: plan.Date}}}
}

// blob is a random polygon, one in three with a hole, one in three of two parts.
func blob(random *rand.Rand, id string) plan.Feature {
	x, y, r := 300000+150000*random.Float64(), 6400000+150000*random.Float64(), 20+500*random.Float64()
	square := func(x, y, r float64, clockwise bool) []float64 {
		ring := []float64{x - r, y - r, x + r, y - r, x + r, y + r, x - r, y + r, x - r, y - r}
		if clockwise {
			ring = []float64{x - r, y - r, x - r, y + r, x + r, y + r, x + r, y - r, x - r, y - r}
		}
		return ring
	}
	g := plan.Geometry{Type: plan.Polygon, Coords: square(x, y, r, false)}
	switch random.IntN(3) {
	case 0:
		g.Coords = append(g.Coords, square(x, y, r/2, true)...)
		g.Ends = []uint32{5, 10}
	case 1:
		g.Coords = append(g.Coords, square(x+3*r, y, r, false)...)
		g.Ends, g.Parts = []uint32{5, 10}, []uint32{1, 2}
	}
	values := []plan.Value{plan.TextValue(fmt.Sprintf("Åsnö %s", id)), plan.IntegerValue(random.Int64()), {},
		plan.BooleanValue(random.IntN(2) == 0), plan.DateValue(int64(random.IntN(40000)))}
	if random.IntN(4) > 0 {
		values[2] = plan.NumberValue(random.NormFloat64())
	}
	return plan.Feature{ID: id, Geometry: g, Values: values}
}

func node(t *testing.T, schema string) *atlas.Atlas {
	t.Helper()
	a := atlas.New(pgtest.Open(t, schema))
	if err := a.Fill(t.Context(), 2, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

// write applies what edit makes of the layer's snapshot (nil before there is one).
func write(t testing.TB, a *atlas.Atlas, layer string, edit func(*atlas.Snapshot) plan.LayerChange) plan.Revision {
	t.Helper()
	applied, err := a.Change(t.Context(), func(view *atlas.View) (plan.ChangeSet, error) {
		snapshot, _ := view.Layer(layer)
		return plan.ChangeSet{Author: "prov", Kind: plan.ChangeEdit, Layers: []plan.LayerChange{edit(snapshot)}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return applied.Record.Revision
}

func define(id string, features ...plan.Feature) func(*atlas.Snapshot) plan.LayerChange {
	return func(*atlas.Snapshot) plan.LayerChange {
		return plan.LayerChange{Layer: id, Define: testLayer(id), Add: plan.List(features)}
	}
}

// randomEdit adds, replaces and removes some features.
func randomEdit(random *rand.Rand, next *int) func(*atlas.Snapshot) plan.LayerChange {
	return func(s *atlas.Snapshot) plan.LayerChange {
		change := plan.LayerChange{Layer: s.Layer().ID, Base: s.Revision()}
		var add, replace plan.List
		for slot := range s.All("") {
			switch random.IntN(10) {
			case 0:
				change.Remove = append(change.Remove, s.ID(slot))
			case 1:
				replace = append(replace, blob(random, s.ID(slot)))
			}
		}
		for range 1 + random.IntN(30) {
			*next++
			add = append(add, blob(random, fmt.Sprint(*next)))
		}
		change.Add, change.Replace = add, replace
		return change
	}
}

// same fails unless both snapshots have the same features, vertex by vertex and value by value.
func same(t *testing.T, a, b *atlas.Snapshot) {
	t.Helper()
	if a.Revision() != b.Revision() || a.Len() != b.Len() {
		t.Fatalf("revision %d with %d features, against revision %d with %d", a.Revision(), a.Len(), b.Revision(), b.Len())
	}
	for slot := range a.All("") {
		f := a.Feature(slot)
		other, found := b.ByID(f.ID)
		if !found {
			t.Fatalf("feature %s is missing", f.ID)
		}
		g := b.Feature(other)
		if f.Since != g.Since || !slices.Equal(f.Values, g.Values) || !slices.Equal(f.Geometry.Coords, g.Geometry.Coords) ||
			!slices.Equal(f.Geometry.Ends, g.Geometry.Ends) || !slices.Equal(f.Geometry.Parts, g.Geometry.Parts) {
			t.Fatalf("feature %s differs:\n%+v\n%+v", f.ID, f, g)
		}
	}
	if a.Checksum() != b.Checksum() {
		t.Error("the features are the same, but not the checksums")
	}
}

// TestTwoNodes writes on one node and reads on the other; the database connections are cut in between.
func TestTwoNodes(t *testing.T) {
	schema := pgtest.Schema(t)
	one, two := node(t, schema), node(t, schema)
	random, next := rand.New(rand.NewPCG(1, 2)), 0
	write(t, one, "prov", define("prov"))
	for round := range 20 {
		if round%5 == 3 {
			cut(t)
		}
		retry(t, func() error { return one.Sync(t.Context()) })
		write(t, one, "prov", randomEdit(random, &next))
		retry(t, func() error { return two.Sync(t.Context()) })
		same(t, layerOf(t, one), layerOf(t, two))
	}
	// A third node reads everything afresh: what was built step by step is what is in the database.
	same(t, layerOf(t, one), layerOf(t, node(t, schema)))
}

func layerOf(t *testing.T, a *atlas.Atlas) *atlas.Snapshot {
	t.Helper()
	s, err := a.View().Layer("prov")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cut ends every connection to the database but the one that does it.
func cut(t *testing.T) {
	t.Helper()
	conn := pgtest.Connect(t, "public")
	_, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
	if err != nil {
		t.Fatal(err)
	}
}

func retry(t *testing.T, work func() error) {
	t.Helper()
	var err error
	for range 20 {
		if err = work(); err == nil {
			return
		}
		if plan.CodeOf(err) != plan.Unavailable {
			t.Fatalf("while the connections are cut: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(err)
}

// TestHintsAndPolling runs a node that only listens: it must see what another writes.
func TestHintsAndPolling(t *testing.T) {
	schema := pgtest.Schema(t)
	one, two := node(t, schema), node(t, schema)
	store := pgtest.Open(t, schema)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	hints := make(chan struct{}, 1)
	running.Go(func() { store.Listen(ctx, hints) })
	running.Go(func() { two.Run(ctx, hints, 100*time.Millisecond) })
	for i, disturb := range []func(){func() {}, func() { cut(t) }} {
		retry(t, func() error { return one.Sync(t.Context()) })
		revision := write(t, one, fmt.Sprintf("prov%d", i), define(fmt.Sprintf("prov%d", i)))
		disturb()
		for deadline := time.Now().Add(15 * time.Second); two.View().Revision() < revision; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("node two is at revision %d, want %d", two.View().Revision(), revision)
			}
		}
	}
}

// TestGivingUpIsNoOutage: whoever gives up waiting does not make the others believe that the database is away.
func TestGivingUpIsNoOutage(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	if err := a.Sync(ctx); err == nil {
		t.Error("a synchronisation that was given up has no error")
	}
	if health := a.Health(); health.Problem != nil {
		t.Errorf("the node thinks that the database is away: %v", health.Problem)
	}
}

// TestEarlierRevisions asks for every state that the layer has had, from memory and from the database.
func TestEarlierRevisions(t *testing.T) {
	schema := pgtest.Schema(t)
	one := node(t, schema)
	random, next := rand.New(rand.NewPCG(3, 4)), 0
	write(t, one, "prov", define("prov"))
	var states []*atlas.Snapshot
	for range 25 {
		write(t, one, "prov", randomEdit(random, &next))
		states = append(states, layerOf(t, one))
	}
	write(t, one, "annat", define("annat"))
	two := node(t, schema)
	for _, a := range []*atlas.Atlas{one, two} {
		for _, was := range states {
			got, err := a.Snapshot(t.Context(), "prov", was.Revision())
			if err != nil {
				t.Fatal(err)
			}
			same(t, was, got)
		}
	}
	if _, err := one.Snapshot(t.Context(), "prov", 1000); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("a revision to come: %v", err)
	}
	if _, err := one.Snapshot(t.Context(), "annat", 5); plan.CodeOf(err) != plan.NotFound {
		t.Errorf("a layer that was not there yet: %v", err)
	}
}

func TestRollBack(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random, next := rand.New(rand.NewPCG(5, 6)), 0
	write(t, a, "prov", define("prov"))
	write(t, a, "prov", randomEdit(random, &next))
	was := layerOf(t, a)
	for range 3 {
		write(t, a, "prov", randomEdit(random, &next))
	}
	write(t, a, "prov", func(s *atlas.Snapshot) plan.LayerChange {
		change, err := s.RollBack(was)
		if err != nil {
			t.Fatal(err)
		}
		return *change
	})
	is := layerOf(t, a)
	sameContent(t, was, is)
	if change, err := is.RollBack(was); change != nil || err != nil {
		t.Errorf("a second rollback would change something: %v, %v", change, err)
	}
	write(t, a, "prov", func(s *atlas.Snapshot) plan.LayerChange {
		change := plan.LayerChange{Layer: "prov", Base: s.Revision(), Drop: true}
		for slot := range s.All("") {
			change.Remove = append(change.Remove, s.ID(slot))
		}
		return change
	})
	restored, err := a.View().RollBack(was)
	if err != nil || restored.Define == nil || restored.Base != 0 {
		t.Fatalf("a deleted layer is not made anew: %+v, %v", restored, err)
	}
	write(t, a, "prov", func(*atlas.Snapshot) plan.LayerChange { return *restored })
	sameContent(t, was, layerOf(t, a))
	write(t, a, "prov", func(s *atlas.Snapshot) plan.LayerChange {
		change := plan.LayerChange{Layer: "prov", Base: s.Revision(), Drop: true}
		for slot := range s.All("") {
			change.Remove = append(change.Remove, s.ID(slot))
		}
		return change
	})
	write(t, a, "prov", func(*atlas.Snapshot) plan.LayerChange {
		layer := testLayer("prov")
		layer.GeometryType = plan.Line
		return plan.LayerChange{Layer: "prov", Define: layer}
	})
	if _, err := layerOf(t, a).RollBack(was); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("a rollback to polygons in a layer of lines: %v", err)
	}
}

// sameContent wants the same ids, shapes and values, whichever revisions made them.
func sameContent(t *testing.T, a, b *atlas.Snapshot) {
	t.Helper()
	if a.Len() == 0 || a.Len() != b.Len() {
		t.Fatalf("%d features became %d", a.Len(), b.Len())
	}
	for slot := range a.All("") {
		other, found := b.ByID(a.ID(slot))
		if !found || !a.Geometry(slot).Equal(b.Geometry(other)) || !slices.Equal(a.Values(nil, slot), b.Values(nil, other)) {
			t.Errorf("feature %s differs", a.ID(slot))
		}
	}
}

// TestReadersNeverSeeHalf reads all the time while revisions come: each view must be whole.
func TestReadersNeverSeeHalf(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random, next := rand.New(rand.NewPCG(7, 8)), 0
	write(t, a, "prov", define("prov"))
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				s, err := a.View().Layer("prov")
				if err != nil {
					t.Error(err)
					return
				}
				found := 0
				s.Search(plan.Box{MinX: 0, MinY: 0, MaxX: 1e6, MaxY: 1e7}, func(slot atlas.Slot) bool {
					found++
					return s.Feature(slot).Geometry.NumVertices() > 0
				})
				if found != s.Len() {
					t.Errorf("revision %d: the index has %d features, the layer %d", s.Revision(), found, s.Len())
				}
			}
		})
	}
	for range 30 {
		write(t, a, "prov", randomEdit(random, &next))
	}
	cancel()
	readers.Wait()
}

func TestPublishedHidesDrafts(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	write(t, a, "prov", define("prov"))
	write(t, a, "utkast", func(*atlas.Snapshot) plan.LayerChange {
		layer := testLayer("utkast")
		layer.Status = plan.Draft
		return plan.LayerChange{Layer: "utkast", Define: layer}
	})
	public := a.View().Published()
	if _, err := public.Layer("utkast"); plan.CodeOf(err) != plan.NotFound || len(public.Snapshots()) != 1 {
		t.Errorf("the draft is public: %v", err)
	}
}
