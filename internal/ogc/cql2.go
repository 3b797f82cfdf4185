package ogc

import (
	"fmt"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// CQL2 reads filters of the Common Query Language (OGC 21-065r2), as text and as JSON. Properties are not looked up here:
// plan.Layer.Check does that.
type CQL2 struct {
	CRS geo.CRS // of the coordinates: filter-crs
}

// maxFilterBytes is how long the text of a filter may be.
const maxFilterBytes = 256 << 10

// operators are everything that both spellings of the language share: what each makes of its operands, in the names of
// the JSON spelling (21-065r2, 7 and 8). A function that is not among them is one of plan.Functions, or unknown.
var operators map[string]func(args []plan.Expression) (plan.Expression, error)

func init() { // not above: an operator may be made of others
	operators = map[string]func(args []plan.Expression) (plan.Expression, error){
		"and":     func(args []plan.Expression) (plan.Expression, error) { return plan.And(args), atLeast(args, 1) },
		"or":      func(args []plan.Expression) (plan.Expression, error) { return plan.Or(args), atLeast(args, 1) },
		"not":     ofOne(func(of plan.Expression) plan.Expression { return plan.Not{Of: of} }),
		"isnull":  ofOne(func(of plan.Expression) plan.Expression { return plan.IsNull{Of: of} }),
		"casei":   ofOne(func(of plan.Expression) plan.Expression { return plan.Fold{Case: true, Of: of} }),
		"accenti": ofOne(func(of plan.Expression) plan.Expression { return plan.Fold{Accent: true, Of: of} }),
		"like": func(args []plan.Expression) (plan.Expression, error) {
			if err := exactly(args, 2); err != nil {
				return nil, err
			}
			pattern, err := patternOf(args[1])
			return plan.Like{Of: args[0], Pattern: pattern}, err
		},
		"between": func(args []plan.Expression) (plan.Expression, error) {
			if err := exactly(args, 3); err != nil {
				return nil, err
			}
			return plan.Between{Of: args[0], Low: args[1], High: args[2]}, nil
		},
		"date":      momentOf(plan.Date),
		"timestamp": momentOf(plan.DateTime),
		"interval": func(args []plan.Expression) (plan.Expression, error) {
			if err := exactly(args, 2); err != nil {
				return nil, err
			}
			return plan.Span{From: openEnd(args[0]), To: openEnd(args[1])}, nil
		},
	}
	for _, op := range []plan.CompareOp{plan.Equal, plan.NotEqual, plan.Less, plan.LessOrEqual, plan.Greater, plan.GreaterOrEqual} {
		operators[string(op)] = ofTwo(func(a, b plan.Expression) plan.Expression { return plan.Compare{Op: op, Left: a, Right: b} })
	}
	for _, op := range []plan.ArithmeticOp{plan.Add, plan.Subtract, plan.Multiply, plan.Divide, plan.WholeQuotient, plan.Remainder, plan.Power} {
		operators[string(op)] = ofTwo(func(a, b plan.Expression) plan.Expression { return plan.Arithmetic{Op: op, Left: a, Right: b} })
	}
	for _, op := range plan.SpatialOps {
		operators["s_"+string(op)] = ofTwo(func(a, b plan.Expression) plan.Expression { return plan.Spatial{Op: op, Left: a, Right: b} })
	}
	for _, op := range plan.TemporalOps {
		operators["t_"+string(op)] = ofTwo(func(a, b plan.Expression) plan.Expression { return plan.Temporal{Op: op, Left: a, Right: b} })
	}
}

// operate applies the operator or function of that name.
func operate(name string, args []plan.Expression) (plan.Expression, error) {
	name = strings.ToLower(name)
	operator, known := operators[name]
	if !known {
		return plan.Call{Name: name, Args: args}, nil
	}
	e, err := operator(args)
	if err != nil {
		return nil, fmt.Errorf("%s %w", name, err)
	}
	return e, nil
}

func atLeast(args []plan.Expression, n int) error {
	if len(args) < n {
		return fmt.Errorf("takes at least %d operand(s), not %d", n, len(args))
	}
	return nil
}

func exactly(args []plan.Expression, n int) error {
	if len(args) != n {
		return fmt.Errorf("takes %d operand(s), not %d", n, len(args))
	}
	return nil
}

func ofOne(make func(of plan.Expression) plan.Expression) func([]plan.Expression) (plan.Expression, error) {
	return func(args []plan.Expression) (plan.Expression, error) {
		if err := exactly(args, 1); err != nil {
			return nil, err
		}
		return make(args[0]), nil
	}
}

func ofTwo(make func(a, b plan.Expression) plan.Expression) func([]plan.Expression) (plan.Expression, error) {
	return func(args []plan.Expression) (plan.Expression, error) {
		if err := exactly(args, 2); err != nil {
			return nil, err
		}
		return make(args[0], args[1]), nil
	}
}

// patternOf gives the pattern of a LIKE, which may be inside CASEI and ACCENTI.
func patternOf(e plan.Expression) (string, error) {
	switch e := e.(type) {
	case plan.Literal:
		if e.Value.Kind() == plan.String {
			return e.Value.Text(), nil
		}
	case plan.Fold:
		text, err := patternOf(e.Of)
		return string(plan.NewFolder(e.Case, e.Accent).Append(nil, text)), err
	}
	return "", fmt.Errorf("takes a pattern in quotes, like 'Å%%'")
}

// momentOf makes a date or an instant of its text.
func momentOf(kind plan.Kind) func([]plan.Expression) (plan.Expression, error) {
	return func(args []plan.Expression) (plan.Expression, error) {
		literal, is := plan.Literal{}, false
		if len(args) == 1 {
			literal, is = args[0].(plan.Literal)
		}
		if !is || literal.Value.Kind() != plan.String {
			return nil, fmt.Errorf("takes a text in quotes")
		}
		at, err := plan.Attribute{Type: kind}.Parse(literal.Value.Text())
		if err != nil {
			return nil, fmt.Errorf("is wrong: %w", err)
		}
		return plan.Literal{Value: at}, nil
	}
}

// openEnd gives nil for an end of an interval that is open.
func openEnd(e plan.Expression) plan.Expression {
	if literal, is := e.(plan.Literal); is && literal.Value.Kind() == plan.String && (literal.Value.Text() == ".." || literal.Value.Text() == "") {
		return nil
	}
	return e
}

// bbox makes a rectangle of the numbers of a BBOX, in the order of the system; heights are dropped.
func (c CQL2) bbox(numbers []float64) (plan.Expression, error) {
	switch len(numbers) {
	case 6:
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	case 4:
	default:
		return nil, fmt.Errorf("a BBOX has four numbers, or six with heights, not %d", len(numbers))
	}
	return boxIn([4]float64(numbers), c.CRS)
}
