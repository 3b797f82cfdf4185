package ingest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/airbusgeo/godal"
	"github.com/xuri/excelize/v2"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// What a workbook may be.
const (
	workbookBytes = 1 << 30 // unpacked
	headerWithin  = 50      // rows in which the names of the columns must stand
	maxColumns    = 2000
)

// workbook is an Excel file in the child. Its sheets are streamed, in two ways at once: as the cells are kept, and as
// they are shown, which alone tells a date from a number.
type workbook struct {
	*translation
	file     *excelize.File
	date1904 bool
}

// readExcel writes the rows of a sheet with coordinates as point features, or the geometries of a column of WKT.
func (t *translation) readExcel(source childSource) error {
	file, err := excelize.OpenFile(source.Path, excelize.Options{UnzipSizeLimit: workbookBytes, UnzipXMLSizeLimit: workbookBytes}) // never to a file
	if err != nil {
		return err
	}
	defer file.Close()
	w := &workbook{translation: t, file: file}
	if properties, err := file.GetWorkbookProps(); err == nil && properties.Date1904 != nil {
		w.date1904 = *properties.Date1904
	}
	sheet, err := w.chooseSheet()
	if err != nil {
		return err
	}
	raw, err := file.Rows(sheet)
	if err != nil {
		return err
	}
	defer raw.Close()
	shown, err := file.Rows(sheet)
	if err != nil {
		return err
	}
	defer shown.Close()
	s := &worksheet{workbook: w, name: sheet, raw: raw, shown: shown, out: newStreamWriter(os.Stdout)}
	return s.write()
}

// chooseSheet takes the sheet that was asked for, or the only one that has anything in it.
func (w *workbook) chooseSheet() (string, error) {
	names := w.file.GetSheetList()
	if w.SourceLayer != "" {
		if !slices.Contains(names, w.SourceLayer) {
			return "", refusal("source_layer", "source_layer", fmt.Sprintf("Filen har inget blad %q. Det finns: %s", w.SourceLayer, clipList(names)),
				fmt.Sprintf("the file has no sheet %q. There are: %s", w.SourceLayer, clipList(names)))
		}
		return w.SourceLayer, nil
	}
	var filled []string
	for _, name := range names {
		if name == plan.AboutSheet {
			continue
		}
		if rows, err := w.file.Rows(name); err == nil {
			if rows.Next() {
				filled = append(filled, name)
			}
			_ = rows.Close()
		}
	}
	switch len(filled) {
	case 1:
		return filled[0], nil
	case 0:
		return "", refusal("", "no_layer", "Filen har inget blad med något i", "the file has no sheet with anything in it")
	}
	return "", refusal("source_layer", "source_layer", "Filen har flera blad; välj ett med source_layer: "+clipList(filled),
		"the file has several sheets; choose one with source_layer: "+clipList(filled))
}

// worksheet is a sheet on its way.
type worksheet struct {
	*workbook
	name       string
	raw, shown *excelize.Rows
	row        int // the last that was read, from 1
	names      []string
	place      placeColumns
	out        *streamWriter
}

// cell is a cell as it is kept and as it is shown.
type cell struct{ raw, shown string }

// next reads a row; nil at the end.
func (s *worksheet) next() ([]cell, error) {
	if !s.raw.Next() || !s.shown.Next() {
		return nil, errors.Join(s.raw.Error(), s.shown.Error())
	}
	s.row++
	raw, err := s.raw.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	shown, err := s.shown.Columns()
	if err != nil {
		return nil, err
	}
	row := make([]cell, min(len(raw), maxColumns))
	for i := range row {
		row[i].raw = raw[i]
		if i < len(shown) {
			row[i].shown = shown[i]
		}
	}
	return row, nil
}

func isBlank(row []cell) bool {
	return !slices.ContainsFunc(row, func(c cell) bool { return strings.TrimSpace(c.raw) != "" })
}

// findHeader reads as far as the row with the names of the columns: the first with those of the coordinates, or in a table
// the first with anything in it.
func (s *worksheet) findHeader() error {
	var first error
	for s.row < headerWithin {
		row, err := s.next()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		if isBlank(row) {
			continue
		}
		s.names = s.names[:0]
		for _, c := range row {
			s.names = append(s.names, strings.TrimSpace(c.raw))
		}
		if s.Table {
			return nil
		}
		if s.place, err = placeAmong(s.names); err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	text := plan.Text{SV: "bladet är tomt", EN: "the sheet is empty"}
	if known, ok := errors.AsType[*plan.Error](first); ok {
		text = plan.Text{SV: known.Message, EN: known.Message}
	}
	return &childFault{Rule: "no_layer", Message: text}
}

func (s *worksheet) write() error {
	if err := s.findHeader(); err != nil {
		return err
	}
	begun := false
	for {
		row, err := s.next()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		if isBlank(row) {
			continue
		}
		wkb, err := s.geometry(row)
		if err != nil {
			return err
		}
		if !begun {
			if err := s.begin(row); err != nil {
				return err
			}
			begun = true
		}
		if err := s.out.feature(wkb, s.values(row)); err != nil {
			return err
		}
	}
	if !begun {
		return &childFault{Rule: "no_layer", Message: plan.Text{SV: "bladet har inga rader under kolumnernas namn", EN: "the sheet has no rows below the names of the columns"}}
	}
	return s.out.end()
}

// begin writes the header, when the first row tells what the coordinates could be.
func (s *worksheet) begin(first []cell) error {
	header := streamHeader{Columns: []string{}}
	switch {
	case s.Table:
	case s.place.degrees && !s.IgnoreCRS:
		header.CRS = geo.CRS84.Name()
	case !s.CRSGiven:
		x, y, ok := s.position(first)
		return missingSystem(x, y, ok)
	}
	for i := range s.names {
		if s.isAttribute(i) {
			header.Columns = append(header.Columns, s.names[i])
		}
	}
	return s.out.header(header)
}

// isAttribute reports whether a column is one: it has a name, and is not where the geometry stands.
func (s *worksheet) isAttribute(i int) bool {
	name := s.names[i]
	return name != "" && (s.Table || name != s.place.wkt && name != s.place.x && name != s.place.y)
}

func (s *worksheet) values(row []cell) []any {
	values := make([]any, 0, len(s.names))
	for i := range s.names {
		switch {
		case !s.isAttribute(i):
		case i < len(row):
			value := s.value(row[i])
			if strings.HasSuffix(s.names[i], plan.UTCHeading) {
				value = inUTC(value)
			}
			values = append(values, value)
		default:
			values = append(values, nil)
		}
	}
	return values
}

// geometry gives the geometry of a row as WKB; nil when it has none.
func (s *worksheet) geometry(row []cell) ([]byte, error) {
	if s.Table {
		return nil, nil
	}
	if s.place.wkt == "" {
		x, y, ok := s.position(row)
		switch {
		case ok:
		case s.under(row, s.place.x) == "" && s.under(row, s.place.y) == "":
			return nil, nil
		default: // words, which are refused as the numbers that they are not
			x, y = math.Inf(1), math.Inf(1)
		}
		return geo.AppendEWKB(nil, plan.Geometry{Type: plan.Point, Coords: []float64{x, y}}), nil
	}
	text := s.under(row, s.place.wkt)
	if text == "" {
		return nil, nil
	}
	g, err := godal.NewGeometryFromWKT(text, nil, godal.ErrLogger(s.heard))
	if err != nil {
		return nil, fmt.Errorf("row %d: the WKT can't be read: %w", s.row, err)
	}
	defer g.Close()
	return g.WKB(godal.ErrLogger(s.heard))
}

// position reads the coordinates of a row.
func (s *worksheet) position(row []cell) (x, y float64, ok bool) {
	x, okX := coordinate(s.under(row, s.place.x))
	y, okY := coordinate(s.under(row, s.place.y))
	return x, y, okX && okY
}

func (s *worksheet) under(row []cell, name string) string {
	if i := slices.Index(s.names, name); i >= 0 && i < len(row) {
		return strings.TrimSpace(row[i].raw)
	}
	return ""
}

// coordinate reads a number, also as text with a decimal comma and spaces between thousands.
func coordinate(text string) (float64, bool) {
	text = strings.NewReplacer(",", ".", " ", "", "\u00a0", "").Replace(text)
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// value gives a cell as what it is: nothing, truth, a day or an instant, a number, or text.
func (s *worksheet) value(c cell) any {
	raw := strings.TrimSpace(c.raw)
	number, err := strconv.ParseFloat(raw, 64)
	switch {
	case raw == "":
		return nil
	case (raw == "1" || raw == "0") && (c.shown == "TRUE" || c.shown == "FALSE"):
		return raw == "1"
	case err != nil || strconv.FormatFloat(number, 'f', -1, 64) != raw: // text, such as 0114
		return c.raw
	}
	if day, ok := s.date(number, c.shown); ok {
		return day
	}
	if i, exact := integer([]byte(raw)); exact {
		return i
	}
	return number
}

var dateShown = regexp.MustCompile(`(?i)^\d{1,4}[-/. ]+(?:\d{1,2}|[a-zåäö]+)[-/. ]+\d{1,4}|^[a-zåäö]+ \d{1,2}, \d{4}`)

// date reads a number that is shown as a date, and whose year is seen there.
func (s *worksheet) date(number float64, shown string) (string, bool) {
	if !dateShown.MatchString(shown) {
		return "", false
	}
	day, part := math.Modf(number)
	at, err := excelize.ExcelDateToTime(day, s.date1904) // whose milliseconds are not to be trusted
	if err != nil || !strings.Contains(shown, fmt.Sprintf("%02d", at.Year()%100)) {
		return "", false
	}
	if at = at.Add(time.Duration(math.Round(part*24*60*60*1000)) * time.Millisecond); at.Equal(at.Truncate(24 * time.Hour)) {
		return at.Format(time.DateOnly), true
	}
	return at.Format(cellInstant), true
}

const cellInstant = "2006-01-02T15:04:05.999"

// inUTC gives the instants of a column its time zone, which the heading tells; what is none stays as it is.
func inUTC(value any) any {
	text, _ := value.(string)
	for _, layout := range []string{cellInstant, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(cellInstant + "Z")
		}
	}
	return value
}
