package atlas

import (
	"math"

	"strukturbild/internal/plan"
)

// period compiles an operand of a temporal condition: its first and last moment.
type period func(*frame) (from, to int64, known bool)

// temporal compiles a temporal condition. Moments are days when all are, so that one day can meet the next; else
// microseconds, and a date is the whole of its day.
func (c *compiler) temporal(e plan.Temporal) test {
	unit := int64(dayMicros)
	if onlyDays(e.Left) && onlyDays(e.Right) {
		unit = 1
	}
	left, right, holds := c.period(e.Left, unit), c.period(e.Right, unit), periods[e.Op]
	return func(f *frame) truth {
		from, to, known := left(f)
		if !known {
			return unknown
		}
		from2, to2, known := right(f)
		return when(holds(from, to, from2, to2), known)
	}
}

func onlyDays(e plan.Expression) bool {
	if span, is := e.(plan.Span); is {
		return (span.From == nil || onlyDays(span.From)) && (span.To == nil || onlyDays(span.To))
	}
	return plan.KindOf(e) == plan.Date
}

// period compiles an operand, of which a day is so many units.
func (c *compiler) period(e plan.Expression, day int64) period {
	span, is := e.(plan.Span)
	if !is {
		span = plan.Span{From: e, To: e}
	}
	from, to := c.end(span.From, day, math.MinInt64, 0), c.end(span.To, day, math.MaxInt64, day-1)
	return func(f *frame) (int64, int64, bool) {
		first, known := from(f)
		if !known {
			return 0, 0, false
		}
		last, known := to(f)
		return first, last, known
	}
}

// end compiles one end of a period: of a day, the moment so far into it.
func (c *compiler) end(e plan.Expression, day, open, into int64) value[int64] {
	switch {
	case e == nil:
		return constant(open)
	case plan.KindOf(e) == plan.Date:
		return map1(c.whole(e), func(d int64) int64 { return d*day + into })
	}
	return c.whole(e)
}

// periods are the relations of a1..a2 to b1..b2 (21-065r2, table 11).
var periods = map[plan.TemporalOp]func(a1, a2, b1, b2 int64) bool{
	plan.TAfter:        func(a1, a2, b1, b2 int64) bool { return a1 > b2 },
	plan.TBefore:       func(a1, a2, b1, b2 int64) bool { return a2 < b1 },
	plan.TContains:     func(a1, a2, b1, b2 int64) bool { return a1 < b1 && a2 > b2 },
	plan.TDisjoint:     func(a1, a2, b1, b2 int64) bool { return a1 > b2 || a2 < b1 },
	plan.TDuring:       func(a1, a2, b1, b2 int64) bool { return a1 > b1 && a2 < b2 },
	plan.TEquals:       func(a1, a2, b1, b2 int64) bool { return a1 == b1 && a2 == b2 },
	plan.TFinishedBy:   func(a1, a2, b1, b2 int64) bool { return a1 < b1 && a2 == b2 },
	plan.TFinishes:     func(a1, a2, b1, b2 int64) bool { return a1 > b1 && a2 == b2 },
	plan.TIntersects:   func(a1, a2, b1, b2 int64) bool { return a1 <= b2 && a2 >= b1 },
	plan.TMeets:        func(a1, a2, b1, b2 int64) bool { return a2 == b1 },
	plan.TMetBy:        func(a1, a2, b1, b2 int64) bool { return a1 == b2 },
	plan.TOverlappedBy: func(a1, a2, b1, b2 int64) bool { return a1 > b1 && a1 < b2 && a2 > b2 },
	plan.TOverlaps:     func(a1, a2, b1, b2 int64) bool { return a1 < b1 && a2 > b1 && a2 < b2 },
	plan.TStartedBy:    func(a1, a2, b1, b2 int64) bool { return a1 == b1 && a2 > b2 },
	plan.TStarts:       func(a1, a2, b1, b2 int64) bool { return a1 == b1 && a2 < b2 },
}
