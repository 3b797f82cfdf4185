package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of a filter, so that nobody makes the service think for long: how deep it is nested, and how much it has in it.
const (
	MaxFilterDepth = 200
	MaxFilterNodes = 20_000
)

// Check binds an expression that must hold or not to the layer: every property is there, every function and operand has
// a type that fits, and literals have the types of what they are compared with. What it gives is what atlas evaluates; to check
// that again changes nothing. The error is an Error, Invalid, whose Locator names the property at fault when there is one.
func (l *Layer) Check(e Expression) (Expression, error) {
	c := checker{layer: l}
	e = c.truth(e)
	return e, c.err()
}

// CheckQuery binds all of the query to the layer.
func (l *Layer) CheckQuery(q Query) (Query, error) {
	c := checker{layer: l}
	if q.Filter != nil {
		q.Filter = c.truth(q.Filter)
	}
	for _, key := range q.Sort {
		if p := c.property(Property{Name: key.Property}); p.IsGeometry() {
			c.fault(p.Name, "features can't be ordered by their geometry")
		}
	}
	for _, name := range q.Properties {
		c.property(Property{Name: name})
	}
	return q, c.err()
}

// KindOf gives what a checked expression gives.
func KindOf(e Expression) Kind {
	switch e := e.(type) {
	case Property:
		return e.kind
	case Literal:
		return e.Value.Kind()
	case BoxLiteral, GeometryLiteral:
		return GeometryKind
	case Span:
		return SpanKind
	case Arithmetic:
		return Number
	case Fold:
		return String
	case Call:
		f, _ := FunctionNamed(e.Name)
		return f.Kind
	}
	return Boolean
}

// checker keeps the first fault.
type checker struct {
	layer        *Layer
	first        *Error
	depth, nodes int
}

func (c *checker) err() error {
	if c.first == nil {
		return nil
	}
	return c.first
}

func (c *checker) fault(locator, format string, args ...any) {
	if c.first == nil {
		c.first = Errorf(Invalid, locator, format, args...)
	}
}

// truth checks an expression that must hold or not.
func (c *checker) truth(e Expression) Expression { return c.typed(e, Boolean) }

// typed checks an expression that must be of the kind.
func (c *checker) typed(e Expression, want Kind) Expression {
	e = c.as(c.expression(e), want)
	if got := KindOf(e); c.first == nil && !fits(got, want) {
		c.fault(nameIn(e), "%s is %s, but there must be %s here", describe(e), got.noun(), want.noun())
	}
	return e
}

// fits reports whether values of the kinds can be compared.
func fits(a, b Kind) bool {
	return a == b || a.isNumeric() && b.isNumeric() || a.isTemporal() && b.isTemporal()
}

func (k Kind) isOrdered() bool { return k != Null && k != GeometryKind && k != SpanKind }

func (k Kind) isNumeric() bool { return k == Integer || k == Number }

func (k Kind) isTemporal() bool { return k == Date || k == DateTime }

// expression checks what is in an expression, and binds it.
func (c *checker) expression(e Expression) Expression {
	c.depth++
	c.nodes++
	defer func() { c.depth-- }()
	if c.depth > MaxFilterDepth || c.nodes > MaxFilterNodes {
		c.fault("", "the filter is too large: at most %d conditions, nested at most %d deep, are taken", MaxFilterNodes, MaxFilterDepth)
	}
	if c.first != nil {
		return e
	}
	switch e := e.(type) {
	case Property:
		return c.property(e)
	case And:
		return And(c.truths(e))
	case Or:
		return Or(c.truths(e))
	case Not:
		return Not{c.truth(e.Of)}
	case Compare, Between, In:
		return c.comparison(e)
	case IsNull:
		return IsNull{c.expression(e.Of)}
	case Like:
		return Like{c.typed(e.Of, String), e.Pattern}
	case Arithmetic:
		return Arithmetic{e.Op, c.typed(e.Left, Number), c.typed(e.Right, Number)}
	case Fold:
		return c.fold(e)
	case Call:
		return c.call(e)
	case Spatial:
		return c.spatial(e)
	case Near:
		return c.near(e)
	case Temporal:
		return Temporal{e.Op, c.temporal(e.Left), c.temporal(e.Right)}
	case nil:
		c.fault("", "the filter lacks an operand")
	}
	return e // a constant
}

func (c *checker) property(p Property) Property {
	switch p.Name {
	case IDProperty:
		p.at, p.kind = atID, String
		return p
	case GeometryProperty:
		if p.at, p.kind = atGeometry, GeometryKind; c.layer.GeometryType == None {
			c.fault(p.Name, "layer %q has no geometry", c.layer.ID)
		}
		return p
	}
	if p.at = c.layer.Attribute(p.Name); p.at < 0 {
		c.fault(p.Name, "layer %q has no attribute %q; it has %s", c.layer.ID, clip(p.Name), c.layer.names())
		return p
	}
	p.kind = c.layer.Attributes[p.at].Type
	return p
}

func (c *checker) truths(list []Expression) []Expression {
	checked := make([]Expression, len(list))
	for i, e := range list {
		checked[i] = c.truth(e)
	}
	return checked
}

func (c *checker) comparison(e Expression) Expression {
	switch e := e.(type) {
	case Compare:
		alike := c.alike(e.Left, e.Right)
		return Compare{e.Op, alike[0], alike[1]}
	case Between:
		alike := c.alike(e.Of, e.Low, e.High)
		return Between{alike[0], alike[1], alike[2]}
	case In:
		alike := c.alike(append([]Expression{e.Of}, e.List...)...)
		return In{alike[0], alike[1:]}
	}
	return e
}

// alike checks expressions that are compared with each other: literals take the type of the first one that is none.
func (c *checker) alike(list ...Expression) []Expression {
	checked := make([]Expression, len(list))
	want := Null
	for i, e := range list {
		checked[i] = c.expression(e)
		if _, constant := checked[i].(Literal); !constant && want == Null {
			want = KindOf(checked[i])
		}
	}
	if want == Null {
		want = KindOf(checked[0])
	}
	for i := range checked {
		checked[i] = c.as(checked[i], want)
		if got := KindOf(checked[i]); c.first == nil && (!fits(got, want) || !want.isOrdered()) {
			c.fault(nameIn(checked...), "%s (%s) can't be compared with %s (%s)", describe(checked[0]), KindOf(checked[0]).noun(), describe(checked[i]), got.noun())
		}
	}
	return checked
}

// fold makes one of two that stand inside each other.
func (c *checker) fold(e Fold) Expression {
	e.Of = c.typed(e.Of, String)
	if inner, is := e.Of.(Fold); is {
		return Fold{e.Case || inner.Case, e.Accent || inner.Accent, inner.Of}
	}
	return e
}

func (c *checker) call(e Call) Expression {
	f, found := FunctionNamed(e.Name)
	if !found || len(e.Args) != len(f.Args) {
		c.fault(clip(e.Name), "there is no function %q of %d operands; there are %s", clip(e.Name), len(e.Args), functionNames())
		return e
	}
	args := make([]Expression, len(e.Args))
	for i, arg := range e.Args {
		args[i] = c.typed(arg, f.Args[i])
	}
	return Call{e.Name, args}
}

func functionNames() string {
	names := make([]string, len(Functions))
	for i, f := range Functions {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func (c *checker) spatial(e Spatial) Expression {
	e = Spatial{e.Op, c.typed(e.Left, GeometryKind), c.typed(e.Right, GeometryKind)}
	c.aboutFeature(e.Left, e.Right)
	if !slices.Contains(SpatialOps, e.Op) {
		c.fault("", "there is no spatial relation %q", clip(string(e.Op)))
	}
	if e.Op != SIntersects && e.Op != SDisjoint && (isCollection(e.Left) || isCollection(e.Right)) {
		c.fault("", "whether something %s a collection of geometries of several types can't be told; only intersects and disjoint can", e.Op)
	}
	return e
}

// aboutFeature faults a relation of two constants.
func (c *checker) aboutFeature(left, right Expression) {
	if nameIn(left, right) == "" {
		c.fault("", "one of the two geometries that are compared must be %q, the feature's own", GeometryProperty)
	}
}

func isCollection(e Expression) bool {
	literal, is := e.(GeometryLiteral)
	return is && len(literal.Geometries) > 1
}

func (c *checker) near(e Near) Expression {
	if !(e.Metres >= 0 && e.Metres <= 1e9) {
		c.fault("", "the distance is %v m; it must be from 0 to 1e9 m", e.Metres)
	}
	e = Near{c.typed(e.Left, GeometryKind), c.typed(e.Right, GeometryKind), e.Metres, e.Beyond}
	c.aboutFeature(e.Left, e.Right)
	return e
}

// temporal checks an operand that must be a moment or a period.
func (c *checker) temporal(e Expression) Expression {
	if period, is := e.(Span); is {
		return Span{c.end(period.From), c.end(period.To)}
	}
	return c.typed(e, DateTime)
}

func (c *checker) end(e Expression) Expression {
	if e == nil {
		return nil
	}
	return c.typed(e, DateTime)
}

// as gives a literal the kind that is wanted, if it can be read so; else it is left as it is.
func (c *checker) as(e Expression, want Kind) Expression {
	literal, is := e.(Literal)
	if !is || want == Null {
		return e
	}
	if v, ok := literal.as(want); ok {
		return Literal{Value: v}
	}
	return e
}

// names lists the attributes.
func (l *Layer) names() string {
	names := make([]string, len(l.Attributes))
	for i, a := range l.Attributes {
		names[i] = a.Name
	}
	return strings.Join(append(names, IDProperty), ", ")
}

// nameIn gives the first property among the expressions.
func nameIn(list ...Expression) string {
	for _, e := range list {
		if p, is := e.(Property); is {
			return p.Name
		}
	}
	return ""
}

// describe names an expression in a message.
func describe(e Expression) string {
	switch e := e.(type) {
	case Property:
		return fmt.Sprintf("%q", clip(e.Name))
	case Literal:
		return fmt.Sprintf("the constant %q", clip(e.Value.String()))
	case Call:
		return fmt.Sprintf("the function %q", e.Name)
	case Arithmetic:
		return fmt.Sprintf("the calculation with %s", e.Op)
	}
	return "an expression"
}

// noun names the kind in a message.
func (k Kind) noun() string {
	switch k {
	case Null:
		return "nothing"
	case Integer:
		return "a whole number"
	case DateTime:
		return "an instant"
	}
	return "a " + string(k)
}

// clip keeps what a client sent from flooding a message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
