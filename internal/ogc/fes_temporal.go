package ogc

import (
	"strings"

	"strukturbild/internal/plan"
)

// fesTemporal are the relations by their elements (09-026r2, 7.9.3).
var fesTemporal = map[string]plan.TemporalOp{"After": plan.TAfter, "Before": plan.TBefore, "Begins": plan.TStarts, "BegunBy": plan.TStartedBy,
	"TContains": plan.TContains, "During": plan.TDuring, "TEquals": plan.TEquals, "TOverlaps": plan.TOverlaps, "Meets": plan.TMeets,
	"OverlappedBy": plan.TOverlappedBy, "MetBy": plan.TMetBy, "EndedBy": plan.TFinishedBy, "Ends": plan.TFinishes, "AnyInteracts": plan.TIntersects}

func (f FES) temporal(e *Element, op plan.TemporalOp) (plan.Expression, error) {
	if len(e.Children) != 2 {
		return nil, e.fault("it takes two operands, not %d", len(e.Children))
	}
	left, err := f.when(e.Children[0])
	if err != nil {
		return nil, err
	}
	right, err := f.when(e.Children[1])
	return plan.Temporal{Op: op, Left: left, Right: right}, err
}

// when reads an operand of a temporal condition: a property, a literal, or time in GML (07-036, 14.2).
func (f FES) when(e *Element) (plan.Expression, error) {
	switch {
	case e.Name == "Literal" && len(e.Children) == 1:
		return f.when(e.Children[0])
	case e.Name == "TimeInstant":
		position := e.Child("timePosition")
		if position == nil {
			return nil, e.fault("there is no timePosition in it")
		}
		return timeLiteral(position.Text), nil
	case e.Name == "TimePeriod":
		from, err := endOf(e, "begin", "beginPosition")
		if err != nil {
			return nil, err
		}
		to, err := endOf(e, "end", "endPosition")
		return plan.Span{From: from, To: to}, err
	}
	return f.operand(e)
}

// endOf reads an end of a period, which may be open.
func endOf(e *Element, around, position string) (plan.Expression, error) {
	at := e.Child(position)
	if outer := e.Child(around); outer != nil && outer.Child("TimeInstant") != nil {
		at = outer.Child("TimeInstant").Child("timePosition")
	}
	if at == nil {
		return nil, e.fault("there is no %s in it", position)
	}
	if vague, sent := at.Attribute("indeterminatePosition"); sent && vague == "unknown" {
		return nil, nil
	}
	if strings.TrimSpace(at.Text) == "" {
		return nil, nil
	}
	return timeLiteral(at.Text), nil
}

func timeLiteral(text string) plan.Expression {
	return plan.Literal{Value: plan.TextValue(strings.TrimSpace(text)), Untyped: true}
}
