package conflict

import (
	"context"
	"maps"
	"slices"

	"strukturbild/internal/atlas"
)

// renewal makes the blocks of two layers from those of an earlier state of them: the conflicts of features that are
// gone go, and only features that have come are held against the other layer.
type renewal struct {
	*sweep
	old                   []*block
	ofClaims, ofInterests atlas.Step
}

// renewFrom is how large a part of the features must have changed for joining anew to be quicker: one in four.
const renewFrom = 4

// renew gives the blocks of the key, made from those of an earlier state; done is false when they must be joined anew.
func renew(ctx context.Context, key blockKey, old []*block) (made []*block, done bool, err error) {
	r := &renewal{sweep: newSweep(key), old: old}
	claims, known := key.claim.StepFrom(old[0].claim)
	interests, alsoKnown := key.interest.StepFrom(old[0].interest)
	if !known || !alsoKnown {
		return nil, false, nil
	}
	r.ofClaims, r.ofInterests = claims, interests
	reach, holds := r.reach()
	if !holds || r.changes()*renewFrom > key.claim.Len()+key.interest.Len() {
		return nil, false, nil
	}
	r.choose(reach)
	fresh, err := r.run(ctx)
	if err != nil {
		return nil, false, err
	}
	return r.blocks(fresh), true, nil
}

func (r *renewal) changes() int {
	return len(r.ofClaims.Come) + len(r.ofClaims.Gone) + len(r.ofInterests.Come) + len(r.ofInterests.Gone)
}

// steps gives what happened to the outer layer, and to the inner one.
func (r *renewal) steps() (outer, inner *atlas.Step) {
	if r.outer == r.claim {
		return &r.ofClaims, &r.ofInterests
	}
	return &r.ofInterests, &r.ofClaims
}

// reach gives a distance in metres that no conflict of the two layers exceeds. What could not be told stays told only as
// long as features are asked in the same way: from the same side, and as far around.
func (r *renewal) reach() (metres float64, holds bool) {
	asked, err := r.ask(r.outer, r.inner)
	if err != nil {
		return 0, false
	}
	was := newSweep(r.old[0].blockKey)
	if r.rule.reads != 0 && was.outer.Layer().ID != r.outer.Layer().ID {
		return 0, false
	}
	if d := r.rule.distance; d != nil && d.uses.has(1-asked.figure) {
		for _, c := range asked.other {
			if rangeOf(was.inner, c.column) != rangeOf(r.inner, c.column) {
				return 0, false
			}
		}
	}
	return asked.farthest(r.outer, r.inner), true
}

// rounding is added to distances in metres, so that no neighbour is missed by the last digit.
const rounding = 1e-3

// choose picks the features that have to be asked: those of the outer layer that have come, and those near features of
// the inner one that have.
func (r *renewal) choose(reach float64) {
	outer, inner := r.steps()
	r.outerFrom, r.innerFrom = outer.From, inner.From
	ask := map[atlas.Slot]bool{}
	for _, slot := range outer.Come {
		if !r.outer.Box(slot).IsEmpty() {
			ask[slot] = true
		}
	}
	for _, slot := range inner.Come {
		r.outer.Search(r.inner.Box(slot).Grow(reach+rounding), func(near atlas.Slot) bool {
			ask[near] = true
			return true
		})
	}
	r.order = slices.Sorted(maps.Keys(ask))
}

// blocks puts what was and what is new together, for each outcome of the rule.
func (r *renewal) blocks(fresh []*block) (made []*block) {
	gone := pairsOf{marked(r.ofClaims.Gone), marked(r.ofInterests.Gone)}
	for kind, o := range r.rule.outcomes {
		was, is := ofKind(r.old, uint8(kind)), ofKind(fresh, uint8(kind))
		b := &block{blockKey: r.blockKey, outcome: o, unit: r.unit()}
		b.merge(&was, &is, gone)
		if kind == 0 || len(b.records) > 0 {
			made = append(made, b)
		}
	}
	return made
}

// ofKind gives the hits of one of the rule's outcomes. What could not be measured is with the first.
func ofKind(blocks []*block, kind uint8) hits {
	for _, b := range blocks {
		if len(b.records) > 0 && b.records[0].kind == kind || len(b.records) == 0 && kind == 0 {
			return b.hits
		}
	}
	return hits{}
}

// merge fills the block with the ranked hits of two, without those of features that are gone.
func (b *block) merge(was, is *hits, gone pairsOf) {
	b.records = make([]record, 0, len(was.records)+len(is.records))
	added := is.records
	for i := range was.records {
		r := &was.records[i]
		if gone.has(r.a, r.b) {
			continue
		}
		for len(added) > 0 && b.compare(&added[0], r) < 0 {
			b.take(&added[0], is)
			added = added[1:]
		}
		b.take(r, was)
	}
	for i := range added {
		b.take(&added[i], is)
	}
	for _, u := range was.unmeasured {
		if !gone.has(u.a, u.b) {
			b.unmeasured = append(b.unmeasured, u)
		}
	}
	b.unmeasured = append(b.unmeasured, is.unmeasured...)
	slices.SortFunc(b.unmeasured, func(x, y unmeasured) int { return b.compareIDs(x.a, x.b, y.a, y.b) })
	if len(b.records) > 0 {
		b.sum()
	}
}

// take appends a record of other hits.
func (h *hits) take(r *record, from *hits) {
	taken := *r
	if r.parts > 0 {
		taken.split = uint32(len(h.splits))
		h.splits = append(h.splits, from.split(r)...)
	}
	h.records = append(h.records, taken)
}

// pairsOf tells whether one of a pair is listed, by slot: claims, and interests.
type pairsOf [2][]bool

func (p pairsOf) has(a, b atlas.Slot) bool {
	return int(a) < len(p[0]) && p[0][a] || int(b) < len(p[1]) && p[1][b]
}

// marked gives the slots as marks; nil when there are none.
func marked(slots []atlas.Slot) []bool {
	if len(slots) == 0 {
		return nil
	}
	marks := make([]bool, slices.Max(slots)+1)
	for _, slot := range slots {
		marks[slot] = true
	}
	return marks
}
