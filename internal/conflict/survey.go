package conflict

import (
	"context"
	"math"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// inquiry is a question under way: what the rule has found of the claim in the layer so far.
type inquiry struct {
	question
	*asking
	unit  unit
	near  plan.Box // features beyond it are too far away
	limit float64  // metres, for the feature at hand
	hits  hits
}

// slack is added to reaches in metres, so that no feature is lost by the last digit.
const slack = 1e-3

// survey holds the claim against the features of a layer by all rules at once: one search as wide as the farthest of them
// reaches, the attributes of a feature read once, and each pair measured and placed once.
func (w *worker) survey(ctx context.Context, s *atlas.Snapshot, asked []*inquiry, f *figure) error {
	live, widest := asked[:0:0], plan.EmptyBox
	for _, q := range asked {
		reach, applies, reason := q.begin(s)
		if reason != "" {
			q.hits.unmeasured = append(q.hits.unmeasured, unmeasured{b: nobody, reason: reason})
		}
		if applies {
			q.near = f.box.Grow(reach + slack)
			live, widest = append(live, q), widest.Union(q.near)
		}
	}
	if len(live) == 0 {
		return nil
	}
	w.search(s, widest, f, 0, nobody)
	for i, slot := range w.slots {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w.meet(s, slot, live, f)
	}
	return nil
}

// meet holds the claim against one feature by the rules that reach it.
func (w *worker) meet(s *atlas.Snapshot, slot atlas.Slot, live []*inquiry, f *figure) {
	due, farthest := w.due[:0], 0.0
	box, read := s.Box(slot), false
	for _, q := range live {
		if !q.near.Intersects(box) {
			continue
		}
		if q.each && !read {
			w.row, read = s.Values(w.row[:0], slot), true
		}
		limit, applies, reason := q.admits(w.row)
		if reason != "" {
			q.hits.unmeasured = append(q.hits.unmeasured, unmeasured{b: slot, reason: reason})
		}
		if applies {
			q.limit, farthest = limit, max(farthest, limit)
			due = append(due, q)
		}
	}
	w.due = due
	if len(due) == 0 {
		return
	}
	w.apart.begin(farthest)
	w.shared.begin(math.NaN())
	g := figure{geometry: s.Geometry(slot), box: box}
	for _, q := range due {
		m := &w.shared
		if q.unit == distance {
			m = &w.apart
		}
		if hit := m.hits(w, q, f, &g); m.err != nil {
			q.hits.unmeasured = append(q.hits.unmeasured, unmeasured{b: slot, reason: m.err.Error()})
		} else if hit {
			q.hits.add(slot, m.size, q.outcome(q.unit, m.size), m.parts)
			q.missing = max(q.missing, q.limit-m.size)
		}
	}
}

// measurement is what two figures have in common, or how far apart they are: of all rules about the pair, once.
type measurement struct {
	limit            float64 // metres; of a distance
	size             float64
	meets            bool
	measured, placed bool
	parts            []division.Part
	err              error
}

// begin makes ready for the next pair.
func (m *measurement) begin(limit float64) { *m = measurement{limit: limit, parts: m.parts[:0]} }

// hits reports whether the pair is a conflict under the inquiry's rule, and then knows where.
func (m *measurement) hits(w *worker, q *inquiry, f, g *figure) bool {
	if !m.measured {
		m.measured = true
		m.size, m.meets, m.err = w.measure(q.unit, m.limit, f, g)
	}
	if m.err != nil || !m.meets || !q.rule.counts(q.unit, m.size, q.limit, f, g) {
		return false
	}
	if !m.placed {
		m.placed = true
		var parts []division.Part
		parts, m.err = w.place(q.unit, f, g, m.size)
		m.parts = append(m.parts, parts...)
	}
	return m.err == nil
}
