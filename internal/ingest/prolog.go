package ingest

import (
	"bytes"
	"io"
	"os"

	"strukturbild/internal/plan"
)

// declarations begin what XML can make large out of small (entities) or fetch from elsewhere (DTDs). Map files have no
// use for either.
var declarations = [][]byte{[]byte("<!DOCTYPE"), []byte("<!ENTITY")}

// schemas are fetched by GDAL from where a file says, on the network or the disk. The attribute gets another name, of the
// same length, so that nothing is fetched; columns are read as text whatever a schema says.
var (
	schemaAttribute = []byte("chemaLocation=")
	schemaRenamed   = []byte("chema_ocation=")
)

// checkXML refuses an XML file with a DTD, before any parser sees it, and takes the places of schemas out of it. What is
// not written in bytes that ASCII shares could hide one, and is refused too.
func checkXML(filename string) error {
	file, err := os.OpenFile(filename, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	const overlap = 16 // longer than all that is looked for
	window := make([]byte, 0, readBuffer+overlap)
	for end := int64(0); ; {
		kept := copy(window[:overlap], window[max(0, len(window)-overlap):])
		n, err := io.ReadFull(file, window[kept:kept+readBuffer])
		window = window[:kept+n]
		if end == 0 && isWide(window) {
			return plan.Errorf(plan.Invalid, "", "the XML file is UTF-16 or UTF-32: save it as UTF-8")
		}
		for _, declaration := range declarations {
			if bytes.Contains(window, declaration) {
				return plan.Errorf(plan.Invalid, "", "the XML file has a %s declaration, which is not read: remove it", declaration[2:])
			}
		}
		end += int64(n)
		if err := renameSchemas(file, window, end-int64(len(window))); err != nil {
			return err
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// isWide reports whether the text begins as UTF-16 or UTF-32 does.
func isWide(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0xfe, 0xff}) || bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.IndexByte(start[:min(4, len(start))], 0) >= 0
}

// renameSchemas renames the attributes in a window that stands at an offset of the file.
func renameSchemas(file io.WriterAt, window []byte, offset int64) error {
	for from := 0; ; {
		i := bytes.Index(window[from:], schemaAttribute)
		if i < 0 {
			return nil
		}
		if _, err := file.WriteAt(schemaRenamed, offset+int64(from+i)); err != nil {
			return err
		}
		from += i + len(schemaAttribute)
	}
}
