package ogc

import (
	"fmt"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// parseInterval reads an instant, a date or an interval of them (Part 1, 7.15.4); nil when both ends are open.
func parseInterval(text string) (*plan.Interval, error) {
	first, second, isInterval := strings.Cut(text, "/")
	from, to, err := parseSpan(first, isInterval)
	if err != nil {
		return nil, err
	}
	if isInterval {
		if _, to, err = parseSpan(second, true); err != nil {
			return nil, err
		}
	}
	if from.IsZero() && to.IsZero() {
		return nil, nil
	}
	if !from.IsZero() && !to.IsZero() && from.After(to) {
		return nil, fmt.Errorf("the interval begins after it ends")
	}
	return &plan.Interval{From: from, To: to}, nil
}

// instants are the forms of an instant: RFC 3339, and what QGIS (no zone) and GDAL (hours or minutes only) send. No
// zone means UTC.
var instants = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15Z07:00"}

// parseSpan gives the first and last moment that the text stands for: a date is its whole day, in UTC. An end of an
// interval may be open, as ".." or nothing, which gives zero times.
func parseSpan(text string, mayBeOpen bool) (first, last time.Time, err error) {
	if mayBeOpen && (text == "" || text == "..") {
		return first, last, nil
	}
	upper := strings.ToUpper(text) // RFC 3339, 5.6: t and z may be lower case
	if day, err := time.Parse(time.DateOnly, strings.TrimSuffix(upper, "T")); err == nil {
		return day, day.AddDate(0, 0, 1).Add(-1), nil // GDAL writes 1990-01-01T
	}
	for _, form := range instants {
		if at, err := time.Parse(form, upper); err == nil {
			return at, at, nil
		}
	}
	if strings.Contains(text, " ") {
		return first, last, fmt.Errorf("%q is not a time; a + must be written as %%2B in an address", clip(text))
	}
	return first, last, fmt.Errorf("%q is not a time; write 1990-01-01, 1990-01-01T12:00:00Z, or an interval like 1990-01-01/.. of two of them", clip(text))
}
