package conflict

import (
	"cmp"
	"slices"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// block is all conflicts of one rule and of one severity between two layers, ranked, with their sums. It never changes.
type block struct {
	blockKey
	outcome
	place int // by precedence: 0 goes before 1
	unit  unit
	hits
	total      tally
	byKommun   []tally // [0] outside, [k+1] kommun k; nil when there are no conflicts
	byForbund  []tally // likewise
	claimWhole float64 // of a what-if: the size of the whole figure, 0 when it has none in this unit
	asked      *asking // of a what-if: with the figure's attributes
}

// blockKey is what a block's content depends on, and nothing else.
type blockKey struct {
	rule            *rule
	claim, interest *atlas.Snapshot // claim is nil in a what-if
	partition       *division.Partition
}

// tally adds up conflicts of one unit.
type tally struct {
	conflicts int
	size      float64
}

func (t *tally) add(size float64) {
	t.conflicts++
	t.size += size
}

// newBlocks ranks and sums the hits, those of each outcome of the rule by themselves. What could not be measured goes
// with the first block.
func newBlocks(key blockKey, u unit, found hits) []*block {
	outcomes := key.rule.outcomes
	if len(outcomes) == 1 {
		return []*block{newBlock(key, outcomes[0], u, found)}
	}
	by := make([]hits, len(outcomes))
	for _, r := range found.records {
		by[r.kind].records = append(by[r.kind].records, r)
	}
	by[0].unmeasured = found.unmeasured
	var blocks []*block
	for i, h := range by {
		if h.splits = found.splits; i == 0 || len(h.records) > 0 {
			blocks = append(blocks, newBlock(key, outcomes[i], u, h))
		}
	}
	return blocks
}

// newBlock ranks and sums the hits.
func newBlock(key blockKey, o outcome, u unit, found hits) *block {
	b := &block{blockKey: key, outcome: o, unit: u, hits: found}
	slices.SortFunc(b.records, func(x, y record) int { return b.compare(&x, &y) })
	slices.SortFunc(b.unmeasured, func(x, y unmeasured) int { return b.compareIDs(x.a, x.b, y.a, y.b) })
	if len(b.records) > 0 {
		b.sum()
	}
	return b
}

// compare orders the block's conflicts: the biggest first, of distances the least; then by ids.
func (b *block) compare(x, y *record) int {
	if x.size != y.size {
		return b.compareSizes(x.size, y.size)
	}
	return b.compareIDs(x.a, x.b, y.a, y.b)
}

func (b *block) compareSizes(x, y float64) int {
	if b.unit == distance {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(y, x)
}

func (b *block) compareIDs(xa, xb, ya, yb atlas.Slot) int {
	if b.claim != nil && xa != ya {
		return compareFeatures(b.claim, xa, ya)
	}
	return compareFeatures(b.interest, xb, yb)
}

// compareFeatures orders by id; nobody comes last.
func compareFeatures(s *atlas.Snapshot, x, y atlas.Slot) int {
	if x == y || x == nobody || y == nobody {
		return cmp.Compare(x, y)
	}
	return plan.CompareIDs(s.ID(x), s.ID(y))
}

// sum fills the tallies. A conflict counts once in each municipality and kommunalförbund that it lies in.
func (b *block) sum() {
	b.byKommun = make([]tally, len(b.partition.Kommuner)+1)
	b.byForbund = make([]tally, len(b.partition.Forbunden)+1)
	for i := range b.records {
		r := &b.records[i]
		b.total.add(r.size)
		if r.parts == 0 {
			b.byKommun[r.kommun+1].add(r.size)
			b.byForbund[b.partition.ForbundOf(r.kommun)+1].add(r.size)
			continue
		}
		b.sumSplit(b.split(r))
	}
}

func (b *block) sumSplit(parts []division.Part) {
	for i, p := range parts {
		b.byKommun[p.Kommun+1].add(p.Size)
		forbund := b.partition.ForbundOf(p.Kommun)
		t := &b.byForbund[forbund+1]
		t.size += p.Size
		if !slices.ContainsFunc(parts[:i], func(q division.Part) bool { return b.partition.ForbundOf(q.Kommun) == forbund }) {
			t.conflicts++
		}
	}
}

// in reports whether the record has a part that the test holds for.
func (b *block) in(r *record, test func(kommun int16) bool) bool {
	if r.parts == 0 {
		return test(r.kommun)
	}
	return slices.ContainsFunc(b.split(r), func(p division.Part) bool { return test(p.Kommun) })
}

// placed gives the block at its place by precedence, which is the ruleset's and not the rule's.
func (b *block) placed(place int) *block {
	if b.place == place {
		return b
	}
	moved := *b
	moved.place = place
	return &moved
}

// compareBlocks ranks whole blocks: by severity, stop before adapt, precedence, then areas before lengths before points
// before distances. Blocks of one rank hold conflicts that compare by size; the rest only makes the order total.
func compareBlocks(x, y *block) int {
	return cmp.Or(compareRanks(x, y), compareNames(x, y))
}

func compareRanks(x, y *block) int {
	return cmp.Or(cmp.Compare(y.severity, x.severity), compareClasses(x.class, y.class), cmp.Compare(x.place, y.place),
		cmp.Compare(x.unit, y.unit))
}

// compareClasses puts stop before adapt.
func compareClasses(x, y plan.Class) int { return -strings.Compare(string(x), string(y)) }

func compareNames(x, y *block) int {
	return cmp.Or(cmp.Compare(x.rule.ID, y.rule.ID), cmp.Compare(x.claimID(), y.claimID()),
		cmp.Compare(x.interest.Layer().ID, y.interest.Layer().ID))
}

func (b *block) claimID() string {
	if b.claim == nil {
		return ""
	}
	return b.claim.Layer().ID
}
