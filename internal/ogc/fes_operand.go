package ogc

import (
	"strings"

	"strukturbild/internal/plan"
)

// fesComparisons are the comparisons by their elements (09-026r2, 7.7.3).
var fesComparisons = map[string]plan.CompareOp{
	"PropertyIsEqualTo": plan.Equal, "PropertyIsNotEqualTo": plan.NotEqual, "PropertyIsLessThan": plan.Less, "PropertyIsGreaterThan": plan.Greater,
	"PropertyIsLessThanOrEqualTo": plan.LessOrEqual, "PropertyIsGreaterThanOrEqualTo": plan.GreaterOrEqual,
}

func (f FES) comparison(e *Element, op plan.CompareOp) (plan.Expression, error) {
	if names(e, "gml:boundedBy") {
		return nil, e.fault("gml:boundedBy is a box: %w; use BBOX", ErrUnordered)
	}
	operands, err := f.operands(e, 2)
	if err != nil {
		return nil, err
	}
	return plan.Compare{Op: op, Left: f.cased(e, operands[0], operands...), Right: f.cased(e, operands[1], operands...)}, nil
}

// cased takes the case out of a text that is compared with matchCase="false"; of numbers that means nothing.
func (f FES) cased(e *Element, one plan.Expression, all ...plan.Expression) plan.Expression {
	if match, _ := e.Attribute("matchCase"); match != "false" && match != "0" {
		return one
	}
	for _, operand := range all {
		if _, constant := operand.(plan.Literal); !constant && !f.isText(operand) {
			return one
		}
	}
	return plan.Fold{Case: true, Of: one}
}

func (f FES) isText(e plan.Expression) bool {
	switch e := e.(type) {
	case plan.Property:
		i := f.Layer.Attribute(e.Name)
		return e.Name == plan.IDProperty || i >= 0 && f.Layer.Attributes[i].Type == plan.String
	case plan.Call:
		function, _ := plan.FunctionNamed(e.Name)
		return function.Kind == plan.String
	}
	return false
}

func (f FES) between(e *Element) (plan.Expression, error) {
	low, high := e.Child("LowerBoundary"), e.Child("UpperBoundary")
	if len(e.Children) != 3 || low == nil || high == nil {
		return nil, e.fault("it takes an operand, a LowerBoundary and an UpperBoundary")
	}
	var of [3]plan.Expression
	for i, from := range []*Element{e, low, high} {
		operands, err := f.operands(from, 1)
		if err != nil {
			return nil, err
		}
		of[i] = operands[0]
	}
	return plan.Between{Of: of[0], Low: of[1], High: of[2]}, nil
}

// like reads a pattern in the characters that the filter has chosen (09-026r2, 7.7.3.5) into SQL's.
func (f FES) like(e *Element) (plan.Expression, error) {
	operands, err := f.operands(e, 2)
	if err != nil {
		return nil, err
	}
	pattern, is := operands[1].(plan.Literal)
	if !is {
		return nil, e.fault("the pattern must be a Literal")
	}
	text := sqlPattern(pattern.Value.Text(), choice(e, "wildCard"), choice(e, "singleChar"), choice(e, "escapeChar", "escape"))
	of := f.cased(e, operands[0], operands[0])
	if fold, is := of.(plan.Fold); is {
		text = string(plan.NewFolder(fold.Case, false).Append(nil, text))
	}
	return plan.Like{Of: of, Pattern: text}, nil
}

// choice gives the first character of the attribute that is there; 0 for none.
func choice(e *Element, names ...string) rune {
	for _, name := range names {
		if text, sent := e.Attribute(name); sent {
			for _, r := range text {
				return r
			}
		}
	}
	return 0
}

func sqlPattern(text string, wild, single, escape rune) string {
	var b strings.Builder
	literal := func(r rune) {
		if r == '%' || r == '_' || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			literal(r)
			escaped = false
		case r == escape:
			escaped = true
		case r == wild:
			b.WriteByte('%')
		case r == single:
			b.WriteByte('_')
		default:
			literal(r)
		}
	}
	if escaped {
		literal(escape)
	}
	return b.String()
}

// operands reads the operands in an element, of which there must be so many; the boundaries of a between are none.
func (f FES) operands(e *Element, n int) ([]plan.Expression, error) {
	var list []plan.Expression
	for _, child := range e.Children {
		if child.Name == "LowerBoundary" || child.Name == "UpperBoundary" {
			continue
		}
		operand, err := f.operand(child)
		if err != nil {
			return nil, err
		}
		list = append(list, operand)
	}
	if len(list) != n {
		return nil, e.fault("it takes %d operand(s), not %d", n, len(list))
	}
	return list, nil
}

// fesArithmetic are the operators of Filter 1.0 and 1.1 (04-095, 15).
var fesArithmetic = map[string]plan.ArithmeticOp{"Add": plan.Add, "Sub": plan.Subtract, "Mul": plan.Multiply, "Div": plan.Divide}

// operand reads something that has a value.
func (f FES) operand(e *Element) (plan.Expression, error) {
	if op, is := fesArithmetic[e.Name]; is {
		operands, err := f.operands(e, 2)
		if err != nil {
			return nil, err
		}
		return plan.Arithmetic{Op: op, Left: operands[0], Right: operands[1]}, nil
	}
	switch e.Name {
	case "ValueReference", "PropertyName":
		return propertyOf(e.Text), nil
	case "Literal":
		return plan.Literal{Value: plan.TextValue(e.content()), Untyped: true}, nil
	case "Function":
		name, _ := e.Attribute("name")
		operands, err := f.operands(e, len(e.Children))
		return plan.Call{Name: name, Args: operands}, err
	}
	return nil, e.fault("it is no operand; write ValueReference (PropertyName), Literal, Function, Add, Sub, Mul or Div")
}

// propertyOf reads the name of a property: the last step of a path, without its prefix. The gml:id is the feature's id.
func propertyOf(text string) plan.Property {
	name := strings.TrimSpace(text)
	name = name[strings.LastIndexAny(name, "/")+1:]
	if strings.TrimPrefix(name, "@") == "gml:id" || name == "@fid" {
		return plan.Property{Name: plan.IDProperty}
	}
	return plan.Property{Name: name[strings.LastIndexByte(name, ':')+1:]}
}
