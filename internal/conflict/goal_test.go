package conflict

import (
	"math"
	"slices"
	"testing"

	"strukturbild/internal/plan"
)

// goalRules are the default rules with a goal more: of one layer, of a rule, and in one kommunalförbund only.
func goalRules(t *testing.T) *plan.Ruleset {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	rules.Goals = append(rules.Goals,
		plan.Goal{ID: "parks", Title: plan.Text{SV: "Parker", EN: "Parks"}, Layers: []string{"parks"}},
		plan.Goal{ID: "shore", Title: plan.Text{SV: "Strand", EN: "Shore"}, Rules: []string{"wind_nature_within_500"}, Kommunalforbund: "gr"})
	return rules
}

// sidesOf tells the goals of a conflict from the conflict itself.
func sidesOf(rules *ruleset, c *plan.Conflict, forbundOf map[string]string) (claim, interest []string) {
	side := func(g *plan.Goal, f *plan.FeatureRef, named plan.Side) bool {
		return slices.Contains(g.Themes, f.Theme) || slices.Contains(g.Layers, f.Layer) || slices.Contains(g.Categories, named.Category)
	}
	rule := rules.rule(c.Rule)
	for i := range rules.Goals {
		g := &rules.Goals[i]
		if g.Kommunalforbund != "" && !slices.ContainsFunc(c.Kommuner, func(k plan.KommunExtent) bool { return forbundOf[k.Kommun] == g.Kommunalforbund }) {
			continue
		}
		if side(g, c.Claim, rule.Claim) {
			claim = append(claim, g.ID)
		}
		if side(g, &c.Interest, rule.Interest) || slices.Contains(g.Rules, c.Rule) {
			interest = append(interest, g.ID)
		}
	}
	return claim, interest
}

// TestGoalPairs holds rows and lists by goals against the conflicts told one by one.
func TestGoalPairs(t *testing.T) {
	rules := goalRules(t)
	edit := newEditor(t, 77)
	s := stand(t, NewEngine(rules), edit.atlas.View())
	forbundOf := map[string]string{}
	for i, k := range s.partition.Kommuner {
		if f := s.partition.ForbundOf(int16(i)); f >= 0 {
			forbundOf[k.Kod] = s.partition.Forbunden[f].ID
		}
	}
	for _, forbund := range []string{"", s.partition.Forbunden[0].ID} {
		want := map[string]*plan.ConflictSum{}
		for _, c := range find(t, s, Filter{Kommunalforbund: forbund}).Conflicts {
			claim, interest := sidesOf(s.ruleset, &c, forbundOf)
			if !slices.Equal(c.Why.Goals.Claim, claim) && len(claim) > 0 || !slices.Equal(c.Why.Goals.Interest, interest) && len(interest) > 0 {
				t.Fatalf("%s serves %v, want %v and %v", c.ID, c.Why.Goals, claim, interest)
			}
			for key, only := range pairsOfGoals(rules, claim, interest) {
				area, lies := 0.0, false
				for _, part := range c.Kommuner {
					f := forbundOf[part.Kommun]
					if (forbund == "" || f == forbund) && (only == "" || f == only) {
						lies = true
						if part.AreaHa != nil {
							area += *part.AreaHa
						}
					}
				}
				if !lies {
					continue
				}
				if want[key] == nil {
					want[key] = &plan.ConflictSum{}
				}
				want[key].Conflicts++
				want[key].AreaHa += area
			}
		}
		rows, err := s.Summary(ByGoalPair, Filter{Kommunalforbund: forbund})
		if err != nil || len(rows) != len(want) || len(want) < 10 {
			t.Fatalf("%d rows, want %d: %v", len(rows), len(want), err)
		}
		for i, row := range rows {
			w := want[row.Key]
			if w == nil || row.Conflicts != w.Conflicts || math.Abs(row.AreaHa-w.AreaHa) > 1e-9*(1+w.AreaHa) {
				t.Errorf("in %q: %+v, want %+v", forbund, row, w)
			}
			if i > 0 && rows[i-1].Severity3 < row.Severity3 {
				t.Errorf("%s comes before %s", rows[i-1].Key, row.Key)
			}
			if page := find(t, s, Filter{Kommunalforbund: forbund, Goal: row.Key}); page.Matched != row.Conflicts || len(page.Conflicts) != row.Conflicts {
				t.Errorf("%d and %d conflicts of %s, want %d", page.Matched, len(page.Conflicts), row.Key, row.Conflicts)
			}
		}
		single, err := s.Summary(ByGoal, Filter{Kommunalforbund: forbund})
		if err != nil || len(single) != len(rules.Goals) {
			t.Fatalf("%d rows by goal: %v", len(single), err)
		}
		for _, row := range single {
			if page := find(t, s, Filter{Kommunalforbund: forbund, Goal: row.Key}); page.Matched != row.Conflicts {
				t.Errorf("%d conflicts of %s, want %d", page.Matched, row.Key, row.Conflicts)
			}
		}
	}
	for _, goal := range []string{"nosuch", "parks/nosuch", "parks/shore/parks", "/"} {
		if _, err := s.Find(Filter{Goal: goal}); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("goal %q: %v", goal, err)
		}
	}
}

// pairsOfGoals gives each pair once, and the kommunalförbund that it holds in.
func pairsOfGoals(rules *plan.Ruleset, claim, interest []string) map[string]string {
	order := map[string]int{}
	for i, g := range rules.Goals {
		order[g.ID] = i
	}
	pairs := map[string]string{}
	for _, a := range claim {
		for _, b := range interest {
			first, second := a, b
			if order[b] < order[a] {
				first, second = b, a
			}
			x, y := rules.Goals[order[first]].Kommunalforbund, rules.Goals[order[second]].Kommunalforbund
			switch {
			case x != "" && y != "" && x != y:
				continue
			case x == "":
				x = y
			}
			pairs[first+"/"+second] = x
		}
	}
	return pairs
}
