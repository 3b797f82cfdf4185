package export

import (
	"archive/zip"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// The limits of a Shapefile and its dBASE table.
const (
	dbfName     = 10  // bytes of a column's name
	dbfText     = 254 // bytes of a text
	dbfInteger  = 18  // digits with sign: GDAL reads more as a number with decimals
	dbfNumber   = 24  // characters of a number
	dbfDecimals = 15
	dbfColumns  = 255
	shapeLimit  = 2 << 30 // bytes of a file: offsets are signed, of 32 bits
)

// shapeColumns fits the columns to what a Shapefile can hold. What it can't hold at all is refused: a Shapefile with
// half the text in it would look whole.
func shapeColumns(layer Layer, s *survey) ([]column, error) {
	attributes := layer.Definition.Attributes
	if len(attributes) > dbfColumns {
		return nil, plan.Errorf(plan.TooLarge, "f", "the layer has %d columns with the id, and a Shapefile holds at most %d: choose some (attributes), or take another format", len(attributes), dbfColumns)
	}
	names, row := shapeNames(attributes), int64(1)
	columns := make([]column, len(attributes))
	for i, a := range attributes {
		if s.texts[i] > dbfText {
			return nil, plan.Errorf(plan.TooLarge, "f", "the attribute %q has a text of %d bytes (feature %q), and a Shapefile holds at most %d: leave it out (attributes), or take another format, like gpkg",
				a.Name, s.texts[i], s.longest[i], dbfText)
		}
		columns[i] = shapeColumn(a, i, s)
		columns[i].Name = names[i]
		row += int64(columns[i].Width)
	}
	for what, size := range map[string]int64{"geometries": 100 + s.shapes, "attributes": int64(32*(len(columns)+2)) + row*int64(layer.Count)} {
		if size >= shapeLimit {
			return nil, plan.Errorf(plan.TooLarge, "f", "the %s would take %d MiB, and a file of a Shapefile holds less than %d MiB: take fewer features (bbox), or another format, like gpkg",
				what, size>>20, shapeLimit>>20)
		}
	}
	return columns, nil
}

// shapeColumn gives the type and width of a column. dBASE has no instants and no integers of 64 bits: those become text.
func shapeColumn(a plan.Attribute, i int, s *survey) column {
	c := column{Kind: kindOf[a.Type]}
	switch a.Type {
	case plan.String:
		c.Width = max(s.texts[i], 1)
	case plan.DateTime:
		c.Kind, c.Width = kindText, len("2006-01-02T15:04:05.999999Z")
	case plan.Date:
		c.Width = 8
	case plan.Boolean:
		c.Width = 1
	case plan.Integer:
		if c.Width = s.digits(i); c.Width > dbfInteger {
			c.Kind = kindText
		}
	case plan.Number:
		whole := len(fmt.Sprintf("%.0f", s.size[i]))
		if whole+2 > dbfNumber || math.IsInf(s.size[i], 0) {
			c.Kind, c.Width = kindText, 25
			break
		}
		c.Width, c.Precision = dbfNumber, max(min(dbfDecimals, dbfNumber-whole-2), 0)
	}
	return c
}

// shapeNames cuts the names to what a column can be called, no two to the same.
func shapeNames(attributes []plan.Attribute) (names []string) {
	for _, a := range attributes {
		name := a.Name[:min(len(a.Name), dbfName)]
		for n := 1; slices.Contains(names, name) || name != a.Name && clashes(attributes, name); n++ {
			tail := fmt.Sprintf("_%d", n)
			name = a.Name[:min(len(a.Name), dbfName-len(tail))] + tail
		}
		names = append(names, name)
	}
	return names
}

// clashes reports whether an attribute has the name uncut, and keeps it.
func clashes(attributes []plan.Attribute, name string) bool {
	return slices.ContainsFunc(attributes, func(a plan.Attribute) bool { return a.Name == name })
}

// readme tells in the zip what the layer is, and what the columns were called.
func readme(layer Layer, file File, columns []column) string {
	var b strings.Builder
	for _, fact := range facts(layer, file.CRS) {
		if fact.value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", fact.label, fact.value)
		}
	}
	fmt.Fprintf(&b, "\r\nKolumner (högst %d tecken i en Shapefile):\r\n", dbfName)
	for i, a := range layer.Definition.Attributes {
		note := ""
		if columns[i].Kind == kindText && a.Type != plan.String {
			note = fmt.Sprintf(" (%s, som text)", a.Type)
		}
		fmt.Fprintf(&b, "%-*s  %s  %s%s\r\n", dbfName, columns[i].Name, a.Name, a.Title.SV, note)
	}
	return b.String()
}

// sendShapefile makes the product a zip of what the child has written, with the readme.
func (p *Product) sendShapefile(layer Layer, file File, columns []column) error {
	paths, err := filepath.Glob(filepath.Join(p.dir, layer.Name+".*"))
	if err != nil {
		return err
	}
	slices.Sort(paths)
	p.Size = -1
	p.send = func(w io.Writer) error {
		packed := newZip(w)
		entry, err := create(packed, "readme.txt", layer.Definition.Changed)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(entry, readme(layer, file, columns)); err != nil {
			return err
		}
		for _, path := range paths {
			if err := pack(packed, path, layer); err != nil {
				return err
			}
		}
		return packed.Close()
	}
	return nil
}

func pack(packed *zip.Writer, path string, layer Layer) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	entry, err := create(packed, filepath.Base(path), layer.Definition.Changed)
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, from)
	return err
}
