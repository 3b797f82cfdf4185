package report

import (
	"context"
	"fmt"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// usualClaimHa is the area of a claim when the order does not say: room for one turbine.
const usualClaimHa = 1

// stacked reports whether the order is about a stack.
func stacked(order *plan.ReportOrder) bool {
	return order.Kind == plan.ReportStack || order.Kind == plan.ReportTurn
}

// checkStack refuses an order of a stack that can't be frozen, and writes into it what it does not say.
func (d *Desk) checkStack(ctx context.Context, order *plan.ReportOrder, view *atlas.View, engine *conflict.Engine) error {
	compared, scope := order.Kind == plan.ReportTurn, order.Scope
	switch {
	case order.Stack == nil:
		return plan.Errorf(plan.Invalid, "/stack", `a report of kind %s needs a stack, as {"land_use": "wind"}`, order.Kind)
	case order.Claim != nil || scope.Rule != "" || scope.Theme != "" || scope.Layer != "" || scope.MinSeverity != 0:
		return plan.Errorf(plan.Invalid, "/kind", "a report of kind %s is narrowed by kommun or kommunalforbund alone, and has no claim", order.Kind)
	case compared != (order.From != nil) || !compared && order.FromStack != nil:
		return plan.Errorf(plan.Invalid, "/from", "from, the state to compare with, and from_stack belong to a report of kind stack_comparison; from is needed there")
	}
	if err := checkClaim(order.Stack, engine, view, stackFilterOf(scope), "/stack"); err != nil || !compared {
		return err
	}
	if order.FromStack == nil {
		same := *order.Stack
		order.FromStack = &same
	}
	if order.FromStack.LandUse == "" {
		order.FromStack.LandUse = order.Stack.LandUse
	}
	was, earlier, err := d.state(ctx, order.From, order.Public, "/from")
	if err != nil {
		return err
	}
	return checkClaim(order.FromStack, earlier, was, conflict.StackFilter{}, "/from_stack")
}

// checkClaim refuses a claim that no stack can be made of, and a place that is not known.
func checkClaim(claim *plan.StackClaim, engine *conflict.Engine, view *atlas.View, filter conflict.StackFilter, at string) error {
	if claim.AreaHa == 0 {
		claim.AreaHa = usualClaimHa
	}
	if claim.Attributes == nil {
		claim.Attributes = map[string]any{}
	}
	for name, value := range claim.Attributes {
		if _, plain := plan.ValueOf(value); !plain {
			return plan.Errorf(plan.Invalid, at+"/attributes/"+name, "the attribute %s must be a text, a number, true, false or null", name)
		}
	}
	err := pointed(engine.CheckStack(view, claim.Query(), filter))
	if known, ok := err.(*plan.Error); ok && known.Locator != "/kommun" && known.Locator != "/kommunalforbund" { //nolint:errorlint // it is ours to change only as it comes
		known.Locator = at + known.Locator
	}
	return err
}

func stackFilterOf(s plan.ReportScope) conflict.StackFilter {
	return conflict.StackFilter{Kommun: s.Kommun, Kommunalforbund: s.Kommunalforbund}
}

// stack freezes green, yellow and red.
func (f *freezer) stack(ctx context.Context) error {
	f.at(plan.PhaseFinding, 0, 1)
	found, err := f.engine.Stack(ctx, f.view, f.order.Stack.Query())
	if err != nil {
		return err
	}
	s, filter := &plan.ReportStackFigures{Claim: *f.order.Stack, Theme: found.Theme(), Flat: found.Flat()}, stackFilterOf(f.order.Scope)
	c := f.content
	c.Stack = s
	if s.Total, err = found.Total(filter); err != nil {
		return err
	}
	for by, rows := range map[conflict.Grouping]*[]plan.StackRow{conflict.ByKommun: &s.ByKommun, conflict.ByKommunalforbund: &s.ByKommunalforbund} {
		if *rows, err = found.Rows(by, filter); err != nil {
			return err
		}
	}
	if err := f.combinations(found, filter); err != nil {
		return err
	}
	if c.NotAffected, s.Absent, c.NotAssessed, err = found.Themes(filter); err != nil {
		return err
	}
	c.NotMeasured, c.NotMeasuredTotal = found.NotMeasured()
	return f.colours(ctx, found, filter)
}

// combinations freezes which interests there are, and what lies on each other: of the yellow what is closest to red, of the
// red what is largest.
func (f *freezer) combinations(found *conflict.Stack, filter conflict.StackFilter) (err error) {
	s, seen := f.content.Stack, map[string]bool{}
	if s.Interests, err = found.Interests(filter); err != nil {
		return err
	}
	for _, i := range s.Interests {
		if !seen[i.Rule] {
			seen[i.Rule], f.used = true, append(f.used, i.Rule)
		}
	}
	filter.Limit = f.order.Limit
	for _, colour := range []plan.Colour{plan.Yellow, plan.Red} {
		filter.Colour, filter.ByArea = colour, colour == plan.Red
		page, matched, err := found.Combinations(filter)
		if err != nil {
			return err
		}
		s.Combinations, f.content.Total = append(s.Combinations, page...), f.content.Total+matched
	}
	return nil
}

// colours freezes the polygons of each colour in each municipality.
func (f *freezer) colours(ctx context.Context, found *conflict.Stack, filter conflict.StackFilter) error {
	layer, err := found.Layer("stack", filter)
	if err != nil {
		return err
	}
	definition, done := layer.Layer(), 0
	column := func(values []plan.Value, name string) plan.Value { return values[definition.Attribute(name)] }
	for slot := range layer.All("") {
		f.at(plan.PhaseDrawing, done, layer.Len())
		done++
		values := layer.Values(nil, slot)
		shape := plan.StackShape{Kommun: column(values, "kommunkod").Text(), Namn: column(values, "namn").Text(),
			Colour: plan.Colour(column(values, "colour").Text()), AreaHa: column(values, "area_ha").Float()}
		if err := ctx.Err(); err != nil {
			f.noShape(layer.ID(slot), "the time did not suffice for all shapes")
			continue
		}
		g, err := layer.Shape(slot)
		if err != nil {
			f.noShape(layer.ID(slot), err.Error())
			continue
		}
		shape.Shape = plan.Shape{Geometry: g}
		f.content.Stack.Shapes = append(f.content.Stack.Shapes, shape)
	}
	shapes := make([]*plan.Shape, len(f.content.Stack.Shapes))
	for i := range f.content.Stack.Shapes {
		shapes[i] = &f.content.Stack.Shapes[i].Shape
	}
	f.content.Stack.GeneralisedM, err = generalise(ctx, shapes)
	return err
}

func (f *freezer) noShape(of, why string) {
	f.content.Undrawn = append(f.content.Undrawn, plan.Undrawn{Conflict: of, Reason: why})
}

// turn freezes what has turned green, yellow or red.
func (f *freezer) turn(ctx context.Context) error {
	f.at(plan.PhaseFinding, 0, 2)
	was, earlier, err := f.state(ctx, f.order.From, f.order.Public, "/from")
	if err != nil {
		return err
	}
	if err := f.first(was, earlier, f.order.FromStack); err != nil {
		return err
	}
	found, err := earlier.CompareStacks(ctx, was, f.order.FromStack.Query(), f.engine, f.view, f.order.Stack.Query())
	if err != nil {
		return err
	}
	c, filter := f.content, stackFilterOf(f.order.Scope)
	s := &plan.ReportStackTurn{Claim: *f.order.Stack, FromClaim: *f.order.FromStack}
	c.StackTurn = s
	if s.Total, err = found.Total(filter); err != nil {
		return err
	}
	for by, rows := range map[conflict.Grouping]*[]plan.StackChange{conflict.ByKommun: &s.ByKommun, conflict.ByKommunalforbund: &s.ByKommunalforbund} {
		if *rows, err = found.Rows(by, filter); err != nil {
			return err
		}
	}
	if c.NotAffected, _, c.NotAssessed, err = found.After.Themes(filter); err != nil {
		return err
	}
	c.NotMeasured, c.NotMeasuredTotal = found.NotMeasured()
	if f.used, err = found.Rules(filter); err != nil {
		return err
	}
	f.at(plan.PhaseDrawing, 0, 1)
	if s.Shapes, err = found.Shapes(ctx, filter); err != nil {
		s.Shapes = nil
		f.noShape(fmt.Sprint(plan.ReportTurn), err.Error())
	}
	shapes := make([]*plan.Shape, len(s.Shapes))
	for i := range s.Shapes {
		shapes[i] = &s.Shapes[i].Shape
	}
	s.GeneralisedM, err = generalise(ctx, shapes)
	return err
}
