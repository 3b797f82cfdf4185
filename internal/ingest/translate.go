package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/airbusgeo/godal"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// RunChild is the child process: it reads a childRequest from stdin, opens the files with GDAL and writes the features
// as a stream (ogrstream.go) to the standard output of the process. Faults go to stderr as childReports; the
// error is for the exit status alone.
func RunChild(stdin io.Reader, stderr io.Writer) error {
	if err := childLimits.Enclose(); err != nil {
		return err
	}
	var request childRequest
	if err := json.NewDecoder(stdin).Decode(&request); err != nil {
		return err
	}
	t := &translation{childRequest: request, stderr: json.NewEncoder(stderr)}
	err := t.run()
	if err != nil {
		t.tell(err)
	}
	return err
}

// translation is the work of a child.
type translation struct {
	childRequest
	stderr  *json.Encoder
	warned  []string
	failure string // the first of GDAL
}

// Error lets a fault travel as an error.
func (f *childFault) Error() string { return f.Message.EN }

func (t *translation) tell(err error) {
	fault, ok := errors.AsType[*childFault](err)
	if !ok {
		text := err.Error()
		if t.failure != "" { // GDAL's first word is nearer the cause than its last
			text = t.failure
		}
		fault = &childFault{Rule: fileUnreadable.name, Message: plan.Text{SV: text, EN: text}}
	}
	_ = t.stderr.Encode(childReport{Fault: fault}) // the parent is gone when nobody reads this
}

// heard takes what GDAL says. A failure is never passed over: what follows it may be missing.
func (t *translation) heard(category godal.ErrorCategory, _ int, message string) error {
	switch {
	case category >= godal.CE_Failure:
		if t.failure == "" {
			t.failure = message
		}
		return errors.New(message)
	case category == godal.CE_Warning:
		const most = 5
		if len(t.warned) < most && !slices.Contains(t.warned, message) {
			t.warned = append(t.warned, message)
			return t.stderr.Encode(childReport{Warning: message})
		}
	}
	return nil
}

// drivers are the only ones that exist in the child: neither VRT nor any that knows the network.
var drivers = []godal.DriverName{godal.GeoJSON, godal.GeoPackage, godal.Shapefile, godal.CSV, "FlatGeobuf", "GML", "LIBKML"}

// others read without GDAL, by what stands for the driver.
var others = map[string]func(*translation, childSource) error{
	excel.driver:      (*translation).readExcel,
	geoParquet.driver: (*translation).readParquet,
}

func (t *translation) run() error {
	if read := others[t.Sources[0].Driver]; read != nil {
		if len(t.Sources) > 1 {
			return refusal("", "source_layer", "Zipfilen har flera filer; skicka den du vill läsa för sig", "the zip file has several files; send the one that you want by itself")
		}
		return read(t, t.Sources[0])
	}
	if err := godal.RegisterVector(drivers...); err != nil {
		return err
	}
	var found []found
	for _, source := range t.Sources {
		dataset, err := t.open(source)
		if err != nil {
			return err
		}
		defer dataset.Close()
		found = append(found, t.layersOf(dataset, source)...)
	}
	chosen, err := t.choose(found)
	if err != nil {
		return err
	}
	return t.write(chosen)
}

func (t *translation) open(source childSource) (*godal.Dataset, error) {
	return godal.Open(source.Path, godal.VectorOnly(), godal.Drivers(source.Driver), godal.DriverOpenOption(source.OpenOptions...),
		godal.SiblingFiles(siblings(source.Path)...), godal.ErrLogger(t.heard))
}

// siblings lists the files beside a file, itself among them.
func siblings(path string) (names []string) {
	entries, _ := os.ReadDir(filepath.Dir(path)) // what can't be listed can't be opened either
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// found is a layer of a file.
type found struct {
	dataset *godal.Dataset
	source  childSource
	layer   godal.Layer
	number  int // in the dataset
}

// layersOf lists the layers that can be meant: those with geometry, for a layer that has one.
func (t *translation) layersOf(dataset *godal.Dataset, source childSource) (layers []found) {
	for number, layer := range dataset.Layers() {
		spatial := layer.Type() != godal.GTNone
		if spatial || t.Table || layer.Name() == t.SourceLayer {
			layers = append(layers, found{dataset, source, layer, number})
		}
	}
	return layers
}

// choose takes the layer that was asked for, or the only one, or the only one with anything in it: the folder of a KMZ
// that only leads to others is a layer too.
func (t *translation) choose(layers []found) (*found, error) {
	if t.SourceLayer == "" && len(layers) > 1 {
		if filled := slices.DeleteFunc(slices.Clone(layers), found.isEmpty); len(filled) == 1 {
			layers = filled
		}
	}
	var names []string
	for i := range layers {
		name := layers[i].layer.Name()
		if name == t.SourceLayer || t.SourceLayer == "" && len(layers) == 1 {
			return &layers[i], nil
		}
		names = append(names, name)
	}
	list := clipList(names)
	switch {
	case len(names) == 0:
		return nil, refusal("", "no_layer", "Filen har inget lager med geometri", "the file has no layer with geometry")
	case t.SourceLayer == "":
		return nil, refusal("source_layer", "source_layer", "Filen har flera lager; välj ett med source_layer: "+list,
			"the file has several layers; choose one with source_layer: "+list)
	}
	return nil, refusal("source_layer", "source_layer", fmt.Sprintf("Filen har inget lager %q. Det finns: %s", t.SourceLayer, list),
		fmt.Sprintf("the file has no layer %q. There are: %s", t.SourceLayer, list))
}

func (l found) isEmpty() bool {
	n, err := l.layer.FeatureCount()
	return err == nil && n == 0
}

func clipList(names []string) string {
	const most = 30
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" (+%d)", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func refusal(locator, rule, sv, en string) error {
	return &childFault{Locator: locator, Rule: rule, Message: plan.Text{SV: sv, EN: en}}
}

// write streams the layer: in the file's own system, x first, arcs made straight.
func (t *translation) write(l *found) error {
	name := ""
	if !t.Table {
		var err error
		if name, err = t.systemOf(l); err != nil {
			return err
		}
	}
	if t.Text {
		return t.writeGeoJSON(l, name)
	}
	if name == "EPSG:4326" { // x first
		name = geo.CRS84.Name()
	}
	widen(os.Stdout)
	return streamLayer(os.Stdout, l.dataset, l.number, name, t.KeepFID, t.heard)
}

// writeGeoJSON has GDAL write the layer as it would for ogr2ogr. With twenty significant figures a double comes through
// exactly; with seventeen GDAL rounds what looks like noise.
func (t *translation) writeGeoJSON(l *found, system string) error {
	switches := []string{"-f", "GeoJSON", "-lco", "SIGNIFICANT_FIGURES=20", "-lco", "WRITE_NAME=NO", "-nlt", "CONVERT_TO_LINEAR", "-unsetFid"}
	if system != "" {
		switches = append(switches, "-a_srs", system)
	}
	written, err := l.dataset.VectorTranslate("/vsistdout/", append(switches, l.layer.Name()), godal.ErrLogger(t.heard))
	if err != nil {
		return err
	}
	return written.Close(godal.ErrLogger(t.heard))
}

// systemOf names the coordinate system of a layer; "" when the request knows it and the file does not.
func (t *translation) systemOf(l *found) (string, error) {
	if t.IgnoreCRS {
		return "", nil
	}
	if l.source.CRS != "" {
		return l.source.CRS, nil
	}
	sr := l.layer.SpatialRef()
	name := systemName(sr)
	switch {
	case name == "" && t.CRSGiven:
		return "", nil
	case name == "":
		return "", t.noSystem(l)
	}
	for _, code := range geo.Codes() {
		if isSystem(sr, code) {
			return fmt.Sprintf("EPSG:%d", code), nil
		}
	}
	if t.CRSGiven && sr.AuthorityCode("") == "" { // a home-made description, which the officer knows better
		return "", t.stderr.Encode(childReport{Warning: fmt.Sprintf("the file calls its coordinate system %q, which is not known; it was read as the request says", name)})
	}
	return "", refusal("crs", crsUnknown.name, fmt.Sprintf("Koordinatsystemet %q läses inte. Använd ett av %s", name, supported()),
		fmt.Sprintf("the coordinate system %q is not read. Use one of %s", name, supported()))
}

// systemName is what a file calls its system; "" when it has none, which in a GeoPackage has a name too (OGC 12-128r18,
// table 5: srs_id 0 and -1).
func systemName(sr *godal.SpatialRef) string {
	wkt, err := sr.WKT(godal.ErrLogger(func(godal.ErrorCategory, int, string) error { return nil }))
	if err != nil || wkt == "" {
		return ""
	}
	for _, node := range []string{"PROJCS", "GEOGCS", "LOCAL_CS", "COMPD_CS"} {
		if name, ok := sr.AttrValue(node, 0); ok && name != "" {
			if strings.HasPrefix(name, "Undefined ") {
				return ""
			}
			return name
		}
	}
	return "?"
}

// isSystem reports whether a file's system is one of ours: by its code, or else by what it says of itself.
func isSystem(sr *godal.SpatialRef, code int) bool {
	if strings.EqualFold(sr.AuthorityName(""), "EPSG") && sr.AuthorityCode("") == fmt.Sprint(code) {
		return true
	}
	ours, err := godal.NewSpatialRefFromEPSG(code)
	if err != nil {
		return false
	}
	defer ours.Close()
	return sr.IsSame(ours)
}

// noSystem says that the file leaves its system out, and what its coordinates look like.
func (t *translation) noSystem(l *found) error {
	l.layer.ResetReading()
	feature := l.layer.NextFeature()
	if feature == nil {
		return missingSystem(0, 0, false)
	}
	defer feature.Close()
	box, err := feature.Geometry().Bounds(godal.ErrLogger(t.heard))
	return missingSystem(box[0], box[1], err == nil)
}

// missingSystem is the refusal of a file that does not say its system; where its first place is known, with every
// system and axis order that puts it in the region.
func missingSystem(x, y float64, known bool) error {
	sv, en := "Filen anger inget koordinatsystem. Ange det med crs", "the file does not say its coordinate system. Say it with crs"
	var seen []geo.CRS
	for _, reading := range geo.Readings(x, y) {
		seen = append(seen, reading.CRS)
	}
	if known && len(seen) > 0 {
		place, list := xy(x, y), geo.Choices(seen)
		sv += fmt.Sprintf("; första objektet ligger vid (%s), som kan vara %s", place, list.SV)
		en += fmt.Sprintf("; its first feature is at (%s), which could be %s", place, list.EN)
	}
	return refusal("crs", "crs_missing", sv, en)
}
