package ingest

import (
	"bufio"
	"bytes"
	"io"
	"os"

	"strukturbild/internal/plan"
)

// declarations begin what XML can make large out of small (entities) or fetch from elsewhere (DTDs). Map files have no
// use for either.
var declarations = [][]byte{[]byte("<!DOCTYPE"), []byte("<!ENTITY")}

// checkXML refuses an XML file with a DTD, before any parser sees it. What is not written in bytes that ASCII shares
// could hide one, and is refused too.
func checkXML(filename string) error {
	file, err := os.Open(filename)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, readBuffer)
	start, _ := reader.Peek(4)
	if bytes.HasPrefix(start, []byte{0xfe, 0xff}) || bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.IndexByte(start, 0) >= 0 {
		return plan.Errorf(plan.Invalid, "", "the XML file is UTF-16 or UTF-32: save it as UTF-8")
	}
	const overlap = 16 // longer than any of the declarations
	window := make([]byte, 0, readBuffer+overlap)
	for {
		kept := copy(window[:overlap], window[max(0, len(window)-overlap):])
		n, err := reader.Read(window[kept : kept+readBuffer])
		window = window[:kept+n]
		for _, declaration := range declarations {
			if bytes.Contains(window, declaration) {
				return plan.Errorf(plan.Invalid, "", "the XML file has a %s declaration, which is not read: remove it", declaration[2:])
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
