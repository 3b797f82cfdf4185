package atlas

import (
	"time"

	"strukturbild/internal/plan"
)

// Interval gives the span of the layer's date attributes; zero when there are none.
func (s *Snapshot) Interval() plan.Interval { return s.interval() }

func (s *Snapshot) scanInterval() (span plan.Interval) {
	dates := s.dateAttributes()
	if len(dates) == 0 {
		return span
	}
	var values []plan.Value
	for slot := range s.All("") {
		values = s.Values(values[:0], slot)
		for _, i := range dates {
			if !values[i].IsNull() {
				span = widen(span, values[i].Time())
			}
		}
	}
	return span
}

func (s *Snapshot) dateAttributes() (indexes []int) {
	for i, a := range s.layer.Attributes {
		if a.Type == plan.Date || a.Type == plan.DateTime {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

func widen(span plan.Interval, t time.Time) plan.Interval {
	if span.From.IsZero() || t.Before(span.From) {
		span.From = t
	}
	if span.To.IsZero() || t.After(span.To) {
		span.To = t
	}
	return span
}
