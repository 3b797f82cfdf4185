package conflict

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// rules pairs wind, nature, agriculture and infrastructure in every relation.
func testRules() *plan.Ruleset {
	rule := func(id string, claim, interest plan.Theme, severity int, change func(*plan.Rule)) plan.Rule {
		r := plan.Rule{ID: id, Claim: plan.Side{Theme: claim}, Interest: plan.Side{Theme: interest}, Relation: plan.Overlap, Severity: severity}
		if change != nil {
			change(&r)
		}
		return r
	}
	near := func(d float64) func(*plan.Rule) {
		return func(r *plan.Rule) { r.Relation, r.DistanceM, r.Symmetric = plan.Within, d, true }
	}
	return &plan.Ruleset{ID: "test", Version: 3, Rules: []plan.Rule{
		rule("wind_nature", plan.Wind, plan.Nature, 3, nil),
		rule("nature_wind", plan.Nature, plan.Wind, 2, nil),
		rule("wind_nature_near", plan.Wind, plan.Nature, 2, near(200)),
		rule("wind_agriculture", plan.Wind, plan.Agriculture, 1, nil),
		rule("nature_agriculture", plan.Nature, plan.Agriculture, 1, func(r *plan.Rule) { r.Symmetric = true }),
		rule("infrastructure_nature", plan.Infrastructure, plan.Nature, 2, nil),
		rule("wind_kommun", plan.Wind, plan.Administrative, 3, nil),
	}}
}

// fullWorld has layers of all themes and types.
func fullWorld(t testing.TB, n int) *world {
	r := random(t, 20)
	a, b := mixed(r, n)
	fields := tiles(r, region.MinX+500, region.MinY+500, 7000, 15)
	var lines, places []plan.Geometry
	for range n {
		lines = append(lines, randomLine(r, region, 200))
		places = append(places, randomPoints(r, region))
	}
	w := newWorld(t)
	w.change(kommuner(r), layer("parks", plan.Wind, plan.Polygon, a...), layer("turbines", plan.Wind, plan.Point, places...),
		layer("reserves", plan.Nature, plan.Polygon, b...), layer("fields", plan.Agriculture, plan.Polygon, fields...),
		layer("roads", plan.Infrastructure, plan.Line, lines...), layer("empty", plan.Forest, plan.Polygon))
	return w
}

func stand(t testing.TB, e *Engine, view *atlas.View) *Standing {
	t.Helper()
	s, err := e.Standing(context.Background(), view)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t testing.TB, s *Standing, f Filter) *Page {
	t.Helper()
	page, err := s.Find(f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestStandingIsRanked(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 60).atlas.View())
	all := find(t, s, Filter{}).Conflicts
	if len(all) < 200 || len(all) != s.Len() {
		t.Fatalf("%d conflicts, Len says %d", len(all), s.Len())
	}
	size := func(c plan.Conflict) (unit int, size float64) {
		switch {
		case c.AreaHa != nil:
			return 0, -*c.AreaHa
		case c.LengthM != nil:
			return 1, -*c.LengthM
		case c.Points != nil:
			return 2, -float64(*c.Points)
		}
		return 3, *c.DistanceM
	}
	seen := map[string]bool{}
	for i, c := range all {
		if seen[c.ID] {
			t.Fatalf("%s is told twice", c.ID)
		}
		seen[c.ID] = true
		if c.Rule == "nature_wind" || c.Rule == "wind_kommun" {
			t.Errorf("%s: rule %s must not tell it", c.ID, c.Rule)
		}
		if i == 0 {
			continue
		}
		u0, s0 := size(all[i-1])
		u1, s1 := size(c)
		if before := all[i-1]; before.Severity < c.Severity || before.Severity == c.Severity && (u0 > u1 || u0 == u1 && s0 > s1) {
			t.Errorf("%+v comes before %+v", before, c)
		}
	}
}

func TestRulesBothWaysTellAPairOnce(t *testing.T) {
	w := newWorld(t)
	view := w.change(layer("parks", plan.Wind, plan.Polygon, square(0, 0, 10)), layer("sites", plan.Wind, plan.Polygon, square(0, 0, 10)),
		layer("reserves", plan.Nature, plan.Polygon, square(0, 0, 10)))
	both := func(severity, reverse int) string {
		there, back := overlap, overlap
		there.ID, there.Severity = "there", severity
		back.ID, back.Severity, back.Claim, back.Interest = "back", reverse, overlap.Interest, overlap.Claim
		among := overlap
		among.ID, among.Severity, among.Interest = "among", 1, overlap.Claim
		s := stand(t, NewEngine(&plan.Ruleset{Rules: []plan.Rule{there, back, among}}), view)
		ids := ""
		for _, c := range find(t, s, Filter{}).Conflicts {
			ids += c.ID + " "
		}
		return ids
	}
	const among = "among:parks.1:sites.1 "
	for severities, want := range map[[2]int]string{
		{3, 2}: "there:parks.1:reserves.1 there:sites.1:reserves.1 " + among,
		{2, 3}: "back:reserves.1:parks.1 back:reserves.1:sites.1 " + among,
		{2, 2}: "there:parks.1:reserves.1 there:sites.1:reserves.1 " + among,
	} {
		if got := both(severities[0], severities[1]); got != want {
			t.Errorf("severities %v: got %s, want %s", severities, got, want)
		}
	}
}

func TestConflictTellsSharesAndKommuner(t *testing.T) {
	w := fullWorld(t, 60)
	s := stand(t, NewEngine(testRules()), w.atlas.View())
	parks, _ := w.atlas.View().Layer("parks")
	split := 0
	for _, c := range find(t, s, Filter{Rule: "wind_nature", Layer: "parks"}).Conflicts {
		slot, _ := parks.ByID(c.Claim.ID)
		if want := *c.AreaHa * 10_000 / geo.Area(parks.Geometry(slot)); math.Abs(*c.ClaimShare-min(want, 1)) > 1e-9 {
			t.Errorf("%s: claim share %v, want %v", c.ID, *c.ClaimShare, want)
		}
		if c.Interest.Title != "reserves nr "+c.Interest.ID {
			t.Errorf("title %q", c.Interest.Title)
		}
		sum := 0.0
		for _, k := range c.Kommuner {
			sum += *k.AreaHa
		}
		if math.Abs(sum-*c.AreaHa) > 1e-9**c.AreaHa {
			t.Errorf("%s: the parts add up to %v of %v", c.ID, sum, *c.AreaHa)
		}
		if len(c.Kommuner) > 1 {
			split++
		}
	}
	if split < 10 {
		t.Errorf("only %d conflicts lie in several municipalities: the test shows little", split)
	}
}

// TestThreeWayAgainstGEOS holds each municipality's part of each conflict against two overlays of GEOS.
func TestThreeWayAgainstGEOS(t *testing.T) {
	view := fullWorld(t, 60).atlas.View()
	s := stand(t, NewEngine(testRules()), view)
	geometry := func(ref plan.FeatureRef) plan.Geometry {
		layer, err := view.Layer(ref.Layer)
		if err != nil {
			t.Fatal(err)
		}
		slot, _ := layer.ByID(ref.ID)
		return layer.Geometry(slot)
	}
	for _, c := range find(t, s, Filter{}).Conflicts {
		if c.AreaHa == nil || *c.AreaHa < 1e-6 {
			continue
		}
		shared, err := geo.Intersection(geometry(*c.Claim), geometry(c.Interest))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, k := range c.Kommuner {
			got[k.Kommun] = *k.AreaHa
		}
		for _, k := range s.partition.Kommuner {
			if want := overlaid(t, shared, k.Geometry) / 10_000; math.Abs(got[k.Kod]-want) > 2e-6**c.AreaHa {
				t.Errorf("%s in %s: %v ha, GEOS says %v", c.ID, k.Kod, got[k.Kod], want)
			}
		}
	}
}

func TestPagesMakeTheWhole(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 60).atlas.View())
	for _, f := range []Filter{{}, {Kommun: "1404"}, {Kommunalforbund: "gr"}, {Theme: plan.Agriculture}, {MinSeverity: 2, Kommun: "1403"},
		{Rule: "wind_nature_near"}, {Layer: "turbines"}, {Kommun: plan.OutsideKommun}} {
		whole := find(t, s, f)
		if len(whole.Conflicts) == 0 || whole.Matched != len(whole.Conflicts) || whole.Next != "" {
			t.Errorf("%+v: %d conflicts, %d matched, next %q", f, len(whole.Conflicts), whole.Matched, whole.Next)
		}
		f.Limit = 7
		for i := 0; ; {
			page := find(t, s, f)
			for _, c := range page.Conflicts {
				if c.ID != whole.Conflicts[i].ID {
					t.Fatalf("%+v: conflict %d is %s, want %s", f, i, c.ID, whole.Conflicts[i].ID)
				}
				i++
			}
			if page.Next == "" {
				if i != len(whole.Conflicts) {
					t.Errorf("%+v: the pages have %d conflicts of %d", f, i, len(whole.Conflicts))
				}
				break
			}
			f.After = page.Next
		}
	}
}

// TestPagesAreByOneRuleset: pages that were begun by other rules are not gone on with.
func TestPagesAreByOneRuleset(t *testing.T) {
	view, e := fullWorld(t, 30).atlas.View(), NewEngine(testRules())
	begun := find(t, stand(t, e, view), Filter{Limit: 1})
	if begun.Next == "" {
		t.Fatal("there is one page only")
	}
	later := testRules()
	later.Version++
	if _, err := e.By(later).Find(t.Context(), view, Filter{Limit: 1, After: begun.Next}); plan.CodeOf(err) != plan.Stale {
		t.Errorf("by the next version of the rules: %v", err)
	}
	if _, err := e.Find(t.Context(), view, Filter{Limit: 1, After: begun.Next}); err != nil {
		t.Errorf("by the same rules: %v", err)
	}
}

func TestFindRefuses(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 5).atlas.View())
	for _, f := range []Filter{{Kommun: "9999"}, {Kommunalforbund: "skaraborg"}, {Rule: "no"}, {After: "x"}, {Theme: "wand"}, {Layer: "no"}, {Kommun: "1401", Kommunalforbund: "gr"}} {
		if _, err := s.Find(f); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := s.Summary("colour", Filter{}); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("by colour: %v", err)
	}
}

func TestSumsAgree(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 60).atlas.View())
	want := map[string]*plan.ConflictSum{}
	total := plan.ConflictSum{}
	for _, c := range find(t, s, Filter{}).Conflicts {
		for _, k := range c.Kommuner {
			if want[k.Kommun] == nil {
				want[k.Kommun] = &plan.ConflictSum{}
			}
			for _, row := range []*plan.ConflictSum{want[k.Kommun], &total} {
				row.Conflicts++
				if k.AreaHa != nil {
					row.AreaHa += *k.AreaHa
				}
				if k.LengthM != nil {
					row.LengthM += *k.LengthM
				}
			}
		}
	}
	rows, err := s.Summary(ByKommun, Filter{})
	if err != nil || len(rows) != len(want) {
		t.Fatalf("%d rows, want %d, %v", len(rows), len(want), err)
	}
	for _, row := range rows {
		w := want[row.Key]
		if row.Conflicts != w.Conflicts || !near(row.AreaHa, w.AreaHa) || !near(row.LengthM, w.LengthM) ||
			row.Severity1+row.Severity2+row.Severity3 != row.Conflicts {
			t.Errorf("kommun %s: %+v, want %+v", row.Key, row, w)
		}
	}
	for _, by := range []Grouping{ByRule, BySeverity, ByKommunalforbund} {
		rows, _ := s.Summary(by, Filter{})
		sum, conflicts := plan.ConflictSum{}, 0
		for _, row := range rows {
			conflicts += row.Conflicts
			sum.AreaHa += row.AreaHa
			sum.LengthM += row.LengthM
		}
		if !near(sum.AreaHa, total.AreaHa) || !near(sum.LengthM, total.LengthM) || by != ByKommunalforbund && conflicts != s.Len() {
			t.Errorf("by %s: %+v with %d conflicts, want %+v with %d", by, sum, conflicts, total, s.Len())
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func TestSummaryOfASelection(t *testing.T) {
	s := stand(t, NewEngine(testRules()), fullWorld(t, 60).atlas.View())
	for _, f := range []Filter{{Kommun: "1403"}, {Kommunalforbund: "gr"}, {Theme: plan.Wind, MinSeverity: 2}, {Rule: "wind_nature"}} {
		matched := find(t, s, f).Matched
		for _, by := range []Grouping{ByRule, BySeverity} {
			rows, err := s.Summary(by, f)
			n := 0
			for _, row := range rows {
				n += row.Conflicts
			}
			if err != nil || n != matched || n == 0 {
				t.Errorf("%+v by %s: %d conflicts of %d, %v", f, by, n, matched, err)
			}
		}
	}
}

func TestOnlyWhatChangedIsComputedAnew(t *testing.T) {
	w := fullWorld(t, 20)
	e := NewEngine(testRules())
	before := e.mustBlocks(t, w.atlas.View())
	after := e.mustBlocks(t, w.change(plan.LayerChange{Layer: "roads", Remove: []string{"1"}}))
	for name, b := range after {
		if touched := b.rule.ID == "infrastructure_nature"; touched == (before[name] == b) {
			t.Errorf("block %s: touched %v, kept %v", name, touched, before[name] == b)
		}
	}
}

func (e *Engine) mustBlocks(t *testing.T, view *atlas.View) map[string]*block {
	found := map[string]*block{}
	for _, b := range stand(t, e, view).ranking.blocks {
		found[fmt.Sprint(b.rule.ID, b.claimID(), b.interest.Layer().ID)] = b
	}
	return found
}

func TestCallersShareOneComputation(t *testing.T) {
	view := fullWorld(t, 60).atlas.View()
	e := NewEngine(testRules())
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Standing(cancelled, view); !errors.Is(err, context.Canceled) {
		t.Fatalf("a caller who gave up got %v", err)
	}
	var group sync.WaitGroup
	got := make([]*Standing, 8)
	for i := range got {
		group.Go(func() { got[i], _ = e.Standing(context.Background(), view) })
	}
	group.Wait()
	for _, s := range got {
		if s == nil || s != got[0] {
			t.Fatal("callers got different answers")
		}
	}
}

func TestPagesOfAnEarlierRevision(t *testing.T) {
	w := fullWorld(t, 30)
	e := NewEngine(testRules())
	ctx := context.Background()
	first, err := e.Find(ctx, w.atlas.View(), Filter{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	whole := find(t, stand(t, e, w.atlas.View()), Filter{Limit: 10})
	changed := w.change(plan.LayerChange{Layer: "parks", Remove: []string{first.Conflicts[0].Claim.ID, whole.Conflicts[7].Claim.ID}})
	stand(t, e, changed)
	second, err := e.Find(ctx, changed, Filter{Limit: 5, After: first.Next})
	if err != nil || second.Revision != first.Revision {
		t.Fatalf("the second page is of revision %v, the first of %d, %v", second, first.Revision, err)
	}
	for i, c := range second.Conflicts {
		if c.ID != whole.Conflicts[5+i].ID {
			t.Errorf("conflict %d is %s, want %s", 5+i, c.ID, whole.Conflicts[5+i].ID)
		}
	}
	hidden := w.change(plan.LayerChange{Layer: "extra", Define: layer("extra", plan.Water, plan.Point).Define})
	if other, err := e.Find(ctx, hidden, Filter{After: first.Next}); err != nil || other.Revision != hidden.Revision() {
		t.Errorf("with other layers the page must be the newest: %v", err)
	}
}
