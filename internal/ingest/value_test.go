package ingest

import (
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func TestValues(t *testing.T) {
	date, _ := plan.ParseDate("2026-11-22")
	instant, _ := plan.ParseDateTime("2026-11-22T10:00:00+01:00")
	tests := []struct {
		name, json string
		want       plan.Value
	}{
		{"namn", `"Åmål \u00e5\n\"x\""`, plan.TextValue("Åmål å\n\"x\"")},
		{"namn", `""`, plan.TextValue("")},
		{"namn", `null`, plan.Value{}},
		{"namn", `"` + strings.Repeat("ö", maxText) + `"`, plan.TextValue(strings.Repeat("ö", maxText))},
		{"antal", `9223372036854775807`, plan.IntegerValue(math.MaxInt64)},
		{"antal", `-9223372036854775808`, plan.IntegerValue(math.MinInt64)},
		{"antal", `9007199254740993`, plan.IntegerValue(1<<53 + 1)},
		{"antal", `1.0`, plan.IntegerValue(1)},
		{"antal", `-2.5e1`, plan.IntegerValue(-25)},
		{"antal", `-0`, plan.IntegerValue(0)},
		{"height", `1`, plan.NumberValue(1)},
		{"height", `0.1`, plan.NumberValue(0.1)},
		{"height", `1e-400`, plan.NumberValue(0)},
		{"klar", `true`, plan.BooleanValue(true)},
		{"klar", `false`, plan.BooleanValue(false)},
		{"dag", `"2026-11-22"`, date},
		{"stund", `"2026-11-22T10:00:00+01:00"`, instant},
		{"slag", `"järnväg"`, plan.TextValue("järnväg")},
	}
	layer := testLayer(plan.None)
	for _, test := range tests {
		f, err := DecodeFeature([]byte(`{"type":"Feature","geometry":null,"properties":{"`+test.name+`": `+test.json+` }}`), Options{Layer: layer})
		if err != nil {
			t.Errorf("%s %.50s: %v", test.name, test.json, err)
			continue
		}
		for i, v := range f.Values {
			if want := test.want; i != layer.Attribute(test.name) && !v.IsNull() || i == layer.Attribute(test.name) && v != want {
				t.Errorf("%s %.50s: %s is %v", test.name, test.json, layer.Attributes[i].Name, v)
			}
		}
	}
}

func TestRequired(t *testing.T) {
	layer := testLayer(plan.None)
	layer.Attributes[0].Required = true
	for _, properties := range []string{`null`, `{}`, `{"namn":null}`, `{"antal":1}`} {
		_, err := DecodeFeature([]byte(`{"type":"Feature","properties":`+properties+`}`), Options{Layer: layer})
		if got := faultsOf(t, err); len(got) != 1 || got[0] != (fault{-1, "attribute_required", "/properties/namn"}) {
			t.Errorf("%s: %v", properties, got)
		}
	}
	if _, err := DecodeFeature([]byte(`{"type":"Feature","properties":{"namn":""}}`), Options{Layer: layer}); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	batch, err := read(t, testLayer(plan.None), featuresOf(`{"type":"Feature","geometry":null,"properties":{"antal":1}}`, `{"type":"Feature"}`), "")
	if err != nil || batch.Len() != 2 || !kept(t, batch)[0].Geometry.IsEmpty() {
		t.Errorf("%v %v", batch, err)
	}
	_, err = read(t, testLayer(plan.None), featuresOf(feature), "")
	if got := faultsOf(t, err); len(got) != 1 || got[0] != (fault{0, "geometry_unexpected", "/geometry"}) {
		t.Errorf("%v", got)
	}
}

func TestIDs(t *testing.T) {
	tests := []struct{ json, want string }{
		{`"å_1.a:b-c"`, "å_1.a:b-c"}, {`7`, "7"}, {`7.0`, "7"}, {`1e3`, "1000"}, {`null`, ""}, {`0`, "0"},
		{`12345678901234567890123`, "12345678901234567890123"}, {`"007"`, "007"},
	}
	for _, test := range tests {
		f, err := DecodeFeature([]byte(`{"type":"Feature","id":`+test.json+`}`), Options{Layer: testLayer(plan.None)})
		if err != nil || f.ID != test.want {
			t.Errorf("%s: %q, %v", test.json, f.ID, err)
		}
	}
}

// TestNumbersAreExact compares the short way with strconv's on numbers of every length.
func TestNumbersAreExact(t *testing.T) {
	const seed = 20261122
	random := rand.New(rand.NewPCG(seed, 0))
	numbers := []string{"0", "-0", "0.0", "-0.5", "9007199254740992", "9007199254740993", "0.1e1", "1E+2", "1e-2", "123456789012345678901234567890",
		"0.0000000000000000000000001", "1985724.313476727576926", "1.7976931348623157e308", "5e-324", "18446744073709551616.5"}
	for range 200_000 {
		f := random.NormFloat64() * math.Pow(10, float64(random.IntN(30)-15))
		numbers = append(numbers, strconv.FormatFloat(f, "fge"[random.IntN(3)], random.IntN(25)-1, 64))
	}
	for _, number := range numbers {
		want, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatal(err)
		}
		c := &cursor{doc: []byte(number + ",")}
		if got := c.number(); math.Float64bits(got) != math.Float64bits(want) || c.pos != len(number) {
			t.Fatalf("seed %d: %s read as %v up to %d", seed, number, got, c.pos)
		}
	}
}

func TestGeometryForms(t *testing.T) {
	const (
		a  = `[12.5,58]`
		b  = `[12.6,58]`
		c  = `[12.6,58.1]`
		sq = square
		in = `[[12.52,58.02],[12.58,58.02],[12.58,58.08],[12.52,58.02]]`
		z  = `[[12.5,58,1],[12.6,58,2],[12.6,58.1,3],[12.5,58,1]]`
	)
	other := strings.NewReplacer("12.", "13.").Replace(square)
	tests := []struct {
		json                   string
		kind                   plan.GeometryType
		parts, paths, vertices int
	}{
		{`{"type":"Point","coordinates":` + a + `}`, plan.Point, 1, 0, 1},
		{`{"type":"MultiPoint","coordinates":[` + a + `,` + b + `]}`, plan.Point, 2, 0, 2},
		{`{"type":"LineString","coordinates":[` + a + `,` + b + `,` + c + `]}`, plan.Line, 1, 1, 3},
		{`{"type":"MultiLineString","coordinates":[[` + a + `,` + b + `]]}`, plan.Line, 1, 1, 2},
		{`{"type":"MultiLineString","coordinates":[[` + a + `,` + b + `],[` + b + `,` + c + `]]}`, plan.Line, 2, 2, 4},
		{`{"type":"Polygon","coordinates":[` + sq + `]}`, plan.Polygon, 1, 1, 5},
		{`{"type":"Polygon","coordinates":[` + sq + `,` + in + `]}`, plan.Polygon, 1, 2, 9},
		{`{"type":"MultiPolygon","coordinates":[[` + sq + `]]}`, plan.Polygon, 1, 1, 5},
		{`{"type":"MultiPolygon","coordinates":[[` + sq + `,` + in + `],[` + other + `]]}`, plan.Polygon, 2, 3, 14},
		{`{"coordinates":[` + z + `],"bbox":[0],"type":"Polygon"}`, plan.Polygon, 1, 1, 4},
	}
	for _, test := range tests {
		for _, want := range []plan.GeometryType{"", test.kind} {
			g, err := DecodeGeometry([]byte(test.json), want, "", Limits{})
			if err != nil {
				t.Errorf("%s: %v", test.json, err)
				continue
			}
			if g.Type != test.kind || g.NumParts() != test.parts || g.NumPaths() != test.paths || g.NumVertices() != test.vertices {
				t.Errorf("%s: %+v", test.json, g)
			}
		}
	}
}

func TestRingsAreTurned(t *testing.T) {
	clockwise := `{"type":"Polygon","coordinates":[[[12.5,58],[12.5,58.1],[12.6,58.1],[12.6,58],[12.5,58]]]}`
	g, err := DecodeGeometry([]byte(clockwise), plan.Polygon, "", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := DecodeGeometry([]byte(polygon), plan.Polygon, "", Limits{})
	if geo.Area(g) <= 0 || geo.Area(g) != geo.Area(want) {
		t.Errorf("area %v, want %v", geo.Area(g), geo.Area(want))
	}
}

func TestHeightsAreDroppedWithANotice(t *testing.T) {
	z := `{"type":"Feature","geometry":{"type":"LineString","coordinates":[[12.5,58,7],[12.6,58,8]]}}`
	flat := `{"type":"Feature","geometry":{"type":"LineString","coordinates":[[12.5,58],[12.6,58]]}}`
	batch, err := read(t, testLayer(plan.Line), featuresOf(z, flat, z), "")
	if err != nil || len(batch.Notices) != 1 || batch.Notices[0].Rule != "z_dropped" || !strings.Contains(batch.Notices[0].Message.SV, "2 objekt") {
		t.Errorf("%+v %v", batch, err)
	}
	if batch, err = read(t, testLayer(plan.Line), featuresOf(flat), ""); err != nil || len(batch.Notices) != 0 {
		t.Errorf("%+v %v", batch, err)
	}
}

func TestMessagesSayWhatItLooksLike(t *testing.T) {
	point := func(x, y string) string { return `{"type":"Point","coordinates":[` + x + `,` + y + `]}` }
	tests := []struct {
		body, crs string
		want      []string
	}{
		{point("319755.5", "6400322.8"), "", []string{"319755.5 6400322.8", "like EPSG:3006", "CRS84 file", "ser ut som EPSG:3006"}},
		{point("57.70887", "11.97456"), "", []string{"axis-swapped", "lat, lon", "omkastade axlar"}},
		{point("6400322.8", "319755.5"), "EPSG:3006", []string{"axis-swapped", "N, E"}},
		{point("1333001.9", "7906407.3"), "EPSG:3006", []string{"like EPSG:3857"}},
		{point("0", "0"), "EPSG:3006", []string{"0, 0"}},
	}
	for _, test := range tests {
		_, err := DecodeGeometry([]byte(test.body), plan.Point, test.crs, Limits{})
		e, _ := errors.AsType[*plan.Error](err)
		if e == nil || len(e.Findings) != 1 {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		f := e.Findings[0]
		for _, part := range test.want {
			if !strings.Contains(f.Message.SV+f.Message.EN, part) {
				t.Errorf("%s: %v lacks %q", test.body, f.Message, part)
			}
		}
		if f.Location == nil || f.Location.CRS == "" || !strings.Contains(test.body, strconv.FormatFloat(f.Location.X, 'f', -1, 64)) {
			t.Errorf("%s: location %v", test.body, f.Location)
		}
	}
}

func TestCRSThatContradicts(t *testing.T) {
	body := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},"features":[]}`
	_, err := read(t, testLayer(plan.Polygon), body, "EPSG:3006")
	if got := faultsOf(t, err); len(got) != 1 || got[0].rule != "crs_conflict" || !strings.Contains(err.Error(), "EPSG:3857") || !strings.Contains(err.Error(), "EPSG:3006") {
		t.Errorf("%v", err)
	}
	if _, err := read(t, testLayer(plan.Polygon), featuresOf(), "EPSG:99999"); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("%v", err)
	}
}

func TestFaultIsWhereItIs(t *testing.T) {
	// The two edges cross at (12.05, 58.05) in degrees.
	_, err := read(t, testLayer(plan.Polygon), `{"type":"Polygon","coordinates":[[[12,58],[12.1,58.1],[12.1,58],[12,58.1],[12,58]]]}`, "")
	e, _ := errors.AsType[*plan.Error](err)
	if e == nil || len(e.Findings) != 1 || e.Findings[0].Location == nil {
		t.Fatal(err)
	}
	if l := e.Findings[0].Location; math.Abs(l.X-12.05) > 1e-4 || math.Abs(l.Y-58.05) > 1e-4 || l.CRS != "CRS84" {
		t.Errorf("location %+v", l)
	}
}

func TestPatch(t *testing.T) {
	layer := testLayer(plan.Polygon)
	before, err := DecodeFeature([]byte(featureWith(`"id":"a","properties":{"namn":"x","antal":1},"geometry":`+polygon)), Options{Layer: layer})
	if err != nil {
		t.Fatal(err)
	}
	small := strings.ReplaceAll(polygon, "58.1", "58.05")
	tests := []struct {
		name, json string
		namn       string
		antal      plan.Value
		moved      bool
	}{
		{"nothing", `{}`, "x", plan.IntegerValue(1), false},
		{"an attribute", `{"properties":{"antal":2}}`, "x", plan.IntegerValue(2), false},
		{"an attribute to null", `{"type":"Feature","properties":{"antal":null}}`, "x", plan.Value{}, false},
		{"all attributes to null", `{"properties":null}`, "", plan.Value{}, false},
		{"the geometry", `{"geometry":` + small + `}`, "x", plan.IntegerValue(1), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			patch, err := DecodePatch([]byte(test.json), Options{Layer: layer})
			if err != nil {
				t.Fatal(err)
			}
			after := patch.Apply(before)
			if after.ID != "a" || after.Values[0].Text() != test.namn || after.Values[1] != test.antal {
				t.Errorf("%+v", after)
			}
			if moved := after.Geometry.Box() != before.Geometry.Box(); moved != test.moved || (patch.Geometry != nil) != test.moved {
				t.Errorf("geometry moved: %v", moved)
			}
			if before.Values[0].Text() != "x" || before.Values[1] != plan.IntegerValue(1) {
				t.Errorf("the feature itself was changed: %v", before.Values)
			}
		})
	}
}

func TestPatchRefuses(t *testing.T) {
	layer := testLayer(plan.Polygon)
	layer.Attributes[0].Required = true
	for body, want := range map[string]fault{
		`{"geometry":null}`: {-1, "geometry_missing", "/geometry"},
		`{"geometry":{"type":"Point","coordinates":[12,58]}}`: {-1, "geometry_type", "/geometry/type"},
		`{"properties":{"namn":null}}`:                        {-1, "attribute_required", "/properties/namn"},
		`{"properties":null}`:                                 {-1, "attribute_required", "/properties/namn"},
		`{"properties":{"x":1}}`:                              {-1, "attribute_unknown", "/properties/x"},
		`{"type":"Point"}`:                                    {-1, "not_a_feature", "/type"},
		`[]`:                                                  {-1, "not_a_feature", ""},
		`{} {}`:                                               {-1, "trailing_data", ""},
		``:                                                    {-1, "not_geojson", ""},
		`{`:                                                   {-1, "truncated", ""},
	} {
		patch, err := DecodePatch([]byte(body), Options{Layer: layer})
		if err == nil {
			t.Errorf("%s: accepted as %+v", body, patch)
		} else if got := faultsOf(t, err); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}
