package conflict

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// editor makes random edits of random layers, with the attributes that the default rules read.
type editor struct {
	*rand.Rand
	*world
	layers []*edited
}

type edited struct {
	*plan.Layer
	draw func() plan.Geometry
	live []string
	next int
}

func newEditor(t testing.TB, seed uint64) *editor {
	r := random(t, seed)
	e := &editor{Rand: r, world: newWorld(t)}
	e.change(kommuner(r))
	polygons := func() plan.Geometry { return randomPolygon(r, region, 250) }
	lines := func() plan.Geometry { return randomLine(r, region, 200) }
	places := func() plan.Geometry { return randomPoints(r, region) }
	for _, l := range []struct {
		id    string
		theme plan.Theme
		kind  plan.GeometryType
		draw  func() plan.Geometry
		n     int
	}{
		{"turbines", plan.Wind, plan.Point, places, 40}, {"parks", plan.Wind, plan.Polygon, polygons, 26},
		{"fields", plan.Agriculture, plan.Polygon, polygons, 60}, {"stands", plan.Forest, plan.Polygon, polygons, 60},
		{"roads", plan.Infrastructure, plan.Line, lines, 50}, {"rails", plan.Infrastructure, plan.Line, lines, 38},
		{"villages", plan.Settlement, plan.Polygon, polygons, 25}, {"houses", plan.Settlement, plan.Point, places, 41},
		{"reserves", plan.Nature, plan.Polygon, polygons, 40}, {"remains", plan.Culture, plan.Point, places, 30},
		{"ranges", plan.Defence, plan.Polygon, polygons, 10}, {"lakes", plan.Water, plan.Polygon, polygons, 30},
	} {
		define := layer(l.id, l.theme, l.kind).Define
		define.Attributes = []plan.Attribute{{Name: "namn", Type: plan.String}, {Name: "total_height", Type: plan.Number},
			{Name: "rotor_diameter", Type: plan.Number}, {Name: "hub_height", Type: plan.Number}, {Name: "kind", Type: plan.String},
			{Name: "klass", Type: plan.Integer}, {Name: "voltage", Type: plan.Number}, {Name: "typ", Type: plan.String},
			{Name: "strandskydd_m", Type: plan.Number}, {Name: "antikvariskbedomning", Type: plan.String}}
		added := &edited{Layer: define, draw: l.draw}
		e.layers = append(e.layers, added)
		e.change(plan.LayerChange{Layer: l.id, Define: define, Add: e.features(added, l.n)})
	}
	return e
}

// features draws n new ones.
func (e *editor) features(l *edited, n int) (list plan.List) {
	for range n {
		l.next++
		id := fmt.Sprint(l.next)
		l.live = append(l.live, id)
		list = append(list, e.feature(l, id))
	}
	return list
}

func (e *editor) feature(l *edited, id string) plan.Feature {
	return plan.Feature{ID: id, Geometry: l.draw(), Values: []plan.Value{plan.TextValue(l.ID + id), e.number(20, 260), e.number(20, 160),
		e.number(10, 150), e.text("road", "rail", "power_line", "other"), e.integer(1, 2, 9), e.number(50, 400),
		e.text("MSA-yta", "Bullerpåverkan"), e.number(100, 300), e.text("Fornlämning", "Övrig")}}
}

// number is null one time in four, and seldom far out.
func (e *editor) number(from, to float64) plan.Value {
	switch e.IntN(40) {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9:
		return plan.Value{}
	case 10:
		to *= 4
	}
	return plan.NumberValue(from + e.Float64()*(to-from))
}

func (e *editor) text(of ...string) plan.Value {
	if e.IntN(4) == 0 {
		return plan.Value{}
	}
	return plan.TextValue(of[e.IntN(len(of))])
}

func (e *editor) integer(of ...int64) plan.Value {
	if e.IntN(4) == 0 {
		return plan.Value{}
	}
	return plan.IntegerValue(of[e.IntN(len(of))])
}

// edit changes one to three layers by a few features each; now and then a layer by most of them, or by its title only.
func (e *editor) edit() *atlas.View {
	var changes []plan.LayerChange
	for _, i := range e.Perm(len(e.layers))[:1+e.IntN(3)] {
		l := e.layers[i]
		change := plan.LayerChange{Layer: l.ID, Define: l.Layer}
		few := 1 + e.IntN(3)
		if e.IntN(12) == 0 {
			few = len(l.live) / 2
		}
		e.Shuffle(len(l.live), func(i, j int) { l.live[i], l.live[j] = l.live[j], l.live[i] })
		var replaced plan.List
		switch e.IntN(5) {
		case 0:
			change.Remove, l.live = slices.Clone(l.live[:few]), l.live[few:]
		case 1:
			change.Add = e.features(l, few)
		case 2: // the title: nothing to be computed
		default:
			for _, id := range l.live[:few] {
				replaced = append(replaced, e.feature(l, id))
			}
			change.Replace = replaced
		}
		changes = append(changes, change)
	}
	return e.change(changes...)
}

// TestRenewedIsTheSameAsRecomputed edits at random, and finds the conflicts both from those of the revision before and
// from nothing.
func TestRenewedIsTheSameAsRecomputed(t *testing.T) {
	rules := rulesThatCantAlwaysTell(t)
	for seed := range uint64(3) {
		edit, engine := newEditor(t, 30+seed), NewEngine(rules)
		stand(t, engine, edit.atlas.View())
		renewed, anew := 0, 0
		for round := range 25 {
			before := engine.blocks()
			view := edit.edit()
			for _, key := range pairings(mustCompile(t, engine), view, view.Partition()) {
				if old := key.earlier(before); old != nil && before[key] == nil {
					if _, done, err := renew(context.Background(), key, old); err != nil {
						t.Fatal(err)
					} else if done {
						renewed++
					} else {
						anew++
					}
				}
			}
			alike(t, fmt.Sprintf("seed %d, round %d", seed, round), stand(t, engine, view), stand(t, NewEngine(rules), view))
			if t.Failed() {
				return
			}
		}
		_, unmeasured := stand(t, engine, edit.atlas.View()).NotMeasured()
		t.Logf("%d pairs of layers renewed, %d joined anew; %d not measured", renewed, anew, unmeasured)
		if renewed < 5*anew || unmeasured == 0 {
			t.Error("too few were renewed: the test shows little")
		}
	}
}

// rulesThatCantAlwaysTell are the default rules, and some that need attributes which not every feature has.
func rulesThatCantAlwaysTell(t *testing.T) *plan.Ruleset {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	rule := func(id string, claim, interest plan.Theme, change plan.Rule) {
		change.ID, change.Claim, change.Interest, change.Severity = id, plan.Side{Theme: claim}, plan.Side{Theme: interest}, 2
		rules.Rules = append(rules.Rules, change)
	}
	rule("height_of_both", plan.Wind, plan.Settlement, plan.Rule{Relation: plan.Within, Distance: "claim.hub_height + interest.total_height"})
	rule("height_of_the_other", plan.Culture, plan.Infrastructure, plan.Rule{Relation: plan.Within, Distance: "2 * interest.total_height"})
	rule("condition_of_both", plan.Forest, plan.Nature, plan.Rule{Relation: plan.Overlap, When: "claim.klass > 1 and interest.voltage > 100"})
	rule("among_themselves", plan.Settlement, plan.Settlement, plan.Rule{Relation: plan.Within, Distance: "claim.total_height", When: "interest.klass > 1"})
	return rules
}

func mustCompile(t *testing.T, e *Engine) *ruleset {
	rules, err := e.compiled()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// alike compares two standings, block by block and record by record.
func alike(t *testing.T, what string, got, want *Standing) {
	t.Helper()
	if len(got.blocks) != len(want.blocks) || want.Len() == 0 {
		t.Fatalf("%s: %d blocks with %d conflicts, want %d with %d", what, len(got.blocks), got.Len(), len(want.blocks), want.Len())
	}
	for i, is := range got.blocks {
		should := want.blocks[i]
		name := fmt.Sprint(what, ": ", should.rule.ID, " ", should.claimID(), " ", should.interest.Layer().ID, " ", should.severity)
		if is.rule.ID != should.rule.ID || is.claim != should.claim || is.interest != should.interest || is.severity != should.severity ||
			is.place != should.place || len(is.records) != len(should.records) {
			t.Errorf("%s: %d conflicts, want %d", name, len(is.records), len(should.records))
			continue
		}
		for j := range should.records {
			a, b := &is.records[j], &should.records[j]
			if a.a != b.a || a.b != b.b || a.kind != b.kind || !near(a.size, b.size) || !sameParts(is.kommuner(a), should.kommuner(b)) {
				t.Errorf("%s: record %d is %+v, want %+v", name, j, *a, *b)
			}
		}
		if !slices.Equal(is.unmeasured, should.unmeasured) {
			t.Errorf("%s: not measured %v, want %v", name, is.unmeasured, should.unmeasured)
		}
		sameTally := func(a, b tally) bool { return a.conflicts == b.conflicts && near(a.size, b.size) }
		if !sameTally(is.total, should.total) || !slices.EqualFunc(is.byKommun, should.byKommun, sameTally) ||
			!slices.EqualFunc(is.byForbund, should.byForbund, sameTally) {
			t.Errorf("%s: sums %+v, want %+v", name, is.byKommun, should.byKommun)
		}
	}
}

func sameParts(a, b []plan.KommunExtent) bool {
	size := func(e plan.Extent) float64 {
		for _, p := range []*float64{e.AreaHa, e.LengthM, e.DistanceM} {
			if p != nil {
				return *p
			}
		}
		return float64(*e.Points)
	}
	return slices.EqualFunc(a, b, func(x, y plan.KommunExtent) bool { return x.Kommun == y.Kommun && near(size(x.Extent), size(y.Extent)) })
}
