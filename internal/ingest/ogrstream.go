package ingest

// #cgo pkg-config: gdal
// #include <stdlib.h>
// #include "ogrstream.h"
import "C"

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"unsafe"

	"github.com/airbusgeo/godal"
	"golang.org/x/sys/unix"
)

// A layer on its way from the child to the service:
//
//	stream = length, header, { length, feature }, 0
//	header = JSON of streamHeader
//	feature = keyed (one byte, 0 or 1), key (8 bytes), length, ISO WKB (x first; length 0: no geometry), a value for each column
//	value = tag (one byte), and by the tag
//	        0 null; 1 false; 2 true; 3 integer, 4 number: 8 bytes; 5 single-precision number: 4 bytes;
//	        6 text, 7 JSON (a list): length, bytes
//
// A length is 4 bytes. Numbers are little-endian. The length 0 at the end tells a whole layer from the beginning of one.
// That the features are written in C, many a call, is for speed: godal takes a call into C for each attribute and makes
// a map for each feature.

// streamHeader tells what the features of the stream have.
type streamHeader struct {
	CRS     string // its name, as geo.ParseCRS reads it; "" when the file does not say it
	Columns []string
}

// The tags of values.
const (
	tagNull = iota
	tagFalse
	tagTrue
	tagInteger
	tagNumber
	tagFloat
	tagText
	tagJSON
)

// streamLayer writes layer number i of an open dataset. What GDAL says goes to heard; its first error ends the writing.
func streamLayer(out io.Writer, dataset *godal.Dataset, i int, crs string, keepFID bool, heard godal.ErrorHandler) error {
	name := C.CString(dataset.Description())
	defer C.free(unsafe.Pointer(name))
	keep := C.int(0)
	if keepFID {
		keep = 1
	}
	stream := C.ogrstream_open(name, C.int(i), keep)
	if stream == nil {
		return errors.New("the layer can't be read")
	}
	defer C.ogrstream_close(stream)
	header := streamHeader{CRS: crs, Columns: make([]string, C.ogrstream_columns(stream))}
	for i := range header.Columns {
		header.Columns[i] = C.GoString(C.ogrstream_column(stream, C.int(i)))
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	if _, err := out.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(text))), text...)); err != nil {
		return err
	}
	if err := streamFeatures(out, stream, heard); err != nil {
		return err
	}
	_, err = out.Write(make([]byte, 4))
	return err
}

// widen lets a pipe hold a megabyte, so that its two ends take turns less often. A system that does not is only slower.
func widen(pipe *os.File) {
	_, _ = unix.FcntlInt(pipe.Fd(), unix.F_SETPIPE_SZ, 1<<20)
}

func streamFeatures(out io.Writer, stream *C.ogrstream, heard godal.ErrorHandler) error {
	buffer := make([]byte, 256<<10)
	for {
		var need C.size_t
		n := C.ogrstream_fill(stream, (*C.uchar)(unsafe.Pointer(unsafe.SliceData(buffer))), C.size_t(len(buffer)), &need)
		if err := hearAll(stream, heard); err != nil {
			return err
		}
		if n == 0 && need == 0 {
			return nil
		}
		if n == 0 {
			buffer = make([]byte, need)
		}
		if _, err := out.Write(buffer[:n]); err != nil {
			return err
		}
	}
}

func hearAll(stream *C.ogrstream, heard godal.ErrorHandler) error {
	for {
		var message *C.char
		category := C.ogrstream_said(stream, &message)
		if category == 0 {
			return nil
		}
		if err := heard(godal.ErrorCategory(category), 0, C.GoString(message)); err != nil {
			return err
		}
	}
}
