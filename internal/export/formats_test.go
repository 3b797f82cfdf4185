package export

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// nasty are texts that some format has trouble with.
var nasty = []string{"Åmål över Ödet", "O'Brien; \"citat\", <b>&amp;</b>", "rad ett\nrad två", "=1+1", "🌲 skog", "-", " mellan ", "\\ %s $1"}

// everything is a layer with every kind of attribute, å/ä/ö, nulls of every kind, holes, parts, and coordinates and
// numbers that use every bit.
func everything(kind plan.GeometryType, n int) Layer {
	definition := &plan.Layer{ID: "prov", Theme: plan.Forest, GeometryType: kind, Status: plan.Published, Revision: 7,
		Changed: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Title: plan.Text{SV: "Prövning på åkern"}, Description: plan.Text{SV: "Ett ”prov” & <mer>"},
		Source: "Länsstyrelsen", Licence: "CC0 1.0", Attributes: []plan.Attribute{
			{Name: "namn", Type: plan.String, Title: plan.Text{SV: "Namn"}}, {Name: "antal", Type: plan.Integer, Title: plan.Text{SV: "Antal"}},
			{Name: "hojd_over_havet", Type: plan.Number, Title: plan.Text{SV: "Höjd"}, Unit: "m"}, {Name: "hojd_over_marken", Type: plan.Number},
			{Name: "klar", Type: plan.Boolean, Title: plan.Text{SV: "Klar"}}, {Name: "dag", Type: plan.Date, Title: plan.Text{SV: "Dag"}},
			{Name: "stund", Type: plan.DateTime, Title: plan.Text{SV: "Stund"}}}}
	var features []plan.Feature
	for i := range n {
		features = append(features, plan.Feature{ID: fmt.Sprintf("å-%d", i), Geometry: shapeOf(kind, i), Values: valuesOf(i)})
	}
	return Layer{Name: "prov", Definition: definition, Count: n, Features: func(yield func(*plan.Feature) bool) {
		for i := range features {
			f := features[i]
			if !yield(&f) {
				return
			}
		}
	}}
}

func valuesOf(i int) []plan.Value {
	if i%5 == 4 {
		return make([]plan.Value, 7)
	}
	return []plan.Value{plan.TextValue(nasty[i%len(nasty)]), plan.IntegerValue([]int64{0, -7, 1<<53 + 1, 999_999_999_999_999_999}[i%4]),
		plan.NumberValue([]float64{0.1, -2.5e-7, 123456789.125, 1. / 3}[i%4]), plan.NumberValue(float64(i)), plan.BooleanValue(i%2 == 0),
		plan.DateValue(int64(5000 * (i % 12))), plan.DateTimeValue(1_795_341_600_123_000 + int64(i)*3_600_000_000)}
}

func shapeOf(kind plan.GeometryType, i int) plan.Geometry {
	x, y := 400000.10000000003+float64(i)*1000, 6450000+1./3
	square := func(x, y, side float64) []float64 {
		return []float64{x, y, x + side, y, x + side, y + side, x, y + side, x, y}
	}
	hole := func(x, y, side float64) []float64 {
		return []float64{x, y, x, y + side, x + side, y + side, x + side, y, x, y}
	}
	switch kind {
	case plan.Point:
		return plan.Geometry{Type: kind, Coords: []float64{x, y}}
	case plan.Line:
		return plan.Geometry{Type: kind, Coords: []float64{x, y, x + 10, y, x, y + 100, x + 10, y + 100.5, x + 20, y + 100.5}, Ends: []uint32{2, 5}}
	case plan.Polygon:
		if i%2 == 0 {
			return plan.Geometry{Type: kind, Coords: square(x, y, 100)}
		}
		return plan.Geometry{Type: kind, Coords: slices.Concat(square(x, y, 100), hole(x+10, y+10, 10), square(x+200, y, 50)), Ends: []uint32{5, 10, 15}, Parts: []uint32{2, 3}}
	}
	return plan.Geometry{Type: plan.None}
}

// made makes a file and gives its path.
func made(t *testing.T, file File) string {
	t.Helper()
	product, err := testMaker.Make(t.Context(), file)
	if err != nil {
		t.Fatalf("%s: %v", file.Format.Name, err)
	}
	defer product.Close()
	path := filepath.Join(t.TempDir(), file.Layers[0].Name+file.Format.Extension)
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := product.Send(out); err != nil {
		t.Fatalf("%s: %v", file.Format.Name, err)
	}
	info, err := out.Stat()
	if err != nil || product.Size >= 0 && info.Size() != product.Size {
		t.Errorf("%s: %d bytes announced, %d sent (%v)", file.Format.Name, product.Size, info.Size(), err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// info asks ogrinfo of the file's layers, as JSON would come only with a later GDAL.
func info(t *testing.T, path string, args ...string) string {
	t.Helper()
	if strings.HasSuffix(path, ".gml.zip") {
		path = "/vsizip/" + path + "/prov.gml"
	}
	out, err := exec.Command("ogrinfo", append([]string{"-ro", "-al"}, append(args, path)...)...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
		t.Fatalf("ogrinfo %s: %v\n%.2000s", filepath.Base(path), err, out)
	}
	return string(out)
}

// TestReadByGDAL: every format of every geometry type, with no and many features, has its schema, its system and its
// features.
func TestReadByGDAL(t *testing.T) {
	shapes := map[plan.GeometryType]string{plan.Point: "Point", plan.Line: "Line String", plan.Polygon: "Polygon", plan.None: "None"}
	for kind, shape := range shapes {
		for _, n := range []int{0, 8} {
			for _, f := range []*Format{GeoPackage, Shapefile, FlatGeobuf, GML, GeoJSON} {
				if kind == plan.None && (f == Shapefile || f == FlatGeobuf) || f == GeoJSON && (n == 0 || kind == plan.None) { // GeoJSON has no schema
					continue
				}
				out := info(t, made(t, File{Format: f, CRS: geo.House, Layers: []Layer{everything(kind, n)}}))
				shape := shape
				if f == GML {
					shape = strings.NewReplacer("Line String", "Multi Curve", "Polygon", "Multi Surface").Replace(shape) // GML 3.2 has no others
				}
				wanted := []string{"Layer name: prov\n", fmt.Sprintf("Feature Count: %d\n", n), shape + "\n", "id: String"}
				if kind != plan.None && !(f == GML && n == 0) {
					wanted = append(wanted, `"SWEREF99 TM"`)
				}
				if f != Shapefile && f != GeoJSON {
					wanted = append(wanted, "antal: Integer64", "hojd_over_havet: Real", "klar: Integer(Boolean)", "stund: DateTime")
				}
				for i := range min(n, 4) {
					wanted = append(wanted, "id (String) = å-"+fmt.Sprint(i)+"\n", " = "+nasty[i]+"\n")
				}
				for _, want := range wanted {
					if !strings.Contains(out, want) {
						t.Errorf("%s %s of %d: no %q in\n%.3000s", kind, f.Name, n, want, out)
					}
				}
			}
		}
	}
}

// TestSystems writes one place in several systems; GDAL takes it back.
func TestSystems(t *testing.T) {
	for _, name := range []string{"EPSG:3007", "EPSG:3857", "CRS84", "http://www.opengis.net/def/crs/EPSG/0/3006"} {
		crs, err := geo.ParseCRS(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []*Format{GeoPackage, Shapefile, FlatGeobuf, GeoJSON, GML} {
			path := made(t, File{Format: f, CRS: crs, Layers: []Layer{everything(plan.Point, 1)}})
			if f == GML {
				path = "/vsizip/" + path + "/prov.gml"
			}
			back := filepath.Join(t.TempDir(), "back.csv")
			if out, err := exec.Command("ogr2ogr", back, path, "-t_srs", "EPSG:3006", "-lco", "GEOMETRY=AS_WKT").CombinedOutput(); err != nil {
				t.Fatalf("%s %s: %v: %s", name, f.Name, err, out)
			}
			text, err := os.ReadFile(back)
			if err != nil {
				t.Fatal(err)
			}
			var x, y float64
			_, place, _ := strings.Cut(string(text), "POINT ")
			if _, err := fmt.Sscanf(strings.TrimLeft(place, "("), "%g %g", &x, &y); err != nil || math.Abs(x-400000.1) > 0.01 || math.Abs(y-6450000.333) > 0.01 {
				t.Errorf("%s %s: %.200s", name, f.Name, text)
			}
		}
	}
}

// TestMetadata: title, source, licence, revision, date and that it binds nobody stand in what has a place for it.
func TestMetadata(t *testing.T) {
	facts := []string{"Prövning på åkern", "Länsstyrelsen", "CC0 1.0", "2026-11-22T10:00:00Z", "inte bindande", "Ett ”prov” & <mer>"}
	packed := func(path, member string) string {
		archive, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		text, err := fs.ReadFile(archive, member)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	texts := map[string]string{
		"gpkg": info(t, made(t, File{Format: GeoPackage, CRS: geo.House, Layers: []Layer{everything(plan.Polygon, 2)}})),
		"shp":  packed(made(t, File{Format: Shapefile, CRS: geo.House, Layers: []Layer{everything(plan.Polygon, 2)}}), "readme.txt"),
	}
	text, err := os.ReadFile(made(t, File{Format: GeoJSON, CRS: geo.CRS84, Layers: []Layer{everything(plan.Polygon, 2)}}))
	if err != nil {
		t.Fatal(err)
	}
	texts["geojson"] = string(text)
	book, err := excelize.OpenFile(made(t, File{Format: XLSX, CRS: geo.House, Layers: []Layer{everything(plan.Polygon, 2)}}))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Om lagret")
	if err != nil {
		t.Fatal(err)
	}
	texts["xlsx"] = fmt.Sprint(rows)
	for format, text := range texts {
		for _, fact := range facts {
			if !strings.Contains(text, fact) {
				t.Errorf("%s: no %q in %.1500s", format, fact, text)
			}
		}
	}
}

// TestSeveralLayers: a GeoPackage holds any number of layers.
func TestSeveralLayers(t *testing.T) {
	file := File{Format: GeoPackage, CRS: geo.House}
	for i, kind := range []plan.GeometryType{plan.Point, plan.None, plan.Polygon, plan.Line} {
		layer := everything(kind, i+1)
		layer.Name = []string{"tillkommet", "tabell", "borttaget", "ändrat"}[i]
		file.Layers = append(file.Layers, layer)
	}
	out := info(t, made(t, file), "-so")
	for i, layer := range file.Layers {
		if !regexp.MustCompile(fmt.Sprintf("Layer name: %s\n(?s:.*?)Feature Count: %d\n", layer.Name, i+1)).MatchString(out) {
			t.Errorf("no %s of %d in %s", layer.Name, i+1, out)
		}
	}
	file.Format = FlatGeobuf
	if _, err := testMaker.Make(t.Context(), file); plan.CodeOf(err) != plan.Invalid {
		t.Error(err)
	}
}

// TestExcel looks at the cells: numbers are numbers, dates are dates, long integers keep their digits as text, and a
// text that begins with = is no formula.
func TestExcel(t *testing.T) {
	book, err := excelize.OpenFile(made(t, File{Format: XLSX, CRS: geo.House, Layers: []Layer{everything(plan.Point, 5)}}))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A1": "Id", "D1": "Höjd [m]", "E1": "hojd_over_marken", "I1": "x", "A2": "å-0", "B5": "=1+1", "C4": "9007199254740993",
		"D4": "123456789.125", "F2": "TRUE", "G3": "1983-09-10", "I2": "400000.1", "B6": "", "C6": "", "G6": ""} {
		if got, err := book.GetCellValue("Objekt", cell); err != nil || got != want && !(cell == "I2" && strings.HasPrefix(got, want)) {
			t.Errorf("%s is %q, want %q (%v)", cell, got, want, err)
		}
		if formula, _ := book.GetCellFormula("Objekt", cell); formula != "" {
			t.Errorf("%s is the formula %q", cell, formula)
		}
	}
}
