package conflict

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Comparison is what has become of the conflicts of one state in another. It never changes and serves any number of
// goroutines.
type Comparison struct {
	Before, After *Standing
	changes       []change // by comparePlaces
}

// change is one conflict that the states do not have alike; one that a state does not have has no block there.
type change struct {
	became        plan.Became
	before, after pick
}

// comparisonsKept is how many are kept, so that who pages through one waits once.
const comparisonsKept = 2

// Compare tells what becomes of the conflicts of the first view by the engine's rules in the second view by those of
// the other engine. Blocks that both states share are not looked into.
func (e *Engine) Compare(ctx context.Context, was *atlas.View, to *Engine, is *atlas.View) (*Comparison, error) {
	before, err := e.Standing(ctx, was)
	if err != nil {
		return nil, err
	}
	after, err := to.Standing(ctx, is)
	if err != nil {
		return nil, err
	}
	e.comparing.Lock()
	defer e.comparing.Unlock()
	i := slices.IndexFunc(e.comparisons, func(c *Comparison) bool { return c.Before == before && c.After == after })
	if i >= 0 {
		return e.comparisons[i], nil
	}
	made := compare(before, after)
	if e.comparisons = append(e.comparisons, made); len(e.comparisons) > comparisonsKept {
		e.comparisons = slices.Delete(e.comparisons, 0, 1)
	}
	return made, nil
}

// NotMeasured lists the pairs of either state that could not be measured, each reason once.
func (c *Comparison) NotMeasured() (list []plan.UnknownFeature, total int) {
	before, m := c.Before.NotMeasured()
	after, n := c.After.NotMeasured()
	list = mergeUnknown(before, after)
	return list, max(m, n, len(list))
}

// mergeUnknown puts lists together, at most plan.MaxUnmeasured, each reason once.
func mergeUnknown(lists ...[]plan.UnknownFeature) []plan.UnknownFeature {
	seen, merged := map[string]bool{}, []plan.UnknownFeature{}
	for _, u := range slices.Concat(lists...) {
		if key := u.Key(); !seen[key] && len(merged) < plan.MaxUnmeasured {
			seen[key] = true
			merged = append(merged, u)
		}
	}
	return merged
}

func compare(before, after *Standing) *Comparison {
	c := &Comparison{Before: before, After: after}
	was, is := seams(before.blocks), seams(after.blocks)
	for key, blocks := range was {
		c.pairUp(blocks, is[key])
	}
	for key, blocks := range is {
		if was[key] == nil {
			c.pairUp(nil, blocks)
		}
	}
	slices.SortFunc(c.changes, func(x, y change) int { return comparePlaces(x.place(), y.place()) })
	return c
}

// seam is where conflicts of two states can match: one rule between two layers, whatever their versions.
type seam struct {
	Rule          string `json:"r"`
	ClaimLayer    string `json:"cl"`
	InterestLayer string `json:"il"`
}

func seams(blocks []*block) map[seam][]*block {
	by := map[seam][]*block{}
	for _, b := range blocks {
		by[seamOf(b)] = append(by[seamOf(b)], b)
	}
	return by
}

func seamOf(b *block) seam { return seam{b.rule.ID, b.claimID(), b.interest.Layer().ID} }

// pairUp finds the conflicts of one seam that the states do not have alike.
func (c *Comparison) pairUp(was, is []*block) {
	if slices.EqualFunc(was, is, sameContent) {
		return
	}
	both := sharedSlots(was, is)
	earlier := map[[2]string]pick{}
	for p := range picks(was) {
		if !both[p.slots()] {
			earlier[p.ids()] = p
		}
	}
	for p := range picks(is) {
		if both[p.slots()] {
			continue
		}
		ids := p.ids()
		old, had := earlier[ids]
		delete(earlier, ids)
		if what := became(old, p); !had || what != "" {
			c.changes = append(c.changes, change{what, old, p})
		}
	}
	for _, p := range earlier {
		c.changes = append(c.changes, change{became(p, pick{}), p, pick{}})
	}
}

// sameContent reports whether two blocks are one, or the same but for their places.
func sameContent(x, y *block) bool {
	return x == y || x.blockKey == y.blockKey && len(x.records) == len(y.records) && x.severity == y.severity && x.class == y.class &&
		(len(x.records) == 0 || &x.records[0] == &y.records[0])
}

// sharedSlots lists the pairs of feature versions that conflict in both states, by one rule: nothing about them can
// differ. Only states that lie in the same pages can be told so; for others it lists nothing.
func sharedSlots(was, is []*block) map[[2]atlas.Slot]bool {
	if len(was) == 0 || len(is) == 0 || was[0].rule != is[0].rule || !oneMemory(was[0].claim, is[0].claim) || !oneMemory(was[0].interest, is[0].interest) {
		return nil
	}
	had, both := map[[2]atlas.Slot]bool{}, map[[2]atlas.Slot]bool{}
	for p := range picks(was) {
		had[p.slots()] = true
	}
	for p := range picks(is) {
		if had[p.slots()] {
			both[p.slots()] = true
		}
	}
	return both
}

// oneMemory reports whether slots mean the same in both snapshots.
func oneMemory(x, y *atlas.Snapshot) bool {
	_, later := y.StepFrom(x)
	if !later {
		_, later = x.StepFrom(y)
	}
	return later
}

func picks(blocks []*block) iter.Seq[pick] {
	return func(yield func(pick) bool) {
		for _, b := range blocks {
			for i := range b.records {
				if !yield(pick{b, &b.records[i]}) {
					return
				}
			}
		}
	}
}

func (p pick) slots() [2]atlas.Slot { return [2]atlas.Slot{p.record.a, p.record.b} }

func (p pick) ids() [2]string {
	return [2]string{p.block.claim.ID(p.record.a), p.block.interest.ID(p.record.b)}
}

// became tells what has become of a conflict; "" when it is as it was.
func became(was, is pick) plan.Became {
	switch {
	case was.block == nil:
		return plan.ConflictNew
	case is.block == nil:
		return plan.ConflictGone
	case was.block.unit != is.block.unit:
		return plan.ConflictRevalued
	case !sameSize(was.record.size, is.record.size):
		if was.block.compareSizes(was.record.size, is.record.size) > 0 {
			return plan.ConflictGrown
		}
		return plan.ConflictShrunk
	case was.block.severity != is.block.severity || was.block.class != is.block.class:
		return plan.ConflictRevalued
	}
	return ""
}

// sameSize takes no account of the last digits, which depend on the way that a figure was come to.
func sameSize(x, y float64) bool { return math.Abs(x-y) <= 1e-9*max(x, y)+1e-6 }

// place is where a change stands in the list: severity, then unit, then how much it is about, then names.
type place struct {
	Severity int     `json:"s"`
	Unit     unit    `json:"u"`
	Weight   float64 `json:"w"`
	seam
	Claim    string `json:"c"`
	Interest string `json:"i"`
}

func comparePlaces(x, y place) int {
	return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Unit, y.Unit), cmp.Compare(y.Weight, x.Weight),
		cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.ClaimLayer, y.ClaimLayer), cmp.Compare(x.InterestLayer, y.InterestLayer),
		plan.CompareIDs(x.Claim, y.Claim), plan.CompareIDs(x.Interest, y.Interest))
}

func (c *change) place() place {
	p := c.now()
	ids := p.ids()
	return place{c.severity(), p.block.unit, c.weight(), seamOf(p.block), ids[0], ids[1]}
}

// now gives the conflict as it is, or as it was when it is gone.
func (c *change) now() pick {
	if c.after.block == nil {
		return c.before
	}
	return c.after
}

// severity gives the worse of the two.
func (c *change) severity() (worst int) {
	for _, p := range []pick{c.before, c.after} {
		if p.block != nil {
			worst = max(worst, p.block.severity)
		}
	}
	return worst
}

// weight tells how much the change is about: how much came or went; of distances, the nearest weigh most.
func (c *change) weight() float64 {
	size := func(p pick) float64 {
		if p.block == nil {
			return 0
		}
		return p.record.size
	}
	now := c.now()
	switch {
	case now.block.unit == distance:
		return -now.record.size
	case c.before.block != nil && c.before.block.unit != now.block.unit:
		return now.record.size
	}
	return math.Abs(size(c.after) - size(c.before))
}
