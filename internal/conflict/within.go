package conflict

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Within gives the standing conflicts of the view, or as many as are found before ctx ends; the second answer then names
// the rules that are not done with. told hears how many pairs of layers are done. What is partial is not kept.
func (e *Engine) Within(ctx context.Context, view *atlas.View, told func(done, total int)) (*Standing, []string, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, nil, err
	}
	if s := e.known(rules, view); s != nil {
		return s, nil, nil
	}
	s, err := e.stand(ctx, rules, view, told)
	if s == nil || err != nil && ctx.Err() == nil {
		return nil, nil, err
	}
	return s, s.unfinished, nil
}

// partial is what has been found before the error came, and which rules are not done with.
func (e *Engine) partial(rules *ruleset, view *atlas.View, blocks []*block, left []blockKey, err error) (*Standing, error) {
	s := &Standing{ranking: newRanking(view.Partition(), blocks), revision: view.Revision(), ruleset: rules, view: view, shared: e.shared}
	s.layers = sync.OnceValue(s.derive)
	for _, key := range left {
		if !slices.Contains(s.unfinished, key.rule.ID) {
			s.unfinished = append(s.unfinished, key.rule.ID)
		}
	}
	key := left[0]
	return s, fmt.Errorf("rule %s between %s and %s: %w", key.rule.ID, key.claim.Layer().ID, key.interest.Layer().ID, err)
}

// CheckFilter refuses names that the view and the rules do not know.
func (e *Engine) CheckFilter(view *atlas.View, f Filter) error {
	rules, err := e.compiled()
	if err == nil {
		_, err = rules.selection(view, view.Partition(), f)
	}
	return err
}

// CheckClaim refuses what Evaluate would refuse.
func (e *Engine) CheckClaim(view *atlas.View, q plan.ConflictQuery) error {
	rules, err := e.compiled()
	if err == nil {
		err = checkQuery(rules, view, &q)
	}
	return err
}

// Asked lists the layers that the rules are about, and the region's division: all that figures follow from.
func (e *Engine) Asked(view *atlas.View) ([]*atlas.Snapshot, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	var asked []*atlas.Snapshot
	for _, s := range view.Snapshots() {
		about := func(r *rule) bool { return r.claims.has(s.Layer()) || r.interests.has(s.Layer()) }
		if s.Layer().ID == "kommun" || s.Layer().ID == "kommunalforbund" || takesPart(s.Layer()) && slices.ContainsFunc(rules.rules, about) {
			asked = append(asked, s)
		}
	}
	return asked, nil
}

// Rules gives the rules that any of the ids names, in the order of the ruleset; cells of the matrix as rules.
func (e *Engine) Rules(ids []string) ([]plan.Rule, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	list := []plan.Rule{}
	for _, r := range rules.rules {
		if slices.Contains(ids, r.ID) {
			list = append(list, r.Rule)
		}
	}
	return list, nil
}

// Themes names the themes without a conflict in the selection, and those that nothing can be said about. With a theme in
// the filter it is about what that theme could meet.
func (s *Standing) Themes(f Filter) (notAffected []plan.Theme, notAssessed []plan.UnknownTheme, err error) {
	selected, err := s.selection(f)
	if err != nil {
		return nil, nil, err
	}
	c := newCensus(s.view)
	for _, b := range s.blocks {
		if !selected.holds(b) {
			continue
		}
		for _, theme := range []plan.Theme{b.claim.Layer().Theme, b.interest.Layer().Theme} {
			c.count(theme, b, selected.of(b).conflicts)
		}
	}
	if f.Theme != "" {
		c.hit[f.Theme] = true // it is what is asked about, not what it meets
	}
	notAffected, notAssessed = c.tell()
	return notAffected, notAssessed, nil
}
