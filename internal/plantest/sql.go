package plantest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// SQL says what the expression means over the table of Table.
func SQL(e plan.Expression) string {
	switch e := e.(type) {
	case plan.Property:
		return e.Name
	case plan.Literal:
		return constantSQL(e.Value)
	case plan.BoxLiteral:
		return fmt.Sprintf("ST_MakeEnvelope(%v, %v, %v, %v, 3006)", e.Box.MinX, e.Box.MinY, e.Box.MaxX, e.Box.MaxY)
	case plan.GeometryLiteral:
		return geometriesSQL(e.Geometries)
	case plan.Arithmetic:
		return arithmeticSQL(e)
	case plan.Fold:
		return foldSQL(e)
	case plan.Call:
		return callSQL(e)
	}
	return "(" + conditionSQL(e) + ")"
}

func conditionSQL(e plan.Expression) string {
	switch e := e.(type) {
	case plan.And:
		return joined(e, " AND ", "true")
	case plan.Or:
		return joined(e, " OR ", "false")
	case plan.Not:
		return "NOT " + SQL(e.Of)
	case plan.IsNull:
		return SQL(e.Of) + " IS NULL"
	case plan.Compare:
		return SQL(e.Left) + " " + string(e.Op) + " " + SQL(e.Right)
	case plan.Between:
		return SQL(e.Of) + " BETWEEN " + SQL(e.Low) + " AND " + SQL(e.High)
	case plan.In:
		return SQL(e.Of) + " IN (" + joined(e.List, ", ", "NULL") + ")"
	case plan.Like:
		return SQL(e.Of) + " LIKE " + quoted(e.Pattern)
	case plan.Spatial:
		return "ST_" + string(e.Op) + "(" + SQL(e.Left) + ", " + SQL(e.Right) + ")"
	case plan.Near:
		near := fmt.Sprintf("ST_DWithin(%s, %s, %v)", SQL(e.Left), SQL(e.Right), e.Metres)
		if e.Beyond {
			return "NOT " + near
		}
		return near
	case plan.Temporal:
		return temporalSQL(e)
	}
	panic(fmt.Sprintf("no SQL for %T", e))
}

func joined(list []plan.Expression, by, none string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = SQL(e)
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, by)
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// constantSQL writes a value.
func constantSQL(v plan.Value) string {
	switch v.Kind() {
	case plan.Null:
		return "NULL"
	case plan.String:
		return "(" + quoted(v.Text()) + `::text COLLATE "C")`
	case plan.Number:
		return v.String() + "::float8"
	case plan.Integer:
		return "(" + v.String() + ")::bigint"
	case plan.Date:
		return "date " + quoted(v.String())
	case plan.DateTime:
		return "timestamptz " + quoted(v.String())
	}
	return v.String()
}

func arithmeticSQL(e plan.Arithmetic) string {
	left, right := SQL(e.Left)+"::float8", SQL(e.Right)+"::float8"
	switch e.Op {
	case plan.Divide:
		return fmt.Sprintf("(%s / NULLIF(%s, 0))", left, right)
	case plan.WholeQuotient:
		return fmt.Sprintf("trunc(%s / NULLIF(%s, 0))", left, right)
	case plan.Remainder:
		return fmt.Sprintf("mod((%s)::numeric, NULLIF(%s, 0)::numeric)::float8", left, right)
	}
	return fmt.Sprintf("(%s %s %s)", left, e.Op, right)
}

func foldSQL(e plan.Fold) string {
	text := SQL(e.Of)
	if e.Case {
		text = `lower(` + text + ` COLLATE "und-x-icu")`
	}
	if e.Accent {
		text = `normalize(regexp_replace(normalize(` + text + `, NFD), '[` + "\u0300-\u036f" + `]', '', 'g'), NFC)`
	}
	return "(" + text + ` COLLATE "C")`
}

func callSQL(e plan.Call) string {
	arg := SQL(e.Args[0])
	switch e.Name {
	case "lower", "upper":
		return "(" + e.Name + "(" + arg + ` COLLATE "und-x-icu") COLLATE "C")`
	case "area":
		return "ST_Area(" + arg + ")"
	case "length":
		return "(ST_Length(" + arg + ") + ST_Perimeter(" + arg + "))"
	}
	return e.Name + "(" + arg + ")"
}

// temporalSQL writes the definitions of 21-065r2, table 11, over the first and last moment of both sides.
func temporalSQL(e plan.Temporal) string {
	days := onlyDays(e.Left) && onlyDays(e.Right)
	a1, a2 := spanSQL(e.Left, days)
	b1, b2 := spanSQL(e.Right, days)
	form := map[plan.TemporalOp]string{
		plan.TAfter: "a1 > b2", plan.TBefore: "a2 < b1", plan.TContains: "a1 < b1 AND a2 > b2", plan.TDisjoint: "(a1 > b2 OR a2 < b1)",
		plan.TDuring: "a1 > b1 AND a2 < b2", plan.TEquals: "a1 = b1 AND a2 = b2", plan.TFinishedBy: "a1 < b1 AND a2 = b2",
		plan.TFinishes: "a1 > b1 AND a2 = b2", plan.TIntersects: "NOT (a1 > b2 OR a2 < b1)", plan.TMeets: "a2 = b1", plan.TMetBy: "a1 = b2",
		plan.TOverlappedBy: "a1 > b1 AND a1 < b2 AND a2 > b2", plan.TOverlaps: "a1 < b1 AND a2 > b1 AND a2 < b2",
		plan.TStartedBy: "a1 = b1 AND a2 > b2", plan.TStarts: "a1 = b1 AND a2 < b2",
	}[e.Op]
	return strings.NewReplacer("a1", a1, "a2", a2, "b1", b1, "b2", b2).Replace(form)
}

// spanSQL gives the first and the last day, or microsecond since 1970.
func spanSQL(e plan.Expression, days bool) (from, to string) {
	span, is := e.(plan.Span)
	if !is {
		span = plan.Span{From: e, To: e}
	}
	return endSQL(span.From, days, math.MinInt64, "0"), endSQL(span.To, days, math.MaxInt64, "86399999999")
}

func endSQL(e plan.Expression, days bool, open int64, into string) string {
	switch {
	case e == nil:
		return "(" + strconv.FormatInt(open, 10) + ")"
	case days:
		return "(" + SQL(e) + " - date '1970-01-01')"
	case isDay(e):
		return "((" + SQL(e) + " - date '1970-01-01')::bigint * 86400000000 + " + into + ")"
	}
	return "((extract(epoch FROM " + SQL(e) + ") * 1000000)::bigint)"
}

func onlyDays(e plan.Expression) bool {
	if span, is := e.(plan.Span); is {
		return (span.From == nil || isDay(span.From)) && (span.To == nil || isDay(span.To))
	}
	return isDay(e)
}

func isDay(e plan.Expression) bool {
	switch e := e.(type) {
	case plan.Literal:
		return e.Value.Kind() == plan.Date
	case plan.Property:
		return e.Name == "dag"
	}
	return false
}

func geometriesSQL(list []plan.Geometry) string {
	if len(list) == 1 {
		return geometrySQL(list[0])
	}
	parts := make([]string, len(list))
	for i, g := range list {
		parts[i] = geometrySQL(g)
	}
	return "ST_Collect(ARRAY[" + strings.Join(parts, ", ") + "])"
}

// geometrySQL writes a geometry as text.
func geometrySQL(g plan.Geometry) string {
	if g.Type == plan.None {
		return "NULL"
	}
	return "ST_GeomFromText('" + WKT(g) + "', 3006)"
}

// WKT writes a geometry as a multi-geometry.
func WKT(g plan.Geometry) string {
	switch g.Type {
	case plan.Point:
		return "MULTIPOINT(" + path(g.Coords) + ")"
	case plan.Line:
		return "MULTILINESTRING(" + paths(g, 0, g.NumPaths()) + ")"
	}
	parts := make([]string, g.NumParts())
	for i := range parts {
		from, to := g.PartPaths(i)
		parts[i] = "(" + paths(g, from, to) + ")"
	}
	return "MULTIPOLYGON(" + strings.Join(parts, ", ") + ")"
}

func paths(g plan.Geometry, from, to int) string {
	var parts []string
	for i := from; i < to; i++ {
		parts = append(parts, "("+path(g.Path(i))+")")
	}
	return strings.Join(parts, ", ")
}

func path(coords []float64) string {
	var parts []string
	for i := 0; i < len(coords); i += 2 {
		parts = append(parts, fmt.Sprintf("%v %v", strconv.FormatFloat(coords[i], 'f', -1, 64), strconv.FormatFloat(coords[i+1], 'f', -1, 64)))
	}
	return strings.Join(parts, ", ")
}
