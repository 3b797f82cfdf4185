package ingest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// areas is a file with every kind of attribute, Swedish letters, a hole, and coordinates that use every bit.
const areas = `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3006"}},"features":[
{"type":"Feature","id":"a-1","properties":{"key":"a-1","namn":"Åmål över Ödet","antal":9007199254740993,"height":0.1,"klar":true,"dag":"1984-06-01","stund":"2026-11-22T10:00:00+02:00","slag":"väg"},
 "geometry":{"type":"Polygon","coordinates":[[[400000.10000000003,6450000.3333333333],[400100,6450000],[400100,6450100],[400000,6450100],[400000.10000000003,6450000.3333333333]],
 [[400010,6450010],[400010,6450020],[400020,6450020],[400010,6450010]]]}},
{"type":"Feature","id":"a-2","properties":{"key":"a-2","namn":"[sic] {2}","antal":-7,"height":123456789.123456789,"klar":false,"dag":"2026-11-22","stund":null,"slag":"järnväg"},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[410000,6450000],[410100,6450000],[410100,6450100],[410000,6450000]]]]}}]}`

func areaLayer() *plan.Layer {
	layer := testLayer(plan.Polygon)
	layer.Attributes = append(layer.Attributes, plan.Attribute{Name: "key", Type: plan.String})
	return layer
}

// TestRoundTrip has ogr2ogr make each format of the same features, and expects what GeoJSON gives.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "källa.geojson")
	if err := os.WriteFile(source, []byte(areas), 0o600); err != nil {
		t.Fatal(err)
	}
	layer := areaLayer()
	want, err := read(t, layer, areas, "")
	if err != nil {
		t.Fatal(err)
	}
	// dBASE has days but no instants: they are kept as text.
	for _, c := range []struct {
		format, name string
		options      []string
		crs          string
	}{
		{"GPKG", "ytor.gpkg", nil, ""},
		{"FlatGeobuf", "ytor.fgb", []string{"-nlt", "MULTIPOLYGON"}, ""},
		{"ESRI Shapefile", "ytor.shp", []string{"-lco", "ENCODING=UTF-8", "-mapFieldType", "DateTime=String"}, ""},
		{"ESRI Shapefile", "latin.shp", []string{"-lco", "ENCODING=ISO-8859-1", "-mapFieldType", "DateTime=String"}, ""},
		{"GML", "ytor.gml", []string{"-dsco", "FORMAT=GML3.2"}, ""},
		{"GML", "gml2.gml", []string{"-dsco", "FORMAT=GML2"}, ""},
		{"KML", "plain.kml", nil, ""},
		{"LIBKML", "lib.kml", nil, ""},
		{"LIBKML", "lib.kmz", nil, ""},
		{"CSV", "ytor.csv", []string{"-lco", "GEOMETRY=AS_WKT"}, "EPSG:3006"},
		{"CSV", "semikolon.csv", []string{"-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=SEMICOLON"}, "EPSG:3006"},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		ogr(t, append([]string{"-f", c.format, path, source}, c.options...)...)
		if c.format == "ESRI Shapefile" {
			path = zipped(t, strings.TrimSuffix(path, ".shp")+".*")
		}
		got, err := readPath(t, path, File{}, Options{Layer: layer, CRS: c.crs, Columns: Columns{ID: "key", IgnoreUnknown: true}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		// WKT, GML, KML and dBASE have fewer digits than a double; GDAL writes them so.
		tolerance := map[string]float64{"CSV": 1e-6, "GML": 1e-6, "KML": 1e-6, "LIBKML": 1e-6, "ESRI Shapefile": 1e-5}[c.format]
		compareFeatures(t, c.name, kept(t, got), kept(t, want), tolerance)
	}
}

func compareFeatures(t *testing.T, name string, got, want []plan.Feature, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d features, want %d", name, len(got), len(want))
		return
	}
	slices.SortFunc(got, func(a, b plan.Feature) int { return plan.CompareIDs(a.ID, b.ID) }) // FlatGeobuf has an order of its own
	for i := range got {
		if got[i].ID != want[i].ID {
			t.Errorf("%s: id %q, want %q", name, got[i].ID, want[i].ID)
		}
		for j := range want[i].Values {
			if g, w := got[i].Values[j], want[i].Values[j]; g != w && !(tolerance > 0 && w.Kind() == plan.Number && near(g.Float(), w.Float(), tolerance)) &&
				!(tolerance > 0 && w.Int() > 1<<53) {
				t.Errorf("%s: feature %d: value %d is %v, want %v", name, i, j, g, w)
			}
		}
		if !slices.EqualFunc(got[i].Geometry.Coords, want[i].Geometry.Coords, func(g, w float64) bool { return near(g, w, tolerance) }) {
			t.Errorf("%s: feature %d: %v, want %v", name, i, got[i].Geometry.Coords, want[i].Geometry.Coords)
		}
	}
}

func near(a, b, tolerance float64) bool { return a-b <= tolerance && b-a <= tolerance }

// TestSystems reads one place in every system that officers have, as CSV and as a Shapefile with the .prj of ESRI.
func TestSystems(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "p.csv")
	if err := os.WriteFile(source, []byte("namn,e,n\nÅ,400000,6450000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	layer := testLayer(plan.Point)
	for _, code := range []int{3006, 3007, 3008, 3009, 3021, 3857, 4326} {
		crs, shp := fmt.Sprintf("EPSG:%d", code), filepath.Join(dir, fmt.Sprintf("p%d.shp", code))
		ogr(t, shp, source, "-oo", "X_POSSIBLE_NAMES=e", "-oo", "Y_POSSIBLE_NAMES=n", "-oo", "KEEP_GEOM_COLUMNS=NO", "-s_srs", "EPSG:3006", "-t_srs", crs)
		batch, err := readPath(t, zipped(t, strings.TrimSuffix(shp, ".shp")+".*"), File{}, Options{Layer: layer})
		if err != nil {
			t.Errorf("%s: %v", crs, err)
			continue
		}
		// PROJ has a datum shift of its own between RT 90 and SWEREF 99; what matters is that the system was known.
		at := kept(t, batch)[0].Geometry.Coords
		if batch.CRS.Name() != strings.Replace(crs, "EPSG:4326", "CRS84", 1) || !near(at[0], 400000, 0.01) || !near(at[1], 6450000, 0.01) {
			t.Errorf("%s: read in %s, %v", crs, batch.CRS, at)
		}
	}
}

// TestMeasuresAreDroppedWithANotice: what a road register has in its third or fourth number is no height.
func TestMeasuresAreDroppedWithANotice(t *testing.T) {
	for shape, want := range map[string]string{"LINESTRING M (400000 6450000 1,400100 6450000 2)": "m_dropped",
		"LINESTRING ZM (400000 6450000 7 1,400100 6450000 7 2)": "z_dropped m_dropped", "LINESTRING (400000 6450000,400100 6450000)": ""} {
		path := filepath.Join(t.TempDir(), "v.csv")
		if err := os.WriteFile(path, []byte("namn,WKT\nväg,\""+shape+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		gpkg := path + ".gpkg"
		ogr(t, gpkg, path, "-oo", "GEOM_POSSIBLE_NAMES=WKT", "-oo", "KEEP_GEOM_COLUMNS=NO", "-a_srs", "EPSG:3006")
		batch, err := readPath(t, gpkg, File{}, Options{Layer: testLayer(plan.Line)})
		if err != nil || rulesOf(batch.Notices) != want {
			t.Errorf("%s: %+v, %v", shape, batch, err)
		}
	}
}

func TestCSV(t *testing.T) {
	layer := testLayer(plan.Point)
	for _, c := range []struct {
		name, body, encoding, crs string
		want                      string // in the error; "" for a place in the region
		columns                   Columns
	}{
		{name: "easting and northing", body: "Namn;Öst;Nord\nÅmål;400000,5;6450000,25\n", crs: "EPSG:3006"},
		{name: "degrees", body: "namn,Lat,Lon\nx,58.1,12.9\n"},
		{name: "wkt", body: "namn,WKT\nx,\"POINT (400000 6450000)\"\n", crs: "EPSG:3006"},
		{name: "Windows", body: "namn;e;n\n\xc5m\xe5l;400000;6450000\n", encoding: "windows-1252", crs: "3006"},
		{name: "Windows unsaid", body: "namn;e;n\n\xc5m\xe5l;400000;6450000\n", crs: "3006", want: "line 2 of the file is not UTF-8"},
		{name: "byte order mark", body: "\ufeffnamn;e;n\nÅmål;400000;6450000\n", crs: "3006"},
		{name: "no system", body: "namn,e,n\nx,400000,6450000\n", want: "could be EPSG:3006"},
		{name: "degrees said to be metres", body: "lon,lat\n12.9,58.1\n", crs: "EPSG:3006", want: "The file says coordinate system CRS84 but the request says EPSG:3006"},
		{name: "swapped", body: "x,y\n6450000,400000\n", crs: "EPSG:3006", want: "axis-swapped"},
		{name: "unknown column", body: "e,n,smak\n400000,6450000,söt\n", crs: "3006", want: `no attribute "smak"`},
		{name: "ignored column", body: "e,n,smak\n400000,6450000,söt\n", crs: "3006", columns: Columns{IgnoreUnknown: true}},
		{name: "mapped column", body: "e,n,TOTALHOJD\n400000,6450000,\"12,5\"\n", crs: "3006", columns: Columns{Map: map[string]string{"totalhojd": "height"}}},
		{name: "two for one", body: "e,n,Height,H\n400000,6450000,1,2\n", crs: "3006", columns: Columns{Map: map[string]string{"H": "height"}}, want: `no attribute "Height"`},
		{name: "map to nothing", body: "e,n\n400000,6450000\n", crs: "3006", columns: Columns{Map: map[string]string{"H": "hojd"}}, want: `no attribute "hojd"`},
		{name: "not a number", body: "e,n,antal\n400000,6450000,många\n", crs: "3006", want: "must be an integer"},
		{name: "half an integer", body: "e,n,antal\n400000,6450000,\"1,5\"\n", crs: "3006", want: "must be an integer"},
		{name: "ids twice", body: "e,n,nr\n400000,6450000,7\n400001,6450000,7\n", crs: "3006", columns: Columns{ID: "nr"}, want: `id "7" is already`},
		{name: "id missing", body: "e,n,nr\n400000,6450000,\n", crs: "3006", columns: Columns{ID: "nr"}, want: "no id in the column"},
		{name: "no id column", body: "e,n\n400000,6450000\n", crs: "3006", columns: Columns{ID: "nr"}, want: "no id in the column"},
		{name: "no columns", body: "a,b\n1,2\n", crs: "3006", want: "no columns with coordinates"},
		{name: "empty", body: "", crs: "3006", want: "no columns with coordinates"},
	} {
		f := File{Body: strings.NewReader(c.body), Name: "blad.csv", Encoding: c.encoding, MaxBytes: 1 << 20}
		batch, err := testReader.Read(t.Context(), f, Options{Layer: layer, CRS: c.crs, Columns: c.columns})
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && strings.Contains(strings.ToLower(c.body), "m\xe5l") && kept(t, batch)[0].Values[0].Text() != "Åmål":
			t.Errorf("%s: %v", c.name, kept(t, batch)[0].Values)
		}
	}
}

// TestColumnsOfGeoJSON: mapping, leaving out and ids are the same for GeoJSON, which stays strict in all else.
func TestColumnsOfGeoJSON(t *testing.T) {
	body := featureWith(`"id":"x","properties":{"HOJD":2.5,"nr":17,"smak":null},"geometry":{"type":"Point","coordinates":[12.5,58]}`)
	columns := Columns{Map: map[string]string{"HOJD": "height", "FINNS_INTE": "antal"}, IgnoreUnknown: true, ID: "nr"}
	batch, err := ReadGeoJSON(t.Context(), strings.NewReader(body), Options{Layer: testLayer(plan.Point), Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	if f := kept(t, batch)[0]; f.ID != "17" || f.Values[2].Float() != 2.5 {
		t.Error(f)
	}
	var rules []string
	for _, notice := range batch.Notices {
		rules = append(rules, notice.Rule+" "+notice.Message.EN)
	}
	want := []string{"columns_ignored Columns that the layer does not have were left out: smak.", `column_absent The column "FINNS_INTE" of map is not in the file.`}
	if !slices.Equal(rules, want) {
		t.Errorf("notices %q", rules)
	}
	_, err = read(t, testLayer(plan.Point), strings.Replace(body, `"HOJD":2.5`, `"height":"2.5"`, 1), "")
	if err == nil || !strings.Contains(err.Error(), "must be a number") {
		t.Error("GeoJSON has types of its own:", err)
	}
}

func TestParseMap(t *testing.T) {
	got, err := ParseMap("A b:x, C:D:y")
	if err != nil || len(got) != 2 || got["A b"] != "x" || got["C:D"] != "y" {
		t.Error(got, err)
	}
	for _, bad := range []string{"a", "a:", ":b", "a:b,,", "a:b,a:c"} {
		if got, err := ParseMap(bad); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func TestLoosen(t *testing.T) {
	for _, c := range []struct {
		kind      plan.Kind
		raw, want string
	}{
		{plan.Number, `"12,5"`, `12.5`}, {plan.Number, `"007"`, `7`}, {plan.Number, `"1 000"`, `"1 000"`}, {plan.Number, `" 1.5e3 "`, `1.5e3`},
		{plan.Number, `""`, `null`}, {plan.Number, `"-0,50"`, `-0.50`}, {plan.Number, `"1,000,000"`, `"1,000,000"`}, {plan.Integer, `"12"`, `12`},
		{plan.Boolean, `1`, `true`}, {plan.Boolean, `"Nej"`, `false`}, {plan.Boolean, `2`, `2`},
		{plan.Date, `"2020/01/02"`, `"2020-01-02"`}, {plan.Date, `19840601`, `"1984-06-01"`}, {plan.Date, `"2020-01-02T00:00:00Z"`, `"2020-01-02"`},
		{plan.Date, `"2020-01-02T10:00:00Z"`, `"2020-01-02T10:00:00Z"`},
		{plan.DateTime, `"2020/01/02 10:00:00+00"`, `"2020-01-02T10:00:00+00:00"`}, {plan.DateTime, `"2020/01/02 10:00:00"`, `"2020/01/02 10:00:00"`},
		{plan.String, `1480`, `"1480"`}, {plan.String, `0.10000000000000001`, `"0.1"`}, {plan.String, `[ 1 ]`, `"[ 1 ]"`}, {plan.String, `"x"`, `"x"`},
	} {
		if got, _ := loosen(&plan.Attribute{Type: c.kind}, []byte(c.raw)); string(got) != c.want {
			t.Errorf("%s as %s: %s, want %s", c.raw, c.kind, got, c.want)
		}
	}
}

func TestRecognise(t *testing.T) {
	for _, c := range []struct{ head, name, media, want string }{
		{"PK\x03\x04...", "x.csv", "", "zip"}, {"PK\x03\x04....xl/worksheets/sheet1.xml", "", "", "Excel"}, {"SQLite format 3\x00", "", "application/geo+json", "GeoPackage"}, {"fgb\x03fgb\x00", "", "", "FlatGeobuf"},
		{" <?xml?><kml>", "", "", "KML"}, {"<gml:x/>", "x.xml", "", "GML"}, {"{}", "", "", "GeoJSON"}, {"\x1e{}", "", "application/octet-stream", "GeoJSON"},
		{"", "", "", "GeoJSON"}, {"hej", "x.geojson", "", "GeoJSON"}, {"a;b", "X.CSV", "", "CSV"}, {"a;b", "", "text/csv; charset=utf-8", "CSV"},
		{"a;b", "", "", ""}, {"hej", "x.gpkg", "", ""},
	} {
		got, err := recognise([]byte(c.head), c.name, c.media)
		if (err != nil) != (c.want == "") || err == nil && got.name != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func FuzzLoosen(f *testing.F) {
	for _, seed := range []string{`"12,5"`, `1e400`, `"2020/01/02"`, `[1]`, `true`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		value, _, err := onlyValue(raw, Limits{}.orDefaults())
		if err != nil {
			return
		}
		for kind := range kindTexts {
			rewritten, _ := loosen(&plan.Attribute{Type: kind}, bytes.Clone(value))
			if _, _, err := onlyValue(rewritten, Limits{}.orDefaults()); err != nil {
				t.Fatalf("%s as %s became %s: %v", value, kind, rewritten, err)
			}
		}
	})
}
