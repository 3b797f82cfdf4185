package conflict

import (
	"fmt"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// asking is one rule that is asked of figure after figure against the features of a layer: the scratch memory of one
// goroutine.
type asking struct {
	rule   *rule
	figure role    // the side that the figures are on
	own    binding // of the figures, when they are features
	other  binding // of the features that they are held against
	frame  frame
	row    []plan.Value
	spans  []bracket

	given   []plan.Value // the attributes of a drawn claim
	missing float64      // metres that it must be farther away to clear all of a within rule's distances

	banded   []band // of the last feature, when that says how severe a conflict is at which distance for all
	bandedTo float64
	unbanded string

	limit float64 // metres within which a feature conflicts with the figure
	each  bool    // features must be asked for their attributes
}

// binding says which variables are which columns of a layer.
type binding []struct{ variable, column int }

// bind finds the columns of one side's variables. An error when one has another type than the rule takes it as.
func (r *rule) bind(side role, layer *plan.Layer) (b binding, err error) {
	for i, v := range r.vars {
		column := layer.Attribute(v.name)
		if v.role != side || column < 0 {
			continue
		}
		if kind := layer.Attributes[column].Type; !suits(v.kind, kind) {
			return nil, fmt.Errorf("attribute %s of layer %s is %s; the rule takes it as %s", v.name, layer.ID, kind, v.kind)
		}
		b = append(b, struct{ variable, column int }{i, column})
	}
	return b, nil
}

// suits reports whether a rule can take values of the kind as what it wants: dates are texts, which have the same order.
func suits(want, kind plan.Kind) bool {
	switch want {
	case plan.Number:
		return kind == plan.Number || kind == plan.Integer
	case plan.String:
		return kind == plan.String || kind == plan.Date || kind == plan.DateTime
	case plan.Boolean:
		return kind == plan.Boolean
	}
	return true
}

// take puts a feature's values into the frame.
func (b binding) take(f *frame, row []plan.Value) {
	for _, c := range b {
		f.values[c.variable] = plainValue(row[c.column])
	}
}

func plainValue(v plan.Value) plan.Value {
	if v.Kind() == plan.Date || v.Kind() == plan.DateTime {
		return plan.TextValue(v.String())
	}
	return v
}

// ask prepares the rule for figures on one side against the layer.
func ask(r *rule, figure role, against *atlas.Snapshot) (*asking, error) {
	a := &asking{rule: r, figure: figure, limit: r.DistanceM}
	a.frame.values = make([]plan.Value, len(r.vars))
	a.each = (r.reads | r.outcomesRead).has(1 - figure)
	var err error
	a.other, err = r.bind(1-figure, against.Layer())
	return a, err
}

// begin asks about a figure, whose values are in the frame. It gives how far its conflicts can reach, in metres; applies
// is false when no feature can conflict with it. The reason says why nothing can be said.
func (a *asking) begin(against *atlas.Snapshot) (reach float64, applies bool, reason string) {
	for _, condition := range a.rule.conditions {
		if condition.uses.has(1 - a.figure) {
			continue
		}
		if holds, reason := condition.holds(&a.frame); !holds {
			return 0, false, reason
		}
	}
	switch d := a.rule.distance; {
	case d == nil:
		return a.limit, true, ""
	case d.uses.has(1 - a.figure):
		return a.bound(against), true, ""
	default:
		a.limit, reason = d.distance(&a.frame)
		return a.limit, reason == "", reason
	}
}

// bound gives a distance that no feature of the layer exceeds: the expression's bounds over the bounds of the layer's
// attributes.
func (a *asking) bound(against *atlas.Snapshot) float64 {
	a.spans = a.spans[:0]
	for i, v := range a.rule.vars {
		s := nowhere
		if v.role == a.figure && !a.frame.values[i].IsNull() {
			s = bracketOf(a.frame.values[i].Float())
		}
		a.spans = append(a.spans, s)
	}
	return a.boundBy(against)
}

// farthest gives a distance that no pair of features exceeds: bound for all figures of a layer at once.
func (a *asking) farthest(figures, against *atlas.Snapshot) float64 {
	if a.rule.distance == nil {
		return a.limit
	}
	a.spans = a.spans[:0]
	for range a.rule.vars {
		a.spans = append(a.spans, nowhere)
	}
	for _, c := range a.own {
		a.spans[c.variable] = rangeOf(figures, c.column)
	}
	return a.boundBy(against)
}

// boundBy bounds the distance by the spans so far and those of the layer's attributes.
func (a *asking) boundBy(against *atlas.Snapshot) float64 {
	for _, c := range a.other {
		a.spans[c.variable] = rangeOf(against, c.column)
	}
	return min(max(a.rule.distance.number.bounds(a.spans).hi, 0), MaxDistanceM)
}

func rangeOf(s *atlas.Snapshot, column int) bracket {
	lo, hi := s.Range(column)
	return bracket{lo, hi}
}

// admit asks one feature: within how many metres it conflicts with the figure, and whether it does at all.
func (a *asking) admit(against *atlas.Snapshot, slot atlas.Slot) (limit float64, applies bool, reason string) {
	if a.each {
		a.row = against.Values(a.row[:0], slot)
	}
	return a.admits(a.row)
}

// admits is admit for a feature whose attributes have been read, which they need not when it is not each that is asked.
func (a *asking) admits(row []plan.Value) (limit float64, applies bool, reason string) {
	if !a.each {
		return a.limit, true, ""
	}
	a.other.take(&a.frame, row)
	for _, condition := range a.rule.conditions {
		if !condition.uses.has(1 - a.figure) {
			continue
		}
		if holds, reason := condition.holds(&a.frame); !holds {
			return 0, false, reason
		}
	}
	if d := a.rule.distance; d != nil && d.uses.has(1-a.figure) {
		limit, reason = d.distance(&a.frame)
		return limit, reason == "", reason
	}
	return a.limit, true, ""
}

// outcome tells which of the rule's outcomes a conflict of that size has. A condition that can't be told does not hold.
func (a *asking) outcome(u unit, size float64) uint8 { return a.rule.outcome(&a.frame, u, size) }

func (r *rule) outcome(f *frame, u unit, size float64) uint8 {
	if len(r.outcomes) == 1 {
		return 0
	}
	for i, v := range r.vars {
		if v.role == sizeRole {
			f.values[i] = sizeValue(v.name, u, size)
		}
	}
	for i, o := range r.outcomes[:len(r.outcomes)-1] {
		if holds, _ := o.when.holds(f); holds {
			return uint8(i)
		}
	}
	return uint8(len(r.outcomes) - 1)
}

// sizeValue gives the named size of a conflict; null when it is measured in another unit.
func sizeValue(name string, u unit, size float64) plan.Value {
	switch {
	case name == "area_ha" && u == squareMetres:
		return plan.NumberValue(size / 10_000)
	case name == "length_m" && u == metres, name == "points" && u == points, name == "distance_m" && u == distance:
		return plan.NumberValue(size)
	}
	return plan.Value{}
}
