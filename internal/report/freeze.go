package report

import (
	"cmp"
	"context"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

var notice = plan.Text{SV: "Kunskapsunderlag, inte bindande", EN: "Planning knowledge, not binding"}

// freeze makes the content of the report, or as much of it as the time of ctx suffices for.
func (t *task) freeze(ctx context.Context) (*plan.ReportContent, error) {
	order := &t.report.Order
	view, engine, err := t.state(ctx, &order.State, order.Public, "")
	if err != nil {
		return nil, err
	}
	f := &freezer{task: t, order: order, view: view, engine: engine, content: &plan.ReportContent{Format: 1, Notice: notice, Kind: order.Kind,
		Scope: order.Scope, Limit: order.Limit, State: order.State, From: order.From, RulesetTitle: engine.Ruleset().Title}}
	if f.content.Inputs, err = f.inputs(view, engine, order.Stack); err != nil {
		return nil, err
	}
	if _, f.content.RulesetSHA256, err = canonical(engine.Ruleset()); err != nil {
		return nil, err
	}
	switch order.Kind {
	case plan.ReportWhatIf:
		err = f.whatIf(ctx)
	case plan.ReportComparison:
		err = f.comparison(ctx)
	case plan.ReportStack:
		err = f.stack(ctx)
	case plan.ReportTurn:
		err = f.turn(ctx)
	default:
		err = f.conflicts(ctx)
	}
	if err != nil {
		return nil, err
	}
	f.place()
	f.borders()
	f.content.Rules, err = engine.Rules(f.used)
	return f.content, err
}

// freezer writes one content.
type freezer struct {
	*task
	order   *plan.ReportOrder
	view    *atlas.View
	engine  *conflict.Engine
	content *plan.ReportContent
	used    []string // rules that gave any of the figures
	drawn   int      // vertices
}

// inputs lists the layers that the figures follow from; of a stack those that its land use is held against.
func (f *freezer) inputs(view *atlas.View, engine *conflict.Engine, claim *plan.StackClaim) ([]plan.ReportInput, error) {
	asked, err := engine.Asked(view)
	if claim != nil {
		asked, err = engine.AskedOf(view, claim.Query())
	}
	if err != nil {
		return nil, err
	}
	list := []plan.ReportInput{}
	for _, s := range asked {
		l := s.Layer()
		list = append(list, plan.ReportInput{Theme: l.Theme, Features: s.Len(), Synthetic: l.Synthetic, LayerSource: plan.LayerSource{Layer: l.ID, Title: l.Title,
			Source: l.Source, Licence: l.Licence, Revision: l.Revision, Changed: l.Changed.UTC()}})
	}
	return list, nil
}

// conflicts freezes the conflicts of what is there.
func (f *freezer) conflicts(ctx context.Context) error {
	told := func(done, total int) { f.at(plan.PhaseFinding, done, total) }
	standing, unfinished, err := f.engine.Within(ctx, f.view, told)
	if err != nil {
		return err
	}
	c, filter := f.content, filterOf(f.order.Scope)
	if err := f.sums(standing, filter); err != nil {
		return err
	}
	if err := f.themes(standing, unfinished); err != nil {
		return err
	}
	filter.Limit = f.order.Limit
	page, err := standing.Find(filter)
	if err != nil {
		return err
	}
	c.Total, c.NotMeasured, c.NotMeasuredTotal = page.Matched, page.NotMeasured, page.NotMeasuredTotal
	known := map[string]bool{}
	f.list(ctx, page, known)
	return f.top(ctx, standing, filter, known)
}

// list adds the conflicts of the page that are not known yet.
func (f *freezer) list(ctx context.Context, page *conflict.Page, known map[string]bool) {
	for i := range page.Conflicts {
		f.at(plan.PhaseDrawing, i, len(page.Conflicts))
		if c := &page.Conflicts[i]; !known[c.ID] {
			known[c.ID] = true
			shape := f.draw(ctx, c, func() (plan.Geometry, error) { return page.Shape(i) })
			f.content.Conflicts = append(f.content.Conflicts, plan.ReportConflict{Conflict: *c, Shape: shape})
		}
	}
}

// topListed is how many conflicts are told of each municipality, when there are several.
const topListed = 10

// top names the most severe conflicts of each municipality, the municipality with the most strong conflicts first, and
// adds to the listed ones what is not among them.
func (f *freezer) top(ctx context.Context, standing *conflict.Standing, filter conflict.Filter, known map[string]bool) error {
	filter.Limit = topListed
	for _, row := range ranked(f.content.ByKommun) {
		if f.order.Scope.Kommun != "" || row.Conflicts == 0 {
			continue
		}
		filter.Kommun, filter.Kommunalforbund = row.Key, ""
		page, err := standing.Find(filter)
		if err != nil {
			return err
		}
		f.list(ctx, page, known)
		top := plan.ReportTop{Kommun: row.Key, Namn: row.Title.SV}
		for i := range page.Conflicts {
			top.Conflicts = append(top.Conflicts, page.Conflicts[i].ID)
		}
		f.content.Top = append(f.content.Top, top)
	}
	return nil
}

// ranked orders the rows: those with the most strong conflicts first, then by the others, then by area.
func ranked(rows []plan.ConflictSum) []plan.ConflictSum {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b plan.ConflictSum) int {
		return cmp.Or(cmp.Compare(b.Severity3, a.Severity3), cmp.Compare(b.Severity2, a.Severity2), cmp.Compare(b.Severity1, a.Severity1),
			cmp.Compare(b.AreaHa, a.AreaHa))
	})
	return rows
}

func (f *freezer) sums(standing *conflict.Standing, filter conflict.Filter) (err error) {
	c := f.content
	for grouping, rows := range map[conflict.Grouping]*[]plan.ConflictSum{conflict.ByKommun: &c.ByKommun, conflict.ByRule: &c.ByRule,
		conflict.ByKommunalforbund: &c.ByKommunalforbund, conflict.BySeverity: &c.BySeverity} {
		if *rows, err = standing.Summary(grouping, filter); err != nil {
			return err
		}
	}
	none := func(row plan.ConflictSum) bool { return row.Conflicts == 0 }
	c.ByRule = slices.DeleteFunc(c.ByRule, none)
	for _, row := range c.ByRule {
		f.used = append(f.used, row.Key)
	}
	return nil
}

// themes tells which themes are not affected in the place, whatever rule or severity the report is narrowed to.
func (f *freezer) themes(standing *conflict.Standing, unfinished []string) (err error) {
	c, scope := f.content, f.order.Scope
	c.NotAffected, c.NotAssessed, err = standing.Themes(conflict.Filter{Kommun: scope.Kommun, Kommunalforbund: scope.Kommunalforbund,
		Theme: scope.Theme, Layer: scope.Layer})
	if c.Unfinished = unfinished; len(unfinished) > 0 {
		for _, theme := range c.NotAffected {
			c.NotAssessed = append(c.NotAssessed, plan.UnknownTheme{Theme: theme, Reason: noTime})
		}
		c.NotAffected = []plan.Theme{}
	}
	return err
}

var noTime = plan.Text{SV: "Tiden räckte inte för alla regler.", EN: "The time did not suffice for all rules."}

// whatIf freezes what the figure would touch.
func (f *freezer) whatIf(ctx context.Context) error {
	f.at(plan.PhaseFinding, 0, 1)
	a, err := f.engine.Evaluate(ctx, f.view, queryOf(f.order))
	if err != nil {
		return err
	}
	c := f.content
	c.Claim, c.ClaimExtent, c.ClaimKommuner = f.order.Claim, &a.Claim, a.ClaimKommuner
	c.ByKommun, c.ByRule, c.BySeverity, c.Total = a.ByKommun, a.ByRule, a.BySeverity, a.HitsTotal
	c.NotAffected, c.NotAssessed, c.NotMeasured, c.NotMeasuredTotal = a.NotAffected, a.NotAssessed, a.NotMeasured, a.NotMeasuredTotal
	c.Conflicts = make([]plan.ReportConflict, len(a.Hits))
	for i := range a.Hits {
		f.at(plan.PhaseDrawing, i, len(a.Hits))
		shape := f.draw(ctx, &a.Hits[i], func() (plan.Geometry, error) { return f.hit(&a.Hits[i]) })
		c.Conflicts[i] = plan.ReportConflict{Conflict: a.Hits[i], Shape: shape}
	}
	for _, row := range a.ByRule {
		f.used = append(f.used, row.Key)
	}
	return nil
}

// comparison freezes what has become of the conflicts. Of two states one can't tell anything before both are found.
func (f *freezer) comparison(ctx context.Context) error {
	was, earlier, err := f.state(ctx, f.order.From, f.order.Public, "/from")
	if err != nil {
		return err
	}
	if err := f.first(was, earlier, nil); err != nil {
		return err
	}
	for i, side := range []struct {
		*conflict.Engine
		*atlas.View
	}{{earlier, was}, {f.engine, f.view}} {
		told := func(done, total int) { f.at(plan.PhaseFinding, i*total+done, 2*total) }
		if _, unfinished, err := side.Engine.Within(ctx, side.View, told); err != nil {
			return err
		} else if len(unfinished) > 0 {
			return context.DeadlineExceeded
		}
	}
	found, err := earlier.Compare(ctx, was, f.engine, f.view)
	if err != nil {
		return err
	}
	return f.changes(ctx, found)
}

// first freezes what the first of two states is made of, where it is other than in the second.
func (f *freezer) first(was *atlas.View, earlier *conflict.Engine, claim *plan.StackClaim) error {
	before, err := f.inputs(was, earlier, claim)
	if err != nil {
		return err
	}
	c := f.content
	for _, input := range before {
		if !slices.Contains(c.Inputs, input) {
			c.FromInputs = append(c.FromInputs, input)
		}
	}
	_, c.FromSHA256, err = canonical(earlier.Ruleset())
	return err
}

func (f *freezer) changes(ctx context.Context, found *conflict.Comparison) (err error) {
	c, filter := f.content, filterOf(f.order.Scope)
	if c.Comparison, err = found.Sums(filter); err != nil {
		return err
	}
	for _, row := range c.Comparison.ByRule {
		f.used = append(f.used, row.Key)
	}
	if err := f.themes(found.After, nil); err != nil {
		f.content.NotAffected, f.content.NotAssessed = []plan.Theme{}, []plan.UnknownTheme{} // a layer of the scope is gone
	}
	filter.Limit = f.order.Limit
	page, err := found.Find(conflict.ComparisonFilter{Filter: filter})
	if err != nil {
		return err
	}
	c.NotMeasured, c.NotMeasuredTotal = found.NotMeasured()
	c.Total = page.Matched.New + page.Matched.Gone + page.Matched.Grown + page.Matched.Shrunk + page.Matched.Revalued
	for i, change := range page.Changes {
		f.at(plan.PhaseDrawing, i, len(page.Changes))
		shape := f.draw(ctx, cmp.Or(change.After, change.Before), func() (plan.Geometry, error) { return page.Shape(i) })
		c.Changes = append(c.Changes, plan.ReportChange{ConflictChange: change, Shape: shape})
	}
	return nil
}
