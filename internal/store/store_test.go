package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// everyKind is a layer with an attribute of every kind.
func everyKind(id string) *plan.Layer {
	return &plan.Layer{ID: id, Theme: plan.Nature, GeometryType: plan.Polygon, Status: plan.Draft,
		Title: plan.Text{SV: "Prov åäö"}, Attributes: []plan.Attribute{
			{Name: "namn", Type: plan.String}, {Name: "antal", Type: plan.Integer}, {Name: "hojd", Type: plan.Number},
			{Name: "sant", Type: plan.Boolean}, {Name: "dag", Type: plan.Date}, {Name: "stund", Type: plan.DateTime}}}
}

func square(id string, x, y float64) plan.Feature {
	day, _ := plan.ParseDate("1889-02-28")
	instant, _ := plan.ParseDateTime("2026-11-22T10:00:00.123456+01:00")
	return plan.Feature{ID: id,
		Geometry: plan.Geometry{Type: plan.Polygon, Coords: []float64{x, y, x + 0.1, y, x + 0.1, y + 0.3, x, y + 0.3, x, y}},
		Values: []plan.Value{plan.TextValue("Ås \"<&'\n" + id), plan.IntegerValue(9007199254740993), plan.NumberValue(0.1),
			plan.BooleanValue(false), day, instant}}
}

func mustApply(t *testing.T, s *store.Store, changes plan.ChangeSet) plan.Applied {
	t.Helper()
	applied, err := s.Apply(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func changeSet(layers ...plan.LayerChange) plan.ChangeSet {
	return plan.ChangeSet{Author: "prov", Kind: plan.ChangeEdit, Note: "å", Layers: layers}
}

// contents reads a whole layer, as it is (at 0) or was, as id@since -> feature.
func contents(t *testing.T, s *store.Store, layer string, at plan.Revision) (features []plan.Feature) {
	t.Helper()
	picture, err := s.Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close(t.Context())
	keep := func(f *plan.Feature) error {
		c := *f
		c.Geometry.Coords = slices.Clone(f.Geometry.Coords)
		c.Values = slices.Clone(f.Values)
		for i, v := range c.Values {
			if v.Kind() == plan.String {
				c.Values[i] = plan.TextValue(strings.Clone(v.Text()))
			}
		}
		features = append(features, c)
		return nil
	}
	if at != 0 {
		was, _, err := picture.LayerAt(t.Context(), layer, at)
		if err != nil {
			t.Fatal(err)
		}
		err = picture.FeaturesAt(t.Context(), was, at, keep)
		if err != nil {
			t.Fatal(err)
		}
		return features
	}
	for _, l := range picture.Layers() {
		if l.ID == layer {
			if err := picture.Features(t.Context(), &l, 0, keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.SortFunc(features, func(a, b plan.Feature) int { return plan.CompareIDs(a.ID, b.ID) })
	return features
}

func ids(features []plan.Feature) (list []string) {
	for _, f := range features {
		list = append(list, fmt.Sprintf("%s@%d", f.ID, f.Since))
	}
	return list
}

func TestEveryValueAndVertexSurvives(t *testing.T) {
	s := pgtest.Open(t, "")
	want := []plan.Feature{square("å1", 300000.1, 6400000.7), square("2", 1/3.0+300000, 6500000)}
	want[1].Values = make([]plan.Value, 6) // all null
	want[1].Geometry.Ends, want[1].Geometry.Parts = nil, nil
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List(want)}))
	got := contents(t, s, "prov", 0)
	if len(got) != 2 {
		t.Fatalf("%d features, want 2", len(got))
	}
	byID := map[string]plan.Feature{got[0].ID: got[0], got[1].ID: got[1]}
	for _, w := range want {
		g := byID[w.ID]
		if !slices.Equal(g.Geometry.Coords, w.Geometry.Coords) || !slices.Equal(g.Values, w.Values) || g.Since != 1 {
			t.Errorf("feature %s came back as %+v, want %+v", w.ID, g, w)
		}
	}
}

func TestHistoryGivesEveryEarlierState(t *testing.T) {
	s := pgtest.Open(t, "")
	layer := everyKind("prov")
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: layer, Add: plan.List{square("1", 3e5, 64e5), square("2", 3e5, 64e5)}}))
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Base: 1, Replace: plan.List{square("1", 4e5, 64e5)}}))
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Base: 2, Remove: []string{"2"}, Add: plan.List{square("10", 3e5, 65e5)}}))
	for at, want := range map[plan.Revision][]string{1: {"1@1", "2@1"}, 2: {"1@2", "2@1"}, 3: {"1@2", "10@3"}} {
		if got := ids(contents(t, s, "prov", at)); !slices.Equal(got, want) {
			t.Errorf("at revision %d: %v, want %v", at, got, want)
		}
	}
	records, err := s.Revisions(t.Context(), store.RevisionQuery{Layer: "prov", Limit: 10})
	if err != nil || len(records) != 3 {
		t.Fatalf("%v, %v", records, err)
	}
	if c := records[0].Layers[0]; c.Added != 1 || c.Removed != 1 || c.Changed != 0 || records[0].Author != "prov" {
		t.Errorf("newest revision is told as %+v", records[0])
	}
}

func TestAllOrNothing(t *testing.T) {
	s := pgtest.Open(t, "")
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List{square("1", 3e5, 64e5)}}))
	for name, change := range map[string]plan.LayerChange{
		"stale base":              {Layer: "prov", Base: 7, Add: plan.List{square("5", 3e5, 64e5)}},
		"taken id":                {Layer: "prov", Base: 1, Add: plan.List{square("4", 3e5, 64e5), square("1", 3e5, 64e5)}},
		"replace what is gone":    {Layer: "prov", Base: 1, Add: plan.List{square("4", 3e5, 64e5)}, Replace: plan.List{square("3", 3e5, 64e5)}},
		"remove what is gone":     {Layer: "prov", Base: 1, Remove: []string{"1", "3"}},
		"define what is there":    {Layer: "prov", Define: everyKind("prov")},
		"layer that is not there": {Layer: "annat", Add: plan.List{square("4", 3e5, 64e5)}},
	} {
		// A good change to another layer must go with the bad one.
		good := plan.LayerChange{Layer: "bra", Define: everyKind("bra"), Add: plan.List{square("1", 3e5, 64e5)}}
		if _, err := s.Apply(t.Context(), changeSet(good, change)); plan.CodeOf(err) != plan.Stale {
			t.Errorf("%s: %v, want stale", name, err)
		}
	}
	if got := ids(contents(t, s, "prov", 0)); !slices.Equal(got, []string{"1@1"}) {
		t.Errorf("the layer holds %v", got)
	}
	if latest, _ := s.Latest(t.Context()); latest != 1 {
		t.Errorf("revision %d, want 1", latest)
	}
	if got := contents(t, s, "bra", 0); got != nil {
		t.Errorf("the other layer holds %v", ids(got))
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := pgtest.Open(t, "")
	changes := changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov")})
	changes.Key, changes.Result = plan.IdempotencyKey{Key: "k", Fingerprint: "f"}, []byte("svar")
	first := mustApply(t, s, changes)
	again := mustApply(t, s, changes)
	if !again.Replayed || again.Record.Revision != first.Record.Revision || string(again.Result) != "svar" {
		t.Errorf("the repetition gives %+v", again)
	}
	changes.Key.Fingerprint = "another request"
	if _, err := s.Apply(t.Context(), changes); plan.CodeOf(err) != plan.Exists {
		t.Errorf("the same key for another request: %v", err)
	}
	changes.Author = "someone else"
	if _, err := s.Apply(t.Context(), changes); plan.CodeOf(err) != plan.Stale {
		t.Errorf("another author's key is another key: %v", err)
	}
}

// TestWritersInParallel has many writers at one layer: each revision is somebody's, none is lost or skipped.
func TestWritersInParallel(t *testing.T) {
	s := pgtest.Open(t, "")
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov")}))
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := 0; i < 5; {
				base, err := s.Latest(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				add := square(fmt.Sprintf("w%d_%d", w, i), 3e5, 64e5)
				_, err = s.Apply(t.Context(), changeSet(plan.LayerChange{Layer: "prov", Base: base, Add: plan.List{add}}))
				switch plan.CodeOf(err) {
				case plan.Stale:
				default:
					if err != nil {
						t.Error(err)
						return
					}
					i++
				}
			}
		})
	}
	group.Wait()
	if latest, _ := s.Latest(t.Context()); latest != 41 {
		t.Errorf("revision %d, want 41", latest)
	}
	if got := contents(t, s, "prov", 0); len(got) != 40 {
		t.Errorf("%d features, want 40", len(got))
	}
}

func TestOrderInSQLIsCompareIDs(t *testing.T) {
	s := pgtest.Open(t, "")
	var want []string
	var add []plan.Feature
	for _, id := range []string{"1", "2", "9", "a", "Z", "å", "10", "99", "aa", "ö1", "100", "demo_1"} {
		want = append(want, id+"@1")
		add = append(add, square(id, 3e5, 64e5))
	}
	slices.SortFunc(want, func(a, b string) int {
		return plan.CompareIDs(strings.TrimSuffix(a, "@1"), strings.TrimSuffix(b, "@1"))
	})
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List(add)}))
	if got := ids(contents(t, s, "prov", 1)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNextIDIsNeverUsedTwice(t *testing.T) {
	s := pgtest.Open(t, "")
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List{square("41", 3e5, 64e5)}}))
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Base: 1, Remove: []string{"41"}}))
	picture, err := s.Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close(t.Context())
	if next := picture.Layers()[0].NextID; next != 42 {
		t.Errorf("next id %d, want 42", next)
	}
}

func TestLayerComesAndGoesAndComesBack(t *testing.T) {
	s := pgtest.Open(t, "")
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List{square("1", 3e5, 64e5)}}))
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Base: 1, Drop: true, Remove: []string{"1"}}))
	if got := contents(t, s, "prov", 0); got != nil {
		t.Errorf("the dropped layer holds %v", ids(got))
	}
	mustApply(t, s, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov"), Add: plan.List{square("2", 3e5, 64e5)}}))
	if got := ids(contents(t, s, "prov", 0)); !slices.Equal(got, []string{"2@3"}) {
		t.Errorf("the new layer holds %v", got)
	}
	if got := ids(contents(t, s, "prov", 1)); !slices.Equal(got, []string{"1@1"}) {
		t.Errorf("at revision 1 the layer held %v", got)
	}
	picture, err := s.Picture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close(t.Context())
	if _, _, err := picture.LayerAt(t.Context(), "prov", 2); plan.CodeOf(err) != plan.NotFound {
		t.Errorf("at revision 2 there was no layer, but: %v", err)
	}
}

func TestTokens(t *testing.T) {
	schema := pgtest.Schema(t)
	s := pgtest.Open(t, schema)
	token, err := s.CreateToken(t.Context(), "Åsa", plan.Officer)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := s.Principal(t.Context(), token); err != nil || who != (plan.Principal{Name: "Åsa", Role: plan.Officer}) {
		t.Errorf("%+v, %v", who, err)
	}
	if _, err := s.CreateToken(t.Context(), "Åsa", plan.Viewer); plan.CodeOf(err) != plan.Exists {
		t.Errorf("a second token of the same name: %v", err)
	}
	var stored int
	conn := pgtest.Connect(t, schema)
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM token WHERE encode(hash, 'escape') LIKE '%strb_%' OR name LIKE '%strb_%'").Scan(&stored); err != nil || stored != 0 {
		t.Errorf("the token is in the database: %d, %v", stored, err)
	}
	if err := s.RevokeToken(t.Context(), "Åsa"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Principal(t.Context(), token); plan.CodeOf(err) != plan.Forbidden {
		t.Errorf("the revoked token: %v", err)
	}
}

func TestListenHearsOtherNodes(t *testing.T) {
	schema := pgtest.Schema(t)
	one, two := pgtest.Open(t, schema), pgtest.Open(t, schema)
	ctx, cancel := context.WithCancel(t.Context())
	hints := make(chan struct{}, 1)
	var listening sync.WaitGroup
	listening.Go(func() { two.Listen(ctx, hints) })
	defer listening.Wait()
	defer cancel()
	await := func(what string) {
		select {
		case <-hints:
		case <-time.After(10 * time.Second):
			t.Fatal("no hint " + what)
		}
	}
	await("on connecting")
	mustApply(t, one, changeSet(plan.LayerChange{Layer: "prov", Define: everyKind("prov")}))
	await("after a change")
}

func TestDatabaseThatIsNotThere(t *testing.T) {
	_, err := store.Open(t.Context(), store.Options{URL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"})
	if plan.CodeOf(err) != plan.Unavailable {
		t.Errorf("%v", err)
	}
}
