package ingest

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"strukturbild/internal/plan"
)

// maxText is the longest text value, in characters.
const maxText = 10_000

// properties reads the properties member into d.values and d.given.
func (d *decoder) properties(f *draft, c *cursor) memberState {
	switch c.peek() {
	case 'n':
		c.value()
		return null
	case '{':
	default:
		f.fault(c.pos, "/properties", notFeature, plan.Text{SV: "properties ska vara ett objekt eller null", EN: "properties must be an object or null"})
		c.value()
		return broken
	}
	for name := range c.members {
		at := c.pos
		i, holdsID := d.column(name)
		if holdsID {
			d.id(f, &cursor{doc: c.doc, pos: c.pos})
		}
		switch {
		case i >= 0:
			d.take(f, c, i)
		case i == unknownColumn && !(d.columns.loose && c.peek() == 'n'): // a column without values is no loss
			d.unknownAttribute(f, at, string(name))
			c.value()
		default:
			if i == ignoredColumn {
				d.ignored[string(name)]++
			}
			c.value()
		}
	}
	return present
}

// take consumes the value of an attribute.
func (d *decoder) take(f *draft, c *cursor, i int) {
	attribute, at := &d.layer.Attributes[i], c.pos
	if d.given[i] {
		f.fault(at, attributePointer(attribute.Name), attributeTwice, attribute.Name)
		c.value()
		return
	}
	if d.columns.loose {
		raw, told := loosen(attribute, c.value())
		if told {
			d.coerced[i]++
		}
		c = &cursor{doc: raw}
	}
	value, fault := coerce(attribute, c)
	if fault != nil {
		f.add(*fault, at, attributePointer(attribute.Name))
	}
	d.values[i], d.given[i] = value, true
}

func attributePointer(name string) string { return "/properties/" + pointerTo(name) }

// unknownAttribute puts an unknown attribute in words once; later features with it are counted by the report.
func (d *decoder) unknownAttribute(f *draft, at int, name string) {
	pointer := attributePointer(name)
	if d.unknown[name] {
		f.findings = append(f.findings, plan.Finding{Rule: attributeUnknown.name, Pointer: pointer})
		return
	}
	if *f.budget > 0 {
		d.unknown[name] = true
		f.fault(at, pointer, attributeUnknown, d.layer.ID, clip([]byte(name)), d.meant(name))
		return
	}
	f.more++
}

// meant names the attribute that an unknown name is closest to: the one that bears it in its title, as the name in the
// official dataset does, or the one with the most similar name.
func (d *decoder) meant(name string) plan.Text {
	var names []string
	for _, a := range d.layer.Attributes {
		if utf8.RuneCountInString(name) > 3 && strings.Contains(strings.ToLower(a.Title.SV), strings.ToLower(name)) {
			return suggest(a.Name, []string{a.Name})
		}
		names = append(names, a.Name)
	}
	return suggest(name, names)
}

// requireAttributes finds the required attributes that the feature leaves out, and notes which have a value.
func (d *decoder) requireAttributes(f *draft) {
	for i, a := range d.layer.Attributes {
		if a.Required && !d.given[i] {
			f.fault(0, attributePointer(a.Name), attributeRequired, a.Name)
		}
		d.filled[i] = d.filled[i] || !d.values[i].IsNull()
	}
}

// coerce consumes a value and makes it one of the attribute's type.
func coerce(a *plan.Attribute, c *cursor) (plan.Value, *plan.Finding) {
	first := c.peek()
	switch {
	case first == 'n':
		c.value()
		if a.Required {
			return refuse(attributeRequired, a.Name)
		}
		return plan.Value{}, nil
	case first == '"' && (a.Type == plan.String || a.Type == plan.Date || a.Type == plan.DateTime):
		return textual(a, string(c.text()))
	case (first == '-' || first-'0' <= 9) && (a.Type == plan.Integer || a.Type == plan.Number):
		return numeric(a, c)
	case (first == 't' || first == 'f') && a.Type == plan.Boolean:
		return plan.BooleanValue(len(c.value()) == len("true")), nil
	}
	return wrongType(a, c.value())
}

func refuse(r rule, args ...any) (plan.Value, *plan.Finding) {
	f := r.finding(args...)
	return plan.Value{}, &f
}

func wrongType(a *plan.Attribute, raw []byte) (plan.Value, *plan.Finding) {
	found := kindOf(raw[0])
	if raw[0] != '{' && raw[0] != '[' {
		found.SV, found.EN = found.SV+" ("+clip(raw)+")", found.EN+" ("+clip(raw)+")"
	}
	return refuse(attributeType, a.Name, kindTexts[a.Type], found)
}

// kindTexts names the attribute types.
var kindTexts = map[plan.Kind]plan.Text{
	plan.String:   {SV: "en text", EN: "a string"},
	plan.Integer:  {SV: "ett heltal", EN: "an integer"},
	plan.Number:   {SV: "ett tal", EN: "a number"},
	plan.Boolean:  {SV: "true eller false", EN: "true or false"},
	plan.Date:     {SV: "ett datum som \"2026-11-22\"", EN: "a date like \"2026-11-22\""},
	plan.DateTime: {SV: "en tidpunkt med tidszon som \"2026-11-22T10:00:00Z\"", EN: "an instant with its time zone like \"2026-11-22T10:00:00Z\""},
}

func textual(a *plan.Attribute, text string) (plan.Value, *plan.Finding) {
	switch a.Type {
	case plan.Date, plan.DateTime:
		parse := plan.ParseDate
		if a.Type == plan.DateTime {
			parse = plan.ParseDateTime
		}
		value, err := parse(text)
		if err != nil {
			return wrongType(a, strconv.AppendQuote(nil, text))
		}
		return value, nil
	}
	switch n := utf8.RuneCountInString(text); {
	case n > maxText:
		return refuse(attributeLength, a.Name, n, maxText)
	case strings.IndexByte(text, 0) >= 0: // PostgreSQL's text type has no NUL
		return refuse(attributeNUL, a.Name)
	case !a.Allows(text):
		codes := codesOf(a)
		return refuse(attributeCode, a.Name, clip([]byte(text)), strings.Join(codes, ", "), meaning(nearest(text, codes)))
	}
	return plan.TextValue(text), nil
}

func codesOf(a *plan.Attribute) (codes []string) {
	for _, code := range a.Codes {
		codes = append(codes, code.Value)
	}
	return codes
}

func numeric(a *plan.Attribute, c *cursor) (plan.Value, *plan.Finding) {
	raw := c.value()
	if a.Type == plan.Integer {
		if i, exact := integer(raw); exact {
			return plan.IntegerValue(i), nil
		}
		if whole(raw) {
			return refuse(attributeRange, a.Name, clip(raw))
		}
		return wrongType(a, raw)
	}
	f := parseFloat(raw)
	if math.IsInf(f, 0) {
		return refuse(attributeRange, a.Name, clip(raw))
	}
	return plan.NumberValue(f), nil
}

// integer reads a JSON number as an integer: exactly when it is written as one, and as 1.0 or 1e3 up to 2^53, where
// doubles are exact.
func integer(raw []byte) (i int64, exact bool) {
	if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return i, true
	}
	f := parseFloat(raw)
	return int64(f), math.Abs(f) < 1<<53 && f == math.Trunc(f) && !plainDigits(raw)
}

func plainDigits(raw []byte) bool { return !bytes.ContainsAny(raw, ".eE") }

func whole(raw []byte) bool {
	return plainDigits(raw) || math.Trunc(parseFloat(raw)) == parseFloat(raw)
}
