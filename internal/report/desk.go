package report

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// Options are the limits of reports.
type Options struct {
	Time time.Duration // how long one may take to be made; 0 is 30 minutes
	Log  *slog.Logger
}

// Desk takes orders for reports, and makes them.
type Desk struct {
	options Options
	store   *store.Store
	atlas   *atlas.Atlas
	engine  *conflict.Engine
	rules   *conflict.Rulebook
}

// New makes a desk. It shares the memory of the engine.
func New(options Options, st *store.Store, at *atlas.Atlas, engine *conflict.Engine, rules *conflict.Rulebook) *Desk {
	if options.Time == 0 {
		options.Time = 30 * time.Minute
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{options, st, at, engine, rules}
}

// The bounds of an order.
const (
	MaxListed  = 5000 // conflicts
	maxTitle   = 200  // characters
	usualLimit = 200
)

const making = "report"

// Chores are what is to be done, for store.Work.
func (d *Desk) Chores() []store.Chore {
	return []store.Chore{
		{Name: making, Attempts: 1 << 14, Timeout: d.options.Time + 3*closing, Do: d.make, Wait: func(attempt int) time.Duration {
			return min(time.Second<<min(attempt-1, 6), time.Minute)
		}},
		{Name: "report_revive", Every: time.Minute, Do: func(ctx context.Context, _ json.RawMessage, _ int) error {
			return d.store.ReviveReports(ctx, making)
		}},
	}
}

// Order keeps an order that can be made, and has it made whatever becomes of ctx. The version of the rules that it names
// is one that who orders may see.
func (d *Desk) Order(ctx context.Context, order plan.ReportOrder, by string) (*plan.Report, error) {
	if err := d.check(ctx, &order); err != nil {
		return nil, err
	}
	report := &plan.Report{ID: strings.ToLower(rand.Text()), Order: order, State: plan.JobQueued, By: by, Created: time.Now().UTC().Truncate(time.Millisecond)}
	return report, d.store.AddReport(ctx, making, report)
}

// check refuses an order that can't be made, and writes into it what it does not say.
func (d *Desk) check(ctx context.Context, order *plan.ReportOrder) error {
	for name, text := range map[string]string{"title": order.Title, "author": order.Author} {
		if n := utf8.RuneCountInString(text); n > maxTitle || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
			return plan.Errorf(plan.Invalid, "/"+name, "the %s has %d characters; it must have at most %d, and no line breaks", name, n, maxTitle)
		}
	}
	if order.Limit == 0 {
		order.Limit = usualLimit
	}
	if order.Limit < 1 || order.Limit > MaxListed {
		return plan.Errorf(plan.Invalid, "/limit", "limit is %d; a report lists 1 to %d conflicts, and its sums are always those of all", order.Limit, MaxListed)
	}
	view, engine, err := d.state(ctx, &order.State, order.Public, "")
	if err != nil {
		return err
	}
	if stacked(order) {
		return d.checkStack(ctx, order, view, engine)
	}
	if order.Stack != nil || order.FromStack != nil {
		return plan.Errorf(plan.Invalid, "/stack", "a report of kind %s has no stack; order one of kind stack or stack_comparison", order.Kind)
	}
	filter := filterOf(order.Scope)
	switch order.Kind {
	case plan.ReportConflicts:
		if order.Claim != nil || order.From != nil {
			return plan.Errorf(plan.Invalid, "/kind", "a report of kind conflicts has neither claim nor from")
		}
		return pointed(engine.CheckFilter(view, filter))
	case plan.ReportWhatIf:
		if order.Claim == nil || order.Scope != (plan.ReportScope{}) || order.From != nil {
			return plan.Errorf(plan.Invalid, "/claim", "a report of kind what_if needs a claim, and has no scope of its own: the figure is its scope")
		}
		return engine.CheckClaim(view, queryOf(order))
	case plan.ReportComparison:
		if order.From == nil || order.Claim != nil {
			return plan.Errorf(plan.Invalid, "/from", "a report of kind comparison needs from, the state to compare with, and has no claim")
		}
		was, earlier, err := d.state(ctx, order.From, order.Public, "/from")
		if err != nil {
			return err
		}
		if earlier.CheckFilter(was, filter) == nil {
			return nil
		}
		return pointed(engine.CheckFilter(view, filter))
	}
	return plan.Errorf(plan.Invalid, "/kind", "kind is %q; it must be conflicts, what_if, comparison, stack or stack_comparison", order.Kind)
}

// pointed makes a pointer into the order of the name of a filter.
func pointed(err error) error {
	if known, ok := err.(*plan.Error); ok && !strings.HasPrefix(known.Locator, "/") { //nolint:errorlint // it is ours to change only as it comes
		known.Locator = "/" + known.Locator
	}
	return err
}

// state gives the picture and the rules that the order names, and writes down which they are. What everyone may read is
// made of what everyone may see: then, and now.
func (d *Desk) state(ctx context.Context, of *plan.ConflictState, public bool, at string) (*atlas.View, *conflict.Engine, error) {
	view, err := d.atlas.ViewAt(ctx, of.Revision)
	if err != nil {
		return nil, nil, located(err, at+"/revision")
	}
	if public {
		view = view.PublishedIn(d.atlas.View())
	}
	of.Revision = view.Revision()
	if of.Ruleset == (plan.RulesetRef{}) {
		of.Ruleset = d.rules.Current().Ref()
	}
	if current := d.rules.Current(); current.Ref() == of.Ruleset {
		return view, d.engine.By(current), nil
	}
	record, err := d.rules.Version(ctx, of.Ruleset)
	if err != nil {
		return nil, nil, located(err, at+"/version")
	}
	if public && record.State != plan.Published {
		return nil, nil, plan.Errorf(plan.Invalid, at+"/version", "version %d of ruleset %q is a draft, which a public report can't be made by; publish it, or order the report with public=false",
			of.Ruleset.Version, of.Ruleset.ID)
	}
	return view, d.engine.By(record.Ruleset), nil
}

func located(err error, locator string) error {
	if known, ok := err.(*plan.Error); ok && (known.Code == plan.Invalid || known.Code == plan.NotFound) { //nolint:errorlint // as above
		known.Locator = locator
	}
	return err
}

func filterOf(s plan.ReportScope) conflict.Filter {
	return conflict.Filter{Kommun: s.Kommun, Kommunalforbund: s.Kommunalforbund, Rule: s.Rule, Theme: s.Theme, Layer: s.Layer, MinSeverity: s.MinSeverity}
}

// queryOf gives the question that a what-if report freezes the answer to.
func queryOf(order *plan.ReportOrder) plan.ConflictQuery {
	claim := order.Claim
	query := plan.ConflictQuery{Geometry: claim.Geometry.Geometry, Theme: claim.Theme, Layer: claim.Layer, Limit: order.Limit, Attributes: map[string]plan.Value{}}
	for name, value := range claim.Attributes {
		query.Attributes[name], _ = plan.ValueOf(value) // what is not plain has been refused
	}
	return query
}

// MayRead reports whether everyone may read the report: it was made for that, and none of its layers has been hidden since.
func (d *Desk) MayRead(report *plan.Report) bool {
	if !report.Order.Public || report.State != plan.JobDone {
		return false
	}
	open := d.atlas.View().Published()
	for _, layer := range report.Layers {
		if _, err := open.Layer(layer); err != nil {
			return false
		}
	}
	return true
}
