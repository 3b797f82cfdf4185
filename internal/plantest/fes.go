package plantest

import (
	"encoding/xml"
	"fmt"
	"strings"

	"strukturbild/internal/plan"
)

// XML writes filters in an edition of the OGC's Filter Encoding.
type XML struct{ filter, gml, property, version string }

// The editions.
var (
	FES20 = XML{"http://www.opengis.net/fes/2.0", "http://www.opengis.net/gml/3.2", "ValueReference", "2.0"}
	FES11 = XML{"http://www.opengis.net/ogc", "http://www.opengis.net/gml", "PropertyName", "1.1"}
	FES10 = XML{"http://www.opengis.net/ogc", "http://www.opengis.net/gml", "PropertyName", "1.0"}
)

// What the editions can't say.
var (
	FES      = Tongue{NoArithmetic: true, NoFolding: true, NoIn: true, NoRelations: true}
	Filter11 = Tongue{NoFolding: true, NoIn: true, NoTime: true, NoWholeQuotient: true}
)

// Filter writes a Filter element.
func (x XML) Filter(e plan.Expression) string {
	return fmt.Sprintf(`<f:Filter xmlns:f="%s" xmlns:gml="%s">%s</f:Filter>`, x.filter, x.gml, x.condition(e))
}

func (x XML) element(name, attributes string, inside ...string) string {
	return "<f:" + name + attributes + ">" + strings.Join(inside, "") + "</f:" + name + ">"
}

func (x XML) conditions(list []plan.Expression) (parts []string) {
	for _, e := range list {
		parts = append(parts, x.condition(e))
	}
	return parts
}

var comparisonElements = map[plan.CompareOp]string{plan.Equal: "PropertyIsEqualTo", plan.NotEqual: "PropertyIsNotEqualTo", plan.Less: "PropertyIsLessThan",
	plan.LessOrEqual: "PropertyIsLessThanOrEqualTo", plan.Greater: "PropertyIsGreaterThan", plan.GreaterOrEqual: "PropertyIsGreaterThanOrEqualTo"}

func (x XML) condition(e plan.Expression) string {
	switch e := e.(type) {
	case plan.And:
		return x.element("And", "", x.conditions(e)...)
	case plan.Or:
		return x.element("Or", "", x.conditions(e)...)
	case plan.Not:
		return x.element("Not", "", x.condition(e.Of))
	case plan.Compare:
		return x.element(comparisonElements[e.Op], "", x.operand(e.Left), x.operand(e.Right))
	case plan.IsNull:
		return x.element("PropertyIsNull", "", x.operand(e.Of))
	case plan.Between:
		return x.element("PropertyIsBetween", "", x.operand(e.Of), x.element("LowerBoundary", "", x.operand(e.Low)), x.element("UpperBoundary", "", x.operand(e.High)))
	case plan.Like:
		return x.like(e)
	case plan.Spatial:
		return x.element(title(string(e.Op)), "", x.operand(e.Left), x.operand(e.Right))
	case plan.Near:
		name, unit := "DWithin", ` uom="m"`
		if e.Beyond {
			name = "Beyond"
		}
		if x.version != "2.0" {
			unit = ` units="metre"`
		}
		return x.element(name, "", x.operand(e.Left), x.operand(e.Right), x.element("Distance", unit, fmt.Sprint(e.Metres)))
	case plan.Temporal:
		return x.element(temporalElements[e.Op], "", x.when(e.Left), x.when(e.Right))
	}
	panic(fmt.Sprintf("no XML for %T", e))
}

// like chooses other characters than SQL's.
func (x XML) like(e plan.Like) string {
	escape := "escapeChar"
	if x.version == "1.0" {
		escape = "escape"
	}
	var pattern strings.Builder
	escaped := false
	for _, r := range e.Pattern {
		switch {
		case escaped:
			pattern.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			pattern.WriteRune('*')
		case r == '_':
			pattern.WriteRune('#')
		default:
			pattern.WriteRune(r)
		}
	}
	return x.element("PropertyIsLike", ` wildCard="*" singleChar="#" `+escape+`="!"`, x.operand(e.Of), x.literal(pattern.String()))
}

func (x XML) literal(text string) string { return x.element("Literal", "", escaped(text)) }

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

func (x XML) operand(e plan.Expression) string {
	switch e := e.(type) {
	case plan.Property:
		return x.element(x.property, "", "sb:"+e.Name)
	case plan.Literal:
		return x.literal(e.Value.String())
	case plan.Arithmetic:
		return x.element(map[plan.ArithmeticOp]string{plan.Add: "Add", plan.Subtract: "Sub", plan.Multiply: "Mul", plan.Divide: "Div"}[e.Op], "", x.operand(e.Left), x.operand(e.Right))
	case plan.Call:
		return x.element("Function", ` name="`+e.Name+`"`, x.operand(e.Args[0]))
	case plan.BoxLiteral:
		return x.envelope(e.Box)
	case plan.GeometryLiteral:
		return x.geometries(e.Geometries)
	}
	panic(fmt.Sprintf("no XML for %T", e))
}

var temporalElements = map[plan.TemporalOp]string{plan.TAfter: "After", plan.TBefore: "Before", plan.TStarts: "Begins", plan.TStartedBy: "BegunBy",
	plan.TContains: "TContains", plan.TDuring: "During", plan.TEquals: "TEquals", plan.TOverlaps: "TOverlaps", plan.TMeets: "Meets",
	plan.TOverlappedBy: "OverlappedBy", plan.TMetBy: "MetBy", plan.TFinishedBy: "EndedBy", plan.TFinishes: "Ends", plan.TIntersects: "AnyInteracts"}

func (x XML) when(e plan.Expression) string {
	switch e := e.(type) {
	case plan.Span:
		return `<gml:TimePeriod gml:id="p">` + x.position("beginPosition", e.From) + x.position("endPosition", e.To) + "</gml:TimePeriod>"
	case plan.Literal:
		return `<gml:TimeInstant gml:id="i"><gml:timePosition>` + e.Value.String() + "</gml:timePosition></gml:TimeInstant>"
	}
	return x.operand(e)
}

func (x XML) position(name string, e plan.Expression) string {
	if e == nil {
		return "<gml:" + name + ` indeterminatePosition="unknown"/>`
	}
	return "<gml:" + name + ">" + e.(plan.Literal).Value.String() + "</gml:" + name + ">"
}

// srs names the system: a URN, which means northing first but in 1.0, whatever it says there.
func (x XML) srs() string { return ` srsName="urn:ogc:def:crs:EPSG::3006"` }

func (x XML) envelope(b plan.Box) string {
	if x.version == "1.0" {
		return fmt.Sprintf("<gml:Box%s><gml:coordinates>%v,%v %v,%v</gml:coordinates></gml:Box>", x.srs(), b.MinX, b.MinY, b.MaxX, b.MaxY)
	}
	return fmt.Sprintf("<gml:Envelope%s><gml:lowerCorner>%v %v</gml:lowerCorner><gml:upperCorner>%v %v</gml:upperCorner></gml:Envelope>", x.srs(), b.MinY, b.MinX, b.MaxY, b.MaxX)
}

func (x XML) geometries(list []plan.Geometry) string {
	if len(list) == 1 {
		return x.geometry(list[0], x.srs())
	}
	text := "<gml:MultiGeometry" + x.srs() + ">"
	for _, g := range list {
		text += "<gml:geometryMember>" + x.geometry(g, "") + "</gml:geometryMember>"
	}
	return text + "</gml:MultiGeometry>"
}

func (x XML) positions(coords []float64, list string) string {
	var parts []string
	for i := 0; i < len(coords); i += 2 {
		if x.version == "1.0" {
			parts = append(parts, fmt.Sprintf("%v,%v", coords[i], coords[i+1]))
		} else {
			parts = append(parts, fmt.Sprintf("%v %v", coords[i+1], coords[i]))
		}
	}
	if x.version == "1.0" {
		list = "coordinates"
	}
	return "<gml:" + list + ">" + strings.Join(parts, " ") + "</gml:" + list + ">"
}

func (x XML) geometry(g plan.Geometry, srs string) string {
	old := x.version == "1.0"
	pick := func(gml2, gml3 string) string {
		if old {
			return gml2
		}
		return gml3
	}
	multi, member := "MultiPoint", "pointMember"
	var parts []string
	switch g.Type {
	case plan.Point:
		for i := 0; i < len(g.Coords); i += 2 {
			parts = append(parts, "<gml:Point>"+x.positions(g.Coords[i:i+2], "pos")+"</gml:Point>")
		}
	case plan.Line:
		multi, member = pick("MultiLineString", "MultiCurve"), pick("lineStringMember", "curveMember")
		for i := range g.NumPaths() {
			parts = append(parts, "<gml:LineString>"+x.positions(g.Path(i), "posList")+"</gml:LineString>")
		}
	case plan.Polygon:
		multi, member = pick("MultiPolygon", "MultiSurface"), pick("polygonMember", "surfaceMember")
		for i := range g.NumParts() {
			from, to := g.PartPaths(i)
			rings := ""
			for k := from; k < to; k++ {
				border := pick("outerBoundaryIs", "exterior")
				if k > from {
					border = pick("innerBoundaryIs", "interior")
				}
				rings += "<gml:" + border + "><gml:LinearRing>" + x.positions(g.Path(k), "posList") + "</gml:LinearRing></gml:" + border + ">"
			}
			parts = append(parts, "<gml:Polygon>"+rings+"</gml:Polygon>")
		}
	}
	text := "<gml:" + multi + srs + ">"
	for _, part := range parts {
		text += "<gml:" + member + ">" + part + "</gml:" + member + ">"
	}
	return text + "</gml:" + multi + ">"
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
