package conflict

import (
	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// explain tells what made the conflict, and for a distance how much is missing. It evaluates the rule once more: only
// conflicts that are listed need it.
func (b *block) explain(r *record) (plan.Why, *plan.Clearance) {
	f := b.frameOf(r)
	why := plan.Why{Values: map[string]any{}, Provenance: b.rule.Provenance, Source: sourceOf(b.interest.Layer())}
	for _, condition := range b.rule.conditions {
		why.When = append(why.When, condition.source)
	}
	if b.when != nil {
		why.Case = b.when.source
	}
	for i := range b.rule.vars {
		if v := &b.rule.vars[i]; v.role == sizeRole {
			why.Values[v.name] = plain(sizeValue(v.name, b.unit, r.size))
		} else {
			why.Values[v.String()] = plain(f.values[i])
		}
	}
	if b.unit != distance {
		return why, nil
	}
	limit := b.rule.limit(f)
	why.ThresholdM = &limit
	if b.rule.distance != nil {
		why.Distance = b.rule.distance.source
	}
	return why, &plan.Clearance{ThresholdM: limit, MissingM: limit - r.size, AtLeast: r.size == 0}
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
	f := &frame{values: make([]plan.Value, len(b.rule.vars))}
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
	return plan.LayerSource{Layer: l.ID, Title: l.Title, Source: l.Source, Licence: l.Licence, Revision: l.Revision, Changed: l.Changed}
}

// plain gives the value as encoding/json takes it.
func plain(v plan.Value) any {
	switch v.Kind() {
	case plan.Null:
		return nil
	case plan.Integer:
		return v.Int()
	case plan.Number:
		return v.Float()
	case plan.Boolean:
		return v.Bool()
	}
	return v.String()
}

// sign tells by which version of the rules the conflict is one.
func (r *ruleset) sign(c plan.Conflict) plan.Conflict {
	c.Why.Rule = r.Ref()
	return c
}

// tellMissing tells how much farther away the claim of a what-if must be to clear the block's distances.
func (b *block) tellMissing(row *plan.ConflictSum) {
	if b.asked == nil || b.unit != distance {
		return
	}
	for i := range b.records {
		r := &b.records[i]
		limit := b.rule.DistanceM
		if b.rule.distance != nil {
			limit = b.rule.limit(b.frameOf(r))
		}
		if missing := limit - r.size; row.MissingM == nil || missing > *row.MissingM {
			row.MissingM = &missing
		}
	}
}
