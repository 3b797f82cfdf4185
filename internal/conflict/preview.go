package conflict

import (
	"context"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Preview tells how the standing conflicts of the view would change, were the engine's rules those of the draft. Only
// rules that differ are computed.
func (e *Engine) Preview(ctx context.Context, view *atlas.View, draft *plan.Ruleset) (*plan.RulesetPreview, error) {
	comparison, err := e.Compare(ctx, view, e.By(draft), view)
	if err != nil {
		return nil, err
	}
	sums, err := comparison.Sums(Filter{})
	if err != nil {
		return nil, err
	}
	return &plan.RulesetPreview{Revision: view.Revision(), Current: e.ruleset.Ref(), Draft: draft.Ref(), ComparisonSums: *sums}, nil
}
