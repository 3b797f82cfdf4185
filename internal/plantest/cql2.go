package plantest

import (
	"encoding/json"
	"fmt"
	"strings"

	"strukturbild/internal/plan"
)

// CQL2 is what CQL2 can't say.
var CQL2 = Tongue{NoDistance: true}

// Text writes a filter in the text spelling of CQL2, with coordinates in EPSG:3006, easting first.
func Text(e plan.Expression) string {
	switch e := e.(type) {
	case plan.Property:
		return e.Name
	case plan.Literal:
		return literalText(e.Value)
	case plan.BoxLiteral:
		return fmt.Sprintf("BBOX(%v, %v, %v, %v)", e.Box.MinX, e.Box.MinY, e.Box.MaxX, e.Box.MaxY)
	case plan.GeometryLiteral:
		if len(e.Geometries) == 1 {
			return WKT(e.Geometries[0])
		}
		var parts []string
		for _, g := range e.Geometries {
			parts = append(parts, WKT(g))
		}
		return "GEOMETRYCOLLECTION(" + strings.Join(parts, ", ") + ")"
	case plan.Span:
		return "INTERVAL(" + endText(e.From) + ", " + endText(e.To) + ")"
	case plan.Arithmetic:
		return "(" + Text(e.Left) + " " + string(e.Op) + " " + Text(e.Right) + ")"
	case plan.Fold:
		text := Text(e.Of)
		return foldText(e, text)
	case plan.Call:
		return e.Name + "(" + texts(e.Args, ", ") + ")"
	}
	return "(" + conditionText(e) + ")"
}

// foldText writes both foldings one inside the other.
func foldText(e plan.Fold, text string) string {
	if e.Accent {
		text = "ACCENTI(" + text + ")"
	}
	if e.Case {
		text = "CASEI(" + text + ")"
	}
	return text
}

func conditionText(e plan.Expression) string {
	switch e := e.(type) {
	case plan.And:
		return texts(e, " AND ")
	case plan.Or:
		return texts(e, " or ")
	case plan.Not:
		return "NOT " + Text(e.Of)
	case plan.IsNull:
		return Text(e.Of) + " IS NULL"
	case plan.Compare:
		return Text(e.Left) + string(e.Op) + Text(e.Right)
	case plan.Between:
		return Text(e.Of) + " BETWEEN " + Text(e.Low) + " AND " + Text(e.High)
	case plan.In:
		return Text(e.Of) + " IN (" + texts(e.List, ",") + ")"
	case plan.Like:
		return Text(e.Of) + " LIKE " + quoted(e.Pattern)
	case plan.Spatial:
		return "S_" + strings.ToUpper(string(e.Op)) + "(" + Text(e.Left) + ", " + Text(e.Right) + ")"
	case plan.Temporal:
		return "T_" + strings.ToUpper(string(e.Op)) + "(" + Text(e.Left) + "," + Text(e.Right) + ")"
	}
	panic(fmt.Sprintf("no CQL2 for %T", e))
}

func texts(list []plan.Expression, between string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = Text(e)
	}
	return strings.Join(parts, between)
}

func literalText(v plan.Value) string {
	switch v.Kind() {
	case plan.String:
		return quoted(v.Text())
	case plan.Date:
		return "DATE('" + v.String() + "')"
	case plan.DateTime:
		return "TIMESTAMP('" + v.String() + "')"
	case plan.Boolean:
		return strings.ToUpper(v.String())
	}
	return v.String()
}

func endText(e plan.Expression) string {
	if e == nil {
		return "'..'"
	}
	return quoted(e.(plan.Literal).Value.String())
}

// JSON writes a filter in the JSON spelling of CQL2.
func JSON(e plan.Expression) string {
	text, err := json.Marshal(document(e))
	if err != nil {
		panic(err)
	}
	return string(text)
}

type object = map[string]any

func operation(op string, args ...any) object { return object{"op": op, "args": args} }

func documents(list []plan.Expression) []any {
	args := make([]any, len(list))
	for i, e := range list {
		args[i] = document(e)
	}
	return args
}

func document(e plan.Expression) any {
	switch e := e.(type) {
	case plan.Property:
		return object{"property": e.Name}
	case plan.Literal:
		return literalDocument(e.Value)
	case plan.BoxLiteral:
		return object{"bbox": []float64{e.Box.MinX, e.Box.MinY, e.Box.MaxX, e.Box.MaxY}}
	case plan.GeometryLiteral:
		if len(e.Geometries) == 1 {
			return geoJSON(e.Geometries[0])
		}
		var parts []any
		for _, g := range e.Geometries {
			parts = append(parts, geoJSON(g))
		}
		return object{"type": "GeometryCollection", "geometries": parts}
	case plan.Span:
		return object{"interval": []any{endDocument(e.From), endDocument(e.To)}}
	case plan.Arithmetic:
		return operation(string(e.Op), document(e.Left), document(e.Right))
	case plan.Fold:
		inside := document(e.Of)
		if e.Accent {
			inside = operation("accenti", inside)
		}
		if e.Case {
			inside = operation("casei", inside)
		}
		return inside
	case plan.Call:
		return operation(e.Name, documents(e.Args)...)
	case plan.And:
		return operation("and", documents(e)...)
	case plan.Or:
		return operation("or", documents(e)...)
	case plan.Not:
		return operation("not", document(e.Of))
	case plan.IsNull:
		return operation("isNull", document(e.Of))
	case plan.Compare:
		return operation(string(e.Op), document(e.Left), document(e.Right))
	case plan.Between:
		return operation("between", document(e.Of), document(e.Low), document(e.High))
	case plan.In:
		return operation("in", document(e.Of), documents(e.List))
	case plan.Like:
		return operation("like", document(e.Of), e.Pattern)
	case plan.Spatial:
		return operation("s_"+string(e.Op), document(e.Left), document(e.Right))
	case plan.Temporal:
		return operation("t_"+string(e.Op), document(e.Left), document(e.Right))
	}
	panic(fmt.Sprintf("no CQL2 for %T", e))
}

func literalDocument(v plan.Value) any {
	switch v.Kind() {
	case plan.Date:
		return object{"date": v.String()}
	case plan.DateTime:
		return object{"timestamp": v.String()}
	}
	return v.Plain()
}

func endDocument(e plan.Expression) string {
	if e == nil {
		return ".."
	}
	return e.(plan.Literal).Value.String()
}

func geoJSON(g plan.Geometry) object {
	positions := func(coords []float64) (list [][]float64) {
		for i := 0; i < len(coords); i += 2 {
			list = append(list, coords[i:i+2])
		}
		return list
	}
	var paths [][][]float64
	for i := range g.NumPaths() {
		paths = append(paths, positions(g.Path(i)))
	}
	switch g.Type {
	case plan.Point:
		return object{"type": "MultiPoint", "coordinates": positions(g.Coords)}
	case plan.Line:
		return object{"type": "MultiLineString", "coordinates": paths}
	}
	var parts [][][][]float64
	for i := range g.NumParts() {
		from, to := g.PartPaths(i)
		parts = append(parts, paths[from:to])
	}
	return object{"type": "MultiPolygon", "coordinates": parts}
}
