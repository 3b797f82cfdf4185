package plan

import (
	"math"
	"strconv"
	"strings"
)

// as reads the literal as a value of the kind: a text that came without a type as anything, a typed one as a moment, since
// no language has constants for all; and 1 and 0 as booleans, as GDAL writes them. A moment stays a date or an instant,
// whichever it is, but for a date that is written as its midnight.
func (l Literal) as(want Kind) (Value, bool) {
	v := l.Value
	switch {
	case v.kind == String && want.isTemporal():
		at, err := ParseMoment(strings.TrimSpace(v.text))
		return at.atMidnight(want), err == nil
	case v.isTemporalOrSame(want):
		return v.atMidnight(want), true
	case v.kind == Integer && want == Boolean:
		return BooleanValue(v.Int() == 1), v.Int() == 0 || v.Int() == 1
	case v.kind == Integer && want == Number:
		return NumberValue(v.Float()), true
	case v.kind == Number && want == Integer:
		return whole(v.Float())
	case l.Untyped && want.isNumeric():
		return parseNumber(strings.TrimSpace(v.text), want)
	case l.Untyped && want == Boolean:
		b, err := strconv.ParseBool(strings.TrimSpace(v.text))
		return BooleanValue(b), err == nil
	}
	return v, v.kind == want
}

func (v Value) isTemporalOrSame(want Kind) bool {
	return v.kind == want || v.kind.isTemporal() && want.isTemporal()
}

// atMidnight makes an instant at midnight a date, where dates are wanted.
func (v Value) atMidnight(want Kind) Value {
	const day = 86400e6
	if v.kind == DateTime && want == Date && v.Int()%day == 0 {
		return DateValue(v.Int() / day)
	}
	return v
}

// whole makes a number without decimals an integer.
func whole(f float64) (Value, bool) {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return IntegerValue(int64(f)), true
	}
	return NumberValue(f), false
}

// parseNumber reads an integer exactly, if it is one, where one is wanted.
func parseNumber(s string, want Kind) (Value, bool) {
	if want == Integer {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return IntegerValue(n), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}, false
	}
	if want == Integer {
		if v, is := whole(f); is {
			return v, true
		}
	}
	return NumberValue(f), true
}
