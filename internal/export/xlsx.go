package export

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"strukturbild/internal/plan"
)

// The limits of Excel ("Excel specifications and limits").
const (
	excelRows  = 1_048_576 // with the header
	excelCells = 16_384    // a row
	excelText  = 32_767    // UTF-16 units in a cell
)

// workbook is an Excel file in the making. One layer is the first sheet, and what it is the second; of several each is a
// sheet of its own.
type workbook struct {
	*table        // that is being written
	ctx           context.Context
	file          *excelize.File
	bold          int // styles
	date, instant int
	room          int64 // bytes that the texts may still take
}

// makeXLSX writes an Excel file. Its rows wait in a temporary file for the zip, so memory does not grow with the layer.
func (m Maker) makeXLSX(ctx context.Context, p *Product, file File) (err error) {
	var tables []*table
	for _, layer := range file.Layers {
		t, err := newTable(file, layer)
		if err != nil {
			return err
		}
		if err := t.fits(); err != nil {
			return err
		}
		tables = append(tables, t)
	}
	w := &workbook{ctx: ctx, file: excelize.NewFile(excelize.Options{TmpDir: p.dir}), room: m.maxBytes()}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	if err := w.write(tables); err != nil {
		return err
	}
	path := filepath.Join(p.dir, "file.xlsx")
	if err := w.save(path); err != nil {
		return err
	}
	return p.sendFile(path)
}

// fits refuses a table that is larger than a sheet.
func (t *table) fits() error {
	if t.layer.Count > excelRows-1 {
		return plan.Errorf(plan.TooLarge, "f", "the layer has %d features, and an Excel sheet holds at most %d beside its header: take fewer (bbox, limit), or another format",
			t.layer.Count, excelRows-1)
	}
	if n := len(t.layer.Definition.Attributes) + len(t.place); n > excelCells {
		return plan.Errorf(plan.TooLarge, "f", "the layer has %d columns, and an Excel sheet holds at most %d", n, excelCells)
	}
	return nil
}

func (w *workbook) write(tables []*table) (err error) {
	for style, format := range map[*int]*excelize.Style{
		&w.bold: {Font: &excelize.Font{Bold: true}}, &w.date: {CustomNumFmt: text("yyyy-mm-dd")}, &w.instant: {CustomNumFmt: text("yyyy-mm-dd hh:mm:ss.000")},
	} {
		if *style, err = w.file.NewStyle(format); err != nil {
			return err
		}
	}
	const features = "Objekt"
	for i, t := range tables {
		name := features
		if len(tables) > 1 {
			name = t.layer.Definition.Title.SV
		}
		if w.table = t; i == 0 {
			err = w.file.SetSheetName("Sheet1", name)
		} else {
			_, err = w.file.NewSheet(name)
		}
		if err = errors.Join(err, w.sheet(name, w.features)); err != nil {
			return err
		}
	}
	if len(tables) > 1 {
		return nil
	}
	_, err = w.file.NewSheet(plan.AboutSheet)
	return errors.Join(err, w.sheet(plan.AboutSheet, w.about))
}

func text(s string) *string { return &s }

func (w *workbook) sheet(name string, rows func(*excelize.StreamWriter) error) error {
	stream, err := w.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := rows(stream); err != nil {
		return err
	}
	return stream.Flush()
}

// features writes the header, which stays in sight, and a row a feature.
func (w *workbook) features(sheet *excelize.StreamWriter) error {
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	titles := w.titles()
	if err := sheet.SetColWidth(1, len(titles), 16); err != nil {
		return err
	}
	if err := sheet.SetRow("A1", titles, excelize.RowOpts{StyleID: w.bold}); err != nil {
		return err
	}
	row, number, cells := w.row(), 1, []any(nil)
	for f := range w.layer.Features {
		var err error
		number++
		if cells, err = row(cells[:0], f); err != nil {
			return err
		}
		if err := sheet.SetRow(fmt.Sprintf("A%d", number), cells); err != nil {
			return err
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// titles are the Swedish titles of the columns; the name stands for one that is missing, and beside one that is not alone.
func (w *workbook) titles() (titles []any) {
	count := map[string]int{}
	for _, a := range w.layer.Definition.Attributes {
		count[a.Title.SV]++
	}
	for _, a := range w.layer.Definition.Attributes {
		title := a.Title.SV
		switch {
		case title == "":
			title = a.Name
		case count[title] > 1:
			title += " (" + a.Name + ")"
		}
		if a.Unit != "" {
			title += " [" + a.Unit + "]"
		}
		if a.Type == plan.DateTime {
			title += plan.UTCHeading
		}
		titles = append(titles, title)
	}
	for _, name := range w.place {
		titles = append(titles, name)
	}
	return titles
}

// row gives the function that makes the cells of a feature.
func (w *workbook) row() func(cells []any, f *plan.Feature) ([]any, error) {
	point, wkt, shape := w.point(), w.wkt(), []byte(nil)
	return func(cells []any, f *plan.Feature) (_ []any, err error) {
		for i, v := range f.Values {
			cell, err := w.cell(f.ID, w.layer.Definition.Attributes[i].Name, v)
			if err != nil {
				return nil, err
			}
			cells = append(cells, cell)
		}
		switch w.Geometry {
		case XY:
			var x, y float64
			if x, y, err = point(f.Geometry); err == nil {
				cells = append(cells, x, y)
			}
		case WKT:
			var cell any
			if shape, err = wkt.Append(shape[:0], f.Geometry); err == nil {
				cell, err = w.cell(f.ID, "wkt", plan.TextValue(string(shape)))
			}
			cells = append(cells, cell)
		}
		return cells, err
	}
}

// exactInteger is the largest that Excel, whose numbers are doubles, keeps; it shows 15 digits.
const exactInteger = 999_999_999_999_999

// cell gives a value as a cell of its type; as text where Excel has no such value.
func (w *workbook) cell(id, name string, v plan.Value) (any, error) {
	switch v.Kind() {
	case plan.Null:
		return nil, nil
	case plan.String:
		if len(v.Text()) > excelText && len(utf16.Encode([]rune(v.Text()))) > excelText {
			return nil, plan.Errorf(plan.TooLarge, "f", "%q of feature %q is longer than the %d characters that an Excel cell holds: leave it out (attributes, geometry=none), or take another format", name, id, excelText)
		}
		if w.room -= int64(len(v.Text())); w.room < 0 {
			return nil, plan.Errorf(plan.TooLarge, "f", "the texts are larger than the server makes files: take fewer features (bbox) or attributes")
		}
		return v.Text(), nil
	case plan.Integer:
		if i := v.Int(); -exactInteger <= i && i <= exactInteger {
			return i, nil
		}
	case plan.Number:
		return v.Float(), nil
	case plan.Boolean:
		return v.Bool(), nil
	case plan.Date, plan.DateTime:
		if t := v.Time(); !t.Before(excelBegins) && t.Year() <= 9999 {
			return excelize.Cell{StyleID: w.timeStyle(v), Value: t}, nil
		}
	}
	return v.String(), nil
}

// excelBegins is after the day that Excel believes in and the calendar does not, 1900-02-29.
var excelBegins = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

func (w *workbook) timeStyle(v plan.Value) int {
	if v.Kind() == plan.Date {
		return w.date
	}
	return w.instant
}

// about tells what the layer is, and what the columns are.
func (w *workbook) about(sheet *excelize.StreamWriter) error {
	if err := sheet.SetColWidth(1, 4, 28); err != nil {
		return err
	}
	number := 0
	row := func(cells ...any) error {
		number++
		return sheet.SetRow(fmt.Sprintf("A%d", number), cells)
	}
	for _, fact := range facts(w.layer, w.crs) {
		if fact.value == "" {
			continue
		}
		if err := row(excelize.Cell{StyleID: w.bold, Value: fact.label}, fact.value); err != nil {
			return err
		}
	}
	if w.Geometry == NoGeometry && w.layer.Definition.GeometryType != plan.None {
		if err := row(excelize.Cell{StyleID: w.bold, Value: "Geometri"}, "Inte med; geometry=wkt tar med den"); err != nil {
			return err
		}
	}
	if err := errors.Join(row(), row("Kolumn", "Titel", "Typ", "Enhet")); err != nil {
		return err
	}
	for _, a := range w.layer.Definition.Attributes {
		if err := row(a.Name, a.Title.SV, string(a.Type), a.Unit); err != nil {
			return err
		}
	}
	return nil
}

// save writes the workbook to a file and not, as excelize would by itself, to memory first.
func (w *workbook) save(path string) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	packed := newZip(file)
	w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zipOnly{packed} })
	return w.file.Write(io.Discard)
}

// zipOnly is the part of a zip writer that excelize uses.
type zipOnly struct{ *zip.Writer }

var _ excelize.ZipWriter = zipOnly{}
