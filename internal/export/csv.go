package export

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"strukturbild/internal/plan"
)

// csvWriter writes a table as RFC 4180. A null is an empty field, an empty text a quoted one. Texts are not changed: one
// that begins with = is a formula to a spreadsheet that opens the file unasked, which the handbook warns of.
type csvWriter struct {
	*table
	separator byte
	buffer    []byte
}

func writeCSV(w io.Writer, t *table) error {
	c := &csvWriter{table: t, separator: ',', buffer: make([]byte, 0, chunk+chunk/4)}
	if t.Semicolon {
		c.separator = ';'
	}
	if t.Mark {
		c.buffer = append(c.buffer, "\ufeff"...)
	}
	c.header()
	row := c.rows()
	for f := range t.layer.Features {
		if err := row(f); err != nil {
			return fmt.Errorf("writing layer %s: feature %s: %w", t.layer.Name, f.ID, err)
		}
		if len(c.buffer) >= chunk {
			if _, err := w.Write(c.buffer); err != nil {
				return err
			}
			c.buffer = c.buffer[:0]
		}
	}
	_, err := w.Write(c.buffer)
	return err
}

func (c *csvWriter) header() {
	for i, a := range c.layer.Definition.Attributes {
		if i > 0 {
			c.buffer = append(c.buffer, c.separator)
		}
		c.buffer = append(c.buffer, a.Name...)
	}
	for _, name := range c.place {
		c.buffer = append(append(c.buffer, c.separator), name...)
	}
	c.buffer = append(c.buffer, "\r\n"...)
}

// rows gives the function that writes one row.
func (c *csvWriter) rows() func(f *plan.Feature) error {
	wkt := c.wkt()
	return func(f *plan.Feature) (err error) {
		for i, v := range f.Values {
			if i > 0 {
				c.buffer = append(c.buffer, c.separator)
			}
			c.value(v)
		}
		switch c.Geometry {
		case XY:
			c.buffer = append(c.buffer, c.separator)
			from := len(c.buffer)
			c.buffer, err = wkt.AppendPosition(c.buffer, f.Geometry, c.separator)
			c.comma(from)
		case WKT:
			c.buffer = append(c.buffer, c.separator, '"')
			c.buffer, err = wkt.Append(c.buffer, f.Geometry)
			c.buffer = append(c.buffer, '"')
		}
		c.buffer = append(c.buffer, "\r\n"...)
		return err
	}
}

// comma makes decimal commas of the points in what stands in the buffer from there, when they are wanted.
func (c *csvWriter) comma(from int) {
	for i := from; i < len(c.buffer) && c.Semicolon; i++ {
		if c.buffer[i] == '.' {
			c.buffer[i] = ','
		}
	}
}

func (c *csvWriter) value(v plan.Value) {
	switch v.Kind() {
	case plan.String:
		c.text(v.Text())
	case plan.Number:
		from := len(c.buffer)
		if size := math.Abs(v.Float()); size >= 1e-6 && size < 1e15 {
			c.buffer = strconv.AppendFloat(c.buffer, v.Float(), 'f', -1, 64)
		} else {
			c.buffer = v.AppendText(c.buffer)
		}
		c.comma(from)
	default:
		c.buffer = v.AppendText(c.buffer)
	}
}

// text quotes what has to be (RFC 4180, 2.5 to 2.7), and what spreadsheets and GDAL would trim or take for a null.
func (c *csvWriter) text(s string) {
	plain := s != "" && s[0] != ' ' && s[len(s)-1] != ' '
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] != '"' && s[i] != ',' && s[i] != ';' && s[i] != '\t' && s[i] != '\n' && s[i] != '\r'
	}
	if plain {
		c.buffer = append(c.buffer, s...)
		return
	}
	c.buffer = append(c.buffer, '"')
	for i := range len(s) {
		if s[i] == '"' {
			c.buffer = append(c.buffer, '"')
		}
		c.buffer = append(c.buffer, s[i])
	}
	c.buffer = append(c.buffer, '"')
}
