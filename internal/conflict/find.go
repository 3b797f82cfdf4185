package conflict

import (
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// Filter narrows the standing conflicts; zero fields keep all.
type Filter struct {
	Kommun          string     // kommunkod, or plan.OutsideKommun
	Kommunalforbund string     // id
	Rule            string     // id
	Theme           plan.Theme // of the claim or the interest
	Layer           string     // id, of the claim or the interest
	MinSeverity     int
	Goal            string          // id of one that either side serves, or GOAL/GOAL: one on each side
	Severity        int             // exactly; 0 for all
	Class           plan.Class      // "" for both
	MinAreaHa       float64         // with MinLengthM: conflicts that are measured so and as big; 0 does not ask
	MinLengthM      float64         // likewise
	Touching        plan.Expression // a constant geometry that the conflict's shape shares a point with; nil for any
	After           string          // Page.Next of the page before
	Limit           int             // 0 means no limit
}

// Page is a part of the ranked list of conflicts.
type Page struct {
	Revision  plan.Revision
	Conflicts []plan.Conflict
	Matched   int    // on all pages together
	Next      string // cursor for Filter.After; "" on the last page

	NotMeasured      []plan.UnknownFeature // pairs that nothing can be said of, whatever the filter
	NotMeasuredTotal int

	picked []pick
	shared *shared
}

// Shape gives the shape of conflict i of the page; an error when it can't be made.
func (p *Page) Shape(i int) (plan.Geometry, error) { return p.shared.shape(p.picked[i]) }

// Find gives a page of the conflicts, severity descending, then extent. Invalid for a name that is not known.
func (s *Standing) Find(f Filter) (*Page, error) {
	found, err := s.cut(f)
	if err != nil {
		return nil, err
	}
	page := &Page{Revision: s.revision, Conflicts: make([]plan.Conflict, 0, len(found.picked)), Matched: found.matched, Next: found.next, picked: found.picked, shared: s.shared}
	page.NotMeasured, page.NotMeasuredTotal = s.NotMeasured()
	tell := s.ruleset.teller()
	for _, p := range found.picked {
		page.Conflicts = append(page.Conflicts, tell.conflict(p))
	}
	return page, nil
}

// cut is a page before it is told.
type cut struct {
	picked  []pick
	matched int
	next    string
}

func (s *Standing) cut(f Filter) (*cut, error) {
	selected, err := s.selection(f)
	if err != nil {
		return nil, err
	}
	after, err := parseCursor(f.After)
	if err != nil {
		return nil, err
	}
	if err := after.follows(s); err != nil {
		return nil, err
	}
	limit := f.Limit
	if limit > 0 {
		limit++ // one more tells whether there is a next page
	}
	all := s.narrowed(selected)
	page := &cut{picked: all.list(selected, after, limit), matched: all.matched(selected)}
	if f.Limit > 0 && len(page.picked) > f.Limit {
		page.picked = page.picked[:f.Limit]
		page.next = cursorOf(s, page.picked[f.Limit-1]).String()
	}
	return page, nil
}

func (r *ranking) matched(s *selection) (n int) {
	for _, b := range r.blocks {
		if s.holds(b) {
			n += s.of(b).conflicts
		}
	}
	return n
}

// selection is a filter with its names looked up.
type selection struct {
	Filter
	kommun   int16 // or anywhere
	forbund  int16
	touching map[pairKey]bool // those whose shapes touch; nil when that is not asked
	aim      aim
	empty    bool // the goals do not hold where conflicts are asked for
}

const anywhere int16 = -2

var everything = &selection{kommun: anywhere, forbund: anywhere}

func (s *Standing) selection(f Filter) (*selection, error) {
	selected, err := s.ruleset.selection(s.view, s.partition, f)
	if err == nil && f.Touching != nil {
		selected.touching, err = s.touching(f.Touching)
	}
	if err != nil {
		return nil, err
	}
	return selected, nil
}

func (r *ruleset) selection(view *atlas.View, partition *division.Partition, f Filter) (*selection, error) {
	selected := &selection{Filter: f, kommun: anywhere, forbund: anywhere}
	if f.Kommun != "" {
		if selected.kommun = partition.KommunIndex(f.Kommun); selected.kommun == division.None && f.Kommun != plan.OutsideKommun {
			return nil, plan.Errorf(plan.Invalid, "kommun", "there is no kommun %q; give its four-digit kommunkod, or %q", f.Kommun, plan.OutsideKommun)
		}
	}
	if f.Kommunalforbund != "" {
		if selected.forbund = partition.ForbundIndex(f.Kommunalforbund); selected.forbund == division.None {
			return nil, plan.Errorf(plan.Invalid, "kommunalforbund", "there is no kommunalförbund %q", f.Kommunalforbund)
		}
		if f.Kommun != "" && partition.ForbundOf(selected.kommun) != selected.forbund {
			return nil, plan.Errorf(plan.Invalid, "kommun", "kommun %q is no member of kommunalförbund %q", f.Kommun, f.Kommunalforbund)
		}
	}
	if f.Rule != "" && r.rule(f.Rule) == nil {
		return nil, plan.Errorf(plan.Invalid, "rule", "ruleset %s version %d has no rule %q", r.ID, r.Version, f.Rule)
	}
	if f.Theme != "" && !slices.Contains(plan.Themes, f.Theme) {
		return nil, plan.Errorf(plan.Invalid, "theme", "theme %q is not one of %v", f.Theme, plan.Themes)
	}
	if f.Layer != "" {
		if _, err := view.Layer(f.Layer); err != nil {
			return nil, plan.Errorf(plan.Invalid, "layer", "there is no layer %q", f.Layer)
		}
	}
	wanted, err := r.aimOf(f.Goal)
	if err != nil {
		return nil, err
	}
	selected.aim, selected.empty = wanted, !selected.narrow(wanted, partition)
	return selected, nil
}

// holds reports whether conflicts of the block can be in the selection.
func (s *selection) holds(b *block) bool {
	return !s.empty && s.aim.meets(b) && (s.Rule == "" || s.Rule == b.rule.ID) && b.severity >= s.MinSeverity && (s.Severity == 0 || b.severity == s.Severity) && (s.Class == "" || b.class == s.Class) &&
		(s.Theme == "" || b.claim.Layer().Theme == s.Theme || b.interest.Layer().Theme == s.Theme) &&
		(s.Layer == "" || b.claim.Layer().ID == s.Layer || b.interest.Layer().ID == s.Layer)
}

// keeps reports whether a conflict of a block that holds is in the selection.
func (s *selection) keeps(b *block, r *record) bool {
	switch {
	case !s.big(b.unit, r.size) || s.touching != nil && !s.touching[pick{b, r}.key()]:
		return false
	case s.kommun != anywhere:
		return b.in(r, func(k int16) bool { return k == s.kommun })
	case s.forbund != anywhere:
		return b.in(r, func(k int16) bool { return b.partition.ForbundOf(k) == s.forbund })
	}
	return true
}

// big reports whether a size is one that the selection asks for.
func (s *selection) big(u unit, size float64) bool {
	switch {
	case s.MinAreaHa == 0 && s.MinLengthM == 0:
		return true
	case u == squareMetres:
		return s.MinAreaHa > 0 && size >= s.MinAreaHa*10_000
	case u == metres:
		return s.MinLengthM > 0 && size >= s.MinLengthM
	}
	return false
}

// narrowed gives the ranking with only the conflicts that the selection keeps by themselves, whatever their rule and
// place: their sums are made anew.
func (s *Standing) narrowed(by *selection) *ranking {
	if by.MinAreaHa == 0 && by.MinLengthM == 0 && by.touching == nil {
		return &s.ranking
	}
	alone := &selection{Filter: Filter{MinAreaHa: by.MinAreaHa, MinLengthM: by.MinLengthM}, kommun: anywhere, forbund: anywhere, touching: by.touching}
	all := &ranking{s.partition, make([]*block, len(s.blocks))}
	for i, b := range s.blocks {
		kept := *b
		kept.records, kept.total = nil, tally{}
		for j := range b.records {
			if alone.keeps(b, &b.records[j]) {
				kept.records = append(kept.records, b.records[j])
			}
		}
		kept.byKommun, kept.byForbund = nil, nil
		if len(kept.records) > 0 {
			kept.sum()
		}
		all.blocks[i] = &kept
	}
	return all
}

// of gives the sums of what of the block is in the selection.
func (s *selection) of(b *block) tally {
	switch {
	case len(b.records) == 0 || s.kommun == anywhere && s.forbund == anywhere:
		return b.total
	case s.kommun != anywhere:
		return b.byKommun[s.kommun+1]
	}
	return b.byForbund[s.forbund+1]
}
