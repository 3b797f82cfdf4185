package ogc

import (
	"fmt"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// parseInterval reads an instant, a date or an interval of them (Part 1, 7.15.4); zero when both ends are open.
func parseInterval(text string) (plan.Interval, error) {
	first, second, isInterval := strings.Cut(text, "/")
	from, to, err := parseSpan(first, isInterval)
	if err != nil {
		return plan.Interval{}, err
	}
	if isInterval {
		if _, to, err = parseSpan(second, true); err != nil {
			return plan.Interval{}, err
		}
	}
	if !from.IsZero() && !to.IsZero() && from.After(to) {
		return plan.Interval{}, fmt.Errorf("the interval begins after it ends")
	}
	return plan.Interval{From: from, To: to}, nil
}

// parseSpan gives the first and last moment that the text stands for: a date is its whole day, in UTC. An end of an
// interval may be open, as ".." or nothing, which gives zero times.
func parseSpan(text string, mayBeOpen bool) (first, last time.Time, err error) {
	if mayBeOpen && (text == "" || text == "..") {
		return first, last, nil
	}
	at, err := plan.ParseMoment(clip(text))
	switch {
	case err != nil:
		return first, last, err
	case at.Kind() == plan.Date:
		return at.Time(), at.Time().AddDate(0, 0, 1).Add(-1), nil
	}
	return at.Time(), at.Time(), nil
}
