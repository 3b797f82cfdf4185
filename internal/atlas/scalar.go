package atlas

import (
	"math"
	"strings"
	"unicode/utf8"
	"unsafe"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// value is a compiled operand; not known is null.
type value[T any] func(*frame) (v T, known bool)

func constant[T any](v T) value[T] { return func(*frame) (T, bool) { return v, true } }

// map1 applies a function to what is known.
func map1[T, U any](get value[T], apply func(T) U) value[U] {
	return func(f *frame) (result U, known bool) {
		v, known := get(f)
		if known {
			result = apply(v)
		}
		return result, known
	}
}

// bit compiles a condition that is compared: false is 0, true 1.
func (c *compiler) bit(e plan.Expression) value[truth] {
	t := c.test(e)
	return func(f *frame) (truth, bool) {
		v := t(f)
		return v, v != unknown
	}
}

// whole compiles a whole number, the days of a date, or the microseconds of an instant.
func (c *compiler) whole(e plan.Expression) value[int64] {
	switch e := e.(type) {
	case plan.Literal:
		return constant(e.Value.Int())
	case plan.Call: // char_length
		return map1(c.text(e.Args[0]), func(s string) int64 { return int64(utf8.RuneCountInString(s)) })
	}
	i := c.attribute(e.(plan.Property))
	return func(f *frame) (int64, bool) { return f.values[i].Int(), !f.values[i].IsNull() }
}

const dayMicros = 86400e6

// instant compiles a moment in microseconds; of a date, its midnight.
func (c *compiler) instant(e plan.Expression) value[int64] {
	whole := c.whole(e)
	if plan.KindOf(e) == plan.DateTime {
		return whole
	}
	return map1(whole, func(day int64) int64 { return day * dayMicros })
}

// number compiles a number.
func (c *compiler) number(e plan.Expression) value[float64] {
	switch e := e.(type) {
	case plan.Literal:
		return constant(e.Value.Float())
	case plan.Arithmetic:
		return c.arithmetic(e)
	case plan.Call:
		return c.numericCall(e)
	}
	i := c.attribute(e.(plan.Property))
	return func(f *frame) (float64, bool) { return f.values[i].Float(), !f.values[i].IsNull() }
}

func (c *compiler) numericCall(e plan.Call) value[float64] {
	switch e.Name {
	case "abs":
		return map1(c.number(e.Args[0]), math.Abs)
	case "ceil":
		return map1(c.number(e.Args[0]), math.Ceil)
	case "floor":
		return map1(c.number(e.Args[0]), math.Floor)
	case "area":
		return measured(c.geometry(e.Args[0]), geo.Area)
	case "length":
		return measured(c.geometry(e.Args[0]), geo.Length)
	}
	return map1(c.whole(e), func(i int64) float64 { return float64(i) })
}

func measured(get geometric, measure func(plan.Geometry) float64) value[float64] {
	return func(f *frame) (float64, bool) {
		g, _, known := get.get(f)
		return measure(g), known
	}
}

func (c *compiler) arithmetic(e plan.Arithmetic) value[float64] {
	left, right, apply := c.number(e.Left), c.number(e.Right), operations[e.Op]
	return func(f *frame) (float64, bool) {
		x, known := left(f)
		if !known {
			return 0, false
		}
		y, known := right(f)
		result := apply(x, y)
		return result, known && !math.IsNaN(result) && !math.IsInf(result, 0)
	}
}

var operations = map[plan.ArithmeticOp]func(x, y float64) float64{
	plan.Add:           func(x, y float64) float64 { return x + y },
	plan.Subtract:      func(x, y float64) float64 { return x - y },
	plan.Multiply:      func(x, y float64) float64 { return x * y },
	plan.Divide:        func(x, y float64) float64 { return x / y },
	plan.WholeQuotient: func(x, y float64) float64 { return math.Trunc(x / y) },
	plan.Remainder:     math.Mod,
	plan.Power:         math.Pow,
}

// text compiles a text. What a function makes lies in memory of its own, which the next feature uses again.
func (c *compiler) text(e plan.Expression) value[string] {
	switch e := e.(type) {
	case plan.Literal:
		return constant(e.Value.Text())
	case plan.Fold:
		return folded(c.text(e.Of), plan.NewFolder(e.Case, e.Accent))
	case plan.Call:
		if e.Name == "upper" {
			return map1(c.text(e.Args[0]), strings.ToUpper)
		}
		return map1(c.text(e.Args[0]), strings.ToLower)
	}
	p := e.(plan.Property)
	if _, is := p.Attribute(); !is {
		return func(f *frame) (string, bool) { return f.snapshot.ID(f.slot), true }
	}
	i := c.attribute(p)
	return func(f *frame) (string, bool) { return f.values[i].Text(), !f.values[i].IsNull() }
}

func folded(get value[string], folder *plan.Folder) value[string] {
	var room []byte
	return func(f *frame) (string, bool) {
		text, known := get(f)
		room = folder.Append(room[:0], text)
		return unsafe.String(unsafe.SliceData(room), len(room)), known
	}
}
