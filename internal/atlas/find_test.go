package atlas_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/atlas"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/plantest"
)

// TestFindIsPostGIS asks random questions in every way that there is, pages through the answers and holds them against
// PostGIS: the same features in the same order.
func TestFindIsPostGIS(t *testing.T) {
	for _, kind := range []plan.GeometryType{plan.Polygon, plan.Line, plan.Point, plan.None} {
		t.Run(string(kind), func(t *testing.T) {
			random := rand.New(rand.NewPCG(11, 12))
			s, conn := prepareFind(t, random, kind)
			filter := plantest.Filter{Rand: random, Spatial: kind != plan.None}
			for range 100 {
				q := plan.Query{Filter: filter.Make(3), Sort: filter.SortKeys(), Limit: 1 + random.IntN(60)}
				where := plantest.SQL(q.Filter)
				if random.IntN(8) == 0 {
					q.Filter, where = nil, "true"
				}
				checkPages(t, s, q, idsInSQL(t, conn, "SELECT id FROM prov WHERE "+where+" "+plantest.OrderBy(q.Sort)))
			}
		})
	}
}

// prepareFind writes features in several revisions, so that slots and ids do not agree, and the same into PostGIS.
func prepareFind(t *testing.T, random *rand.Rand, kind plan.GeometryType) (*atlas.Snapshot, *pgx.Conn) {
	schema := pgtest.Schema(t)
	a := node(t, schema)
	layer := plantest.Layer("prov", kind)
	features := plantest.Features(random, layer, 200)
	write(t, a, "prov", func(*atlas.Snapshot) plan.LayerChange {
		return plan.LayerChange{Layer: "prov", Define: layer, Add: features[100:]}
	})
	write(t, a, "prov", func(s *atlas.Snapshot) plan.LayerChange {
		return plan.LayerChange{Layer: "prov", Base: s.Revision(), Add: features[:90], Remove: []string{"101", "150"}}
	})
	features = slices.Concat(features[:90], features[101:149], features[150:])
	for i := range 20 {
		features[3*i].Geometry, features[3*i].Values = plantest.Geometry(random, kind), plantest.Values(random)
	}
	write(t, a, "prov", func(s *atlas.Snapshot) plan.LayerChange {
		change := plan.LayerChange{Layer: "prov", Base: s.Revision()}
		var replace plan.List
		for i := range 20 {
			replace = append(replace, features[3*i])
		}
		change.Replace = replace
		return change
	})
	conn := pgtest.Connect(t, schema)
	if _, err := conn.Exec(t.Context(), plantest.Table(features)); err != nil {
		t.Fatal(err)
	}
	return layerOf(t, a), conn
}

func idsInSQL(t *testing.T, conn *pgx.Conn, sql string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
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
		q.Matched = page.Matched * (len(got) % 2) // told or not
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v: %d ids, want %d", q, len(got), len(want))
	}
}

func TestFindUnknownAttribute(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	write(t, a, "prov", define("prov"))
	if _, err := layerOf(t, a).Find(plan.Query{Filter: plan.IsNull{Of: plan.Property{Name: "nan"}}}); plan.CodeOf(err) != plan.Invalid {
		t.Error(err)
	}
}

// TestNamedWithOthersThatAreNot: ids of no feature beside that of one, wherever it lies in the layer.
func TestNamedWithOthersThatAreNot(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random := rand.New(rand.NewPCG(25, 26))
	write(t, a, "prov", define("prov", blob(random, "a"), blob(random, "b")))
	for _, id := range []string{"a", "b"} {
		for _, ids := range [][]string{{"none", id}, {id, "none"}, {id, id}, {"none", id, "neither", id}} {
			in := plan.In{Of: plan.Property{Name: plan.IDProperty}}
			for _, one := range ids {
				in.List = append(in.List, plan.Literal{Value: plan.TextValue(one)})
			}
			page, err := layerOf(t, a).Find(plan.Query{Filter: in})
			if err != nil || len(page.Slots) != 1 || page.Snapshot.ID(page.Slots[0]) != id || page.Matched != 1 {
				t.Errorf("%v: %v, %v", ids, page, err)
			}
		}
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
