package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// childRequest is what the child is told first, as one line of JSON. Then come the layers: frames of records, each
// after its length in four bytes, and a frame of no length after the last of a layer.
type childRequest struct {
	Driver   string
	Path     string // relative to its working directory
	MaxBytes int64
	EPSG     int
	Layers   []childLayer
}

type childLayer struct {
	Name     string
	Type     plan.GeometryType
	Single   bool // points are not multi
	Columns  []column
	Options  []string // of GDAL's layer creation
	Metadata [][2]string
}

// childReport is the line that the child writes to standard error when it gives up.
type childReport struct{ Fault string }

// makeInChild has the child write the file.
func (m Maker) makeInChild(ctx context.Context, p *Product, file File) error {
	layers := make([]Layer, len(file.Layers))
	request := &childRequest{Driver: file.Format.driver, Path: "file" + file.Format.Extension, MaxBytes: m.maxBytes(), EPSG: file.CRS.EPSG()}
	if request.EPSG == 0 {
		request.EPSG = 4326 // CRS84, which GDAL writes with longitude first
	}
	if file.Format == Shapefile {
		request.Path = file.Layers[0].Name + ".shp"
	}
	for i, layer := range file.Layers {
		layers[i] = layer.withID()
		described, err := describe(layers[i], file)
		if err != nil {
			return err
		}
		request.Layers = append(request.Layers, described)
	}
	if err := m.run(ctx, p.dir, request, layers, file); err != nil {
		return err
	}
	if file.Format == Shapefile {
		return p.sendShapefile(layers[0], file, request.Layers[0].Columns)
	}
	return p.sendFile(filepath.Join(p.dir, request.Path))
}

// describe says what the layer is to be in the file.
func describe(layer Layer, file File) (childLayer, error) {
	c := childLayer{Name: layer.Name, Type: layer.Definition.GeometryType}
	for _, a := range layer.Definition.Attributes {
		c.Columns = append(c.Columns, column{Name: a.Name, Title: a.Title.SV, Kind: kindOf[a.Type], Required: a.Required})
	}
	switch file.Format {
	case GeoPackage:
		c.Options = []string{"FID=fid", "GEOMETRY_NAME=geom", "IDENTIFIER=" + layer.Name, "DESCRIPTION=" + layer.Definition.Description.SV}
		for _, fact := range facts(layer, file.CRS) {
			if fact.value != "" {
				c.Metadata = append(c.Metadata, [2]string{fact.key, fact.value})
			}
		}
	case Shapefile:
		s := surveyOf(layer)
		columns, err := shapeColumns(layer, s)
		if err != nil {
			return c, err
		}
		c.Columns, c.Single, c.Options = columns, s.single, []string{"ENCODING=UTF-8", "DBF_DATE_LAST_UPDATE=" + layer.Definition.Changed.UTC().Format(time.DateOnly)}
	case FlatGeobuf:
		c.Options = []string{"TEMPORARY_DIR=."}
	}
	return c, nil
}

// run starts the child, gives it the features, and waits for the file. What the file says of its own age is the age of
// the layer, so that the same export is the same file.
func (m Maker) run(ctx context.Context, dir string, request *childRequest, layers []Layer, file File) error {
	changed := layers[0].Definition.Changed.UTC().Format("2006-01-02T15:04:05.000Z")
	child, err := fence.Command{Args: m.Command, Dir: dir, Stall: m.Stall, Env: []string{
		"OGR_SQLITE_SYNCHRONOUS=OFF", "OGR_SQLITE_JOURNAL=OFF", "OGR_SQLITE_CACHE=128", "OGR_CURRENT_DATE=" + changed}}.Start(ctx)
	if err != nil {
		return err
	}
	fed := feed(child, request, layers, file)
	_, _ = io.Copy(io.Discard, child) // it says nothing; its end is what is waited for
	end := child.Finish()
	known, isKnown := errors.AsType[*unwritable](fed)
	death, died := errors.AsType[*fence.Death](end)
	switch {
	case isKnown:
		return known.error
	case died:
		return fmt.Errorf("the child that writes %s failed: %w: %s", request.Driver, death, lastWords(child.Said()))
	case end != nil:
		return end
	}
	return fed
}

// unwritable is a feature's own fault, as opposed to the end of the child.
type unwritable struct{ error }

// frame is how many bytes of records are sent at once.
const frame = 256 << 10

// feed writes the request and the features to the child.
func feed(child *fence.Child, request *childRequest, layers []Layer, file File) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := child.Write(append(line, '\n')); err != nil {
		return err
	}
	buffer := make([]byte, 4, frame+frame/4)
	for i, layer := range layers {
		r := &recorder{crs: file.CRS.WithXYOrder(), columns: request.Layers[i].Columns, single: request.Layers[i].Single}
		for f := range layer.Features {
			if buffer, err = r.append(buffer, f); err != nil {
				_ = child.CloseWrite()
				return &unwritable{fmt.Errorf("writing layer %s: feature %s: %w", layer.Name, f.ID, err)}
			}
			if len(buffer) >= frame {
				if err := send(child, buffer); err != nil {
					return err
				}
				buffer = buffer[:4]
			}
		}
		if len(buffer) > 4 {
			if err := send(child, buffer); err != nil {
				return err
			}
		}
		buffer = buffer[:4]
		if err := send(child, buffer); err != nil {
			return err
		}
	}
	return child.CloseWrite()
}

// send writes a frame, whose first four bytes are kept for its length.
func send(child *fence.Child, buffer []byte) error {
	binary.LittleEndian.PutUint32(buffer, uint32(len(buffer)-4))
	_, err := child.Write(buffer)
	return err
}

// lastWords gives the fault that the child reported, or else how its own words began.
func lastWords(said []byte) string {
	for line := range bytes.Lines(said) {
		var report childReport
		if json.Unmarshal(line, &report) == nil && report.Fault != "" {
			return report.Fault
		}
	}
	return string(said[:min(len(said), 300)])
}
