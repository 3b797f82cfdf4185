package ingest

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// kmlSchema is a Schema of a KML file (OGC 12-007r2, 9.8): the columns that it declares, and those that features have under it.
type kmlSchema struct {
	at      int64           // where a field can be put in: before the end of its first tag when that is all of it, else after
	whole   bool            // that tag is all of it
	found   bool            // it is in the file
	known   map[string]bool // columns
	lacking []string        // those that are not declared, with their quotes
}

// declareColumns adds the columns that features have to their Schema, where they are missing. GDAL reads none that is not there, and
// where it writes KML itself leaves out those that are dates.
func declareColumns(filename string) error {
	file, err := os.Open(filename)
	if err != nil {
		return err
	}
	defer file.Close()
	schemas, err := kmlSchemas(file)
	if err != nil || len(schemas) == 0 {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	declared, err := os.OpenFile(filename+".declared", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = declareInto(declared, file, schemas)
	if err = cmp.Or(err, declared.Close()); err != nil {
		return err
	}
	return os.Rename(declared.Name(), filename)
}

// declareInto copies the file with the fields that are missing.
func declareInto(w io.Writer, file io.Reader, schemas []*kmlSchema) error {
	at := int64(0)
	for _, s := range schemas {
		if _, err := io.CopyN(w, file, s.at-at); err != nil {
			return err
		}
		at = s.at
		if _, err := io.WriteString(w, s.fields()); err != nil {
			return err
		}
		if s.whole {
			if _, err := io.CopyN(io.Discard, file, int64(len("/>"))); err != nil {
				return err
			}
			at += int64(len("/>"))
		}
	}
	_, err := io.Copy(w, file)
	return err
}

// fields gives the fields that are missing.
func (s *kmlSchema) fields() string {
	var b strings.Builder
	if s.whole {
		b.WriteByte('>')
	}
	for _, name := range s.lacking {
		fmt.Fprintf(&b, `<SimpleField name=%s type="string"/>`, name)
	}
	if s.whole {
		b.WriteString("</Schema>")
	}
	return b.String()
}

// kmlSchemas finds the schemas that lack columns, in the order of the file.
func kmlSchemas(r io.Reader) ([]*kmlSchema, error) {
	byID := map[string]*kmlSchema{}
	of := func(id string) *kmlSchema {
		if byID[id] == nil {
			byID[id] = &kmlSchema{known: map[string]bool{}}
		}
		return byID[id]
	}
	const most = 10_000 // columns and schemas
	current, columns := &kmlSchema{}, 0
	err := eachKMLTag(r, func(tag []byte, end int64) {
		name := kmlAttribute(tag, "name")
		switch kind := kmlElement(tag); {
		case columns > most:
		case kind == "Schema":
			current = of(unquoted(kmlAttribute(tag, "id")))
			if columns++; !current.found {
				current.at, current.found, current.whole = end, true, bytes.HasSuffix(tag, []byte("/>"))
				if current.whole {
					current.at -= int64(len("/>"))
				}
			}
		case kind == "SchemaData":
			current = of(strings.TrimPrefix(unquoted(kmlAttribute(tag, "schemaUrl")), "#"))
			columns++
		case current.known == nil || name == "":
		case kind == "SimpleField":
			current.known[unquoted(name)] = true
			current.lacking = slices.DeleteFunc(current.lacking, func(other string) bool { return unquoted(other) == unquoted(name) }) // it stands behind the data
		case kind == "SimpleData" && !current.known[unquoted(name)]:
			current.known[unquoted(name)] = true
			current.lacking = append(current.lacking, name)
			columns++
		}
	})
	var lacking []*kmlSchema
	for _, s := range byID {
		if s.found && len(s.lacking) > 0 {
			lacking = append(lacking, s)
		}
	}
	slices.SortFunc(lacking, func(a, b *kmlSchema) int { return cmp.Compare(a.at, b.at) })
	return lacking, err
}

// eachKMLTag yields the tags about columns, from < to >, with the offset behind each.
func eachKMLTag(r io.Reader, yield func(tag []byte, end int64)) error {
	in, at := bufio.NewReaderSize(r, readBuffer), int64(0)
	for end := byte('<'); ; {
		piece, err := in.ReadSlice(end)
		at += int64(len(piece))
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, bufio.ErrBufferFull): // coordinates, or no tag of ours
			end = '<'
			continue
		case err != nil:
			return err
		case end == '>':
			yield(piece, at)
			end = '<'
			continue
		}
		if next, _ := in.Peek(len("Simple")); bytes.HasPrefix(next, []byte("Schema")) || bytes.HasPrefix(next, []byte("Simple")) {
			end = '>'
		}
	}
}

func kmlElement(tag []byte) string {
	return string(tag[:bytes.IndexAny(tag, " \t\r\n/>")])
}

var kmlQuoted = regexp.MustCompile(`\s([A-Za-z]+)\s*=\s*("[^"<]*"|'[^'<]*')`)

// kmlAttribute gives an attribute with its quotes; "" when it is not there.
func kmlAttribute(tag []byte, name string) string {
	for _, found := range kmlQuoted.FindAllSubmatch(tag, -1) {
		if string(found[1]) == name {
			return string(found[2])
		}
	}
	return ""
}

func unquoted(value string) string { return strings.Trim(value, `"'`) }
