package conflict

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Engine answers by one version of the rules. Engines of several versions share what they have computed.
type Engine struct {
	ruleset *plan.Ruleset
	*shared
}

// shared keeps what has been computed until the layers that it was computed from change.
type shared struct {
	flight  singleflight.Group
	compute sync.Mutex // one computation at a time: the next one finds the blocks of the last
	pile    sync.Mutex // likewise of stacks
	workers sync.Pool  // of *worker, for what-if questions

	mu       sync.Mutex
	kept     []*Standing // the last used last
	past     []*Standing // of earlier revisions: they don't crowd out the newest
	rulesets []*ruleset  // compiled, the last used last
	stacks   []*Stack    // the last used last
	turns    []*Turn
	buffers  buffers
	shapes   atlas.Shapes[shapeKey]

	comparing   sync.Mutex // one comparison at a time
	comparisons []*Comparison
}

// standingsKept is how many are kept: the last two views by the current rules, each with and without drafts, and as many
// by other versions.
const standingsKept = 8

// rulesetsKept is how many compiled versions are kept.
const rulesetsKept = 16

// pastKept is how many of earlier revisions are kept: the last two that were asked for, as when they are compared, with
// and without drafts.
const pastKept = 4

// NewEngine makes an engine for the rules, which must not change afterwards.
func NewEngine(rules *plan.Ruleset) *Engine {
	return &Engine{rules, &shared{workers: sync.Pool{New: func() any { return new(worker) }}}}
}

// By gives an engine for another version of the rules, with the same memory.
func (e *Engine) By(rules *plan.Ruleset) *Engine { return &Engine{rules, e.shared} }

// Ruleset gives the rules.
func (e *Engine) Ruleset() *plan.Ruleset { return e.ruleset }

// compiled gives the rules compiled. Rules that say the same as one of another version are that one, so that its
// conflicts need not be found anew. Invalid when an expression can't be compiled.
func (e *Engine) compiled() (*ruleset, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := slices.IndexFunc(e.rulesets, func(r *ruleset) bool { return r.Ruleset == e.ruleset }); i >= 0 {
		found := e.rulesets[i]
		e.rulesets = append(slices.Delete(e.rulesets, i, i+1), found)
		return found, nil
	}
	made, faults := compile(e.ruleset)
	if len(faults) > 0 {
		return nil, expressionFaults(e.ruleset, faults)
	}
	known := map[string]*rule{}
	for _, other := range e.rulesets {
		for _, r := range slices.Concat(other.rules, other.standing) {
			known[r.key] = r
		}
	}
	for _, list := range [][]*rule{made.rules, made.standing} {
		for i, r := range list {
			if same := known[r.key]; same != nil {
				list[i] = same
			}
		}
	}
	if e.rulesets = append(e.rulesets, made); len(e.rulesets) > rulesetsKept {
		e.rulesets = slices.Delete(e.rulesets, 0, 1)
	}
	return made, nil
}

// Standing gives all conflicts of the view. What is known is given at once; callers who ask for the same wait for one
// computation, which goes on when they give up.
func (e *Engine) Standing(ctx context.Context, view *atlas.View) (*Standing, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	if s := e.known(rules, view); s != nil {
		return s, nil
	}
	done := e.flight.DoChan(fmt.Sprintf("%p %p", rules, view), func() (any, error) {
		return e.stand(context.WithoutCancel(ctx), rules, view, func(int, int) {})
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the standing conflicts: %w", ctx.Err())
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Standing), nil
	}
}

// Find gives a page of the view's standing conflicts. Pages that belong together are cut from one Standing as long as
// it is at hand: the cursor names its revision. Page.Revision tells which it was.
func (e *Engine) Find(ctx context.Context, view *atlas.View, f Filter) (*Page, error) {
	s, err := e.Begun(ctx, view, f)
	if err != nil {
		return nil, err
	}
	return s.Find(f)
}

// Begun gives the conflicts that the filter's page is to be cut from: those that the page before was, when they are at
// hand, else those of the view.
func (e *Engine) Begun(ctx context.Context, view *atlas.View, f Filter) (*Standing, error) {
	after, err := parseCursor(f.After)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if s := e.Kept(after.Revision, view); s != nil {
			return s, nil
		}
	}
	return e.Standing(ctx, view)
}

// Kept gives the conflicts of the revision, if they are at hand; else nil. Only when the layers are those of the view: a
// layer that was hidden since must not show through.
func (e *Engine) Kept(revision plan.Revision, view *atlas.View) *Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all()
	i := slices.IndexFunc(all, func(s *Standing) bool {
		return s.revision == revision && s.ruleset.Ruleset == e.ruleset && slices.EqualFunc(s.view.Snapshots(), view.Snapshots(),
			func(a, b *atlas.Snapshot) bool { return a.Layer().ID == b.Layer().ID })
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// all gives every standing at hand; the caller holds mu.
func (e *Engine) all() []*Standing { return slices.Concat(e.kept, e.past) }

func (e *Engine) known(rules *ruleset, view *atlas.View) *Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	is := func(s *Standing) bool { return s.view == view && s.ruleset == rules }
	if i := slices.IndexFunc(e.past, is); i >= 0 {
		return e.past[i]
	}
	i := slices.IndexFunc(e.kept, is)
	if i < 0 {
		return nil
	}
	found := e.kept[i]
	e.kept = append(slices.Delete(e.kept, i, i+1), found)
	return found
}

// stand computes what is not known yet, and tells how many pairs of layers are done. When ctx ends on the way it gives
// what it has, and the error.
func (e *Engine) stand(ctx context.Context, rules *ruleset, view *atlas.View, told func(done, total int)) (*Standing, error) {
	e.compute.Lock()
	defer e.compute.Unlock()
	if s := e.known(rules, view); s != nil {
		return s, nil
	}
	partition := view.Partition()
	known := e.blocks()
	var blocks []*block
	keys := pairings(rules, view, partition)
	for i, key := range keys {
		told(i, len(keys))
		found, have := known[key]
		if !have {
			var err error
			if found, err = hold(ctx, key, known); err != nil {
				return e.partial(rules, view, blocks, keys[i:], err)
			}
		}
		place := rules.placeOf(key.claim.Layer().Theme, key.interest.Layer().Theme)
		for _, b := range found {
			blocks = append(blocks, b.placed(place))
		}
	}
	s := &Standing{ranking: newRanking(partition, blocks), revision: view.Revision(), ruleset: rules, view: view, shared: e.shared}
	s.layers = e.layersOf(s)
	e.keep(s)
	return s, nil
}

// layersOf gives what makes the conflicts layers: that of one which is the same, such as for those who see drafts when
// there are none.
func (e *Engine) layersOf(s *Standing) func() map[string]*derivation {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range e.all() {
		if o.revision == s.revision && o.ruleset == s.ruleset && slices.EqualFunc(o.blocks, s.blocks, func(a, b *block) bool { return a.blockKey == b.blockKey }) {
			return o.layers
		}
	}
	return sync.OnceValue(s.derive)
}

// hold finds the conflicts of the key: from those of an earlier state of the two layers when little has changed since.
func hold(ctx context.Context, key blockKey, known map[blockKey][]*block) ([]*block, error) {
	if old := key.earlier(known); old != nil {
		if made, done, err := renew(ctx, key, old); done || err != nil {
			return made, err
		}
	}
	return join(ctx, key)
}

// earlier gives the blocks of the newest state before the key's, or nil.
func (k *blockKey) earlier(known map[blockKey][]*block) (found []*block) {
	newest := plan.Revision(-1)
	for o, blocks := range known {
		if o.rule != k.rule || o.partition != k.partition || o.claim.Layer().ID != k.claim.Layer().ID ||
			o.interest.Layer().ID != k.interest.Layer().ID || o.claim.Revision() > k.claim.Revision() ||
			o.interest.Revision() > k.interest.Revision() {
			continue
		}
		if at := o.claim.Revision() + o.interest.Revision(); at > newest {
			newest, found = at, blocks
		}
	}
	return found
}

// blocks gives all blocks at hand.
func (e *Engine) blocks() map[blockKey][]*block {
	e.mu.Lock()
	defer e.mu.Unlock()
	known := map[blockKey][]*block{}
	for _, s := range e.all() {
		own := map[blockKey][]*block{}
		for _, b := range s.ranking.blocks {
			own[b.blockKey] = append(own[b.blockKey], b)
		}
		maps.Copy(known, own)
	}
	return known
}

func (e *Engine) keep(s *Standing) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list, most := &e.kept, standingsKept
	if s.view.Past() {
		list, most = &e.past, pastKept
	}
	*list = append(*list, s)
	if len(*list) > most {
		*list = slices.Delete(*list, 0, 1)
	}
}
