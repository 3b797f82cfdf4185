package atlas

import (
	"math"

	"strukturbild/internal/plan"
)

// span is what the numbers of one attribute lie between.
type span struct{ lo, hi float64 }

// widen keeps the bounds of the numeric attributes. They never narrow while the builder lives: a bound may be wide, but
// no value lies outside.
func (b *builder) widen(values []plan.Value) {
	for len(b.next.spans) < len(values) {
		b.next.spans = append(b.next.spans, span{math.Inf(1), math.Inf(-1)})
	}
	for i, v := range values {
		if v.Kind() == plan.Number || v.Kind() == plan.Integer {
			s := &b.next.spans[i]
			s.lo, s.hi = min(s.lo, v.Float()), max(s.hi, v.Float())
		}
	}
}

// Range gives bounds for the numbers of an attribute, by its index: no value lies outside. lo > hi when there are none.
func (s *Snapshot) Range(attribute int) (lo, hi float64) {
	if attribute >= len(s.spans) {
		return math.Inf(1), math.Inf(-1)
	}
	return s.spans[attribute].lo, s.spans[attribute].hi
}
