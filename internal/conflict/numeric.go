package conflict

import (
	"fmt"
	"math"

	"github.com/expr-lang/expr/ast"

	"strukturbild/internal/plan"
)

// numeric is a compiled number: its value, and its bounds when the variables are only known to lie between bounds.
type numeric struct {
	value  func(*frame) (value float64, known bool)
	bounds func([]bracket) bracket
}

// bracket is what a number lies between; empty (lo > hi) when there is no number. Floating point rounds monotonically, so
// that the bounds of an expression hold for each of its values exactly.
type bracket struct{ lo, hi float64 }

var (
	nowhere  = bracket{math.Inf(1), math.Inf(-1)}
	anything = bracket{math.Inf(-1), math.Inf(1)}
)

func (s bracket) empty() bool { return s.lo > s.hi }

func (s bracket) union(o bracket) bracket { return bracket{min(s.lo, o.lo), max(s.hi, o.hi)} }

// bracketOf gives the bounds of some numbers; everything when one of them is none.
func bracketOf(numbers ...float64) bracket {
	s := nowhere
	for _, n := range numbers {
		if math.IsNaN(n) {
			return anything
		}
		s = s.union(bracket{n, n})
	}
	return s
}

func constant(n float64) numeric {
	return numeric{func(*frame) (float64, bool) { return n, true }, func([]bracket) bracket { return bracketOf(n) }}
}

// numeric compiles a node that must give a number.
func (c *compiler) numeric(node ast.Node) numeric {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return constant(float64(n.Value))
	case *ast.FloatNode:
		return constant(n.Value)
	case *ast.UnaryNode:
		if n.Operator == "-" || n.Operator == "+" {
			sign := map[string]float64{"-": -1, "+": 1}[n.Operator]
			return c.arithmetic(node, "*", constant(sign), c.numeric(n.Node))
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "+", "-", "*", "/", "%":
			return c.arithmetic(node, n.Operator, c.numeric(n.Left), c.numeric(n.Right))
		case "??":
			return c.numberOr(n)
		}
	case *ast.ConditionalNode:
		return choose(c.logical(n.Cond), c.numeric(n.Exp1), c.numeric(n.Exp2))
	case *ast.BuiltinNode:
		if f, ok := c.call(n); ok {
			return f
		}
	default:
		if i := c.variable(node, plan.Number); i >= 0 {
			return c.numberOf(i)
		}
	}
	c.misplaced(node, plan.Number)
	return constant(0)
}

func (c *compiler) numberOf(i int) numeric {
	name := c.vars[i].String()
	return numeric{func(f *frame) (float64, bool) {
		if f.values[i].IsNull() {
			f.missing(name)
			return 0, false
		}
		return f.values[i].Float(), true
	}, func(spans []bracket) bracket { return spans[i] }}
}

// numberOr is `claim.x ?? 100`: the default of a missing attribute.
func (c *compiler) numberOr(n *ast.BinaryNode) numeric {
	i, other := c.variable(n.Left, plan.Number), c.numeric(n.Right)
	if i < 0 {
		c.fault(n.Left, "?? ger ett attribut ett standardvärde: till vänster måste det stå ett attribut", "?? gives an attribute a default: there must be an attribute to its left")
		return other
	}
	return numeric{func(f *frame) (float64, bool) {
		if f.values[i].IsNull() {
			return other.value(f)
		}
		return f.values[i].Float(), true
	}, func(spans []bracket) bracket { return spans[i].union(other.bounds(spans)) }}
}

func choose(test logical, yes, no numeric) numeric {
	return numeric{func(f *frame) (float64, bool) {
		truth, known := test(f)
		switch {
		case !known:
			return 0, false
		case truth:
			return yes.value(f)
		}
		return no.value(f)
	}, func(spans []bracket) bracket { return yes.bounds(spans).union(no.bounds(spans)) }}
}

// arithmetic compiles one of + - * / %.
func (c *compiler) arithmetic(node ast.Node, operator string, a, b numeric) numeric {
	operate := map[string]func(x, y float64) float64{
		"+": func(x, y float64) float64 { return x + y },
		"-": func(x, y float64) float64 { return x - y },
		"*": func(x, y float64) float64 { return x * y },
		"/": func(x, y float64) float64 { return x / y },
		"%": math.Mod,
	}[operator]
	divides := operator == "/" || operator == "%"
	byZero := fmt.Sprintf("division by zero in %s (column %d)", c.source, node.Location().From+1)
	return numeric{func(f *frame) (float64, bool) {
		x, known := a.value(f)
		if !known {
			return 0, false
		}
		y, known := b.value(f)
		if divides && known && y == 0 {
			if f.why == "" {
				f.why = byZero
			}
			return 0, false
		}
		return operate(x, y), known
	}, func(spans []bracket) bracket {
		x, y := a.bounds(spans), b.bounds(spans)
		switch {
		case x.empty() || y.empty():
			return nowhere
		case operator == "%" || divides && y.lo <= 0 && y.hi >= 0:
			return anything
		}
		return bracketOf(operate(x.lo, y.lo), operate(x.lo, y.hi), operate(x.hi, y.lo), operate(x.hi, y.hi))
	}}
}

// functions of one number, none of which falls where the number grows; abs is apart.
var monotone = map[string]func(float64) float64{"floor": math.Floor, "ceil": math.Ceil, "round": math.Round}

// call compiles a function.
func (c *compiler) call(n *ast.BuiltinNode) (numeric, bool) {
	var arguments []numeric
	several := n.Name == "max" || n.Name == "min"
	if !several && n.Name != "abs" && monotone[n.Name] == nil {
		return numeric{}, false
	}
	for _, argument := range n.Arguments {
		arguments = append(arguments, c.numeric(argument))
	}
	switch {
	case len(arguments) == 0 || !several && len(arguments) != 1:
		c.fault(n, "%s tar ett annat antal argument", "%s takes another number of arguments", n.Name)
		return constant(0), true
	case several:
		return extreme(n.Name == "max", arguments), true
	case n.Name == "abs":
		return absolute(arguments[0]), true
	}
	of := monotone[n.Name]
	return numeric{func(f *frame) (float64, bool) {
		x, known := arguments[0].value(f)
		return of(x), known
	}, func(spans []bracket) bracket {
		s := arguments[0].bounds(spans)
		return bracket{of(s.lo), of(s.hi)}
	}}, true
}

func absolute(a numeric) numeric {
	return numeric{func(f *frame) (float64, bool) {
		x, known := a.value(f)
		return math.Abs(x), known
	}, func(spans []bracket) bracket {
		s := a.bounds(spans)
		if s.empty() {
			return s
		}
		return bracket{0, max(math.Abs(s.lo), math.Abs(s.hi))}
	}}
}

// extreme is max or min. It is unknown when one of its arguments is.
func extreme(greatest bool, arguments []numeric) numeric {
	pick := func(x, y float64) float64 { return min(x, y) }
	if greatest {
		pick = func(x, y float64) float64 { return max(x, y) }
	}
	return numeric{func(f *frame) (float64, bool) {
		best, known := arguments[0].value(f)
		for _, a := range arguments[1:] {
			if !known {
				return 0, false
			}
			var x float64
			x, known = a.value(f)
			best = pick(best, x)
		}
		return best, known
	}, func(spans []bracket) bracket {
		best := arguments[0].bounds(spans)
		for _, a := range arguments[1:] {
			s := a.bounds(spans)
			if best.empty() || s.empty() {
				return nowhere
			}
			best = bracket{pick(best.lo, s.lo), pick(best.hi, s.hi)}
		}
		return best
	}}
}
