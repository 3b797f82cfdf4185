package export

// #cgo pkg-config: gdal
// #include <stdlib.h>
// #include "records.h"
import "C"

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"
	"unsafe"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// RunChild is the child process: it reads a childRequest and the records from stdin, and has GDAL write the file into
// its working directory. A fault goes to stderr as a childReport; the error is for the exit status alone.
func RunChild(stdin io.Reader, stderr io.Writer) error {
	err := writeFile(bufio.NewReaderSize(stdin, 1<<20))
	if err != nil {
		_ = json.NewEncoder(stderr).Encode(childReport{Fault: err.Error()}) // the parent is gone when nobody reads this
	}
	return err
}

func writeFile(in *bufio.Reader) error {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var request childRequest
	if err := json.Unmarshal(line, &request); err != nil {
		return err
	}
	limits := fence.Limits{Memory: 4 << 30, CPU: 30 * time.Minute, FileSize: uint64(request.MaxBytes)}
	if err := limits.Enclose(); err != nil {
		return err
	}
	C.export_begin()
	d, err := createDataset(&request)
	if err != nil {
		return err
	}
	for _, layer := range request.Layers {
		if err := d.write(layer, in); err != nil {
			return err
		}
	}
	full := isFull(".") // GDAL's temporary files go with the closing, and so does the trace of what was wrong
	C.GDALClose(d.handle)
	if err = fault("closing the file"); err != nil && full {
		err = fmt.Errorf("%w: %w", err, syscall.ENOSPC)
	}
	return err
}

// fault gives what GDAL has complained of, or nil.
func fault(doing string) error {
	if said := C.GoString(C.export_fault()); said != "" {
		return fmt.Errorf("%s: %s", doing, said)
	}
	return nil
}

// dataset is the file being written.
type dataset struct {
	handle C.GDALDatasetH
	system C.OGRSpatialReferenceH
}

func createDataset(request *childRequest) (*dataset, error) {
	driver, path := cString(request.Driver), cString(request.Path)
	defer free(driver, path)
	d := &dataset{system: C.OSRNewSpatialReference(nil)}
	if C.OSRImportFromEPSG(d.system, C.int(request.EPSG)) != C.OGRERR_NONE {
		return nil, errors.Join(fmt.Errorf("EPSG:%d is not known to PROJ", request.EPSG), fault("its database"))
	}
	C.OSRSetAxisMappingStrategy(d.system, C.OAMS_TRADITIONAL_GIS_ORDER)
	if d.handle = C.GDALCreate(C.GDALGetDriverByName(driver), path, 0, 0, 0, C.GDT_Unknown, nil); d.handle == nil {
		return nil, errors.Join(errors.New("the file can't be created"), fault("creating the file"))
	}
	return d, nil
}

func cString(s string) *C.char { return C.CString(s) }

func free(strings ...*C.char) {
	for _, s := range strings {
		C.free(unsafe.Pointer(s))
	}
}

// write makes a layer and fills it, in one transaction where the format has them.
func (d *dataset) write(l childLayer, in *bufio.Reader) error {
	layer, err := d.createLayer(l)
	if err != nil {
		return err
	}
	kinds := make([]byte, len(l.Columns))
	for i, c := range l.Columns {
		kinds[i] = byte(c.Kind)
	}
	C.OGR_L_StartTransaction(layer)
	var records []byte
	for {
		if records, err = readFrame(in, records); err != nil {
			return err
		}
		if len(records) == 0 {
			break
		}
		ok := C.export_write(layer, (*C.char)(unsafe.Pointer(&kinds[0])), C.int(len(kinds)), (*C.uchar)(&records[0]), C.size_t(len(records)))
		if ok == 0 {
			return errors.Join(errors.New("a feature can't be written"), fault("writing features"))
		}
	}
	C.OGR_L_CommitTransaction(layer)
	return fault("writing the layer")
}

// readFrame reads the next records into memory that it reuses; none at the end of the layer. Input that ends before
// that is half a file.
func readFrame(in io.Reader, buffer []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, fmt.Errorf("the features end too early: %w", err)
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if cap(buffer) < n {
		buffer = make([]byte, n)
	}
	buffer = buffer[:n]
	if _, err := io.ReadFull(in, buffer); err != nil {
		return nil, fmt.Errorf("the features end too early: %w", err)
	}
	return buffer, nil
}

var multiTypes = map[plan.GeometryType]C.OGRwkbGeometryType{plan.Point: C.wkbMultiPoint, plan.Line: C.wkbMultiLineString,
	plan.Polygon: C.wkbMultiPolygon, plan.None: C.wkbNone}

func (d *dataset) createLayer(l childLayer) (C.OGRLayerH, error) {
	name := cString(l.Name)
	defer free(name)
	var options **C.char
	for _, option := range l.Options {
		text := cString(option)
		options = C.CSLAddString(options, text)
		free(text)
	}
	defer C.CSLDestroy(options)
	shape, system := multiTypes[l.Type], d.system
	if l.Single {
		shape = C.wkbPoint
	}
	if l.Type == plan.None {
		system = nil
	}
	layer := C.GDALDatasetCreateLayer(d.handle, name, system, shape, options)
	if layer == nil {
		return nil, errors.Join(errors.New("the layer can't be created"), fault("creating the layer"))
	}
	for _, c := range l.Columns {
		createField(layer, c)
	}
	for _, item := range l.Metadata {
		key, value := cString(item[0]), cString(item[1])
		C.GDALSetMetadataItem(C.GDALMajorObjectH(layer), key, value, nil)
		free(key, value)
	}
	return layer, fault("creating the layer")
}

var fieldTypes = map[kind]C.OGRFieldType{kindText: C.OFTString, kindInteger: C.OFTInteger64, kindNumber: C.OFTReal,
	kindBoolean: C.OFTInteger, kindDate: C.OFTDate, kindInstant: C.OFTDateTime}

func createField(layer C.OGRLayerH, c column) {
	name, title := cString(c.Name), cString(c.Title)
	defer free(name, title)
	field := C.OGR_Fld_Create(name, fieldTypes[c.Kind])
	defer C.OGR_Fld_Destroy(field)
	C.OGR_Fld_SetAlternativeName(field, title)
	C.OGR_Fld_SetWidth(field, C.int(c.Width))
	C.OGR_Fld_SetPrecision(field, C.int(c.Precision))
	if c.Kind == kindBoolean {
		C.OGR_Fld_SetSubType(field, C.OFSTBoolean)
	}
	if c.Required {
		C.OGR_Fld_SetNullable(field, 0)
	}
	C.OGR_L_CreateField(layer, field, 0)
}
