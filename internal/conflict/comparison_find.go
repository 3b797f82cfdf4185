package conflict

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// ComparisonFilter narrows the changes: to what the filter holds for before or after, and to what has become of them.
type ComparisonFilter struct {
	Filter
	Became plan.Became // "" for all
}

// ComparisonPage is a part of the list of changes: severity descending, then areas before lengths before points before
// distances, each what changed most first.
type ComparisonPage struct {
	Changes []plan.ConflictChange
	Matched plan.Changes // on all pages together
	Next    string       // cursor for Filter.After; "" on the last page

	picked []pick
	shared *shared
}

// Shape gives the shape of conflict i of the page as it is, or as it was when it is gone; an error when it can't be made.
func (p *ComparisonPage) Shape(i int) (plan.Geometry, error) { return p.shared.shape(p.picked[i]) }

// Find gives a page of the changes. Invalid for a name that neither state knows.
func (c *Comparison) Find(f ComparisonFilter) (*ComparisonPage, error) {
	selected, err := c.selection(f)
	if err != nil {
		return nil, err
	}
	after, err := parsePlace(f.After)
	if err != nil {
		return nil, err
	}
	page := &ComparisonPage{Changes: []plan.ConflictChange{}, shared: c.After.shared}
	was, is := c.Before.ruleset.teller(), c.After.ruleset.teller()
	last := -1
	for i := range c.changes {
		x := &c.changes[i]
		if !selected.keeps(x) {
			continue
		}
		page.Matched.Count(x.became)
		switch {
		case after != nil && comparePlaces(x.place(), *after) <= 0:
		case f.Limit == 0 || len(page.Changes) < f.Limit:
			page.Changes, page.picked = append(page.Changes, x.tell(was, is)), append(page.picked, x.now())
			last = i
		case last >= 0 && page.Next == "":
			page.Next = c.changes[last].place().String()
		}
	}
	return page, nil
}

// tell tells the conflict before and after, each by the rules of its state.
func (c *change) tell(was, is *teller) plan.ConflictChange {
	told := plan.ConflictChange{Became: c.became}
	if c.before.block != nil {
		before := was.conflict(c.before)
		told.ID, told.Before = before.ID, &before
	}
	if c.after.block != nil {
		after := is.conflict(c.after)
		told.ID, told.After = after.ID, &after
	}
	return told
}

// Sums gives the figures of both states side by side, for the rows where there is anything. The filter's After and Limit
// don't count.
func (c *Comparison) Sums(f Filter) (*plan.ComparisonSums, error) {
	sums := &plan.ComparisonSums{}
	for grouping, rows := range map[Grouping]*[]plan.SumChange{ByKommun: &sums.ByKommun, ByKommunalforbund: &sums.ByKommunalforbund,
		ByRule: &sums.ByRule, BySeverity: &sums.BySeverity} {
		var err error
		if *rows, err = c.by(grouping, f); err != nil {
			return nil, err
		}
	}
	sums.Total = c.total(sums.BySeverity)
	selected, err := c.selection(ComparisonFilter{Filter: f})
	if err != nil {
		return nil, err
	}
	for i := range c.changes {
		if selected.keeps(&c.changes[i]) {
			sums.Total.Count(c.changes[i].became)
		}
	}
	return sums, nil
}

func (c *Comparison) total(bySeverity []plan.SumChange) plan.SumChange {
	total := plan.SumChange{Key: "total", Title: plan.Text{SV: "Alla", EN: "All"}}
	for i := range bySeverity {
		total.Before.Add(bySeverity[i].Before)
		total.After.Add(bySeverity[i].After)
	}
	total.Settle()
	return total
}

// by pairs the rows of both states by their keys, and counts the changes in them.
func (c *Comparison) by(grouping Grouping, f Filter) ([]plan.SumChange, error) {
	selected, err := c.selection(ComparisonFilter{Filter: f})
	if err != nil {
		return nil, err
	}
	var was, is []plan.ConflictSum
	if selected.before != nil {
		was, _ = c.Before.Summary(grouping, f) // the names are known
	}
	if selected.after != nil {
		is, _ = c.After.Summary(grouping, f)
	}
	rows, at := changedSums(was, is)
	for i := range c.changes {
		x := &c.changes[i]
		if !selected.keeps(x) {
			continue
		}
		for _, key := range x.keys(grouping) {
			if row, there := at[key]; there { // not of another kommun than the filter's
				rows[row].Count(x.became)
			}
		}
	}
	return rows, nil
}

// changedSums pairs the rows of two summaries by key, and tells where each key is; rows without conflicts in both are
// left out.
func changedSums(was, is []plan.ConflictSum) (rows []plan.SumChange, at map[string]int) {
	rows, at = []plan.SumChange{}, map[string]int{}
	row := func(s *plan.ConflictSum) *plan.SumChange {
		i, known := at[s.Key]
		if !known {
			i = len(rows)
			at[s.Key] = i
			rows = append(rows, plan.SumChange{Key: s.Key, Title: s.Title})
		}
		return &rows[i]
	}
	for i := range was {
		if was[i].Conflicts > 0 {
			row(&was[i]).Before = figures(&was[i])
		}
	}
	for i := range is {
		if is[i].Conflicts > 0 {
			row(&is[i]).After = figures(&is[i])
		}
	}
	for i := range rows {
		rows[i].Settle()
	}
	return rows, at
}

func figures(s *plan.ConflictSum) plan.Figures {
	return plan.Figures{Conflicts: s.Conflicts, Severity1: s.Severity1, Severity2: s.Severity2, Severity3: s.Severity3,
		AreaHa: s.AreaHa, LengthM: s.LengthM}
}

// keys lists the rows that the conflict was or is in.
func (c *change) keys(grouping Grouping) (keys []string) {
	seen := map[string]bool{}
	for _, p := range []pick{c.before, c.after} {
		if p.block == nil {
			continue
		}
		for _, key := range p.keys(grouping) {
			if !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func (p pick) keys(grouping Grouping) (keys []string) {
	switch grouping {
	case ByRule:
		return []string{p.block.rule.ID}
	case BySeverity:
		return []string{strconv.Itoa(p.block.severity)}
	}
	partition := p.block.partition
	p.block.in(p.record, func(kommun int16) bool {
		key, _ := partition.Name(kommun)
		if grouping == ByKommunalforbund {
			key = forbundKey(partition, kommun)
		}
		keys = append(keys, key)
		return false // on to the next one
	})
	return keys
}

// forbundKey gives the id of the municipality's kommunalförbund, as sums have it.
func forbundKey(p *division.Partition, kommun int16) string {
	if forbund := p.ForbundOf(kommun); forbund != division.None {
		return p.Forbunden[forbund].ID
	}
	key, _ := p.Name(division.None)
	return key
}

// chosen is the filter in both states; nil for one that does not know a name of it.
type chosen struct {
	before, after *selection
	became        plan.Became
}

func (c *Comparison) selection(f ComparisonFilter) (*chosen, error) {
	before, err := c.Before.selection(f.Filter)
	after, failed := c.After.selection(f.Filter)
	if err != nil && failed != nil {
		return nil, failed
	}
	return &chosen{before, after, f.Became}, nil
}

func (s *chosen) keeps(c *change) bool {
	return (s.became == "" || s.became == c.became) && (s.before.takes(c.before) || s.after.takes(c.after))
}

func (s *selection) takes(p pick) bool {
	return s != nil && p.block != nil && s.holds(p.block) && s.keeps(p.block, p.record)
}

func (p place) String() string {
	text, _ := json.Marshal(p) // weights are finite
	return base64.RawURLEncoding.EncodeToString(text)
}

// parsePlace reads a cursor; nil for "".
func parsePlace(s string) (*place, error) {
	if s == "" {
		return nil, nil
	}
	p := new(place)
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err != nil {
		return nil, notOurs(s)
	}
	return p, nil
}
