package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Attribute is one column of a layer's schema.
type Attribute struct {
	Name     string      `json:"name"`
	Type     Kind        `json:"type"`
	Title    Text        `json:"title"`
	Unit     string      `json:"unit,omitempty"`     // UCUM: m, ha, MW
	Required bool        `json:"required,omitempty"` // null and absent are refused
	Codes    []CodeEntry `json:"codes,omitempty"`    // the closed list of allowed values; text attributes only
}

// CodeEntry is one entry of a code list.
type CodeEntry struct {
	Value string `json:"value"`
	Title Text   `json:"title"`
}

// kinds that an attribute can have: every Kind but Null.
var kinds = []Kind{String, Integer, Number, Boolean, Date, DateTime}

// fault says what is wrong with the definition, or "".
func (a Attribute) fault() string {
	switch {
	case !Named.MatchString(a.Name) || len(a.Name) > MaxName:
		return fmt.Sprintf("attribute name %q must match %s and have at most %d characters", a.Name, Named, MaxName)
	case slices.Contains(reserved, a.Name):
		return fmt.Sprintf("attribute name %q is reserved (%v)", a.Name, reserved)
	case !slices.Contains(kinds, a.Type):
		return fmt.Sprintf("attribute %q has type %q, which is not one of %v", a.Name, a.Type, kinds)
	case len(a.Codes) > 0 && a.Type != String:
		return fmt.Sprintf("attribute %q has a code list, which only a text attribute can have", a.Name)
	}
	return ""
}

// Allows reports whether the code list, if there is one, has the value.
func (a Attribute) Allows(value string) bool {
	return len(a.Codes) == 0 || slices.ContainsFunc(a.Codes, func(c CodeEntry) bool { return c.Value == value })
}

// Parse reads a value of the attribute as a client wrote it: 007 is the integer 7, and GDAL writes booleans as 1 and 0.
func (a Attribute) Parse(text string) (Value, error) {
	switch a.Type {
	case Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return Value{}, fmt.Errorf("%q is not a whole number of 64 bits", clip(text))
		}
		return IntegerValue(n), nil
	case Number:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return Value{}, fmt.Errorf("%q is not a finite number", clip(text))
		}
		return NumberValue(f), nil
	case Boolean:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return Value{}, fmt.Errorf("%q is neither true nor false", clip(text))
		}
		return BooleanValue(b), nil
	case Date:
		return ParseDate(text)
	case DateTime:
		return ParseDateTime(text)
	}
	return TextValue(text), nil
}
