package conflict

import (
	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// teller tells conflicts by one version of the rules.
type teller struct {
	rules   *ruleset
	grounds map[*block]*plan.Grounds
	goals   map[goalPlace]*plan.GoalSides
}

func (r *ruleset) teller() *teller {
	return &teller{r, map[*block]*plan.Grounds{}, map[goalPlace]*plan.GoalSides{}}
}

// conflict tells one conflict in full.
func (t *teller) conflict(p pick) plan.Conflict {
	c := p.conflict()
	if t.grounds[p.block] == nil {
		t.grounds[p.block] = p.block.grounds(t.rules.Ref())
	}
	c.Why.Goals = t.goalsOf(p)
	c.Why.Grounds = t.grounds[p.block]
	return c
}

// grounds tells what the block's conflicts have in common.
func (b *block) grounds(version plan.RulesetRef) *plan.Grounds {
	g := &plan.Grounds{Rule: version, Provenance: b.rule.Provenance, Source: sourceOf(b.interest.Layer())}
	if b.claim != nil {
		from := sourceOf(b.claim.Layer())
		g.ClaimSource = &from
	}
	for _, condition := range b.rule.conditions {
		g.When = append(g.When, condition.source)
	}
	if b.when != nil {
		g.Case = b.when.source
	}
	if b.rule.distance != nil {
		g.Distance = b.rule.distance.source
	}
	return g
}

// nothing are the values of rules that read none.
var nothing = map[string]any{}

// explain tells what made the conflict, but for its grounds, and for a distance how much is missing. It evaluates the
// rule once more: only conflicts that are listed need it.
func (b *block) explain(r *record) (plan.Why, *plan.Clearance) {
	f := b.frameOf(r)
	why := plan.Why{Values: nothing}
	if len(b.rule.vars) > 0 {
		why.Values = b.values(r, f)
	}
	if b.unit != distance {
		return why, nil
	}
	clear := &plan.Clearance{ThresholdM: b.rule.limit(f), AtLeast: r.size == 0}
	clear.MissingM = clear.ThresholdM - r.size
	why.ThresholdM = &clear.ThresholdM
	return why, clear
}

// values names what the rule read.
func (b *block) values(r *record, f *frame) map[string]any {
	values := make(map[string]any, len(b.rule.vars))
	for i := range b.rule.vars {
		if v := &b.rule.vars[i]; v.role == sizeRole {
			values[v.name] = sizeValue(v.name, b.unit, r.size).Plain()
		} else {
			values[v.String()] = f.values[i].Plain()
		}
	}
	return values
}

// limit gives the distance of a within rule between two sides that are in the frame.
func (r *rule) limit(f *frame) float64 {
	if r.distance == nil {
		return r.DistanceM
	}
	limit, _ := r.distance.distance(f) // it was known when the pair was measured
	return limit
}

// frameOf puts the attributes of both sides into a frame.
func (b *block) frameOf(r *record) *frame {
	f := &frame{}
	if len(b.rule.vars) == 0 {
		return f
	}
	f.values = make([]plan.Value, len(b.rule.vars))
	claim, interest := b.claim, b.interest
	fill := func(side role, s *atlas.Snapshot, slot atlas.Slot) {
		if columns, err := b.rule.bind(side, s.Layer()); err == nil && len(columns) > 0 {
			columns.take(f, s.Values(nil, slot))
		}
	}
	if b.asked != nil {
		copy(f.values, b.asked.given)
		fill(1-b.asked.figure, interest, r.b)
		return f
	}
	fill(claimRole, claim, r.a)
	fill(interestRole, interest, r.b)
	return f
}

func sourceOf(l *plan.Layer) plan.LayerSource {
	return plan.LayerSource{Layer: l.ID, Title: l.Title, Source: l.Source, Licence: l.Licence, Vintage: l.Vintage, Revision: l.Revision, Changed: l.Changed}
}

// tellMissing tells how much farther away the claim of a what-if must be to clear the rule's distances.
func (b *block) tellMissing(row *plan.ConflictSum) {
	if b.asked != nil && b.unit == distance && len(b.records) > 0 && (row.MissingM == nil || b.asked.missing > *row.MissingM) {
		row.MissingM = &b.asked.missing
	}
}
