package conflict

import (
	"cmp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"strukturbild/internal/plan"
)

func always(truth bool) logical { return func(*frame) (bool, bool) { return truth, true } }

// logical compiles a node that must hold or not.
func (c *compiler) logical(node ast.Node) logical {
	switch n := node.(type) {
	case *ast.BoolNode:
		return always(n.Value)
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return not(c.logical(n.Node))
		}
	case *ast.ConditionalNode:
		test, yes, no := c.logical(n.Cond), c.logical(n.Exp1), c.logical(n.Exp2)
		return either(both(test, yes), both(not(test), no))
	case *ast.BinaryNode:
		if l := c.binary(n); l != nil {
			return l
		}
	default:
		if i := c.variable(node, plan.Boolean); i >= 0 {
			return c.truthOf(i)
		}
	}
	c.misplaced(node, plan.Boolean)
	return always(false)
}

func (c *compiler) binary(n *ast.BinaryNode) logical {
	switch n.Operator {
	case "and", "&&":
		return both(c.logical(n.Left), c.logical(n.Right))
	case "or", "||":
		return either(c.logical(n.Left), c.logical(n.Right))
	case "==":
		return c.equal(n)
	case "!=":
		return not(c.equal(n))
	case "<", "<=", ">", ">=":
		return c.order(n)
	case "in":
		return c.oneOf(n)
	case "contains", "startsWith", "endsWith":
		return c.within(n)
	}
	return nil
}

func (c *compiler) truthOf(i int) logical {
	name := c.vars[i].String()
	return func(f *frame) (bool, bool) {
		if f.values[i].IsNull() {
			f.missing(name)
			return false, false
		}
		return f.values[i].Bool(), true
	}
}

func not(a logical) logical {
	return func(f *frame) (bool, bool) {
		truth, known := a(f)
		return !truth, known
	}
}

// both is three-valued: what is false on one side is false, whatever the other is.
func both(a, b logical) logical {
	return func(f *frame) (bool, bool) {
		x, knowX := a(f)
		if knowX && !x {
			return false, true
		}
		y, knowY := b(f)
		if knowY && !y {
			return false, true
		}
		return true, knowX && knowY
	}
}

func either(a, b logical) logical { return not(both(not(a), not(b))) }

// equal compares for equality; nothing is equal to a missing value but nil.
func (c *compiler) equal(n *ast.BinaryNode) logical {
	if _, none := n.Right.(*ast.NilNode); none {
		return c.isMissing(n.Left)
	}
	if _, none := n.Left.(*ast.NilNode); none {
		return c.isMissing(n.Right)
	}
	switch cmp.Or(c.kindOf(n.Left), c.kindOf(n.Right)) {
	case plan.Number:
		return sameValue(c.numeric(n.Left).value, c.numeric(n.Right).value)
	case plan.String:
		return sameValue(c.textual(n.Left), c.textual(n.Right))
	case plan.Boolean:
		return sameValue(c.logical(n.Left), c.logical(n.Right))
	}
	c.fault(n, "det går inte att se om texter eller tal jämförs: jämför med en konstant, eller ange ett standardvärde med ??", "can't tell whether texts or numbers are compared: compare with a constant, or give a default with ??")
	return always(false)
}

func sameValue[T comparable, F ~func(*frame) (T, bool)](a, b F) logical {
	return func(f *frame) (bool, bool) {
		why := f.why
		x, knowX := a(f)
		y, knowY := b(f)
		f.why = why
		return knowX && knowY && x == y, true
	}
}

func (c *compiler) isMissing(node ast.Node) logical {
	i := c.variable(node, plan.Null)
	if i < 0 {
		c.fault(node, "bara ett attribut kan vara nil", "only an attribute can be nil")
		return always(false)
	}
	return func(f *frame) (bool, bool) { return f.values[i].IsNull(), true }
}

func (c *compiler) order(n *ast.BinaryNode) logical {
	test := map[string]func(int) bool{
		"<": func(o int) bool { return o < 0 }, "<=": func(o int) bool { return o <= 0 },
		">": func(o int) bool { return o > 0 }, ">=": func(o int) bool { return o >= 0 }}[n.Operator]
	if c.kindOf(n.Left) == plan.String || c.kindOf(n.Right) == plan.String {
		return ordered(c.textual(n.Left), c.textual(n.Right), test)
	}
	return ordered(c.numeric(n.Left).value, c.numeric(n.Right).value, test)
}

func ordered[T cmp.Ordered, F ~func(*frame) (T, bool)](a, b F, test func(int) bool) logical {
	return func(f *frame) (bool, bool) {
		x, known := a(f)
		if !known {
			return false, false
		}
		y, known := b(f)
		return test(cmp.Compare(x, y)), known
	}
}

// oneOf is `interest.kind in ["road", "rail"]`.
func (c *compiler) oneOf(n *ast.BinaryNode) logical {
	list, isList := n.Right.(*ast.ArrayNode)
	if !isList || len(list.Nodes) == 0 {
		c.fault(n.Right, "in tar en lista av konstanter: in [\"a\", \"b\"]", "in takes a list of constants: in [\"a\", \"b\"]")
		return always(false)
	}
	if c.kindOf(list.Nodes[0]) == plan.Number {
		return member(c.numeric(n.Left).value, constants(c, list, func(node ast.Node) (float64, bool) {
			switch n := node.(type) {
			case *ast.IntegerNode:
				return float64(n.Value), true
			case *ast.FloatNode:
				return n.Value, true
			}
			return 0, false
		}))
	}
	return member(c.textual(n.Left), constants(c, list, func(node ast.Node) (string, bool) {
		text, ok := node.(*ast.StringNode)
		if !ok {
			return "", false
		}
		return text.Value, true
	}))
}

func constants[T any](c *compiler, list *ast.ArrayNode, read func(ast.Node) (T, bool)) (values []T) {
	for _, node := range list.Nodes {
		value, ok := read(node)
		if !ok {
			c.fault(node, "listan får bara ha texter eller bara tal, inte %s", "the list must hold only texts or only numbers, not %s", clip(node.String()))
		}
		values = append(values, value)
	}
	return values
}

func member[T comparable, F ~func(*frame) (T, bool)](a F, list []T) logical {
	return func(f *frame) (bool, bool) {
		why := f.why
		x, known := a(f)
		f.why = why
		return known && slices.Contains(list, x), true
	}
}

// within is a test of part of a text.
func (c *compiler) within(n *ast.BinaryNode) logical {
	test := map[string]func(string, string) bool{"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix}[n.Operator]
	a, b := c.textual(n.Left), c.textual(n.Right)
	return func(f *frame) (bool, bool) {
		why := f.why
		x, knowX := a(f)
		y, knowY := b(f)
		f.why = why
		return knowX && knowY && test(x, y), true
	}
}

// textual compiles a node that must give a text.
func (c *compiler) textual(node ast.Node) textual {
	switch n := node.(type) {
	case *ast.StringNode:
		return func(*frame) (string, bool) { return n.Value, true }
	case *ast.BuiltinNode:
		if n.Name == "lower" && len(n.Arguments) == 1 {
			text := c.textual(n.Arguments[0])
			return func(f *frame) (string, bool) {
				s, known := text(f)
				return strings.ToLower(s), known
			}
		}
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return c.textOr(n)
		}
	default:
		if i := c.variable(node, plan.String); i >= 0 {
			return c.textOf(i)
		}
	}
	c.misplaced(node, plan.String)
	return func(*frame) (string, bool) { return "", true }
}

func (c *compiler) textOf(i int) textual {
	name := c.vars[i].String()
	return func(f *frame) (string, bool) {
		if f.values[i].IsNull() {
			f.missing(name)
			return "", false
		}
		return f.values[i].Text(), true
	}
}

func (c *compiler) textOr(n *ast.BinaryNode) textual {
	i, other := c.variable(n.Left, plan.String), c.textual(n.Right)
	if i < 0 {
		c.fault(n.Left, "?? ger ett attribut ett standardvärde: till vänster måste det stå ett attribut", "?? gives an attribute a default: there must be an attribute to its left")
		return other
	}
	return func(f *frame) (string, bool) {
		if f.values[i].IsNull() {
			return other(f)
		}
		return f.values[i].Text(), true
	}
}
