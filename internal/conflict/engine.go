package conflict

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Engine answers by one ruleset. It keeps what it has computed until the layers that it was computed from change.
type Engine struct {
	ruleset *plan.Ruleset
	flight  singleflight.Group
	compute sync.Mutex // one computation at a time: the next one finds the blocks of the last
	workers sync.Pool  // of *worker, for what-if questions

	mu   sync.Mutex
	kept []*Standing // the newest last
	past []*Standing // of earlier revisions: they don't crowd out the newest
}

// standingsKept is how many are kept: the last two views, each with and without drafts.
const standingsKept = 4

// pastKept is how many of earlier revisions are kept: the last one that was asked for, with and without drafts.
const pastKept = 2

// NewEngine makes an engine for the rules, which must not change afterwards.
func NewEngine(rules *plan.Ruleset) *Engine {
	return &Engine{ruleset: rules, workers: sync.Pool{New: func() any { return new(worker) }}}
}

// Ruleset gives the rules.
func (e *Engine) Ruleset() *plan.Ruleset { return e.ruleset }

// Standing gives all conflicts of the view. What is known is given at once; callers who ask for the same wait for one
// computation, which goes on when they give up.
func (e *Engine) Standing(ctx context.Context, view *atlas.View) (*Standing, error) {
	if s := e.known(view); s != nil {
		return s, nil
	}
	done := e.flight.DoChan(fmt.Sprintf("%p", view), func() (any, error) {
		return e.stand(context.WithoutCancel(ctx), view)
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
	after, err := parseCursor(f.After)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if s := e.earlier(after.Revision, view); s != nil {
			return s.Find(f)
		}
	}
	s, err := e.Standing(ctx, view)
	if err != nil {
		return nil, err
	}
	return s.Find(f)
}

// earlier gives the conflicts of the revision, if they are kept. Only when the layers are those of the view: a layer
// that was hidden since must not show through.
func (e *Engine) earlier(revision plan.Revision, view *atlas.View) *Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all()
	i := slices.IndexFunc(all, func(s *Standing) bool {
		return s.revision == revision && slices.EqualFunc(s.view.Snapshots(), view.Snapshots(),
			func(a, b *atlas.Snapshot) bool { return a.Layer().ID == b.Layer().ID })
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// all gives every standing at hand; the caller holds mu.
func (e *Engine) all() []*Standing { return slices.Concat(e.kept, e.past) }

func (e *Engine) known(view *atlas.View) *Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all()
	if i := slices.IndexFunc(all, func(s *Standing) bool { return s.view == view }); i >= 0 {
		return all[i]
	}
	return nil
}

// stand computes what is not known yet.
func (e *Engine) stand(ctx context.Context, view *atlas.View) (*Standing, error) {
	e.compute.Lock()
	defer e.compute.Unlock()
	if s := e.known(view); s != nil {
		return s, nil
	}
	partition := view.Partition()
	known := e.blocks()
	var blocks []*block
	for _, key := range pairings(e.ruleset, view, partition) {
		b := known[key]
		if b == nil {
			var err error
			if b, err = join(ctx, key); err != nil {
				return nil, fmt.Errorf("rule %s between %s and %s: %w", key.rule.ID, key.claim.Layer().ID, key.interest.Layer().ID, err)
			}
		}
		blocks = append(blocks, b)
	}
	s := &Standing{newRanking(partition, blocks), view.Revision(), e.ruleset, view}
	e.keep(s)
	return s, nil
}

// blocks gives all blocks at hand.
func (e *Engine) blocks() map[blockKey]*block {
	e.mu.Lock()
	defer e.mu.Unlock()
	known := map[blockKey]*block{}
	for _, s := range e.all() {
		for _, b := range s.ranking.blocks {
			known[b.blockKey] = b
		}
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
