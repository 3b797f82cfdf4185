package conflict

import (
	"context"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Evaluate answers what a claim on land would touch in the view. Invalid when the figure or what it would be is wrong.
func (e *Engine) Evaluate(ctx context.Context, view *atlas.View, q plan.ConflictQuery) (*plan.Assessment, error) {
	if err := checkQuery(view, &q); err != nil {
		return nil, err
	}
	w := e.workers.Get().(*worker)
	defer e.workers.Put(w)
	w.Partition = view.Partition()
	claim := &figure{geometry: q.Geometry, box: q.Geometry.Box()}
	keys := questions(e.ruleset, view, &q, w.Partition)
	blocks := make([]*block, 0, len(keys))
	for _, key := range keys {
		w.hits = hits{}
		if err := w.probe(ctx, &key.rule, claim, key.interest, 0); err != nil {
			return nil, err
		}
		u := unitOf(key.rule.Relation, q.Geometry.Type, key.interest.Layer().GeometryType)
		b := newBlock(key, u, w.hits)
		b.claimWhole, _ = whole(q.Geometry, u)
		blocks = append(blocks, b)
	}
	w.hits = hits{}
	found := newRanking(w.Partition, blocks)
	a := assess(e.ruleset, &found, &q)
	a.Revision = view.Revision()
	a.tellClaim(w, claim)
	a.tellThemes(view, blocks)
	return &a.Assessment, nil
}

// checkQuery refuses figures that can't be measured and claims that no rule can be about.
func checkQuery(view *atlas.View, q *plan.ConflictQuery) error {
	if q.Layer != "" {
		layer, err := view.Layer(q.Layer)
		if err != nil {
			return err
		}
		if q.Theme == "" {
			q.Theme = layer.Layer().Theme
		}
		if q.Theme != layer.Layer().Theme {
			return plan.Errorf(plan.Invalid, "theme", "theme is %q, but layer %q has the theme %q; leave one of them out", q.Theme, q.Layer, layer.Layer().Theme)
		}
	}
	if q.Theme == plan.Administrative || !slices.Contains(plan.Themes, q.Theme) {
		return plan.Errorf(plan.Invalid, "theme", "theme is %q; say what the figure would be: one of %v", q.Theme,
			slices.DeleteFunc(slices.Clone(plan.Themes), func(t plan.Theme) bool { return t == plan.Administrative }))
	}
	if q.Geometry.Type == plan.None || q.Geometry.IsEmpty() {
		return plan.Errorf(plan.Invalid, "geometry", "the figure is empty; give a point, line or polygon")
	}
	if fault := geo.Validate(q.Geometry); fault != nil {
		return plan.Errorf(plan.Invalid, "geometry", "the figure is not valid: %s", fault.Message.EN).
			WithFindings(plan.Finding{Rule: fault.Rule, Message: fault.Message, Location: &plan.Location{X: fault.X, Y: fault.Y, CRS: geo.House.Name()}})
	}
	return nil
}

// questions lists every rule that the claim falls under, with each layer that it has to be held against.
func questions(rules *plan.Ruleset, view *atlas.View, q *plan.ConflictQuery, partition *division.Partition) (keys []blockKey) {
	claim := &plan.Layer{ID: q.Layer, Theme: q.Theme}
	for _, rule := range rules.Rules {
		forward, backward := rule.Claim.Matches(claim), rule.Symmetric && rule.Interest.Matches(claim)
		for _, s := range view.Snapshots() {
			if takesPart(s.Layer()) && (forward && rule.Interest.Matches(s.Layer()) || backward && rule.Claim.Matches(s.Layer())) {
				keys = append(keys, blockKey{rule, nil, s, partition})
			}
		}
	}
	return keys
}
