package ogc

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func whole(n int64) plan.Expression { return plan.Literal{Value: plan.IntegerValue(n)} }

func compare(left plan.Expression, op plan.CompareOp, right plan.Expression) plan.Expression {
	return plan.Compare{Op: op, Left: left, Right: right}
}

func calculate(left plan.Expression, op plan.ArithmeticOp, right plan.Expression) plan.Expression {
	return plan.Arithmetic{Op: op, Left: left, Right: right}
}

// TestCQL2Text reads what people and clients write: precedence, keywords in any case, signs, quotes, spellings of GDAL.
func TestCQL2Text(t *testing.T) {
	point := plan.GeometryLiteral{Geometries: []plan.Geometry{{Type: plan.Point, Coords: []float64{1, 2}}}}
	intersects := func(right plan.Expression) plan.Expression {
		return plan.Spatial{Op: plan.SIntersects, Left: named("geometry"), Right: right}
	}
	for source, want := range map[string]plan.Expression{
		"antal = 1 OR antal = 2 AND NOT skyddad":                     plan.Or{compare(named("antal"), "=", whole(1)), plan.And{compare(named("antal"), "=", whole(2)), plan.Not{Of: named("skyddad")}}},
		"(antal=1 or antal=2)and skyddad":                            plan.And{plan.Or{compare(named("antal"), "=", whole(1)), compare(named("antal"), "=", whole(2))}, named("skyddad")},
		"antal + 2 * 3 - 1 > -7":                                     compare(calculate(calculate(named("antal"), "+", calculate(whole(2), "*", whole(3))), "-", whole(1)), ">", whole(-7)),
		"(antal + 2) * 3 <> 7":                                       compare(calculate(calculate(named("antal"), "+", whole(2)), "*", whole(3)), "<>", whole(7)),
		"antal ^ 2 ^ 3 = 1":                                          compare(calculate(named("antal"), "^", calculate(whole(2), "^", whole(3))), "=", whole(1)),
		"antal % 2 = 1 AND antal DIV 2 = 1":                          plan.And{compare(calculate(named("antal"), "%", whole(2)), "=", whole(1)), compare(calculate(named("antal"), "div", whole(2)), "=", whole(1))},
		"-antal < +5":                                                compare(calculate(whole(-1), "*", named("antal")), "<", whole(5)),
		"antal = -9223372036854775808":                               compare(named("antal"), "=", whole(-1<<63)),
		"areal_ha > .5e1":                                            compare(named("areal_ha"), ">", plan.Literal{Value: plan.NumberValue(5)}),
		`"namn" = 'it''s' AND namn <> 'a\'b'`:                        plan.And{compare(named("namn"), "=", text("it's")), compare(named("namn"), "<>", text("a'b"))},
		"namn LIKE 'Å%' AND namn NOT LIKE '%\\_'":                    plan.And{plan.Like{Of: named("namn"), Pattern: "Å%"}, plan.Not{Of: plan.Like{Of: named("namn"), Pattern: `%\_`}}},
		"casei(namn) like casei('ÅS%')":                              plan.Like{Of: plan.Fold{Case: true, Of: named("namn")}, Pattern: "ås%"},
		"ACCENTI(CASEI(namn)) = accenti('Å')":                        compare(plan.Fold{Case: true, Accent: true, Of: named("namn")}, "=", plan.Fold{Accent: true, Of: text("Å")}),
		"antal BETWEEN 1 AND 2 AND skyddad = TRUE":                   plan.And{plan.Between{Of: named("antal"), Low: whole(1), High: whole(2)}, compare(named("skyddad"), "=", plan.Literal{Value: plan.BooleanValue(true)})},
		"antal not between 1 and 2":                                  plan.Not{Of: plan.Between{Of: named("antal"), Low: whole(1), High: whole(2)}},
		"kommunkod NOT IN ('0114','1440')":                           plan.Not{Of: plan.In{Of: named("kommunkod"), List: []plan.Expression{text("0114"), text("1440")}}},
		"(namn IS NULL)":                                             plan.IsNull{Of: named("namn")},
		"namn is not null":                                           plan.Not{Of: plan.IsNull{Of: named("namn")}},
		"beslut >= '1990-01-01T'":                                    compare(named("beslut"), ">=", plan.Literal{Value: plan.DateValue(7305)}),
		"beslut = DATE('1990-01-01')":                                compare(named("beslut"), "=", plan.Literal{Value: plan.DateValue(7305)}),
		"andrad < TIMESTAMP('1990-01-01T01:00:00Z')":                 compare(named("andrad"), "<", plan.Literal{Value: plan.DateTimeValue((7305*86400 + 3600) * 1e6)}),
		"T_DURING(beslut, INTERVAL('1990-01-01', '..'))":             plan.Temporal{Op: plan.TDuring, Left: named("beslut"), Right: plan.Span{From: plan.Literal{Value: plan.DateValue(7305)}}},
		"T_INTERSECTS(INTERVAL(beslut, andrad), DATE('1990-01-01'))": plan.Temporal{Op: plan.TIntersects, Left: plan.Span{From: named("beslut"), To: named("andrad")}, Right: plan.Literal{Value: plan.DateValue(7305)}},
		"s_intersects(geometry, POINT(1 2))":                         intersects(point),
		"S_INTERSECTS(geometry,Point Z (1 2 3))":                     intersects(point),
		"S_INTERSECTS(geometry, MULTIPOINT((1 2)))":                  intersects(point),
		"S_INTERSECTS(geometry,BBOX(1,2,3,4))":                       inBox(1, 2, 3, 4),
		"S_INTERSECTS(geometry,BBOX(1,2,-9,3,4,9))":                  inBox(1, 2, 3, 4),
		"lower(namn) = 'å' and char_length(namn) > 2":                plan.And{compare(plan.Call{Name: "lower", Args: []plan.Expression{named("namn")}}, "=", text("å")), compare(plan.Call{Name: "char_length", Args: []plan.Expression{named("namn")}}, ">", whole(2))},
		"skyddad": named("skyddad"),
		"TRUE":    plan.Literal{Value: plan.BooleanValue(true)},
	} {
		got, err := CQL2{geo.House}.ParseText(source)
		if err == nil {
			got, err = everything.Check(got)
		}
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if want, err := everything.Check(want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v (%v)", source, got, want, err)
		}
	}
}

func TestCQL2InTheFiltersSystem(t *testing.T) {
	for crs, source := range map[geo.CRS]string{
		geo.House:                "S_INTERSECTS(geometry, POINT(320000 6400000))",
		geo.House.WithURIOrder(): "S_INTERSECTS(geometry, POINT(6400000 320000))",
	} {
		e, err := CQL2{crs}.ParseText(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.(plan.Spatial).Right.(plan.GeometryLiteral).Geometries[0].Coords; got[0] != 320000 || got[1] != 6400000 {
			t.Errorf("%s in %s is at %v", source, crs, got)
		}
	}
	e, err := CQL2{}.ParseText("S_INTERSECTS(geometry, BBOX(11.9,57.6,12.1,57.8))")
	if err != nil {
		t.Fatal(err)
	}
	gothenburg := plan.Box{MinX: 319000, MinY: 6400000, MaxX: 320000, MaxY: 6401000}
	if box := e.(plan.Spatial).Right.(plan.GeometryLiteral).Geometries[0].Box(); !box.Intersects(gothenburg) {
		t.Errorf("a box around Gothenburg in CRS84 is %v", box)
	}
}

// TestCQL2Faults looks for a part of the message: what is wrong and where.
func TestCQL2Faults(t *testing.T) {
	for source, part := range map[string]string{
		"":                                  "column 1: there must be a property, a constant or a function here, not the end",
		"namn =":                            "column 7",
		"namn = 'x":                         "column 8: the closing ' is missing",
		"å = \"x":                           "column 5: the closing \" is missing",
		"namn = 'x' namn":                   `column 12: there must be AND, OR or the end here, not "namn"`,
		"namn = 'x' AND":                    "not the end",
		"namn ; 1":                          `';' is not part of the language`,
		"(namn = 'x'":                       "there must be ) here",
		"namn IN ()":                        "a property, a constant",
		"namn IN 'x'":                       "there must be ( here",
		"namn NOT = 1":                      "LIKE, BETWEEN or IN",
		"namn LIKE antal":                   "takes a pattern in quotes",
		"namn IS 1":                         "there must be NULL here",
		"antal BETWEEN 1 OR 2":              "there must be AND here",
		"nej = 1":                           `has no attribute "nej"`,
		"antal":                             `"antal" is a whole number, but there must be a boolean here`,
		"antal = 'x'":                       `"antal" (a whole number) can't be compared with the constant "x" (a text)`,
		"antal = '5'":                       "can't be compared",
		"namn = 5":                          "can't be compared",
		"namn + 1 = 2":                      `"namn" is a text, but there must be a number here`,
		"antal = 1e999":                     "not a finite number",
		"antal = 1.2.3":                     "not a finite number",
		"geometry = POINT(1 2)":             "can't be compared",
		"beslut = DATE('igår')":             "not a date",
		"beslut = DATE(1)":                  "takes a text in quotes",
		"beslut = 'igår'":                   "can't be compared",
		"T_AFTER(namn, DATE('1990-01-01'))": `"namn" is a text, but there must be an instant here`,
		"T_AFTER(beslut)":                   "t_after takes 2 operand(s), not 1",
		"S_INTERSECTS(geometry)":            "s_intersects takes 2 operand(s)",
		"S_INTERSECTS(geometry, POINT(1))":  "a position has two numbers",
		"S_INTERSECTS(geometry, POINT(1 2, 3 4))":                                    "a point has one position, not 2",
		"S_INTERSECTS(geometry, LINESTRING(1 2))":                                    "at least two positions",
		"S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0)))":                             "at least four positions",
		"S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,5 5)))":                         "a ring ends where it begins",
		"S_INTERSECTS(geometry, POLYGON((0 0,9 9,9 0,0 9,0 0)))":                     "the boundary crosses itself",
		"S_INTERSECTS(geometry, POINT EMPTY)":                                        "there must be",
		"S_INTERSECTS(geometry, BBOX(1,2,3))":                                        "a BBOX has four numbers",
		"S_INTERSECTS(geometry, BBOX(3,2,1,4))":                                      "lower corner first",
		"S_INTERSECTS(POINT(1 2), POINT(1 2))":                                       "the feature's own",
		"S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2,3 4)))":    "only intersects and disjoint can",
		"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))": "no geometry that a collection may have",
		"now() = 1":                 `no function "now"`,
		"A_EQUALS(namn, ('a','b'))": "column 20",
		strings.Repeat("(", 300) + "skyddad" + strings.Repeat(")", 300): "nested more than 200 deep",
		strings.Repeat("NOT ", 300) + "skyddad":                         "nested more than 200 deep",
		strings.Repeat("-", 300) + "antal > 1":                          "nested more than 200 deep",
		"antal > 1" + strings.Repeat("+1", 300):                         "nested more than 200 deep",
		"antal > 1" + strings.Repeat("^1", 300):                         "nested more than 200 deep",
		strings.Repeat("x", maxFilterBytes+1):                           "at most 262144 are taken",
	} {
		e, err := CQL2{geo.House}.ParseText(source)
		if err == nil {
			_, err = everything.Check(e)
		}
		fault, ok := errors.AsType[*plan.Error](err)
		if !ok || fault.Code != plan.Invalid && fault.Code != plan.TooLarge || !strings.Contains(fault.Message, part) {
			t.Errorf("%.100s: got %v, want %q", source, err, part)
		}
	}
}

func TestCQL2JSONFaults(t *testing.T) {
	for source, part := range map[string]string{
		``:                                     "no JSON",
		`{"op":"and","args":[]}`:               "and takes at least 1 operand(s), not 0",
		`{"op":"and"}`:                         "args, which are a list",
		`{"op":5,"args":[]}`:                   "an op, which is a text",
		`{}`:                                   "it has none of op, property",
		`null`:                                 "an operation, a property or a constant",
		`{"op":"=","args":[{"property":1},2]}`: `at "/args/0/property"`,
		`{"op":"=","args":[{"property":"antal"},1e999]}`:                                            "not a finite number",
		`{"op":"in","args":[{"property":"antal"},5]}`:                                               `at "/args/1"`,
		`{"op":"in","args":[{"property":"antal"}]}`:                                                 "in takes two operands",
		`{"op":"=","args":[{"property":"beslut"},{"date":5}]}`:                                      "takes a text in quotes",
		`{"op":"s_within","args":[{"property":"geometry"},{"type":"Pt"}]}`:                          "no type of a geometry",
		`{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}`:     "a position has two numbers",
		`{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":["a",1]}]}`: `at "/args/1/coordinates/0"`,
		`{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2]}]}`:                         "a BBOX has four numbers",
		`true false`: "something follows",
		strings.Repeat(`{"op":"not","args":[`, 300) + "true" + strings.Repeat("]}", 300): "nested more than 200 deep",
		`"` + strings.Repeat("x", maxFilterBytes) + `"`:                                  "at most 262144 are taken",
	} {
		e, err := CQL2{geo.House}.ParseJSON(source)
		if err == nil {
			_, err = everything.Check(e)
		}
		fault, ok := errors.AsType[*plan.Error](err)
		if !ok || fault.Code != plan.Invalid && fault.Code != plan.TooLarge || !strings.Contains(fault.Message, part) {
			t.Errorf("%.100s: got %v, want %q", source, err, part)
		}
	}
}

func FuzzParseCQL2(f *testing.F) {
	for _, seed := range []string{"antal + 2 * 3 > -7 AND NOT casei(namn) LIKE 'å%'", "S_WITHIN(geometry,POLYGON((0 0,1 0,1 1,0 0)))",
		"T_DURING(beslut, INTERVAL('1990-01-01','..')) or kommunkod in ('a','b')", "S_INTERSECTS(geometry,BBOX(1,2,3,4))", `"namn" = 'it''s'`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := CQL2{geo.House}.ParseText(text)
		checkFuzzed(t, text, e, err)
	})
}

func FuzzParseCQL2JSON(f *testing.F) {
	for _, seed := range []string{`{"op":"and","args":[{"op":"=","args":[{"property":"antal"},5]},{"op":"isNull","args":[{"property":"namn"}]}]}`,
		`{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}`,
		`{"op":"t_during","args":[{"property":"beslut"},{"interval":["1990-01-01",".."]}]}`, `{"op":"in","args":[{"property":"antal"},[1,2]]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := CQL2{geo.House}.ParseJSON(text)
		checkFuzzed(t, text, e, err)
	})
}

// checkFuzzed: what is read is refused or fits, and to check it again changes nothing.
func checkFuzzed(t *testing.T, text string, e plan.Expression, err error) {
	t.Helper()
	if err == nil {
		e, err = everything.Check(e)
	}
	if err != nil {
		if code := plan.CodeOf(err); code != plan.Invalid && code != plan.TooLarge {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	if again, err := everything.Check(e); err != nil || !reflect.DeepEqual(again, e) {
		t.Fatalf("%q: checked again it is %v, %v", text, again, err)
	}
}

// TestHandbookFilters reads the filters that the handbook shows.
func TestHandbookFilters(t *testing.T) {
	handbook, err := os.ReadFile("../../docs/handbok.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(handbook), "```cql2\n")
	examples, _, _ := strings.Cut(rest, "```")
	layers := plan.BuiltIn()
	kommun := &layers[slices.IndexFunc(layers, func(l plan.Layer) bool { return l.ID == "kommun" })]
	n := 0
	for line := range strings.Lines(examples) {
		e, err := CQL2{}.ParseText(strings.TrimSpace(line))
		if err == nil {
			_, err = kommun.Check(e)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		n++
	}
	if n < 10 {
		t.Errorf("only %d filters found", n)
	}
}
