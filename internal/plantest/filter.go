package plantest

import (
	"math/rand/v2"

	"strukturbild/internal/plan"
)

// Filter makes random filters over Layer.
type Filter struct {
	*rand.Rand
	Spatial bool // the layer has geometries
	Tongue  Tongue
}

// Tongue leaves out what a language can't say; the zero Tongue says everything.
type Tongue struct {
	NoArithmetic, NoFunctions, NoFolding, NoDistance bool
	NoCollections, NoOpenSpans, NoIn, NoTime         bool
	NoWholeQuotient                                  bool // nor remainders
	NoRelations                                      bool // FES lacks some that CQL2 has: disjoint in time
}

// Make makes a filter that is nested at most so deep.
func (f Filter) Make(depth int) plan.Expression {
	if depth == 0 || f.IntN(3) == 0 {
		return f.condition()
	}
	switch f.IntN(5) {
	case 0, 1:
		return plan.And(f.several(depth))
	case 2, 3:
		return plan.Or(f.several(depth))
	}
	return plan.Not{Of: f.Make(depth - 1)}
}

func (f Filter) several(depth int) []plan.Expression {
	list := make([]plan.Expression, 2+f.IntN(2))
	for i := range list {
		list[i] = f.Make(depth - 1)
	}
	return list
}

func (f Filter) condition() plan.Expression {
	switch n := f.IntN(10); {
	case n < 3 && f.Spatial:
		return f.spatial()
	case n == 3:
		return plan.IsNull{Of: property([]string{"namn", "antal", "hojd", "sant", "dag", "tid"}[f.IntN(6)])}
	case n == 4:
		return plan.Like{Of: f.text(), Pattern: []string{"%", "a%", "%l", "_l", "%å%", `%\%`, `a\_b`, `a\\b`, "Östra%", "", "%m%l%", "__%"}[f.IntN(12)]}
	case n == 5 && !f.Tongue.NoTime:
		return f.temporal()
	case n == 6:
		of, constant := f.operand()
		return plan.Between{Of: of, Low: constant(), High: constant()}
	case n == 7 && !f.Tongue.NoIn:
		of, constant := f.operand()
		return plan.In{Of: of, List: []plan.Expression{constant(), constant(), constant()}}
	}
	of, constant := f.operand()
	return plan.Compare{Op: []plan.CompareOp{plan.Equal, plan.NotEqual, plan.Less, plan.LessOrEqual, plan.Greater, plan.GreaterOrEqual}[f.IntN(6)],
		Left: of, Right: constant()}
}

func property(name string) plan.Expression { return plan.Property{Name: name} }

// operand gives something that has a value, and a maker of constants that it may be compared with.
func (f Filter) operand() (plan.Expression, func() plan.Expression) {
	sample := func(i int) func() plan.Expression {
		return func() plan.Expression {
			for {
				if v := Values(f.Rand)[i]; !v.IsNull() {
					return plan.Literal{Value: v}
				}
			}
		}
	}
	switch f.IntN(7) {
	case 0:
		return f.text(), func() plan.Expression { return f.folded(sample(0)()) }
	case 1:
		return property("antal"), sample(1 + f.IntN(2))
	case 2, 3:
		return f.number(), sample(2)
	case 4:
		return property("sant"), sample(3)
	case 5:
		return property("dag"), sample(4)
	}
	return property("tid"), sample(4 + f.IntN(2))
}

func (f Filter) text() plan.Expression {
	switch f.IntN(5) {
	case 0:
		if !f.Tongue.NoFunctions {
			return plan.Call{Name: []string{"lower", "upper"}[f.IntN(2)], Args: []plan.Expression{property("namn")}}
		}
	case 1, 2:
		return f.folded(property("namn"))
	}
	return property("namn")
}

func (f Filter) folded(e plan.Expression) plan.Expression {
	if n := f.IntN(4); n > 0 && !f.Tongue.NoFolding {
		return plan.Fold{Case: n&1 > 0, Accent: n&2 > 0, Of: e}
	}
	return e
}

func (f Filter) number() plan.Expression {
	small := plan.Literal{Value: plan.NumberValue(float64(f.IntN(9) - 4))}
	switch f.IntN(4) {
	case 0:
		if !f.Tongue.NoArithmetic {
			ops := []plan.ArithmeticOp{plan.Add, plan.Subtract, plan.Multiply, plan.Divide, plan.WholeQuotient, plan.Remainder}
			if f.Tongue.NoWholeQuotient {
				ops = ops[:4]
			}
			op := ops[f.IntN(len(ops))]
			return plan.Arithmetic{Op: op, Left: property("hojd"), Right: []plan.Expression{small, property("hojd")}[f.IntN(2)]}
		}
	case 1:
		if !f.Tongue.NoFunctions {
			return plan.Call{Name: []string{"abs", "ceil", "floor"}[f.IntN(3)], Args: []plan.Expression{property("hojd")}}
		}
	case 2:
		if !f.Tongue.NoFunctions && !f.Tongue.NoArithmetic && f.Spatial {
			return plan.Arithmetic{Op: plan.Divide, Left: plan.Call{Name: []string{"area", "length"}[f.IntN(2)], Args: []plan.Expression{property("geometry")}},
				Right: plan.Literal{Value: plan.NumberValue(1e5)}}
		}
	}
	return property("hojd")
}

func (f Filter) spatial() plan.Expression {
	geometry, figure := property(plan.GeometryProperty), f.figure()
	if f.IntN(4) == 0 && !f.Tongue.NoDistance {
		return plan.Near{Left: geometry, Right: figure, Metres: []float64{0, 50, 100, 250}[f.IntN(4)], Beyond: f.IntN(3) == 0}
	}
	op := plan.SpatialOps[f.IntN(len(plan.SpatialOps))]
	if literal, is := figure.(plan.GeometryLiteral); is && len(literal.Geometries) > 1 {
		op = plan.SpatialOps[f.IntN(2)]
	}
	if f.IntN(4) == 0 {
		return plan.Spatial{Op: op, Left: figure, Right: geometry}
	}
	return plan.Spatial{Op: op, Left: geometry, Right: figure}
}

func (f Filter) figure() plan.Expression {
	kinds := []plan.GeometryType{plan.Point, plan.Line, plan.Polygon}
	one := Geometry(f.Rand, kinds[f.IntN(3)])
	switch f.IntN(6) {
	case 0, 1:
		return plan.BoxLiteral{Box: Geometry(f.Rand, plan.Polygon).Box()}
	case 2:
		if !f.Tongue.NoCollections {
			return plan.GeometryLiteral{Geometries: []plan.Geometry{Geometry(f.Rand, plan.Point), Geometry(f.Rand, plan.Polygon)}}
		}
	}
	return plan.GeometryLiteral{Geometries: []plan.Geometry{one}}
}

func (f Filter) temporal() plan.Expression {
	sides := []plan.Expression{property([]string{"dag", "tid"}[f.IntN(2)]), f.when()}
	if f.IntN(4) == 0 {
		sides[0], sides[1] = sides[1], sides[0]
	}
	op := plan.TemporalOps[f.IntN(len(plan.TemporalOps))]
	if f.Tongue.NoRelations && op == plan.TDisjoint {
		op = plan.TBefore
	}
	return plan.Temporal{Op: op, Left: sides[0], Right: sides[1]}
}

// when is a moment, or a span that does not end before it begins.
func (f Filter) when() plan.Expression {
	day, micros := day(f.Rand), moment(f.Rand)
	switch f.IntN(5) {
	case 0:
		return plan.Literal{Value: plan.DateValue(day)}
	case 1:
		return plan.Literal{Value: plan.DateTimeValue(micros)}
	case 2:
		return plan.Span{From: plan.Literal{Value: plan.DateValue(day)}, To: f.perhaps(plan.Literal{Value: plan.DateValue(day + f.Int64N(9))})}
	}
	return plan.Span{From: f.perhaps(plan.Literal{Value: plan.DateTimeValue(micros)}), To: plan.Literal{Value: plan.DateTimeValue(micros + f.Int64N(9)*43200e6)}}
}

func (f Filter) perhaps(e plan.Expression) plan.Expression {
	if f.IntN(4) == 0 && !f.Tongue.NoOpenSpans {
		return nil
	}
	return e
}

// SortKeys gives up to two keys.
func (f Filter) SortKeys() (keys []plan.SortKey) {
	for range f.IntN(3) {
		keys = append(keys, plan.SortKey{Property: []string{"namn", "antal", "hojd", "sant", "dag", "tid", "id"}[f.IntN(7)], Descending: f.IntN(2) == 0})
	}
	return keys
}

// OrderBy says in SQL what the order of a query means.
func OrderBy(keys []plan.SortKey) string {
	by := "ORDER BY "
	for _, key := range keys {
		direction := " ASC"
		if key.Descending {
			direction = " DESC"
		}
		if key.Property == plan.IDProperty {
			by += "octet_length(id)" + direction + ", "
		}
		by += key.Property + direction + ", "
	}
	return by + "octet_length(id), id"
}
