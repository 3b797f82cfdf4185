package conflict

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// listed is all conflicts of a state by id.
func listed(t testing.TB, s *Standing, f Filter) map[string]plan.Conflict {
	t.Helper()
	by := map[string]plan.Conflict{}
	for _, c := range find(t, s, f).Conflicts {
		by[c.ID] = c
	}
	return by
}

// measured gives the one figure of a conflict, bigger is more.
func measured(c plan.Conflict) (unit string, size float64) {
	switch {
	case c.AreaHa != nil:
		return "area", *c.AreaHa * 10_000
	case c.LengthM != nil:
		return "length", *c.LengthM
	case c.Points != nil:
		return "points", float64(*c.Points)
	}
	return "distance", -*c.DistanceM
}

// compareByHand tells what has become of each conflict, from two plain lists.
func compareByHand(was, is map[string]plan.Conflict) map[string]plan.Became {
	changes := map[string]plan.Became{}
	for id, after := range is {
		before, had := was[id]
		if !had {
			changes[id] = plan.ConflictNew
			continue
		}
		u0, s0 := measured(before)
		u1, s1 := measured(after)
		switch {
		case u0 == u1 && s1-s0 > 1e-9*math.Abs(s1)+1e-6:
			changes[id] = plan.ConflictGrown
		case u0 == u1 && s0-s1 > 1e-9*math.Abs(s0)+1e-6:
			changes[id] = plan.ConflictShrunk
		case u0 != u1 || before.Severity != after.Severity || before.Class != after.Class:
			changes[id] = plan.ConflictRevalued
		}
	}
	for id := range was {
		if _, has := is[id]; !has {
			changes[id] = plan.ConflictGone
		}
	}
	return changes
}

// stricter gives the default rules with one rule less, one more severe and one that reaches farther.
func stricter(t testing.TB) *plan.Ruleset {
	t.Helper()
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	rules.Version++
	rules.Rules = slices.Clone(rules.Rules[1:])
	for i := range rules.Rules {
		switch r := &rules.Rules[i]; {
		case r.Severity < 3 && i%3 == 0:
			r.Severity++
		case r.DistanceM > 0:
			r.DistanceM *= 1.5
		}
	}
	return rules
}

func compared(t testing.TB, from *plan.Ruleset, was *atlas.View, to *plan.Ruleset, is *atlas.View) *Comparison {
	t.Helper()
	e := NewEngine(from)
	c, err := e.Compare(context.Background(), was, e.By(to), is)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// allChanges walks through the pages.
func allChanges(t testing.TB, c *Comparison, f ComparisonFilter) (all []plan.ConflictChange, matched plan.Changes) {
	t.Helper()
	for {
		page, err := c.Find(f)
		if err != nil {
			t.Fatal(err)
		}
		all, matched = append(all, page.Changes...), page.Matched
		if f.After = page.Next; page.Next == "" {
			return all, matched
		}
	}
}

// TestComparisonAgainstLists holds comparisons of revisions, of rulesets and of both against two lists that were found
// anew: in one memory, and in two that share nothing.
func TestComparisonAgainstLists(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	strict := stricter(t)
	one, two := newEditor(t, 61), newEditor(t, 61)
	first, elsewhere := one.atlas.View(), two.atlas.View()
	for range 6 {
		one.edit()
	}
	last := one.atlas.View()
	kinds := map[plan.Became]int{}
	for name, c := range map[string]struct {
		from, to *plan.Ruleset
		was, is  *atlas.View
	}{
		"revisions":   {rules, rules, first, last},
		"backwards":   {rules, rules, last, first},
		"rulesets":    {rules, strict, last, last},
		"both":        {rules, strict, first, last},
		"elsewhere":   {rules, rules, elsewhere, last},
		"same":        {rules, rules, last, last},
		"same, apart": {rules, rules, elsewhere, first},
	} {
		t.Run(name, func(t *testing.T) {
			comparison := compared(t, c.from, c.was, c.to, c.is)
			before, after := stand(t, NewEngine(c.from), c.was), stand(t, NewEngine(c.to), c.is)
			for _, f := range []Filter{{}, {Theme: plan.Wind}, {MinSeverity: 3}, {Kommun: "1402"}, {Kommunalforbund: "fyrbodal", Layer: "reserves"}} {
				was, is := listed(t, before, f), listed(t, after, f)
				for became, n := range holdAgainstLists(t, comparison, f, was, is, listed(t, before, Filter{}), listed(t, after, Filter{})) {
					kinds[became] += n
				}
			}
		})
	}
	for _, became := range []plan.Became{plan.ConflictNew, plan.ConflictGone, plan.ConflictGrown, plan.ConflictShrunk, plan.ConflictRevalued} {
		if kinds[became] < 20 {
			t.Errorf("only %d conflicts are %s: the test shows little", kinds[became], became)
		}
	}
}

// holdAgainstLists compares pages and sums with what the lists say; allWas and allIs are those without a filter, since a
// conflict that only one state's filter keeps was or is there in the other too.
func holdAgainstLists(t *testing.T, c *Comparison, f Filter, was, is, allWas, allIs map[string]plan.Conflict) map[plan.Became]int {
	t.Helper()
	want := compareByHand(allWas, allIs)
	for id := range want {
		_, before := was[id]
		if _, after := is[id]; !before && !after {
			delete(want, id)
		}
	}
	counted := map[plan.Became]int{}
	got, matched := allChanges(t, c, ComparisonFilter{Filter: Filter{Kommun: f.Kommun, Kommunalforbund: f.Kommunalforbund, Theme: f.Theme,
		Layer: f.Layer, MinSeverity: f.MinSeverity, Limit: 37}})
	for _, change := range got {
		if want[change.ID] != change.Became {
			t.Errorf("%+v: %s is %q, by hand %q", f, change.ID, change.Became, want[change.ID])
		}
		delete(want, change.ID)
		counted[change.Became]++
		sameFigure(t, change.ID, change.Before, allWas)
		sameFigure(t, change.ID, change.After, allIs)
	}
	if len(want) > 0 {
		t.Errorf("%+v: %d changes are not told: %v", f, len(want), want)
	}
	if sum := matched.New + matched.Gone + matched.Grown + matched.Shrunk + matched.Revalued; sum != len(got) || matched.New != counted[plan.ConflictNew] {
		t.Errorf("%+v: %+v matched, %d listed", f, matched, len(got))
	}
	holdSums(t, c, f, was, is, got)
	return counted
}

func sameFigure(t *testing.T, id string, c *plan.Conflict, list map[string]plan.Conflict) {
	t.Helper()
	want, there := list[id]
	if there != (c != nil) {
		t.Errorf("%s: told %v, listed %v", id, c != nil, there)
		return
	}
	if c == nil {
		return
	}
	u0, s0 := measured(*c)
	if u1, s1 := measured(want); u0 != u1 || math.Abs(s0-s1) > 1e-9*math.Abs(s1)+1e-6 || c.Severity != want.Severity {
		t.Errorf("%s: %s %v, listed %s %v", id, u0, s0, u1, s1)
	}
}

// holdSums adds the lists up.
func holdSums(t *testing.T, c *Comparison, f Filter, was, is map[string]plan.Conflict, changes []plan.ConflictChange) {
	t.Helper()
	sums, err := c.Sums(f)
	if err != nil {
		t.Fatal(err)
	}
	if sums.Total.Before.Conflicts != len(was) || sums.Total.After.Conflicts != len(is) || sums.Total.Conflicts != len(is)-len(was) {
		t.Errorf("%+v: total %+v, by hand %d and %d", f, sums.Total, len(was), len(is))
	}
	want := map[string]*plan.SumChange{}
	row := func(key string) *plan.SumChange {
		if want[key] == nil {
			want[key] = &plan.SumChange{}
		}
		return want[key]
	}
	count := func(list map[string]plan.Conflict, figures func(*plan.SumChange) *plan.Figures) {
		for _, conflict := range list {
			for _, key := range handKeys(c, conflict, f) {
				row(key).Key = key
				figures(row(key)).Conflicts++
			}
			if conflict.AreaHa != nil && f.Kommun == "" && f.Kommunalforbund == "" {
				figures(row("rule " + conflict.Rule)).AreaHa += *conflict.AreaHa
			}
		}
	}
	count(was, func(s *plan.SumChange) *plan.Figures { return &s.Before })
	count(is, func(s *plan.SumChange) *plan.Figures { return &s.After })
	for _, change := range changes {
		seen := map[string]bool{}
		for _, conflict := range []*plan.Conflict{change.Before, change.After} {
			if conflict == nil {
				continue
			}
			for _, key := range handKeys(c, *conflict, f) {
				if want[key] != nil && !seen[key] {
					row(key).Count(change.Became)
				}
				seen[key] = true
			}
		}
	}
	for prefix, rows := range map[string][]plan.SumChange{"kommun ": sums.ByKommun, "forbund ": sums.ByKommunalforbund, "rule ": sums.ByRule, "severity ": sums.BySeverity} {
		for _, got := range rows {
			w := row(prefix + got.Key)
			if got.Before.Conflicts != w.Before.Conflicts || got.After.Conflicts != w.After.Conflicts || got.Changes != w.Changes {
				t.Errorf("%+v: %s%s: %+v, by hand %+v", f, prefix, got.Key, got, *w)
			}
			if prefix == "rule " && f.Kommun == "" && f.Kommunalforbund == "" && math.Abs(got.AreaHa-(w.After.AreaHa-w.Before.AreaHa)) > 1e-9*(1+w.After.AreaHa) {
				t.Errorf("%+v: %s%s: %v ha, by hand %+v", f, prefix, got.Key, got.AreaHa, *w)
			}
			delete(want, prefix+got.Key)
		}
	}
	for key, left := range want {
		t.Errorf("%+v: no row %s: %+v", f, key, *left)
	}
}

// handKeys lists the rows that a conflict belongs to under the filter.
func handKeys(c *Comparison, conflict plan.Conflict, f Filter) []string {
	keys := []string{"rule " + conflict.Rule, "severity " + strconv.Itoa(conflict.Severity)}
	seen := map[string]bool{}
	partition := c.After.partition
	for _, k := range conflict.Kommuner {
		index := partition.KommunIndex(k.Kommun)
		forbund := plan.OutsideKommun
		if i := partition.ForbundOf(index); i >= 0 {
			forbund = partition.Forbunden[i].ID
		}
		if (f.Kommun == "" || f.Kommun == k.Kommun) && (f.Kommunalforbund == "" || f.Kommunalforbund == forbund) {
			keys = append(keys, "kommun "+k.Kommun)
			if !seen[forbund] {
				keys = append(keys, "forbund "+forbund)
			}
			seen[forbund] = true
		}
	}
	return keys
}

func TestComparisonRefuses(t *testing.T) {
	e := newEditor(t, 62)
	rules, _ := Default()
	strict := stricter(t)
	c := compared(t, rules, e.atlas.View(), strict, e.atlas.View())
	for name, f := range map[string]Filter{"rule": {Rule: "nobody"}, "kommun": {Kommun: "9999"}, "layer": {Layer: "none"}, "cursor": {After: "!"}} {
		if _, err := c.Find(ComparisonFilter{Filter: f}); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	only := rules.Rules[0].ID // that the second ruleset does not have
	page, err := c.Find(ComparisonFilter{Filter: Filter{Rule: only}})
	if err != nil || page.Matched.New+page.Matched.Grown+page.Matched.Revalued > 0 {
		t.Errorf("%+v %v", page, err)
	}
	if gone, _ := allChanges(t, c, ComparisonFilter{Became: plan.ConflictGone}); len(gone) == 0 || slices.ContainsFunc(gone, func(c plan.ConflictChange) bool { return c.After != nil }) {
		t.Errorf("%d gone", len(gone))
	}
}

// BenchmarkCompare compares two revisions that 100 of 200 000 features differ between.
func BenchmarkCompare(b *testing.B) {
	r := random(b, 63)
	parks, reserves := blobs(r, 100_000, 150), blobs(r, 100_000, 150)
	w := newWorld(b)
	rules := testRules()
	was := w.change(kommuner(r), layer("parks", plan.Wind, plan.Polygon, parks...), layer("reserves", plan.Nature, plan.Polygon, reserves...))
	var replace plan.List
	for i, g := range blobs(r, 100, 150) {
		replace = append(replace, plan.Feature{ID: fmt.Sprint(i*7 + 1), Geometry: g, Values: []plan.Value{plan.TextValue("moved")}})
	}
	is := w.change(plan.LayerChange{Layer: "parks", Replace: replace})
	e := NewEngine(rules)
	before, after := stand(b, e, was), stand(b, e, is)
	b.ResetTimer()
	var c *Comparison
	for range b.N {
		c = compare(before, after)
	}
	b.ReportMetric(float64(before.Len()), "conflicts")
	b.ReportMetric(float64(len(c.changes)), "changes")
}
