package source

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"strukturbild/internal/plan"
)

// text writes a value of JSON as text, without the white space around it; "" for none.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v) // no-break spaces too, which registers have
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(value)
}

// value gives the attribute's value as it goes into GeoJSON; nil for none. What can't be understood goes on as it
// stands, and is refused with the feature's number and id by the ordinary checks.
func (w *wantedColumn) value(columns map[string]any) any {
	was := w.Value
	if was == "" {
		was = text(lookup(columns, w.From))
	}
	if was == "" || slices.ContainsFunc(w.Null, func(null string) bool { return strings.EqualFold(null, was) }) {
		return nil
	}
	if ours, known := w.Codes[was]; known {
		was = ours
	}
	switch w.attribute.Type {
	case plan.Number, plan.Integer:
		return w.number(was)
	case plan.Date:
		return w.date(was)
	case plan.Boolean:
		return boolean(was)
	}
	return was
}

// number reads 1 234,5 and 1234.50, and scales.
func (w *wantedColumn) number(was string) any {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == ',':
			return '.'
		case r == '\u2212': // a minus sign
			return '-'
		}
		return r
	}, was)
	n, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return was
	}
	if w.Scale != 0 {
		n *= w.Scale
	}
	if w.attribute.Type == plan.Integer && n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return int64(n)
	}
	return n
}

// dateLayouts are how registers write days; what stands after a day is its time.
var dateLayouts = []string{time.DateOnly, "20060102", "2006/01/02"}

// date reads a day: 20171001, 2017-10-01, 2017/10/01, with or without a time behind it, or milliseconds since 1970 as
// ArcGIS has them. A day in the year 0, or before Earliest, is not known.
func (w *wantedColumn) date(was string) any {
	if strings.HasPrefix(was, "0000") {
		return nil
	}
	day, known := parseDay(was)
	if !known {
		return was
	}
	earliest := w.Earliest
	if earliest == "" {
		earliest = "1000-01-01"
	}
	if day < earliest {
		return nil
	}
	return day
}

func parseDay(was string) (day string, known bool) {
	for _, layout := range dateLayouts {
		if len(was) < len(layout) || len(was) > len(layout) && was[len(layout)] != 'T' && was[len(layout)] != ' ' && was[len(layout)] != 'Z' {
			continue
		}
		if t, err := time.Parse(layout, was[:len(layout)]); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	const yearOfMilliseconds = 1e10 // fewer digits are a day written without marks
	if ms, err := strconv.ParseInt(was, 10, 64); err == nil && (ms >= yearOfMilliseconds || ms < 0) && ms < 1e15 && ms > -1e15 {
		return time.UnixMilli(ms).UTC().Format(time.DateOnly), true
	}
	return "", false
}

func boolean(was string) any {
	switch strings.ToLower(was) {
	case "1", "ja", "j", "true", "t":
		return true
	case "0", "nej", "n", "false", "f":
		return false
	}
	return was
}

// identifier writes a value in the letters that an id may have, and _ for anything else.
func identifier(value string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("-._", r) {
			return r
		}
		return '_'
	}, value), ".-")
}
