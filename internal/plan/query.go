package plan

import "time"

// Query asks a layer for features. Every dialect (REST, OGC API, WFS) parses into this.
type Query struct {
	Layer string
	// Revision asks for the layer as it was then; 0 means now.
	Revision Revision
	// Filter keeps features for which it is true; nil keeps all.
	Filter Expression
	// Sort orders the features; those that it does not tell apart come in the order of CompareIDs.
	Sort []SortKey
	// Properties are the attributes that are wanted, in their order, and GeometryProperty if the geometry is; nil is everything.
	Properties []string
	// After keeps what comes after the feature with this id in the order asked for: the keyset cursor.
	After string
	// Matched tells how many features match, when the page before this one has said so; 0 has them counted. With it a page in
	// the order of ids costs what it reads, and not the whole layer.
	Matched int
	// Skip leaves out so many of the first features (WFS startIndex).
	Skip int
	// Limit is the size of a page; 0 means no limit.
	Limit int
}

// SortKey is one property that features are ordered by: null comes last, or first when descending, as in PostgreSQL.
type SortKey struct {
	Property   string
	Descending bool
}

// Where narrows the query; nil changes nothing.
func (q *Query) Where(e Expression) {
	switch {
	case e == nil:
	case q.Filter == nil:
		q.Filter = e
	default:
		q.Filter = And{q.Filter, e}
	}
}

// Interval is a span of time, borders included; a zero border is open.
type Interval struct{ From, To time.Time }

// Timely keeps the layer's features that have a date in the span, and those that have no date (OGC API Features Part 1,
// 7.15.4); nil when the layer knows no dates.
func (l *Layer) Timely(span Interval) Expression {
	period := Span{From: momentOrOpen(span.From), To: momentOrOpen(span.To)}
	var some Or
	var none And
	for _, a := range l.Attributes {
		if a.Type == Date || a.Type == DateTime {
			some = append(some, Temporal{TIntersects, Property{Name: a.Name}, period})
			none = append(none, IsNull{Property{Name: a.Name}})
		}
	}
	if some == nil {
		return nil
	}
	return append(some, none)
}

func momentOrOpen(t time.Time) Expression {
	if t.IsZero() {
		return nil
	}
	return Literal{Value: DateTimeValue(t.UnixMicro())}
}
