package plan

// Expression is a node of a filter: what a request asks of a feature, whatever language it was written in (query
// parameters, CQL2, FES). A filter gives a boolean: true, false or, as in SQL, unknown, when it needs a value that is null; a
// query keeps the features for which it is true. Layer.Check says whether an expression fits a layer.
type Expression interface{ expression() }

// What an expression is made of: values ...
type (
	// Property is an attribute by its name; "id" is the feature's id and "geometry" its geometry.
	Property struct {
		Name string
		at   int // index of the attribute, atID or atGeometry; set by Check
		kind Kind
	}
	// Literal is a constant.
	Literal struct {
		Value Value
		// Untyped marks a text that came without a type (XML, query parameters): it is what its surroundings want.
		Untyped bool
	}
	// BoxLiteral is a rectangle.
	BoxLiteral struct{ Box Box }
	// GeometryLiteral is a constant geometry: one, or as many as a collection has types.
	GeometryLiteral struct{ Geometries []Geometry }
	// Span is a period of time, its ends included; nil is an open end.
	Span struct{ From, To Expression }
	// Arithmetic counts with numbers. What has no finite result (x / 0) is null.
	Arithmetic struct {
		Op          ArithmeticOp
		Left, Right Expression
	}
	// Fold is a text without the difference between upper and lower case (CQL2 CASEI), or without accents (ACCENTI).
	Fold struct {
		Case, Accent bool
		Of           Expression
	}
	// Call is a function of the list Functions.
	Call struct {
		Name string
		Args []Expression
	}
)

// ... and what can be asked of them.
type (
	And []Expression // true when empty
	Or  []Expression // false when empty
	Not struct{ Of Expression }
	// Compare orders two values of one kind: texts by code points, false before true.
	Compare struct {
		Op          CompareOp
		Left, Right Expression
	}
	IsNull  struct{ Of Expression }
	Between struct{ Of, Low, High Expression } // borders included
	In      struct {
		Of   Expression
		List []Expression
	}
	// Like compares a text with a pattern of SQL: % is any text, _ one character, and \ takes the next one as it is.
	Like struct {
		Of      Expression
		Pattern string
	}
	// Spatial relates two geometries as OGC 06-103r4 (6.1.15) defines.
	Spatial struct {
		Op          SpatialOp
		Left, Right Expression
	}
	// Near asks whether two geometries are at most so many metres apart, or with Beyond more.
	Near struct {
		Left, Right Expression
		Metres      float64
		Beyond      bool
	}
	// Temporal relates two moments or periods as OGC 21-065r2 (table 11) defines. A date is the whole of its day.
	Temporal struct {
		Op          TemporalOp
		Left, Right Expression
	}
)

func (Property) expression()        {}
func (Literal) expression()         {}
func (BoxLiteral) expression()      {}
func (GeometryLiteral) expression() {}
func (Span) expression()            {}
func (Arithmetic) expression()      {}
func (Fold) expression()            {}
func (Call) expression()            {}
func (And) expression()             {}
func (Or) expression()              {}
func (Not) expression()             {}
func (Compare) expression()         {}
func (IsNull) expression()          {}
func (Between) expression()         {}
func (In) expression()              {}
func (Like) expression()            {}
func (Spatial) expression()         {}
func (Near) expression()            {}
func (Temporal) expression()        {}

// CompareOp is how two values are compared.
type CompareOp string

// The comparisons.
const (
	Equal          CompareOp = "="
	NotEqual       CompareOp = "<>"
	Less           CompareOp = "<"
	LessOrEqual    CompareOp = "<="
	Greater        CompareOp = ">"
	GreaterOrEqual CompareOp = ">="
)

// ArithmeticOp is how two numbers become one.
type ArithmeticOp string

// The operations.
const (
	Add           ArithmeticOp = "+"
	Subtract      ArithmeticOp = "-"
	Multiply      ArithmeticOp = "*"
	Divide        ArithmeticOp = "/"
	WholeQuotient ArithmeticOp = "div" // the quotient without its decimals
	Remainder     ArithmeticOp = "%"   // with the sign of the dividend, as in SQL
	Power         ArithmeticOp = "^"
)

// SpatialOp is how two geometries lie to each other.
type SpatialOp string

// The relations, of the left geometry to the right one.
const (
	SIntersects SpatialOp = "intersects"
	SDisjoint   SpatialOp = "disjoint"
	SEquals     SpatialOp = "equals"
	SContains   SpatialOp = "contains"
	SWithin     SpatialOp = "within"
	STouches    SpatialOp = "touches"
	SCrosses    SpatialOp = "crosses"
	SOverlaps   SpatialOp = "overlaps"
)

// SpatialOps lists them all.
var SpatialOps = []SpatialOp{SIntersects, SDisjoint, SEquals, SContains, SWithin, STouches, SCrosses, SOverlaps}

// TemporalOp is how two moments or periods lie to each other.
type TemporalOp string

// The relations, of the left moment or period to the right one.
const (
	TAfter        TemporalOp = "after"
	TBefore       TemporalOp = "before"
	TContains     TemporalOp = "contains"
	TDisjoint     TemporalOp = "disjoint"
	TDuring       TemporalOp = "during"
	TEquals       TemporalOp = "equals"
	TFinishedBy   TemporalOp = "finishedby"
	TFinishes     TemporalOp = "finishes"
	TIntersects   TemporalOp = "intersects"
	TMeets        TemporalOp = "meets"
	TMetBy        TemporalOp = "metby"
	TOverlappedBy TemporalOp = "overlappedby"
	TOverlaps     TemporalOp = "overlaps"
	TStartedBy    TemporalOp = "startedby"
	TStarts       TemporalOp = "starts"
)

// TemporalOps lists them all.
var TemporalOps = []TemporalOp{TAfter, TBefore, TContains, TDisjoint, TDuring, TEquals, TFinishedBy, TFinishes, TIntersects, TMeets, TMetBy,
	TOverlappedBy, TOverlaps, TStartedBy, TStarts}

// Names of the properties that every feature has.
const (
	IDProperty       = "id"
	GeometryProperty = "geometry"
)

// Places of properties that are no attributes.
const (
	atID       = -1
	atGeometry = -2
)

// Attribute gives the index of the attribute in the layer that the property was checked against; false for id and geometry.
func (p Property) Attribute() (int, bool) { return p.at, p.at >= 0 }

// IsGeometry reports whether the property is the feature's geometry.
func (p Property) IsGeometry() bool { return p.Name == GeometryProperty }
