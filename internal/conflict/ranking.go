package conflict

import (
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// ranking is the conflicts of several blocks as one list: severity descending, then areas before lengths before points
// before distances, each the biggest (of distances the least) first.
type ranking struct {
	partition *division.Partition
	blocks    []*block // ordered by compareBlocks
}

func newRanking(partition *division.Partition, blocks []*block) ranking {
	slices.SortFunc(blocks, compareBlocks)
	return ranking{partition, blocks}
}

// Len counts the conflicts.
func (r *ranking) Len() (n int) {
	for _, b := range r.blocks {
		n += len(b.records)
	}
	return n
}

// pick is one conflict of the list.
type pick struct {
	block  *block
	record *record
}

// list gives the first conflicts of the selection after the cursor (nil: from the start); limit 0 gives all.
func (r *ranking) list(s *selection, after *cursor, limit int) (picked []pick) {
	for from := 0; from < len(r.blocks); {
		to := from + 1
		for to < len(r.blocks) && compareRanks(r.blocks[from], r.blocks[to]) == 0 {
			to++
		}
		picked = mergeRank(picked, r.blocks[from:to], s, after, limit)
		if limit > 0 && len(picked) == limit {
			break
		}
		from = to
	}
	return picked
}

// mergeRank appends the conflicts of blocks of one rank, until there are limit.
func mergeRank(picked []pick, blocks []*block, s *selection, after *cursor, limit int) []pick {
	heads := make([]head, 0, len(blocks))
	for _, b := range blocks {
		if h := (head{b, after.position(b) - 1}); s.holds(b) && h.advance(s) {
			heads = append(heads, h)
		}
	}
	for len(heads) > 0 && (limit == 0 || len(picked) < limit) {
		best := 0
		for i := range heads[1:] {
			if heads[i+1].before(&heads[best]) {
				best = i + 1
			}
		}
		picked = append(picked, pick{heads[best].block, heads[best].record()})
		if !heads[best].advance(s) {
			heads = slices.Delete(heads, best, best+1)
		}
	}
	return picked
}

// head is where the merge stands in one block.
type head struct {
	block *block
	at    int
}

func (h *head) record() *record { return &h.block.records[h.at] }

// advance goes to the next record of the selection.
func (h *head) advance(s *selection) bool {
	for h.at++; h.at < len(h.block.records); h.at++ {
		if s.keeps(h.block, h.record()) {
			return true
		}
	}
	return false
}

// before tells which of two conflicts of one rank comes first. Blocks stand in the order of their names, so that the
// first of equals wins.
func (h *head) before(o *head) bool {
	return h.block.compareSizes(h.record().size, o.record().size) < 0
}

// conflict tells one conflict, but for its grounds.
func (p pick) conflict() plan.Conflict {
	b, r := p.block, p.record
	c := plan.Conflict{Rule: b.rule.ID, Title: b.rule.Title, Severity: b.severity, Class: b.class, Precedence: b.place,
		LegalBasis: b.rule.LegalBasis, Interest: reference(b.interest, r.b), Extent: extent(b.unit, r.size), Kommuner: b.kommuner(r)}
	c.Why, c.Clear = b.explain(r)
	c.InterestShare = share(b, r.size, b.interest.Geometry(r.b))
	if b.claim == nil {
		if b.claimWhole > 0 {
			fraction := min(r.size/b.claimWhole, 1)
			c.ClaimShare = &fraction
		}
		return c
	}
	claim := reference(b.claim, r.a)
	c.Claim = &claim
	c.ClaimShare = share(b, r.size, b.claim.Geometry(r.a))
	c.ID = identity{c.Rule, claim, c.Interest}.String()
	return c
}

// share gives the size as a fraction of the whole feature, nil when the feature has no size in that unit.
func share(b *block, size float64, g plan.Geometry) *float64 {
	all, has := whole(g, b.unit)
	if !has || all <= 0 {
		return nil
	}
	fraction := min(size/all, 1)
	return &fraction
}

// kommuner tells where the conflict lies.
func (b *block) kommuner(r *record) []plan.KommunExtent {
	return extents(b.partition, b.unit, b.parts(r))
}

// parts gives the conflict's division among the municipalities.
func (b *block) parts(r *record) []division.Part {
	if r.parts > 0 {
		return b.split(r)
	}
	return []division.Part{{Size: r.size, Kommun: r.kommun}}
}

func extents(p *division.Partition, u unit, parts []division.Part) []plan.KommunExtent {
	list := make([]plan.KommunExtent, len(parts))
	for i, q := range parts {
		kod, namn := p.Name(q.Kommun)
		list[i] = plan.KommunExtent{Kommun: kod, Namn: namn.SV, Extent: extent(u, q.Size)}
		if u == squareMetres && q.Kommun != division.None && p.Kommuner[q.Kommun].Area > 0 {
			fraction := min(q.Size/p.Kommuner[q.Kommun].Area, 1)
			list[i].KommunShare = &fraction
		}
	}
	return list
}

// titles are the attributes that name a feature, the best first.
var titles = []string{"namn", "name", "title", "project", "beteckning"}

func reference(s *atlas.Snapshot, slot atlas.Slot) plan.FeatureRef {
	layer := s.Layer()
	ref := plan.FeatureRef{Layer: layer.ID, Theme: layer.Theme, ID: s.ID(slot)}
	values := s.Values(make([]plan.Value, 0, 16), slot)
	for _, name := range titles {
		if i := layer.Attribute(name); i >= 0 && !values[i].IsNull() {
			ref.Title = values[i].Text()
			break
		}
	}
	return ref
}
