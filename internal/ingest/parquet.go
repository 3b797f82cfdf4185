package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	logical "github.com/parquet-go/parquet-go/format"

	"strukturbild/internal/geo"
)

// geoMetadata is the file metadata "geo" of GeoParquet 1.0 and 1.1.
type geoMetadata struct {
	Version string `json:"version"`
	Primary string `json:"primary_column"`
	Columns map[string]struct {
		Encoding string          `json:"encoding"`
		CRS      json.RawMessage `json:"crs"`
	} `json:"columns"`
}

// parquetFile is a GeoParquet file in the child. Its rows are read a few hundred at a time; what a column holds while it
// is unpacked is bounded by the memory of the child.
type parquetFile struct {
	*translation
	file    *parquet.File
	geo     geoMetadata
	names   []string // of the attributes
	columns []parquetColumn
	shape   int // index of the geometry column; -1 for a table
	values  []any
	out     *streamWriter
}

// parquetColumn turns the values of a leaf column into ours; nil for one that is not read.
type parquetColumn func(parquet.Value) any

// readParquet writes the rows of a GeoParquet file.
func (t *translation) readParquet(source childSource) (err error) {
	defer func() { // the library leaves damaged pages to its callers in more than one place
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the file is damaged: %v", cause)
		}
	}()
	if t.SourceLayer != "" {
		return refusal("source_layer", "source_layer", "En GeoParquet-fil har bara ett lager: utelämna source_layer", "a GeoParquet file has one layer: leave out source_layer")
	}
	disk, err := os.Open(source.Path)
	if err != nil {
		return err
	}
	defer disk.Close()
	info, err := disk.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(disk, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	p := &parquetFile{translation: t, file: file, shape: -1, out: newStreamWriter(os.Stdout)}
	if err := p.describe(); err != nil {
		return err
	}
	for _, group := range file.RowGroups() {
		if err := p.write(group); err != nil {
			return err
		}
	}
	return p.out.end()
}

// describe reads what the file says of itself and writes the header.
func (p *parquetFile) describe() error {
	crs := ""
	if !p.Table {
		text, found := p.file.Lookup("geo")
		if !found {
			return refusal("", "no_layer", "Filen är Parquet men inte GeoParquet: den har ingen beskrivning av geometrin (geo)",
				"the file is Parquet but not GeoParquet: it does not describe its geometry (geo)")
		}
		if err := json.Unmarshal([]byte(text), &p.geo); err != nil {
			return fmt.Errorf("the description of the geometry (geo) can't be read: %w", err)
		}
		column, found := p.geo.Columns[p.geo.Primary]
		if !found || !strings.EqualFold(column.Encoding, "WKB") {
			return refusal("", "no_layer", fmt.Sprintf("Geometrikolumnen %q är inte skriven som WKB", clip([]byte(p.geo.Primary))),
				fmt.Sprintf("the geometry column %q is not written as WKB", clip([]byte(p.geo.Primary))))
		}
		var err error
		if crs, err = p.system(column.CRS); err != nil {
			return err
		}
	}
	if err := p.takeColumns(); err != nil {
		return err
	}
	return p.out.header(streamHeader{CRS: crs, Columns: p.names})
}

// system names the coordinate system, which is PROJJSON; without it, it is CRS84, and null means that nobody knows
// (GeoParquet 1.1, crs). The coordinates are x first whatever it is.
func (p *parquetFile) system(raw json.RawMessage) (string, error) {
	switch {
	case p.IgnoreCRS:
		return "", nil
	case raw == nil:
		return geo.CRS84.Name(), nil
	case string(raw) == "null":
		if p.CRSGiven {
			return "", nil
		}
		return "", missingSystem(0, 0, false)
	}
	var described struct {
		Name string `json:"name"`
		ID   struct {
			Authority string          `json:"authority"`
			Code      json.RawMessage `json:"code"`
		} `json:"id"`
	}
	if err := json.Unmarshal(raw, &described); err != nil {
		return "", fmt.Errorf("the coordinate system of the file can't be read: %w", err)
	}
	crs, err := geo.ParseCRS(described.ID.Authority + ":" + strings.Trim(string(described.ID.Code), `"`))
	switch {
	case err == nil && crs.Geographic():
		return geo.CRS84.Name(), nil
	case err == nil:
		return crs.Name(), nil
	case p.CRSGiven && described.ID.Authority == "":
		return "", p.stderr.Encode(childReport{Warning: fmt.Sprintf("the file calls its coordinate system %q, which is not known; it was read as the request says", described.Name)})
	}
	return "", refusal("crs", crsUnknown.name, fmt.Sprintf("Koordinatsystemet %q läses inte. Använd ett av %s", described.Name, supported()),
		fmt.Sprintf("the coordinate system %q is not read. Use one of %s", described.Name, supported()))
}

// takeColumns finds out what each leaf of the schema is. Groups and lists are left out, with a warning; the boxes that
// speed up queries (GeoParquet 1.1, covering) without.
func (p *parquetFile) takeColumns() error {
	schema := p.file.Schema()
	var left []string
	for i, path := range schema.Columns() {
		leaf, found := schema.Lookup(path...)
		_, otherGeometry := p.geo.Columns[path[0]]
		switch {
		case !found:
			return errors.New("the schema of the file can't be read")
		case len(path) == 1 && path[0] == p.geo.Primary:
			p.shape = i
			p.columns = append(p.columns, nil)
			continue
		case len(path) > 1, leaf.MaxRepetitionLevel > 0, otherGeometry:
			if path[0] != "bbox" && !slices.Contains(left, path[0]) {
				left = append(left, path[0])
			}
			p.columns = append(p.columns, nil)
			continue
		}
		p.names = append(p.names, path[0])
		p.columns = append(p.columns, columnOf(leaf.Node.Type()))
	}
	if !p.Table && p.shape < 0 {
		return fmt.Errorf("the file has no column %q, which it says has the geometry", p.geo.Primary)
	}
	if len(left) > 0 {
		return p.stderr.Encode(childReport{Warning: "columns that are lists, groups or further geometries were left out: " + clipList(left)})
	}
	return nil
}

// columnOf gives the reading of a leaf by its type.
func columnOf(t parquet.Type) parquetColumn {
	var meaning logical.LogicalTypeValue
	if l := t.LogicalType(); l != nil {
		meaning = l.Value
	}
	switch kind := t.Kind(); kind {
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }
	case parquet.Float:
		return func(v parquet.Value) any { return v.Float() }
	case parquet.Double:
		return func(v parquet.Value) any { return v.Double() }
	case parquet.Int32, parquet.Int64:
		return integerColumn(kind, meaning)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if decimal, ok := meaning.(*logical.DecimalType); ok {
			return func(v parquet.Value) any { return scaled(bigEndian(v.ByteArray()), decimal.Scale) }
		}
		return func(v parquet.Value) any {
			if text := v.ByteArray(); utf8.Valid(text) {
				return string(text)
			}
			return fmt.Sprintf("%x", v.ByteArray())
		}
	}
	return func(v parquet.Value) any { return v.String() }
}

// integerColumn reads what Parquet keeps as integers: days, instants, decimal numbers, and integers.
func integerColumn(kind parquet.Kind, meaning logical.LogicalTypeValue) parquetColumn {
	number := func(v parquet.Value) int64 {
		if kind == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	switch l := meaning.(type) {
	case *logical.DateType:
		return func(v parquet.Value) any { return time.Unix(86400*number(v), 0).UTC().Format(time.DateOnly) }
	case *logical.TimestampType:
		form, unit := "2006-01-02T15:04:05.999999999", unitOf(l.Unit)
		if l.IsAdjustedToUTC {
			form += "Z"
		}
		return func(v parquet.Value) any {
			n := number(v)
			return time.Unix(n/unit, n%unit*(1e9/unit)).UTC().Format(form)
		}
	case *logical.DecimalType:
		return func(v parquet.Value) any { return scaled(float64(number(v)), l.Scale) }
	case *logical.IntType:
		if !l.IsSigned && kind == parquet.Int32 {
			return func(v parquet.Value) any { return int64(v.Uint32()) }
		}
		if !l.IsSigned {
			return func(v parquet.Value) any {
				if u := v.Uint64(); u > math.MaxInt64 {
					return strconv.FormatUint(u, 10)
				}
				return v.Int64()
			}
		}
	}
	return func(v parquet.Value) any { return number(v) }
}

// unitOf gives how many of the unit go on a second.
func unitOf(unit logical.TimeUnit) int64 {
	switch unit.Value.(type) {
	case *logical.MilliSeconds:
		return 1e3
	case *logical.MicroSeconds:
		return 1e6
	}
	return 1e9
}

func scaled(unscaled float64, scale int32) float64 { return unscaled / math.Pow10(int(scale)) }

// bigEndian reads a two's complement number.
func bigEndian(b []byte) float64 {
	f := 0.0
	for _, digit := range b {
		f = f*256 + float64(digit)
	}
	if len(b) > 0 && b[0] >= 128 {
		f -= math.Pow(256, float64(len(b)))
	}
	return f
}

// write streams a row group.
func (p *parquetFile) write(group parquet.RowGroup) error {
	rows := group.Rows()
	defer rows.Close()
	buffer := make([]parquet.Row, 256)
	for {
		n, err := rows.ReadRows(buffer)
		for _, row := range buffer[:n] {
			if err := p.row(row); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *parquetFile) row(row parquet.Row) error {
	var wkb []byte
	p.values = p.values[:0]
	for _, v := range row {
		i := v.Column()
		switch {
		case i == p.shape && !v.IsNull():
			wkb = v.ByteArray()
		case i < 0 || i >= len(p.columns) || p.columns[i] == nil:
		case v.IsNull():
			p.values = append(p.values, nil)
		default:
			p.values = append(p.values, p.columns[i](v))
		}
	}
	if len(p.values) != len(p.names) {
		return errors.New("a row has another number of values than the schema says")
	}
	return p.out.feature(wkb, p.values)
}
