package ingest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// testLayer has an attribute of every type.
func testLayer(geometry plan.GeometryType) *plan.Layer {
	return &plan.Layer{ID: "prov", GeometryType: geometry, Attributes: []plan.Attribute{
		{Name: "namn", Type: plan.String, Title: plan.Text{SV: "Namn (OFFICIELLT_NAMN)"}},
		{Name: "antal", Type: plan.Integer},
		{Name: "height", Type: plan.Number},
		{Name: "klar", Type: plan.Boolean},
		{Name: "dag", Type: plan.Date},
		{Name: "stund", Type: plan.DateTime},
		{Name: "slag", Type: plan.String, Codes: []plan.CodeEntry{{Value: "väg"}, {Value: "järnväg"}}},
	}}
}

const (
	square  = `[[12.5,58],[12.6,58],[12.6,58.1],[12.5,58.1],[12.5,58]]` // counter-clockwise, in the region
	polygon = `{"type":"Polygon","coordinates":[` + square + `]}`
	feature = `{"type":"Feature","properties":null,"geometry":` + polygon + `}`
)

func featureWith(members string) string {
	return `{"type":"Feature",` + members + `}`
}

func featuresOf(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func read(t *testing.T, layer *plan.Layer, body, crs string) (*Batch, error) {
	t.Helper()
	return ReadGeoJSON(t.Context(), strings.NewReader(body), Options{Layer: layer, CRS: crs})
}

// kept gives the features of a batch, and closes it.
func kept(t testing.TB, batch *Batch) (list []plan.Feature) {
	t.Helper()
	for i := range batch.Len() {
		var f plan.Feature
		if err := batch.At(i, &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	if err := batch.Close(); err != nil {
		t.Error(err)
	}
	return list
}

func TestReadAccepts(t *testing.T) {
	const house = `[[400000,6450000],[400100,6450000],[400100,6450100],[400000,6450000]]`
	const crs3006 = `"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3006"}}`
	houseFeature := featureWith(`"geometry":{"type":"Polygon","coordinates":[` + house + `]},"properties":{}`)
	tests := []struct {
		name, body, crs string
		features        int
	}{
		{"collection", featuresOf(feature, feature), "", 2},
		{"empty collection", featuresOf(), "", 0},
		{"type last", `{"features":[` + feature + `],"type":"FeatureCollection"}`, "", 1},
		{"foreign members", `{"type":"FeatureCollection","links":[{}],"features":[` + feature + `],"numberMatched":1,"coordinates":null}`, "", 1},
		{"one feature", feature, "", 1},
		{"feature with type last", `{"geometry":` + polygon + `,"properties":{},"type":"Feature"}`, "", 1},
		{"one geometry", polygon, "", 1},
		{"geometry with type last", `{"coordinates":[` + square + `],"type":"Polygon"}`, "", 1},
		{"newline-delimited", feature + "\n" + feature + "\r\n" + polygon + "\n", "", 3},
		{"record separators", "\x1e" + feature + "\n\x1e" + feature + "\n", "", 2},
		{"byte order mark", "\xef\xbb\xbf" + featuresOf(feature), "", 1},
		{"crs first", `{"type":"FeatureCollection",` + crs3006 + `,"features":[` + houseFeature + `]}`, "", 1},
		{"crs last", `{"type":"FeatureCollection","features":[` + houseFeature + `],` + crs3006 + `}`, "", 1},
		{"crs by parameter", featuresOf(houseFeature), "http://www.opengis.net/def/crs/EPSG/0/3006", 1},
		{"crs agrees", `{"type":"FeatureCollection","features":[` + houseFeature + `],` + crs3006 + `}`, "EPSG:3006", 1},
		{"crs 4326 is CRS84", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4326"}},"features":[` + feature + `]}`, "CRS84", 1},
		{"crs null", `{"type":"FeatureCollection","crs":null,"features":[` + feature + `]}`, "", 1},
		{"crs of a feature", featureWith(crs3006+`,"geometry":{"type":"Polygon","coordinates":[`+house+`]}`) + "\n" + houseFeature, "", 2},
		{"old crs by code", `{"type":"FeatureCollection","crs":{"type":"EPSG","properties":{"code":3006}},"features":[` + houseFeature + `]}`, "", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			batch, err := read(t, testLayer(plan.Polygon), test.body, test.crs)
			if err != nil {
				t.Fatal(err)
			}
			if batch.Len() != test.features {
				t.Fatalf("%d features, want %d", batch.Len(), test.features)
			}
			for _, f := range kept(t, batch) {
				checkAccepted(t, plan.Polygon, f)
			}
		})
	}
}

// checkAccepted holds what is true of every accepted feature.
func checkAccepted(t *testing.T, kind plan.GeometryType, f plan.Feature) {
	t.Helper()
	if f.Geometry.Type != kind {
		t.Errorf("geometry is a %s", f.Geometry.Type)
	}
	if !geo.Window.Contains(f.Geometry.Box()) {
		t.Errorf("outside the window: %v", f.Geometry.Box())
	}
	for _, v := range f.Geometry.Coords {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("coordinate %v", v)
		}
	}
	if fault := geo.Validate(f.Geometry); fault != nil {
		t.Errorf("invalid: %v", fault)
	}
}

// fault is what a test expects of a finding: feature, rule and pointer.
type fault struct {
	feature int
	rule    string
	pointer string
}

func faultsOf(t *testing.T, err error) []fault {
	t.Helper()
	e, ok := errors.AsType[*plan.Error](err)
	if !ok {
		t.Fatalf("not a plan.Error: %v", err)
	}
	var got []fault
	for _, f := range e.Findings {
		got = append(got, fault{f.Feature, f.Rule, f.Pointer})
		for _, sentence := range []string{f.Message.SV, f.Message.EN} {
			if strings.Contains(sentence, "%!") || !strings.HasSuffix(sentence, ".") && !strings.HasSuffix(sentence, "?") && !strings.HasSuffix(sentence, ".)") {
				t.Errorf("sentence %q", sentence)
			}
		}
	}
	return got
}

func TestReadRefuses(t *testing.T) {
	geometry := func(g string) string { return featuresOf(featureWith(`"properties":{},"geometry":` + g)) }
	properties := func(p string) string {
		return featuresOf(feature, featureWith(`"id":"b","properties":`+p+`,"geometry":`+polygon))
	}
	const at = "/geometry/coordinates"
	tests := []struct {
		name, body string
		want       []fault
	}{
		{"empty body", "", []fault{{-1, "not_geojson", ""}}},
		{"white space", " \n ", []fault{{-1, "not_geojson", ""}}},
		{"an array", "[" + feature + "]", []fault{{-1, "not_geojson", ""}}},
		{"a string", `"Feature"`, []fault{{-1, "not_geojson", ""}}},
		{"no type", `{}`, []fault{{-1, "not_geojson", ""}}},
		{"no features", `{"type":"FeatureCollection"}`, []fault{{-1, "not_geojson", ""}}},
		{"features an object", `{"type":"FeatureCollection","features":{}}`, []fault{{-1, "not_geojson", ""}}},
		{"wrong type of collection", `{"features":[],"type":"Feature"}`, []fault{{-1, "not_geojson", ""}}},
		{"misspelt type", `{"type":"featurecollection","features":[]}`, []fault{{0, "not_a_feature", "/type"}}},
		{"a null feature", featuresOf("null", feature), []fault{{0, "not_a_feature", ""}}},
		{"feature of no type", featuresOf(`{"geometry":null}`), []fault{{0, "not_a_feature", "/type"}}},
		{"topology", featuresOf(`{"type":"Topology"}`), []fault{{0, "not_a_feature", "/type"}}},
		{"collection in a sequence", feature + "\n" + featuresOf(), []fault{{1, "not_a_feature", "/type"}}},

		{"cut off in a feature", featuresOf(feature)[:80], []fault{{-1, "truncated", ""}}},
		{"cut off between features", `{"type":"FeatureCollection","features":[` + feature + ",", []fault{{-1, "truncated", ""}}},
		{"cut off after features", `{"type":"FeatureCollection","features":[]`, []fault{{-1, "truncated", ""}}},
		{"cut off line", feature + "\n" + feature[:50], []fault{{-1, "truncated", ""}}},
		{"trailing garbage", featuresOf(feature) + "x", []fault{{-1, "trailing_data", ""}}},
		{"two collections", featuresOf(feature) + "\n" + featuresOf(feature), []fault{{-1, "trailing_data", ""}}},
		{"trailing comma", `{"type":"FeatureCollection","features":[` + feature + ",]}", []fault{{-1, "malformed_json", "/features"}}},
		{"duplicate name", `{"type":"FeatureCollection","type":"Feature","features":[]}`, []fault{{-1, "malformed_json", "/type"}}},
		{"duplicate property", properties(`{"antal":1,"antal":2}`), []fault{{-1, "malformed_json", "/features/1/properties/antal"}}},
		{"not UTF-8", properties("{\"namn\":\"\xe5\"}"), []fault{{-1, "malformed_json", "/features/1/properties/namn"}}},
		{"NaN", geometry(`{"type":"Point","coordinates":[NaN,1]}`), []fault{{-1, "malformed_json", "/features/0/geometry/coordinates/0"}}},
		{"separator in a string", properties("{\"namn\":\"a\x1eb\"}"), []fault{{-1, "malformed_json", "/features/1/properties/namn"}}},
		{"leading zero", properties(`{"antal":007}`), []fault{{-1, "malformed_json", "/features/1/properties"}}},
		{"too deep", strings.Repeat(`{"a":`, 20_000), []fault{{-1, "malformed_json", strings.Repeat("/a", 10_000)}}},

		{"null geometry", geometry("null"), []fault{{0, "geometry_missing", "/geometry"}}},
		{"no geometry", featuresOf(`{"type":"Feature"}`), []fault{{0, "geometry_missing", "/geometry"}}},
		{"geometry a number", geometry("7"), []fault{{0, "geometry_unreadable", "/geometry"}}},
		{"geometry of no type", geometry(`{"coordinates":[]}`), []fault{{0, "geometry_unreadable", "/geometry/type"}}},
		{"geometry type in lower case", geometry(`{"type":"polygon"}`), []fault{{0, "geometry_unreadable", "/geometry/type"}}},
		{"wrong geometry type", geometry(`{"type":"Point","coordinates":[12,58]}`), []fault{{0, "geometry_type", "/geometry/type"}}},
		{"geometry collection", geometry(`{"type":"GeometryCollection","geometries":[` + polygon + `]}`), []fault{{0, "geometry_type", "/geometry/type"}}},
		{"no coordinates", geometry(`{"type":"Polygon"}`), []fault{{0, "geometry_unreadable", "/geometry"}}},
		{"coordinates null", geometry(`{"type":"Polygon","coordinates":null}`), []fault{{0, "geometry_unreadable", at}}},
		{"empty coordinates", geometry(`{"type":"Polygon","coordinates":[]}`), []fault{{0, "empty_geometry", at}}},
		{"ring of nothing", geometry(`{"type":"Polygon","coordinates":[ [ ] ]}`), []fault{{0, "empty_geometry", at + "/0"}}},
		{"empty ring", geometry(`{"type":"Polygon","coordinates":[` + square + `,[]]}`), []fault{{0, "empty_geometry", at + "/1"}}},
		{"empty polygon", geometry(`{"type":"MultiPolygon","coordinates":[[` + square + `],[]]}`), []fault{{0, "empty_geometry", at + "/1"}}},
		{"too few levels", geometry(`{"type":"MultiPolygon","coordinates":[` + square + `]}`), []fault{{0, "geometry_unreadable", at}}},
		{"too many levels", geometry(`{"type":"Polygon","coordinates":[[[[[1,2]]]]]}`), []fault{{0, "geometry_unreadable", at}}},
		{"uneven levels", geometry(`{"type":"Polygon","coordinates":[` + square + `,[12,58]]}`), []fault{{0, "geometry_unreadable", at + "/1/0"}}},
		{"levels within a position", geometry(`{"type":"Polygon","coordinates":[[[12,58],[[12,58]]]]}`), []fault{{0, "position_invalid", at + "/0/1"}}},
		{"text in a position", geometry(`{"type":"Polygon","coordinates":[[[12,"58"]]]}`), []fault{{0, "position_invalid", at + "/0/0"}}},
		{"one number", geometry(`{"type":"Polygon","coordinates":[[[12]]]}`), []fault{{0, "position_invalid", at + "/0/0"}}},
		{"four numbers", geometry(`{"type":"Polygon","coordinates":[[[12,58,0,0]]]}`), []fault{{0, "position_invalid", at + "/0/0"}}},
		{"overflow", geometry(`{"type":"Polygon","coordinates":[[[12,58],[-1e999,58]]]}`), []fault{{0, "non_finite", at + "/0/1"}}},
		{"unclosed ring", geometry(`{"type":"Polygon","coordinates":[[[12,58],[12.1,58],[12.1,58.1],[12,58.1]]]}`), []fault{{0, "ring_not_closed", at + "/0"}}},
		{"three positions", geometry(`{"type":"Polygon","coordinates":[[[12,58],[12.1,58],[12,58]]]}`), []fault{{0, "too_few_points", at + "/0"}}},
		{"several rings", geometry(`{"type":"MultiPolygon","coordinates":[[` + square + `,[[12,58],[12,58.1]]],[[[12,58],[12.1,58],[12.1,58.1],[12,58.1]]]]}`),
			[]fault{{0, "too_few_points", at + "/0/1"}, {0, "ring_not_closed", at + "/1/0"}}},
		{"bow tie", geometry(`{"type":"Polygon","coordinates":[[[12,58],[12.1,58.1],[12.1,58],[12,58.1],[12,58]]]}`), []fault{{0, "self_intersection", at + "/0/2"}}},
		{"bow tie in the second part", geometry(`{"type":"MultiPolygon","coordinates":[[` + square + `],[[[12,58],[12.1,58.1],[12.1,58],[12,58.1],[12,58]]]]}`), []fault{{0, "self_intersection", at + "/1/0/2"}}},
		{"hole outside", geometry(`{"type":"Polygon","coordinates":[` + square + `,[[13,58],[13,58.1],[13.1,58],[13,58]]]}`), []fault{{0, "hole_outside_shell", at + "/1/0"}}},
		{"outside the region", geometry(`{"type":"Polygon","coordinates":[[[18,59],[18.1,59],[18.1,59.1],[18,59]]]}`), []fault{{0, "outside_region", at + "/0/0"}}},
		{"outside the world", geometry(`{"type":"Polygon","coordinates":[[[400000,6450000],[400100,6450000],[400100,6450100],[400000,6450000]]]}`), []fault{{0, "outside_world", at + "/0/0"}}},

		{"properties an array", properties(`[]`), []fault{{1, "not_a_feature", "/properties"}}},
		{"unknown attribute", properties(`{"hight":1}`), []fault{{1, "attribute_unknown", "/properties/hight"}}},
		{"attribute to escape", properties(`{"a/b~c":1}`), []fault{{1, "attribute_unknown", "/properties/a~1b~0c"}}},
		{"number for text", properties(`{"namn":1}`), []fault{{1, "attribute_type", "/properties/namn"}}},
		{"text for integer", properties(`{"antal":"1"}`), []fault{{1, "attribute_type", "/properties/antal"}}},
		{"fraction for integer", properties(`{"antal":1.5}`), []fault{{1, "attribute_type", "/properties/antal"}}},
		{"integer over 64 bits", properties(`{"antal":9223372036854775808}`), []fault{{1, "attribute_range", "/properties/antal"}}},
		{"integer no longer exact", properties(`{"antal":1e16}`), []fault{{1, "attribute_range", "/properties/antal"}}},
		{"number overflow", properties(`{"height":1e999}`), []fault{{1, "attribute_range", "/properties/height"}}},
		{"text for boolean", properties(`{"klar":"ja"}`), []fault{{1, "attribute_type", "/properties/klar"}}},
		{"not a day", properties(`{"dag":"2026-02-30"}`), []fault{{1, "attribute_type", "/properties/dag"}}},
		{"instant without zone", properties(`{"stund":"2026-02-20T10:00:00"}`), []fault{{1, "attribute_type", "/properties/stund"}}},
		{"not in the code list", properties(`{"slag":"stig"}`), []fault{{1, "attribute_code", "/properties/slag"}}},
		{"object for text", properties(`{"namn":{"sv":"å"}}`), []fault{{1, "attribute_type", "/properties/namn"}}},
		{"NUL", properties(`{"namn":"a\u0000"}`), []fault{{1, "attribute_nul", "/properties/namn"}}},
		{"too long text", properties(`{"namn":"` + strings.Repeat("å", maxText+1) + `"}`), []fault{{1, "attribute_length", "/properties/namn"}}},
		{"several faults", properties(`{"namn":1,"antal":"x"}`), []fault{{1, "attribute_type", "/properties/namn"}, {1, "attribute_type", "/properties/antal"}}},

		{"id an object", featuresOf(featureWith(`"id":{},"geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id a fraction", featuresOf(featureWith(`"id":1.5,"geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id true", featuresOf(featureWith(`"id":true,"geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id negative", featuresOf(featureWith(`"id":-1,"geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id with a slash", featuresOf(featureWith(`"id":"a/b","geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id empty", featuresOf(featureWith(`"id":"","geometry":` + polygon)), []fault{{0, "id_invalid", "/id"}}},
		{"id twice", featuresOf(featureWith(`"id":1,"geometry":`+polygon), feature, featureWith(`"id":"1","geometry":`+polygon)), []fault{{2, "id_duplicate", "/id"}}},

		{"unknown crs", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:27700"}},"features":[]}`, []fault{{-1, "crs_unknown", "/crs"}}},
		{"unknown crs last", `{"type":"FeatureCollection","features":[` + feature + `],"crs":{"type":"name","properties":{"name":"EPSG:27700"}}}`, []fault{{-1, "crs_unknown", "/crs"}}},
		{"crs by link", `{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"x"}},"features":[]}`, []fault{{-1, "crs_unreadable", "/crs"}}},
		{"crs of one feature", featuresOf(featureWith(`"crs":{"type":"name","properties":{"name":"EPSG:3006"}},"geometry":` + polygon)), []fault{{0, "crs_conflict", "/crs"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			batch, err := read(t, testLayer(plan.Polygon), test.body, "")
			if err == nil {
				t.Fatalf("accepted %d features", batch.Len())
			}
			if got := faultsOf(t, err); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v\n%v", got, test.want, err)
			}
		})
	}
}
