package ogc

import (
	"fmt"
	"math"
	"strconv"

	"strukturbild/internal/plan"
)

// canonical gives the text that plan.Value.String has for the value that a client wrote: 007 is the integer 7, and
// GDAL writes booleans as 1 and 0.
func canonical(a plan.Attribute, text string) (string, error) {
	switch a.Type {
	case plan.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", fmt.Errorf("%q is not a whole number of 64 bits", clip(text))
		}
		return plan.IntegerValue(n).String(), nil
	case plan.Number:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "", fmt.Errorf("%q is not a finite number", clip(text))
		}
		return plan.NumberValue(f).String(), nil
	case plan.Boolean:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "", fmt.Errorf("%q is neither true nor false", clip(text))
		}
		return plan.BooleanValue(b).String(), nil
	case plan.Date:
		day, err := plan.ParseDate(text)
		return day.String(), err
	case plan.DateTime:
		at, err := plan.ParseDateTime(text)
		return at.String(), err
	}
	return text, nil
}
