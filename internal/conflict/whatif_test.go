package conflict

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

func evaluate(t testing.TB, e *Engine, view *atlas.View, q plan.ConflictQuery) *plan.Assessment {
	t.Helper()
	a, err := e.Evaluate(context.Background(), view, q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWhatIfIsWhatWouldStand asks about figures, makes them features, and compares the answer with what then stands.
func TestWhatIfIsWhatWouldStand(t *testing.T) {
	w := fullWorld(t, 60)
	r := random(t, 30)
	rules := testRules()
	rules.Rules = slices.DeleteFunc(rules.Rules, func(r plan.Rule) bool { return r.ID == "nature_wind" }) // outdone where both stand
	e := NewEngine(rules)
	big := square(region.MinX+500, region.MinY+500, 5000) // has a thousand hits
	for i, g := range []plan.Geometry{randomPolygon(r, region, 500), randomPolygon(r, region, 900), big, randomPoints(r, region), randomLine(r, region, 300)} {
		id := fmt.Sprintf("claim%d", i)
		a := evaluate(t, e, w.atlas.View(), plan.ConflictQuery{Geometry: g, Theme: plan.Wind})
		view := w.change(layer(id, plan.Wind, g.Type, g))
		var want []plan.Conflict
		for _, c := range find(t, stand(t, e, view), Filter{Layer: id}).Conflicts {
			if c.Claim.Layer == id {
				want = append(want, c)
			}
		}
		w.change(plan.LayerChange{Layer: id, Remove: []string{"1"}})
		if len(a.Hits) != len(want) || a.HitsTotal != len(want) {
			t.Errorf("%s: %d hits of %d, but %d conflicts stand", id, len(a.Hits), a.HitsTotal, len(want))
			continue
		}
		for i, hit := range a.Hits {
			compareHit(t, hit, want, i)
		}
	}
}

// compareHit finds the hit among the standing conflicts.
func compareHit(t *testing.T, hit plan.Conflict, standing []plan.Conflict, i int) {
	t.Helper()
	at := slices.IndexFunc(standing, func(c plan.Conflict) bool { return c.Rule == hit.Rule && c.Interest == hit.Interest })
	if at < 0 {
		t.Errorf("hit %d (%s, %v) does not stand", i, hit.Rule, hit.Interest)
		return
	}
	want := standing[at]
	if !nearExtent(hit.Extent, want.Extent) || hit.Severity != want.Severity || len(hit.Kommuner) != len(want.Kommuner) ||
		!nearValue(hit.ClaimShare, want.ClaimShare) || !nearValue(hit.InterestShare, want.InterestShare) {
		t.Errorf("hit %+v stands as %+v", hit, want)
		return
	}
	for i, k := range hit.Kommuner {
		if k.Kommun != want.Kommuner[i].Kommun || !nearExtent(k.Extent, want.Kommuner[i].Extent) {
			t.Errorf("%s: in kommun %+v, stands in %+v", hit.Interest.ID, k, want.Kommuner[i])
		}
	}
}

func nearExtent(a, b plan.Extent) bool {
	return nearValue(a.AreaHa, b.AreaHa) && nearValue(a.LengthM, b.LengthM) && nearValue(a.DistanceM, b.DistanceM) &&
		(a.Points == nil) == (b.Points == nil) && (a.Points == nil || *a.Points == *b.Points)
}

func nearValue(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Abs(*a-*b) <= 1e-8*max(1, math.Abs(*a))
}

func TestAssessmentSumsAndThemes(t *testing.T) {
	view := fullWorld(t, 60).atlas.View()
	e := NewEngine(testRules())
	q := plan.ConflictQuery{Geometry: square(region.MinX+500, region.MinY+500, 5000), Theme: plan.Wind}
	whole := evaluate(t, e, view, q)
	q.Limit = 10
	few := evaluate(t, e, view, q)
	if len(few.Hits) != 10 || few.HitsTotal != len(whole.Hits) || fmt.Sprint(few.ByKommun) != fmt.Sprint(whole.ByKommun) {
		t.Errorf("limited: %d hits listed of %d, want 10 of %d", len(few.Hits), few.HitsTotal, len(whole.Hits))
	}
	areas := 0.0
	for _, hit := range whole.Hits {
		if hit.AreaHa != nil {
			areas += *hit.AreaHa
		}
	}
	for _, rows := range [][]plan.ConflictSum{whole.ByRule, whole.ByKommun, whole.BySeverity} {
		sum := 0.0
		for _, row := range rows {
			sum += row.AreaHa
		}
		if !near(sum, areas) {
			t.Errorf("%+v add up to %v ha, the hits to %v", rows, sum, areas)
		}
	}
	if *whole.Claim.AreaHa != 2500 || whole.Revision != view.Revision() || whole.Ruleset.Version != 3 {
		t.Errorf("%v ha, revision %d, ruleset %v", *whole.Claim.AreaHa, whole.Revision, whole.Ruleset)
	}
	reasons := map[plan.Theme]plan.Text{}
	for _, u := range whole.NotAssessed {
		reasons[u.Theme] = u.Reason
	}
	if reasons[plan.Infrastructure] != noRule || reasons[plan.Forest] != noFeatures || reasons[plan.Culture] != noFeatures || len(whole.NotAffected) != 0 {
		t.Errorf("not assessed %v, not affected %v", reasons, whole.NotAffected)
	}
	away := evaluate(t, e, view, plan.ConflictQuery{Geometry: square(0, 0, 10), Theme: plan.Wind})
	if fmt.Sprint(away.NotAffected) != "[agriculture nature]" || away.HitsTotal != 0 || away.ClaimKommuner[0].Kommun != plan.OutsideKommun {
		t.Errorf("far away: not affected %v, %d hits, in %v", away.NotAffected, away.HitsTotal, away.ClaimKommuner)
	}
}

func TestSymmetricRuleHoldsForTheOtherSide(t *testing.T) {
	w := newWorld(t)
	view := w.change(layer("parks", plan.Wind, plan.Polygon, square(0, 0, 100)), layer("fields", plan.Agriculture, plan.Polygon, square(0, 0, 100)))
	e := NewEngine(testRules())
	rules := func(theme plan.Theme) (ids []string) {
		for _, hit := range evaluate(t, e, view, plan.ConflictQuery{Geometry: square(10, 10, 50), Theme: theme}).Hits {
			ids = append(ids, hit.Rule)
		}
		return ids
	}
	if got := fmt.Sprint(rules(plan.Nature)); got != "[nature_wind wind_nature_near nature_agriculture]" {
		t.Errorf("a reserve would meet %s", got)
	}
	if got := fmt.Sprint(rules(plan.Agriculture)); got != "[]" {
		t.Errorf("a field would meet %s", got)
	}
}

func TestRuleThatNamesALayer(t *testing.T) {
	w := newWorld(t)
	view := w.change(layer("parks", plan.Wind, plan.Polygon), layer("reserves", plan.Nature, plan.Polygon, square(0, 0, 100)),
		layer("shores", plan.Nature, plan.Polygon, square(0, 0, 100)))
	rules := testRules()
	rules.Rules = rules.Rules[:1]
	rules.Rules[0].Claim, rules.Rules[0].Interest = plan.Side{Layer: "parks"}, plan.Side{Layer: "shores"}
	e := NewEngine(rules)
	for q, want := range map[string]int{"parks": 1, "": 0} {
		a := evaluate(t, e, view, plan.ConflictQuery{Geometry: square(10, 10, 50), Theme: plan.Wind, Layer: q})
		if a.HitsTotal != want || want == 1 && a.Hits[0].Interest.Layer != "shores" {
			t.Errorf("layer %q: %+v", q, a.Hits)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	w := newWorld(t)
	view := w.change(layer("parks", plan.Wind, plan.Polygon))
	e := NewEngine(testRules())
	good := square(0, 0, 10)
	for name, q := range map[string]plan.ConflictQuery{
		"no theme":       {Geometry: good},
		"wrong theme":    {Geometry: good, Theme: "wand"},
		"administrative": {Geometry: good, Theme: plan.Administrative},
		"empty":          {Geometry: plan.Geometry{Type: plan.Polygon}, Theme: plan.Wind},
		"no geometry":    {Theme: plan.Wind},
		"bow tie":        {Geometry: polygon([]float64{0, 0, 10, 10, 10, 0, 0, 10}), Theme: plan.Wind},
		"not finite":     {Geometry: pointsAt(math.NaN(), 0), Theme: plan.Wind},
		"other theme":    {Geometry: good, Theme: plan.Nature, Layer: "parks"},
	} {
		if _, err := e.Evaluate(context.Background(), view, q); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.Evaluate(context.Background(), view, plan.ConflictQuery{Geometry: good, Layer: "none"}); plan.CodeOf(err) != plan.NotFound {
		t.Errorf("unknown layer: %v", err)
	}
}

func TestEvaluateStopsWhenAsked(t *testing.T) {
	view := fullWorld(t, 20).atlas.View()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := NewEngine(testRules()).Evaluate(ctx, view, plan.ConflictQuery{Geometry: square(region.MinX, region.MinY, 8000), Theme: plan.Wind})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestBadFeatureHidesNoOther has polygons that no upload would let in, a bow tie as a feature and one as a kommun: GEOS
// refuses to cut them where a border of municipalities has to be followed.
func TestBadFeatureHidesNoOther(t *testing.T) {
	bow := polygon([]float64{1100, 300, 900, 300, 1150, 100, 900, 100})
	good := square(100, 100, 300)
	rules := testRules()
	rules.Rules = rules.Rules[:1]
	for name, c := range map[string]struct{ kommun, park plan.Geometry }{
		"feature": {square(1000, 0, 1000), bow},
		"kommun":  {bow, rectangle(50, 120, 1140, 290)},
	} {
		w := newWorld(t)
		view := w.change(layer("kommun", plan.Administrative, plan.Polygon, square(0, 0, 1000), c.kommun),
			layer("parks", plan.Wind, plan.Polygon, c.park, good),
			layer("reserves", plan.Nature, plan.Polygon, square(950, 150, 300), square(150, 150, 100), square(5000, 0, 10)))
		s := stand(t, NewEngine(rules), view)
		bad, _ := s.NotMeasured()
		if len(bad) != 1 || bad[0].Claim.ID != "1" || bad[0].Interest.ID != "1" || bad[0].Reason == "" || s.Len() == 0 {
			t.Errorf("%s: %d conflicts stand, not measured %+v", name, s.Len(), bad)
		}
		if name == "feature" {
			continue // as a claim it would be refused
		}
		a := evaluate(t, NewEngine(rules), view, plan.ConflictQuery{Geometry: c.park, Theme: plan.Wind})
		if a.HitsTotal != 1 || a.Hits[0].Interest.ID != "2" || len(a.NotMeasured) != 1 || a.NotMeasured[0].Interest.ID != "1" {
			t.Errorf("%s: hits %+v, not measured %+v", name, a.Hits, a.NotMeasured)
		}
	}
}
