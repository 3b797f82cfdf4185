package export

import (
	"archive/zip"
	"compress/flate"
	"io"
	"time"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// writeGML writes a zip of the file and its schema, without which the types of the columns would have to be guessed,
// and an empty layer would have none.
func writeGML(w io.Writer, file File) error {
	layer := file.Layers[0].withID()
	schema, err := ogc.GML32.XSD(layer.Definition)
	if err != nil {
		return err
	}
	packed := newZip(w)
	entry, err := create(packed, layer.Name+".xsd", layer.Definition.Changed)
	if err != nil {
		return err
	}
	if _, err := entry.Write(schema); err != nil {
		return err
	}
	if entry, err = create(packed, layer.Name+".gml", layer.Definition.Changed); err != nil {
		return err
	}
	extent := plan.EmptyBox
	for f := range layer.Features {
		extent = extent.Union(f.Geometry.Box())
	}
	found := ogc.GMLResult{Layer: layer.Definition, System: ogc.URIReference(file.CRS), Features: layer.Features, Matched: layer.Count,
		Returned: layer.Count, Extent: extent}
	if err := ogc.WriteGML(entry, ogc.GMLFile{Edition: ogc.GML32, Schema: layer.Name + ".xsd", Results: []ogc.GMLResult{found}, Time: layer.Definition.Changed}); err != nil {
		return err
	}
	return packed.Close()
}

// newZip compresses quickly: the line to the user is seldom slower than that.
func newZip(w io.Writer) *zip.Writer {
	packed := zip.NewWriter(w)
	packed.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return packed
}

func create(packed *zip.Writer, name string, changed time.Time) (io.Writer, error) {
	return packed.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: changed})
}
