package ingest

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"strukturbild/internal/plan"
)

func testdata(name string) string { return filepath.Join("testdata", name) }

func TestExcel(t *testing.T) {
	layer := testLayer(plan.Point)
	batch, err := readPath(t, testdata("sheet.xlsx"), File{}, Options{Layer: layer, CRS: "EPSG:3006"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range batch.Len() {
		f := featureIn(t, batch, i)
		var values []string
		for _, v := range f.Values {
			values = append(values, string(v.AppendJSON(nil)))
		}
		got = append(got, xy(f.Geometry.Coords[0], f.Geometry.Coords[1])+" "+strings.Join(values, " "))
	}
	want := []string{
		`400000.5 6450000.25 "Åmål" 3 0.3 true "1984-06-01" null "väg"`,
		`400100.5 6450000 "0114" 7 12.5 false "2026-11-22" null "järnväg"`,
		`400200 6450000 "1480" null null null "2026-11-22" null null`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, c := range []struct {
		name, file, crs, sheet string
		kind                   plan.GeometryType
		want                   string // in the error; "" for one feature
	}{
		{"no system", "sheet.xlsx", "", "", plan.Point, "could be EPSG:3006 SWEREF 99 TM (crs=EPSG:3006)"},
		{"two sheets", "two.xlsx", "", "", plan.Point, "several sheets; choose one with source_layer: Ytor, Punkter"},
		{"no such sheet", "two.xlsx", "", "Linjer", plan.Point, `no sheet "Linjer"`},
		{"an empty sheet", "sheet.xlsx", "", "Tomt", plan.Point, "sheet is empty"},
		{"WKT", "two.xlsx", "EPSG:3006", "Ytor", plan.Polygon, ""},
		{"degrees, one in words", "two.xlsx", "", "Punkter", plan.Point, "feature 1: The coordinate"},
		{"degrees said to be metres", "two.xlsx", "EPSG:3006", "Punkter", plan.Point, "ignore_file_crs"},
	} {
		batch, err := readPath(t, testdata(c.file), File{SourceLayer: c.sheet}, Options{Layer: testLayer(c.kind), CRS: c.crs})
		if c.want == "" && (err != nil || batch.Len() != 1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	batch, err = readPath(t, testdata("two.xlsx"), File{SourceLayer: "Punkter"}, Options{Layer: layer, Checks: Checks{Skip: true}})
	if err != nil || batch.Len() != 1 || batch.Refused != 1 {
		t.Errorf("%+v, %v", batch, err)
	}
}

// TestExcelLarge: sheets are streamed, and one that would become too large is refused before it is unpacked.
func TestExcelLarge(t *testing.T) {
	file := excelize.NewFile()
	writer, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	for i := range n + 1 {
		row := []any{"n", "e", "namn"}
		if i > 0 {
			row = []any{6_450_000 + i, 400_000.25, "x"}
		}
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := writer.SetRow(cell, row); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "stor.xlsx")
	if err := file.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	batch, err := readPath(t, path, File{}, Options{Layer: testLayer(plan.Point), CRS: "3006"})
	if err != nil || batch.Len() != n {
		t.Fatal(batch, err)
	}

	var bomb bytes.Buffer
	packed := zip.NewWriter(&bomb)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, _ := packed.Create(name)
		_, _ = w.Write(bytes.Repeat([]byte(" "), 20<<20))
	}
	_ = packed.Close()
	_, err = testReader.Read(t.Context(), File{Body: bytes.NewReader(bomb.Bytes()), MaxBytes: 1 << 30}, Options{Layer: testLayer(plan.Point)})
	if plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), "times larger") {
		t.Error(err)
	}
}

func TestGeoParquet(t *testing.T) {
	layer := areaLayer()
	want, err := readPath(t, testdata("areas.parquet"), File{}, Options{Layer: layer, Columns: Columns{ID: "key"}})
	if err != nil {
		t.Fatal(err)
	}
	first := featureIn(t, want, 0)
	if want.Len() != 3 || want.CRS.Name() != "EPSG:3006" || first.ID != "a-1" || first.Values[0].Text() != "Åmål" || first.Values[1].Int() != 1<<53+1 ||
		first.Values[2].Float() != 0.1 || string(first.Values[4].AppendJSON(nil)) != `"1984-06-01"` || first.Geometry.Coords[0] != 400000.1 {
		t.Errorf("%+v", first)
	}
	if zero := featureIn(t, want, 2).Values[0].Text(); zero != "0114" {
		t.Error(zero)
	}
	for _, c := range []struct {
		file, crs string
		ignore    bool
		tolerance float64
		want      string // in the error
	}{
		{file: "areas-1.0-zstd.parquet"},
		{file: "degrees.parquet", tolerance: 1e-6},
		{file: "no-crs.parquet", crs: "EPSG:3006"},
		{file: "no-crs.parquet", want: "does not say its coordinate system"},
		{file: "areas.parquet", crs: "EPSG:3007", want: "ignore_file_crs=true"},
		{file: "utm.parquet", want: `"WGS 84 / UTM zone 33N" is not read`},
		{file: "utm.parquet", crs: "EPSG:3006", ignore: true, tolerance: 1},
		{file: "arrow-points.parquet", want: "not written as WKB"},
		{file: "table.parquet", want: "not GeoParquet"},
	} {
		batch, err := readPath(t, testdata(c.file), File{}, Options{Layer: layer, CRS: c.crs, IgnoreFileCRS: c.ignore, Columns: Columns{ID: "key"}})
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s as %q: %v", c.file, c.crs, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s as %q: %v", c.file, c.crs, err)
			continue
		}
		compareFeatures(t, c.file, kept(t, batch), kept(t, want), c.tolerance)
	}
	batch, err := readPath(t, testdata("table.parquet"), File{}, Options{Layer: testLayer(plan.None)})
	if err != nil || batch.Len() != 2 || featureIn(t, batch, 0).Values[2].Float() != 1.25 {
		t.Errorf("%+v, %v", batch, err)
	}
}

// TestDamagedSheets: whatever a few bytes are made into, the answer is features or an error for users, and soon.
func TestDamagedSheets(t *testing.T) {
	const seed = 3
	r := rand.New(rand.NewPCG(seed, 0))
	for _, name := range []string{"areas.parquet", "areas-1.0-zstd.parquet", "sheet.xlsx"} {
		whole, err := os.ReadFile(testdata(name))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			body := slices.Clone(whole)
			switch i % 3 {
			case 0:
				body = body[:r.IntN(len(body))]
			case 1:
				for range 1 + r.IntN(20) {
					body[r.IntN(len(body))] ^= byte(1 + r.IntN(255))
				}
			default:
				for range 4 { // in the metadata, which is last
					body[len(body)-1-r.IntN(min(3000, len(body)-1))] ^= byte(1 + r.IntN(255))
				}
			}
			_, err := testReader.Read(t.Context(), File{Body: bytes.NewReader(body), Name: name, MaxBytes: 1 << 26},
				Options{Layer: areaLayer(), CRS: "EPSG:3006", Columns: Columns{ID: "key", IgnoreUnknown: true}})
			if err != nil {
				findingsOf(t, err)
			}
		}
	}
}
