package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the type of an attribute and of its values.
type Kind string

// The kinds. Null is the kind of an absent value only.
const (
	Null     Kind = ""
	String   Kind = "text"
	Integer  Kind = "integer" // 64 bits, exact
	Number   Kind = "number"  // IEEE 754 double, finite
	Boolean  Kind = "boolean"
	Date     Kind = "date"     // a day without a time zone
	DateTime Kind = "datetime" // an instant, kept in UTC to the microsecond

	GeometryKind Kind = "geometry" // of expressions only, like the next
	SpanKind     Kind = "period"
)

// Value is one attribute value. The zero Value is null. It holds no pointers but the text, so that rows of values cost
// the garbage collector little.
type Value struct {
	kind Kind
	bits uint64
	text string
}

// TextValue makes a text value.
func TextValue(s string) Value { return Value{kind: String, text: s} }

// IntegerValue makes an integer value.
func IntegerValue(i int64) Value { return Value{kind: Integer, bits: uint64(i)} }

// NumberValue makes a number value; f must be finite.
func NumberValue(f float64) Value { return Value{kind: Number, bits: math.Float64bits(f)} }

// BooleanValue makes a boolean value.
func BooleanValue(b bool) Value {
	if b {
		return Value{kind: Boolean, bits: 1}
	}
	return Value{kind: Boolean}
}

// DateValue makes a date from days since 1970-01-01.
func DateValue(days int64) Value { return Value{kind: Date, bits: uint64(days)} }

// DateTimeValue makes an instant from microseconds since 1970-01-01T00:00:00Z.
func DateTimeValue(micros int64) Value { return Value{kind: DateTime, bits: uint64(micros)} }

// Kind gives the value's kind; Null for a null.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == Null }

// Text gives a text value's string, else "".
func (v Value) Text() string { return v.text }

// Int gives the integer, the days of a date, or the microseconds of an instant.
func (v Value) Int() int64 { return int64(v.bits) }

// Float gives a number, or an integer as a number.
func (v Value) Float() float64 {
	if v.kind == Number {
		return math.Float64frombits(v.bits)
	}
	return float64(int64(v.bits))
}

// Bool gives a boolean value.
func (v Value) Bool() bool { return v.bits == 1 }

// Time gives the instant, or the day's midnight in UTC.
func (v Value) Time() time.Time {
	if v.kind == Date {
		return time.Unix(v.Int()*86400, 0).UTC()
	}
	return time.UnixMicro(v.Int()).UTC()
}

// AppendText appends the value as plain text: dates as 2006-01-02, instants as RFC 3339, null as nothing.
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case String:
		return append(dst, v.text...)
	case Integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Number:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case Date:
		return v.Time().AppendFormat(dst, time.DateOnly)
	case DateTime:
		return v.Time().AppendFormat(dst, "2006-01-02T15:04:05.999999Z")
	}
	return dst
}

// String gives the value as plain text, null as "".
func (v Value) String() string { return string(v.AppendText(nil)) }

// ParseDate reads a day as 2006-01-02.
func ParseDate(s string) (Value, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Value{}, fmt.Errorf("%q is not a date like 2026-11-22", s)
	}
	return DateValue(t.Unix() / 86400), nil
}

// ParseDateTime reads an instant in RFC 3339, with its zone.
func ParseDateTime(s string) (Value, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Value{}, fmt.Errorf("%q is not an instant like 2026-11-22T10:00:00Z (RFC 3339, with a time zone)", s)
	}
	return DateTimeValue(t.UnixMicro()), nil
}

// instants are the forms of an instant: RFC 3339, and what QGIS (no zone) and GDAL (hours or minutes only) send. No
// zone means UTC.
var instants = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15Z07:00"}

// ParseMoment reads a date or an instant as clients write them: 1990-01-01 is a date, 1990-01-01T12:00:00Z an instant,
// and GDAL's 1990-01-01T a date too.
func ParseMoment(s string) (Value, error) {
	upper := strings.ToUpper(s) // RFC 3339, 5.6: t and z may be lower case
	if day, err := ParseDate(strings.TrimSuffix(upper, "T")); err == nil {
		return day, nil
	}
	for _, form := range instants {
		if at, err := time.Parse(form, upper); err == nil {
			return DateTimeValue(at.UnixMicro()), nil
		}
	}
	if strings.Contains(s, " ") {
		return Value{}, fmt.Errorf("%q is not a time; a + must be written as %%2B in an address", s)
	}
	return Value{}, fmt.Errorf("%q is not a time; write 1990-01-01 or 1990-01-01T12:00:00Z", s)
}

// Plain gives the value as encoding/json takes it.
func (v Value) Plain() any {
	switch v.kind {
	case Null:
		return nil
	case Integer:
		return v.Int()
	case Number:
		return v.Float()
	case Boolean:
		return v.Bool()
	}
	return v.String()
}

// ValueOf gives the value of a plain text, number, truth or nil, as JSON has them; false for anything else.
func ValueOf(plain any) (Value, bool) {
	switch v := plain.(type) {
	case nil:
		return Value{}, true
	case bool:
		return BooleanValue(v), true
	case float64:
		return NumberValue(v), true
	case string:
		return TextValue(v), true
	}
	return Value{}, false
}

// AppendJSON appends the value as JSON: dates and instants as strings, null as null. Integers keep all 64 bits.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case String:
		quoted, _ := jsontext.AppendQuote(dst, v.text) // the error is invalid UTF-8, which it has replaced
		return quoted
	case Date, DateTime:
		return append(v.AppendText(append(dst, '"')), '"')
	}
	return v.AppendText(dst)
}
