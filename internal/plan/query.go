package plan

import "time"

// Query asks a layer for features. Every dialect (REST, OGC API, WFS) parses into this.
type Query struct {
	Layer string
	// Revision asks for the layer as it was then; 0 means now.
	Revision Revision
	// Box keeps features whose geometry shares a point with it; nil keeps all. Features without geometry never match.
	Box *Box
	// Area narrows Box to a polygon inside it: a box drawn in another coordinate system. Nil: the box itself.
	Area *Geometry
	// Interval keeps features with a date attribute in it, and those that have no date; nil keeps all.
	Interval *Interval
	// Equal keeps features whose named attributes have these values.
	Equal map[string]string
	// After keeps the ids that come later in CompareIDs order: the keyset cursor.
	After string
	// Limit is the size of a page; 0 means no limit.
	Limit int
}

// Interval is a span of time, borders included; a zero border is open.
type Interval struct{ From, To time.Time }
