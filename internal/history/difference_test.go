package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/history"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

const (
	west, south = 350_000.0, 6_450_000.0
	tiles       = 3
	tile        = 4_000.0
)

// kommuner tile a square, with wavy borders that neighbours share.
func kommuner(random *rand.Rand) plan.LayerChange {
	var nodes [tiles + 1][tiles + 1][2]float64
	for i := range nodes {
		for j := range nodes[i] {
			nodes[i][j] = [2]float64{west + tile*float64(i) + 900*random.Float64(), south + tile*float64(j) + 900*random.Float64()}
		}
	}
	layer := &plan.Layer{ID: "kommun", Theme: plan.Administrative, GeometryType: plan.Polygon, Status: plan.Published, Title: plan.Text{SV: "Kommuner"},
		Attributes: []plan.Attribute{{Name: "kommunkod", Type: plan.String}, {Name: "namn", Type: plan.String}}}
	var features plan.List
	for i := range tiles {
		for j := range tiles {
			a, b, c, d := nodes[i][j], nodes[i+1][j], nodes[i+1][j+1], nodes[i][j+1]
			kod := fmt.Sprintf("14%02d", i*tiles+j)
			features = append(features, plan.Feature{ID: kod, Values: []plan.Value{plan.TextValue(kod), plan.TextValue("Kommun " + kod)},
				Geometry: plan.Geometry{Type: plan.Polygon, Coords: []float64{a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1], a[0], a[1]}}})
		}
	}
	return plan.LayerChange{Layer: "kommun", Define: layer, Add: features}
}

// figure is a random one around a place that may lie on a border or outside.
func figure(random *rand.Rand, kind plan.GeometryType) plan.Geometry {
	x, y := west-500+random.Float64()*(tiles*tile+1000), south-500+random.Float64()*(tiles*tile+1000)
	switch kind {
	case plan.Point:
		return plan.Geometry{Type: kind, Coords: []float64{x, y}}
	case plan.Line:
		g := plan.Geometry{Type: kind}
		for i := range 2 + random.IntN(5) {
			g.Coords = append(g.Coords, x+float64(i)*300*random.Float64(), y+900*random.Float64())
		}
		return g
	}
	n, g := 3+random.IntN(12), plan.Geometry{Type: kind}
	for i := range n {
		angle, r := 2*math.Pi*float64(i)/float64(n), 30+700*random.Float64()
		g.Coords = append(g.Coords, x+r*math.Cos(angle), y+r*math.Sin(angle))
	}
	g.Coords = append(g.Coords, g.Coords[:2]...)
	return g
}

// nudged moves one vertex, or all of them: what editing does.
func nudged(random *rand.Rand, g plan.Geometry) plan.Geometry {
	g.Coords = slices.Clone(g.Coords)
	if random.IntN(2) == 0 {
		for i := range g.Coords {
			g.Coords[i] += 40
		}
		return g
	}
	i := 2 * random.IntN(len(g.Coords)/2)
	g.Coords[i] += 25
	if g.Type == plan.Polygon && (i == 0 || i == len(g.Coords)-2) {
		last := len(g.Coords) - 2
		g.Coords[0], g.Coords[last] = g.Coords[i], g.Coords[i]
	}
	return g
}

// world is an atlas over PostGIS in which one layer is edited at random.
type world struct {
	*testing.T
	*atlas.Atlas
	schema string
	random *rand.Rand
	kind   plan.GeometryType
	next   int
}

func newWorld(t *testing.T, kind plan.GeometryType, seed uint64) *world {
	schema := pgtest.Schema(t)
	w := &world{T: t, Atlas: atlas.New(pgtest.Open(t, schema)), schema: schema, random: rand.New(rand.NewPCG(seed, 1)), kind: kind}
	if err := w.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	w.write(kommuner(w.random))
	w.write(plan.LayerChange{Layer: "prov", Define: w.layer("namn", "antal")})
	return w
}

func (w *world) layer(attributes ...string) *plan.Layer {
	layer := &plan.Layer{ID: "prov", Theme: plan.Nature, GeometryType: w.kind, Status: plan.Published, Title: plan.Text{SV: "Prov"}}
	for _, name := range attributes {
		layer.Attributes = append(layer.Attributes, plan.Attribute{Name: name, Type: plan.String})
	}
	return layer
}

func (w *world) write(change plan.LayerChange) plan.RevisionRecord {
	w.Helper()
	applied, err := w.Change(w.Context(), func(view *atlas.View) (plan.ChangeSet, error) {
		if is, err := view.Layer(change.Layer); err == nil {
			change.Base = is.Revision()
		}
		return plan.ChangeSet{Author: "prov", Kind: plan.ChangeEdit, Layers: []plan.LayerChange{change}}, nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return applied.Record
}

func (w *world) now() *atlas.Snapshot {
	s, err := w.View().Layer("prov")
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// edit adds, removes, moves and renames a part of the features.
func (w *world) edit() plan.LayerChange {
	s := w.now()
	var add, replace plan.List
	change := plan.LayerChange{Layer: "prov"}
	for slot := range s.All("") {
		f := s.Feature(slot)
		switch w.random.IntN(6) {
		case 0:
			change.Remove = append(change.Remove, f.ID)
		case 1:
			replace = append(replace, plan.Feature{ID: f.ID, Values: f.Values, Geometry: nudged(w.random, f.Geometry)})
		case 2:
			values := slices.Clone(f.Values)
			values[w.random.IntN(len(values))] = plan.TextValue(fmt.Sprint(w.random.IntN(5)))
			replace = append(replace, plan.Feature{ID: f.ID, Values: values, Geometry: f.Geometry})
		case 3:
			replace = append(replace, plan.Feature{ID: f.ID, Values: f.Values, Geometry: figure(w.random, w.kind)})
		}
	}
	for range 20 {
		w.next++
		f := plan.Feature{ID: fmt.Sprint(w.next), Values: make([]plan.Value, len(s.Layer().Attributes)), Geometry: figure(w.random, w.kind)}
		f.Values[0] = plan.TextValue("ny")
		add = append(add, f)
	}
	change.Add, change.Replace = add, replace
	return change
}

// state is a layer as a program outside would hold it: shapes and named values by id.
type state map[string]held

type held struct {
	geometry plan.Geometry
	values   map[string]plan.Value
}

func stateOf(s *atlas.Snapshot) state {
	all := state{}
	for slot := range s.All("") {
		f := s.Feature(slot)
		all[f.ID] = hold(s.Layer(), &f)
	}
	return all
}

func hold(layer *plan.Layer, f *plan.Feature) held {
	h := held{f.Geometry, map[string]plan.Value{}}
	for i, a := range layer.Attributes {
		if !f.Values[i].IsNull() {
			h.values[a.Name] = f.Values[i]
		}
	}
	return h
}

// apply makes the earlier state the later one by what the difference says, and nothing else.
func (a state) apply(t *testing.T, d *history.Difference) {
	last := ""
	for c := range d.Changes("") {
		if last != "" && plan.CompareIDs(last, c.ID) >= 0 {
			t.Errorf("%s comes after %s", c.ID, last)
		}
		last = c.ID
		_, there := a[c.ID]
		switch {
		case (c.Kind == history.Added) == there:
			t.Errorf("feature %s is %s, but it is there: %v", c.ID, c.Kind, there)
		case c.Kind == history.Removed:
			delete(a, c.ID)
		default:
			a[c.ID] = hold(d.Is, c.After)
		}
	}
}

func equal(a, b state) bool {
	if len(a) != len(b) {
		return false
	}
	for id, one := range a {
		other, found := b[id]
		if !found || !one.geometry.Equal(other.geometry) || len(one.values) != len(other.values) {
			return false
		}
		for name, value := range one.values {
			if other.values[name] != value {
				return false
			}
		}
	}
	return true
}

func (w *world) at(revision plan.Revision) *atlas.Snapshot {
	s, err := w.Snapshot(w.Context(), "prov", revision)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// TestDifferenceAppliedToOneStateGivesTheOther edits layers of every type at random, their schema too, and takes every
// pair of revisions, both ways.
func TestDifferenceAppliedToOneStateGivesTheOther(t *testing.T) {
	for seed, kind := range []plan.GeometryType{plan.Polygon, plan.Line, plan.Point} {
		w := newWorld(t, kind, uint64(seed))
		first := w.View().Revision()
		for i := range 5 {
			w.write(w.edit())
			switch i {
			case 1:
				w.write(plan.LayerChange{Layer: "prov", Define: w.layer("namn", "antal", "klass")})
			case 3:
				w.write(plan.LayerChange{Layer: "prov", Define: w.layer("namn", "klass")})
			}
		}
		latest := w.View().Revision()
		for from := first; from <= latest; from++ {
			for to := first; to <= latest; to++ {
				was, is := w.at(from), w.at(to)
				d := history.Between(was, is)
				summary, err := d.Summary(w.View().Partition())
				if err != nil {
					t.Fatal(err)
				}
				got := stateOf(was)
				got.apply(t, d)
				if !equal(got, stateOf(is)) {
					t.Errorf("%s: revision %d with its difference from %d is not revision %d", kind, from, to, to)
				}
				if n := summary.Added + summary.Changed + summary.Unchanged; n != is.Len() {
					t.Errorf("%s: %d to %d: %+v of %d features", kind, from, to, summary, is.Len())
				}
			}
		}
	}
}

// TestPendingChangeIsTheDifferenceItMakes holds what a dry run tells against what the same change does.
func TestPendingChangeIsTheDifferenceItMakes(t *testing.T) {
	w := newWorld(t, plan.Polygon, 7)
	for range 3 {
		was, change := w.now(), w.edit()
		told, partition := history.Of(was, &change), w.View().Partition()
		toldSummary, err := told.Summary(partition)
		if err != nil {
			t.Fatal(err)
		}
		record := w.write(change)
		made := history.Between(was, w.now())
		summary, err := made.Summary(partition)
		if err != nil {
			t.Fatal(err)
		}
		one, _ := json.Marshal(toldSummary)
		other, _ := json.Marshal(summary)
		if !bytes.Equal(one, other) {
			t.Errorf("told: %s\nmade: %s", one, other)
		}
		var touched []string
		for _, k := range summary.Kommuner {
			touched = append(touched, k.Kommun)
		}
		if len(touched) == tiles*tiles+1 {
			touched = touched[:tiles*tiles] // nothing more is looked for when every municipality is found
		}
		if !slices.Equal(record.Layers[0].Kommuner, touched) {
			t.Errorf("the record tells of %v, the difference of %v", record.Layers[0].Kommuner, touched)
		}
	}
}

// TestFiguresAgainstPostGIS measures with ST_Difference what came and went, as a whole and in each municipality.
func TestFiguresAgainstPostGIS(t *testing.T) {
	for _, c := range []struct {
		kind    plan.GeometryType
		measure string
		figures func(*plan.Growth) (added, removed, net *float64)
	}{
		{plan.Polygon, "ST_Area(%s) / 10000", func(g *plan.Growth) (_, _, _ *float64) { return g.AreaAddedHa, g.AreaRemovedHa, g.AreaNetHa }},
		{plan.Line, "ST_Length(%s)", func(g *plan.Growth) (_, _, _ *float64) { return g.LengthAddedM, g.LengthRemovedM, g.LengthNetM }},
	} {
		w := newWorld(t, c.kind, 11)
		for range 3 {
			w.write(w.edit())
		}
		from := w.View().Revision()
		for range 2 {
			w.write(w.edit())
		}
		summary, err := history.Between(w.at(from), w.now()).Summary(w.View().Partition())
		if err != nil {
			t.Fatal(err)
		}
		want, err := measured(t.Context(), w, from, c.measure)
		if err != nil {
			t.Fatal(err)
		}
		added, removed, net := c.figures(&summary.Growth)
		scale := *added + *removed
		var sums [3]float64
		for _, k := range summary.Kommuner {
			a, r, n := c.figures(&k.Growth)
			sums[0], sums[1], sums[2] = sums[0]+*a, sums[1]+*r, sums[2]+*n
			if k.Kommun == plan.OutsideKommun {
				continue
			}
			if got := want[k.Kommun]; math.Abs(*a-got[0]) > 1e-9*scale || math.Abs(*r-got[1]) > 1e-9*scale {
				t.Errorf("%s in %s: +%v -%v, PostGIS says %v", c.kind, k.Kommun, *a, *r, got)
			}
		}
		whole := want[""]
		for i, figure := range []float64{*added, *removed, *net} {
			if math.Abs(figure-sums[i]) > 1e-9*scale {
				t.Errorf("%s: the municipalities add up to %v, the whole is %v", c.kind, sums[i], figure)
			}
		}
		if math.Abs(*added-whole[0]) > 1e-9*scale || math.Abs(*removed-whole[1]) > 1e-9*scale {
			t.Errorf("%s: +%v -%v, PostGIS says %v", c.kind, *added, *removed, whole)
		}
		t.Logf("%s: +%v -%v in %d municipalities", c.kind, *added, *removed, len(summary.Kommuner))
	}
}

// measured gives what came and went since the revision by kommunkod, "" for the whole.
func measured(ctx context.Context, w *world, from plan.Revision, measure string) (map[string][2]float64, error) {
	conn := pgtest.Connect(w, w.schema)
	var kommun, prov int
	for id, number := range map[string]*int{"kommun": &kommun, "prov": &prov} {
		if err := conn.QueryRow(ctx, "SELECT partition FROM layer WHERE id = $1", id).Scan(number); err != nil {
			return nil, err
		}
	}
	rows, err := conn.Query(ctx, fmt.Sprintf(`
		WITH was AS (
			SELECT id, geom FROM feature_%[1]d WHERE valid_from <= $1
			UNION ALL SELECT id, geom FROM feature_past_%[1]d WHERE valid_from <= $1 AND valid_to > $1),
		is_now AS (SELECT id, geom FROM feature_%[1]d),
		both_states AS (SELECT was.geom AS a, is_now.geom AS b FROM was FULL JOIN is_now USING (id) WHERE NOT coalesce(was.geom = is_now.geom AND ST_OrderingEquals(was.geom, is_now.geom), false)),
		moved AS (SELECT CASE WHEN a IS NULL THEN b ELSE ST_Difference(b, a) END AS came, CASE WHEN b IS NULL THEN a ELSE ST_Difference(a, b) END AS went FROM both_states),
		places AS (SELECT id, geom FROM feature_%[2]d UNION ALL SELECT '', NULL)
		SELECT p.id,
			coalesce(sum(%[3]s), 0), coalesce(sum(%[4]s), 0)
		FROM moved m CROSS JOIN places p GROUP BY p.id`, prov, kommun,
		fmt.Sprintf(measure, "CASE WHEN p.geom IS NULL THEN m.came ELSE ST_Intersection(m.came, p.geom) END"),
		fmt.Sprintf(measure, "CASE WHEN p.geom IS NULL THEN m.went ELSE ST_Intersection(m.went, p.geom) END")), from)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	figures := map[string][2]float64{}
	for rows.Next() {
		var kod string
		var came, went float64
		if err := rows.Scan(&kod, &came, &went); err != nil {
			return nil, err
		}
		figures[kod] = [2]float64{came, went}
	}
	return figures, rows.Err()
}

// TestPagesMakeTheWhole cuts documents into pages and wants every change once.
func TestPagesMakeTheWhole(t *testing.T) {
	w := newWorld(t, plan.Polygon, 3)
	from := w.View().Revision()
	for range 4 {
		w.write(w.edit())
	}
	d := history.Between(w.at(from+1), w.now())
	whole := slices.Collect(d.Changes(""))
	for _, limit := range []int{1, 7, len(whole), len(whole) + 1} {
		var ids []string
		for after, more := "", true; more; {
			page := d.Page(after, limit)
			for _, c := range page.Changes {
				ids = append(ids, c.ID)
			}
			after, more = page.Next, page.Next != ""
		}
		if len(ids) != len(whole) || len(slices.Compact(ids)) != len(whole) {
			t.Errorf("pages of %d: %d changes, want %d", limit, len(ids), len(whole))
		}
	}
}

// TestDocument reads back what was written.
func TestDocument(t *testing.T) {
	w := newWorld(t, plan.Polygon, 5)
	w.write(w.edit())
	from := w.View().Revision()
	w.write(w.edit())
	d := history.Between(w.at(from), w.now())
	var text bytes.Buffer
	document := history.Document{Layer: "prov", From: from, To: from + 1, Page: d.Page("", 1000), CRS: geo.CRS84}
	if err := document.Write(&text); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Added, Removed []json.RawMessage
		Changed        []struct {
			ID     string
			Fields []struct {
				Name          string
				Before, After any
			}
			GeometryChanged  bool     `json:"geometry_changed"`
			AreaDifferenceHa *float64 `json:"area_difference_ha"`
			Before, After    struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(text.Bytes(), &read); err != nil {
		t.Fatalf("%v: %.500s", err, text.Bytes())
	}
	counts := map[history.Kind]int{}
	for c := range d.Changes("") {
		counts[c.Kind]++
	}
	if len(read.Added) != counts[history.Added] || len(read.Removed) != counts[history.Removed] || len(read.Changed) != counts[history.Changed] || len(read.Changed) == 0 {
		t.Errorf("%d, %d, %d of %v", len(read.Added), len(read.Removed), len(read.Changed), counts)
	}
	for _, c := range read.Changed {
		if !c.GeometryChanged && len(c.Fields) == 0 || c.AreaDifferenceHa == nil {
			t.Errorf("feature %s: nothing is told to differ: %+v", c.ID, c)
		}
		for _, f := range c.Fields {
			if f.Before == f.After || c.Before.Properties[f.Name] != f.Before || c.After.Properties[f.Name] != f.After {
				t.Errorf("feature %s: %+v against %v and %v", c.ID, f, c.Before.Properties, c.After.Properties)
			}
		}
	}
}

// TestOneFigureHidesNoOthers: a change that GEOS refuses to measure is counted and named, and the others are measured.
func TestOneFigureHidesNoOthers(t *testing.T) {
	w := newWorld(t, plan.Polygon, 7)
	square := func(x, side float64) plan.Geometry {
		return plan.Geometry{Type: plan.Polygon, Coords: []float64{x, south + 500, x + side, south + 500, x + side, south + 500 + side, x, south + 500 + side, x, south + 500}}
	}
	flat := plan.Geometry{Type: plan.Polygon, Coords: []float64{west + 2000, south + 2000, west + tile + 2000, south + 2000, west + 2000, south + 2000}}
	none := []plan.Value{{}, {}}
	was := plan.List{{ID: "a", Values: none, Geometry: square(west+1500, 100)}, {ID: "b", Values: none, Geometry: square(west+1000, tile)}}
	w.write(plan.LayerChange{Layer: "prov", Add: was})
	change := plan.LayerChange{Layer: "prov", Replace: plan.List{{ID: "a", Values: none, Geometry: square(west+1500, 200)}, {ID: "b", Values: none, Geometry: flat}}}
	summary, err := history.Of(w.now(), &change).Summary(w.View().Partition())
	if err != nil {
		t.Fatal(err)
	}
	if summary.Changed != 2 || *summary.AreaAddedHa != 3 || len(summary.Kommuner) < 2 {
		t.Errorf("%+v", summary)
	}
	if len(summary.NotMeasured) != 1 || summary.NotMeasured[0].ID != "b" || summary.NotMeasured[0].Reason == "" {
		t.Errorf("%+v", summary.NotMeasured)
	}
}
