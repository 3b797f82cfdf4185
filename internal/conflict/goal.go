package conflict

import (
	"cmp"
	"slices"
	"strings"

	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// goalAgainst stands between the two goals of a pair.
const goalAgainst = "/"

// serves reports whether features of the layer, on a side that names what it does, serve the goal.
func serves(g *plan.Goal, layer *plan.Layer, side plan.Side) bool {
	return slices.Contains(g.Themes, layer.Theme) || slices.Contains(g.Layers, layer.ID) || side.Category != "" && slices.Contains(g.Categories, side.Category)
}

// claimServes reports whether the claims of the block serve the goal.
func (b *block) claimServes(g *plan.Goal) bool { return serves(g, b.claim.Layer(), b.rule.Claim) }

// interestServes reports whether its interests do.
func (b *block) interestServes(g *plan.Goal) bool {
	return serves(g, b.interest.Layer(), b.rule.Interest) || slices.Contains(g.Rules, b.rule.ID)
}

// goalPlace is where conflicts serve the same goals: those of a block in a kommunalförbund.
type goalPlace struct {
	block   *block
	forbund int16
}

// goalsOf names the goals that a standing conflict is about, of those that hold where it is; nil when the version knows none.
func (t *teller) goalsOf(p pick) *plan.GoalSides {
	b, r := p.block, p.record
	if len(t.rules.Goals) == 0 || b.claim == nil {
		return nil
	}
	place := goalPlace{b, b.partition.ForbundOf(r.kommun)}
	if sides := t.goals[place]; sides != nil && r.parts == 0 {
		return sides
	}
	sides := t.rules.goals(b, func(forbund int16) bool {
		return b.in(r, func(k int16) bool { return b.partition.ForbundOf(k) == forbund })
	})
	if r.parts == 0 {
		t.goals[place] = sides
	}
	return sides
}

// goals names the goals that a block is about, of those that hold in the whole county or in a kommunalförbund that it is in.
func (r *ruleset) goals(b *block, in func(forbund int16) bool) *plan.GoalSides {
	sides := &plan.GoalSides{Claim: []string{}, Interest: []string{}}
	for i := range r.Goals {
		g := &r.Goals[i]
		if g.Kommunalforbund != "" {
			if holds := b.partition.ForbundIndex(g.Kommunalforbund); holds == division.None || !in(holds) {
				continue
			}
		}
		if b.claimServes(g) {
			sides.Claim = append(sides.Claim, g.ID)
		}
		if b.interestServes(g) {
			sides.Interest = append(sides.Interest, g.ID)
		}
	}
	return sides
}

func (r *ruleset) goal(id string) *plan.Goal {
	for i := range r.Goals {
		if r.Goals[i].ID == id {
			return &r.Goals[i]
		}
	}
	return nil
}

// aim is what a selection asks of goals: one that either side serves, or two, one on each side; nil for anything.
type aim []*plan.Goal

// aimOf reads GOAL or GOAL/GOAL.
func (r *ruleset) aimOf(text string) (aim, error) {
	if text == "" {
		return nil, nil
	}
	var wanted aim
	for id := range strings.SplitSeq(text, goalAgainst) {
		g := r.goal(id)
		if g == nil || len(wanted) == 2 {
			return nil, plan.Errorf(plan.Invalid, "goal", "ruleset %s version %d has no goal %q; give one of its goals, or two with %s between them", r.ID, r.Version, id, goalAgainst)
		}
		wanted = append(wanted, g)
	}
	return wanted, nil
}

// meets reports whether conflicts of the block are about the goals.
func (a aim) meets(b *block) bool {
	switch len(a) {
	case 1:
		return b.claimServes(a[0]) || b.interestServes(a[0])
	case 2:
		return b.claimServes(a[0]) && b.interestServes(a[1]) || b.claimServes(a[1]) && b.interestServes(a[0])
	}
	return true
}

// narrow limits the selection to where the goals hold; false when nothing can be left.
func (s *selection) narrow(a aim, p *division.Partition) bool {
	for _, g := range a {
		if g.Kommunalforbund == "" {
			continue
		}
		holds := p.ForbundIndex(g.Kommunalforbund)
		switch {
		case holds == division.None, s.kommun != anywhere && p.ForbundOf(s.kommun) != holds, s.forbund != anywhere && s.forbund != holds:
			return false
		}
		s.forbund = holds
	}
	return true
}

// sumOf adds up what of the selection is about the goals.
func (r *ranking) sumOf(a aim, s *selection) (row plan.ConflictSum) {
	narrowed := *s
	if !narrowed.narrow(a, r.partition) {
		return row
	}
	for _, b := range r.blocks {
		if narrowed.holds(b) && a.meets(b) {
			b.addTo(&row, narrowed.of(b))
		}
	}
	return row
}

// byGoal gives a row for each goal, in the order of the ruleset.
func (r *ranking) byGoal(rules *ruleset, s *selection) []plan.ConflictSum {
	rows := make([]plan.ConflictSum, 0, len(rules.Goals))
	for i := range rules.Goals {
		g := &rules.Goals[i]
		row := r.sumOf(aim{g}, s)
		row.Key, row.Title, row.Goals = g.ID, g.Title, []string{g.ID}
		rows = append(rows, row)
	}
	return rows
}

// byGoalPair gives a row for each two goals that conflict, the most severe first. A goal can conflict with itself.
func (r *ranking) byGoalPair(rules *ruleset, s *selection) []plan.ConflictSum {
	rows := []plan.ConflictSum{}
	for i := range rules.Goals {
		for j := i; j < len(rules.Goals); j++ {
			a, b := &rules.Goals[i], &rules.Goals[j]
			row := r.sumOf(aim{a, b}, s)
			if row.Conflicts == 0 {
				continue
			}
			row.Key, row.Goals = a.ID+goalAgainst+b.ID, []string{a.ID, b.ID}
			row.Title = plan.Text{SV: a.Title.SV + " mot " + b.Title.SV, EN: a.Title.EN + " against " + b.Title.EN}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y plan.ConflictSum) int {
		return cmp.Or(cmp.Compare(y.Severity3, x.Severity3), cmp.Compare(y.Severity2, x.Severity2), cmp.Compare(y.Conflicts, x.Conflicts))
	})
	return rows
}
