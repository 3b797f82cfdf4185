package ogc

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func text(s string) plan.Expression { return plan.Literal{Value: plan.TextValue(s)} }

func named(name string) plan.Expression { return plan.Property{Name: name} }

// TestFiltersOfClients reads filters as QGIS 3.22, GDAL 3.6 and OWSLib send them.
func TestFiltersOfClients(t *testing.T) {
	square := plan.GeometryLiteral{Geometries: []plan.Geometry{{Type: plan.Polygon, Coords: []float64{320000, 6400000, 320100, 6400000, 320100, 6400100, 320000, 6400100, 320000, 6400000}}}}
	for name, c := range map[string]struct {
		version, filter string
		want            plan.Expression
	}{
		"QGIS, a subset and a box": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"><fes:And>
			<fes:BBOX><fes:ValueReference>geometry</fes:ValueReference><gml:Envelope srsName="urn:ogc:def:crs:EPSG::3006"><gml:lowerCorner>2 1</gml:lowerCorner><gml:upperCorner>4 3</gml:upperCorner></gml:Envelope></fes:BBOX>
			<fes:PropertyIsEqualTo><fes:ValueReference>kommunkod</fes:ValueReference><fes:Literal>0114</fes:Literal></fes:PropertyIsEqualTo></fes:And></fes:Filter>`,
			plan.And{inBox(1, 2, 3, 4), is("kommunkod", plan.TextValue("0114"))}},
		"QGIS, LIKE in its characters": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:PropertyIsLike singleChar="_" wildCard="%" escapeChar="\" matchCase="false">
			<fes:ValueReference>namn</fes:ValueReference><fes:Literal>%Ås_\%</fes:Literal></fes:PropertyIsLike></fes:Filter>`,
			plan.Like{Of: plan.Fold{Case: true, Of: named("namn")}, Pattern: `%ås_\%`}},
		"QGIS, IN": {"1.1.0", `<ogc:Filter xmlns:ogc="http://www.opengis.net/ogc"><ogc:Or><ogc:PropertyIsEqualTo><ogc:PropertyName>antal</ogc:PropertyName><ogc:Literal>1</ogc:Literal></ogc:PropertyIsEqualTo>
			<ogc:PropertyIsEqualTo><ogc:PropertyName>antal</ogc:PropertyName><ogc:Literal>2</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Or></ogc:Filter>`,
			plan.Or{is("antal", plan.IntegerValue(1)), is("antal", plan.IntegerValue(2))}},
		"QGIS, a geometry": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:Within><fes:ValueReference>geometry</fes:ValueReference>
			<gml:Polygon xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="qgis_id_geom_1" srsName="urn:ogc:def:crs:EPSG::3006"><gml:exterior><gml:LinearRing>
			<gml:posList srsDimension="2">6400000 320000 6400000 320100 6400100 320100 6400100 320000 6400000 320000</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></fes:Within></fes:Filter>`,
			plan.Spatial{Op: plan.SWithin, Left: named("geometry"), Right: square}},
		"GDAL 1.1, a box without a name, northing first": {"1.1.0", `<Filter xmlns="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"><BBOX><PropertyName>geometry</PropertyName>
			<gml:Box><gml:coordinates>2.0000,1.0000 4.0000,3.0000</gml:coordinates></gml:Box></BBOX></Filter>`, inBox(1, 2, 3, 4)},
		"GDAL 2.0, an envelope without a name": {"2.0.0", `<Filter xmlns="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"><BBOX><ValueReference>geometry</ValueReference>
			<gml:Envelope><gml:lowerCorner>2 1</gml:lowerCorner><gml:upperCorner>4 3</gml:upperCorner></gml:Envelope></BBOX></Filter>`, inBox(1, 2, 3, 4)},
		"GDAL, a date with a time": {"1.1.0", `<Filter xmlns="http://www.opengis.net/ogc"><PropertyIsGreaterThanOrEqualTo><PropertyName>beslut</PropertyName><Literal>1990-01-01T00:00:00</Literal></PropertyIsGreaterThanOrEqualTo></Filter>`,
			plan.Compare{Op: plan.GreaterOrEqual, Left: named("beslut"), Right: plan.Literal{Value: plan.DateValue(7305)}}},
		"GDAL, a boolean": {"2.0.0", `<Filter><PropertyIsEqualTo><ValueReference>skyddad</ValueReference><Literal>1</Literal></PropertyIsEqualTo></Filter>`, is("skyddad", plan.BooleanValue(true))},
		"GDAL, LIKE":      {"1.1.0", `<Filter xmlns="http://www.opengis.net/ogc"><PropertyIsLike wildCard="*" singleChar="_" escapeChar="!"><PropertyName>namn</PropertyName><Literal>a*!_%</Literal></PropertyIsLike></Filter>`, plan.Like{Of: named("namn"), Pattern: `a%\_\%`}},
		"GDAL, an id": {"1.1.0", `<ogc:Filter xmlns:ogc="http://www.opengis.net/ogc"><GmlObjectId id="allt_mojligt.7"/></ogc:Filter>`,
			plan.In{Of: named("id"), List: []plan.Expression{text("7")}}},
		"WFS 2.0, ids": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:ResourceId rid="allt_mojligt.7"/><fes:ResourceId rid="8"/></fes:Filter>`,
			plan.In{Of: named("id"), List: []plan.Expression{text("7"), text("8")}}},
		"WFS 1.0, an id": {"1.0.0", `<Filter><FeatureId fid="allt_mojligt.aå:1"/></Filter>`, plan.In{Of: named("id"), List: []plan.Expression{text("aå:1")}}},
		"WFS 1.0, easting first whatever the name": {"1.0.0", `<Filter><BBOX><PropertyName>geometry</PropertyName><gml:Box xmlns:gml="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::3006">
			<gml:coord><gml:X>1</gml:X><gml:Y>2</gml:Y></gml:coord><gml:coord><gml:X>3</gml:X><gml:Y>4</gml:Y></gml:coord></gml:Box></BBOX></Filter>`, inBox(1, 2, 3, 4)},
		"OWSLib, a box without a property": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml32="http://www.opengis.net/gml/3.2"><fes:BBOX>
			<gml32:Envelope srsName="http://www.opengis.net/def/crs/EPSG/0/3006"><gml32:lowerCorner>2 1</gml32:lowerCorner><gml32:upperCorner>4 3</gml32:upperCorner></gml32:Envelope></fes:BBOX></fes:Filter>`, inBox(1, 2, 3, 4)},
		"a distance in kilometres": {"2.0.0", `<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:DWithin><fes:ValueReference>sb:geometry</fes:ValueReference>
			<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2" srsName="EPSG:3006"><gml:pos>320000 6400000</gml:pos></gml:Point><fes:Distance uom="km">1.5</fes:Distance></fes:DWithin></fes:Filter>`,
			plan.Near{Left: named("geometry"), Right: plan.GeometryLiteral{Geometries: []plan.Geometry{{Type: plan.Point, Coords: []float64{320000, 6400000}}}}, Metres: 1500}},
		"text without case": {"2.0.0", `<Filter><PropertyIsEqualTo matchCase="false"><ValueReference>allt_mojligt/sb:namn</ValueReference><Literal>ÅMÅL</Literal></PropertyIsEqualTo></Filter>`,
			plan.Compare{Op: plan.Equal, Left: plan.Fold{Case: true, Of: named("namn")}, Right: plan.Fold{Case: true, Of: text("ÅMÅL")}}},
		"numbers have no case": {"2.0.0", `<Filter><PropertyIsEqualTo matchCase="false"><ValueReference>antal</ValueReference><Literal> 7 </Literal></PropertyIsEqualTo></Filter>`, is("antal", plan.IntegerValue(7))},
		"what GML gives every feature": {"2.0.0", `<Filter><And><PropertyIsNull><ValueReference>gml:name</ValueReference></PropertyIsNull>
			<Not><PropertyIsEqualTo><ValueReference>allt_mojligt/gml:description</ValueReference><Literal>x</Literal></PropertyIsEqualTo></Not></And></Filter>`,
			plan.And{plan.And{}, plan.Not{Of: plan.Or{}}}},
		"nothing is nil": {"2.0.0", `<Filter><PropertyIsNil><ValueReference>namn</ValueReference></PropertyIsNil></Filter>`, plan.And{plan.IsNull{Of: named("namn")}, plan.Or{}}},
		"in time": {"2.0.0", `<Filter><During><ValueReference>andrad</ValueReference><gml:TimePeriod xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="t"><gml:begin><gml:TimeInstant gml:id="a"><gml:timePosition>1990-01-01</gml:timePosition></gml:TimeInstant></gml:begin><gml:endPosition>1990-12-31T12:00:00Z</gml:endPosition></gml:TimePeriod></During></Filter>`,
			plan.Temporal{Op: plan.TDuring, Left: named("andrad"), Right: plan.Span{From: plan.Literal{Value: plan.DateValue(7305)}, To: plan.Literal{Value: plan.DateTimeValue(662644800e6)}}}},
		"a curve of segments": {"2.0.0", `<Filter><Crosses><ValueReference>geometry</ValueReference><gml:Curve xmlns:gml="http://www.opengis.net/gml/3.2" srsName="EPSG:3006"><gml:segments>
			<gml:LineStringSegment><gml:posList>1 1 2 2</gml:posList></gml:LineStringSegment><gml:LineStringSegment><gml:pos>2 2 9</gml:pos><gml:pos>3 1 9</gml:pos></gml:LineStringSegment></gml:segments></gml:Curve></Crosses></Filter>`,
			plan.Spatial{Op: plan.SCrosses, Left: named("geometry"), Right: plan.GeometryLiteral{Geometries: []plan.Geometry{{Type: plan.Line, Coords: []float64{1, 1, 2, 2, 3, 1}}}}}},
	} {
		got, err := NewFES(everything, c.version).ParseFES(c.filter)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want, err := everything.Check(c.want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v, %v", name, got, want, err)
		}
	}
}

// TestFiltersWithFaults looks for a part of the message: what is wrong, and on which line.
func TestFiltersWithFaults(t *testing.T) {
	point := `<gml:Point srsName="EPSG:3006"><gml:pos>1 2</gml:pos></gml:Point>`
	for filter, part := range map[string]string{
		``:                                "empty",
		`<Filter/>`:                       "the filter is empty",
		`<Filtre><And/></Filtre>`:         "there must be a Filter here",
		`<Filter><And></Filter>`:          "malformed",
		`<Filter><And>`:                   "malformed",
		`<Filter><And/></Filter>`:         "it is empty",
		"<Filter>\n<Sometimes/></Filter>": "line 2, element Sometimes: there is no such condition",
		`<Filter><Not><FeatureId fid="1"/><FeatureId fid="2"/></Not></Filter>`:                                                                                                                                                                       "takes one condition, not 2",
		`<Filter><FeatureId fid="1"/><And/></Filter>`:                                                                                                                                                                                                "nothing else than",
		`<Filter><FeatureId/></Filter>`:                                                                                                                                                                                                              "nothing else than",
		`<Filter><PropertyIsNil><PropertyName>nej</PropertyName></PropertyIsNil></Filter>`:                                                                                                                                                           `has no attribute "nej"; it has namn`,
		`<Filter><PropertyIsNull><PropertyName>nej</PropertyName></PropertyIsNull></Filter>`:                                                                                                                                                         `has no attribute "nej"; it has namn`,
		`<Filter><PropertyIsEqualTo><PropertyName>antal</PropertyName><Literal>många</Literal></PropertyIsEqualTo></Filter>`:                                                                                                                         `"antal" (a whole number) can't be compared with the constant "många"`,
		`<Filter><PropertyIsEqualTo><PropertyName>antal</PropertyName></PropertyIsEqualTo></Filter>`:                                                                                                                                                 "takes 2 operand(s), not 1",
		`<Filter><PropertyIsLike wildCard="*"><PropertyName>antal</PropertyName><Literal>1*</Literal></PropertyIsLike></Filter>`:                                                                                                                     "a whole number, but there must be a text here",
		`<Filter><PropertyIsBetween><PropertyName>antal</PropertyName><Literal>1</Literal><Literal>1</Literal></PropertyIsBetween></Filter>`:                                                                                                         "a LowerBoundary and an UpperBoundary",
		`<Filter><PropertyIsEqualTo><Function name="now"/><Literal>1</Literal></PropertyIsEqualTo></Filter>`:                                                                                                                                         `no function "now"`,
		`<Filter><Intersects><PropertyName>namn</PropertyName>` + point + `</Intersects></Filter>`:                                                                                                                                                   `"namn" is a text, but there must be a geometry here`,
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Arc/></Intersects></Filter>`:                                                                                                                                                  "no geometry that can be read",
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Point srsName="EPSG:1"><gml:pos>1 2</gml:pos></gml:Point></Intersects></Filter>`:                                                                                              `"EPSG:1" is not supported`,
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Point><gml:pos>1 x</gml:pos></gml:Point></Intersects></Filter>`:                                                                                                               `"x" is not a finite number`,
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Point><gml:pos>1</gml:pos></gml:Point></Intersects></Filter>`:                                                                                                                 "no whole positions",
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Point/></Intersects></Filter>`:                                                                                                                                                "it has no positions",
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>0 0 0 1 1 1 2 2</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></Intersects></Filter>`:                         "a ring ends where it begins",
		`<Filter><Intersects><PropertyName>geometry</PropertyName><gml:Polygon srsName="EPSG:3006"><gml:exterior><gml:LinearRing><gml:posList>0 0 9 9 9 0 0 9 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></Intersects></Filter>`: "the boundary crosses itself",
		`<Filter><Intersects><PropertyName>geometry</PropertyName></Intersects></Filter>`:                                                                                                                                                            "takes a property and a geometry",
		`<Filter><DWithin><PropertyName>geometry</PropertyName>` + point + `</DWithin></Filter>`:                                                                                                                                                     "no Distance",
		`<Filter><DWithin><PropertyName>geometry</PropertyName>` + point + `<Distance units="parsec">1</Distance></DWithin></Filter>`:                                                                                                                `unit "parsec" is not known`,
		`<Filter><DWithin><PropertyName>geometry</PropertyName>` + point + `<Distance>-1</Distance></DWithin></Filter>`:                                                                                                                              "from 0 to",
		`<Filter><After><PropertyName>namn</PropertyName><Literal>1990-01-01</Literal></After></Filter>`:                                                                                                                                             `"namn" is a text, but there must be an instant here`,
		`<Filter><After><PropertyName>beslut</PropertyName><Literal>igår</Literal></After></Filter>`:                                                                                                                                                 `"igår" is a text, but there must be an instant here`,
		`<Filter><During><PropertyName>beslut</PropertyName><gml:TimePeriod/></During></Filter>`:                                                                                                                                                     "there is no beginPosition",
		`<!DOCTYPE x [<!ENTITY a "b">]><Filter/>`:                                                                                                                                                                                                    "document type declaration",
		`<Filter>&a;</Filter>`:                                              "malformed",
		`<?xml version="1.0" encoding="ISO-8859-1"?><Filter/>`:              `"ISO-8859-1" is not supported`,
		strings.Repeat("<Not>", 1000):                                       "there must be a Filter here\x00nested at most",
		"<Filter>" + strings.Repeat("<Not>", 1000):                          "nested at most 400 deep",
		"<Filter>" + nest("Not", 250, `<FeatureId fid="1"/>`) + "</Filter>": "nested at most 200 deep",
	} {
		part, or, _ := strings.Cut(part, "\x00")
		_, err := NewFES(everything, "1.1.0").ParseFES(filter)
		fault, ok := errors.AsType[*plan.Error](err)
		if !ok || fault.Code != plan.Invalid && fault.Code != plan.TooLarge || !strings.Contains(fault.Message, part) && (or == "" || !strings.Contains(fault.Message, or)) {
			t.Errorf("%.200s:\ngot %v, want %q", filter, err, part)
		}
	}
}

func nest(name string, times int, inside string) string {
	return strings.Repeat("<"+name+">", times) + inside + strings.Repeat("</"+name+">", times)
}

func FuzzParseFES(f *testing.F) {
	for _, seed := range []string{
		`<Filter><Or><PropertyIsLike wildCard="*" singleChar="." escape="!"><PropertyName>namn</PropertyName><Literal>a*</Literal></PropertyIsLike><BBOX><gml:Box srsName="EPSG:3006"><gml:coordinates>1,2 3,4</gml:coordinates></gml:Box></BBOX></Or></Filter>`,
		`<Filter><DWithin><ValueReference>geometry</ValueReference><Polygon><exterior><LinearRing><posList>0 0 0 1 1 1 0 0</posList></LinearRing></exterior></Polygon><Distance uom="km">1</Distance></DWithin></Filter>`,
		`<Filter><Not><During><ValueReference>andrad</ValueReference><TimePeriod><beginPosition>1990-01-01</beginPosition><endPosition/></TimePeriod></During></Not></Filter>`,
		`<Filter><ResourceId rid="allt_mojligt.1"/></Filter>`,
	} {
		f.Add(seed, "1.0.0")
		f.Add(seed, "2.0.0")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		e, err := NewFES(everything, version).ParseFES(text)
		checkFuzzed(t, text, e, err)
	})
}
