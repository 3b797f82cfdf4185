package conflict

import (
	"context"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Preview tells how the standing conflicts of the view would change, were the engine's rules those of the draft. Only
// rules that differ are computed.
func (e *Engine) Preview(ctx context.Context, view *atlas.View, draft *plan.Ruleset) (*plan.RulesetPreview, error) {
	before, err := e.Standing(ctx, view)
	if err != nil {
		return nil, err
	}
	after, err := e.By(draft).Standing(ctx, view)
	if err != nil {
		return nil, err
	}
	p := &plan.RulesetPreview{Revision: view.Revision(), Current: e.ruleset.Ref(), Draft: draft.Ref()}
	for grouping, rows := range map[Grouping]*[]plan.SumChange{ByKommun: &p.ByKommun, ByKommunalforbund: &p.ByKommunalforbund,
		ByRule: &p.ByRule, BySeverity: &p.BySeverity} {
		was, err := before.Summary(grouping, Filter{})
		if err != nil {
			return nil, err
		}
		is, err := after.Summary(grouping, Filter{})
		if err != nil {
			return nil, err
		}
		*rows = changedSums(was, is)
	}
	return p, nil
}

// changedSums pairs the rows of two summaries by key; rows without conflicts in both are left out.
func changedSums(was, is []plan.ConflictSum) []plan.SumChange {
	rows := []plan.SumChange{}
	at := map[string]int{}
	row := func(s *plan.ConflictSum) *plan.SumChange {
		i, known := at[s.Key]
		if !known {
			i = len(rows)
			at[s.Key] = i
			rows = append(rows, plan.SumChange{Key: s.Key, Title: s.Title})
		}
		return &rows[i]
	}
	for i := range was {
		if was[i].Conflicts > 0 {
			row(&was[i]).Before = figures(&was[i])
		}
	}
	for i := range is {
		if is[i].Conflicts > 0 {
			row(&is[i]).After = figures(&is[i])
		}
	}
	for i := range rows {
		r := &rows[i]
		r.Conflicts, r.AreaHa, r.LengthM = r.After.Conflicts-r.Before.Conflicts, r.After.AreaHa-r.Before.AreaHa, r.After.LengthM-r.Before.LengthM
	}
	return rows
}

func figures(s *plan.ConflictSum) plan.Figures {
	return plan.Figures{Conflicts: s.Conflicts, Severity1: s.Severity1, Severity2: s.Severity2, Severity3: s.Severity3,
		AreaHa: s.AreaHa, LengthM: s.LengthM}
}
