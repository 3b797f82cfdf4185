package ingest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// File is a file of any format on its way in.
type File struct {
	Body        io.Reader // a Linker is not copied
	Name        string    // what its owner calls it; "" for unknown
	MediaType   string    // as it was sent; "" for unknown
	SourceLayer string    // the layer to read, where the file has several
	Encoding    string    // of the text in a Shapefile or CSV file that does not say it: "", utf-8, iso-8859-1, windows-1252, cp850
	MaxBytes    int64     // what it may unpack to
}

// Linker is a body that lies on the disk and can be given another name there. Nobody writes to it.
type Linker interface{ Link(name string) error }

// Reader reads files. Formats other than GeoJSON are left to a child process, so that what a broken file does to a C
// library it does not do to the service.
type Reader struct {
	Command []string      // runs RunChild; in production the program itself
	TempDir string        // for private directories; "" is the system's
	Stall   time.Duration // a child that is silent so long has hung; 0 is three minutes
}

// Read reads a file of any format that is known, with the checks of ReadGeoJSON. Errors are as there.
func (r Reader) Read(ctx context.Context, f File, opts Options) (*Batch, error) {
	body := bufio.NewReaderSize(f.Body, readBuffer)
	head, err := body.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, plan.Errorf(plan.Invalid, "", "the body could not be read: %w", err)
	}
	opts.TempDir = r.TempDir
	format, err := recognise(head, f.Name, f.MediaType)
	if err != nil {
		return nil, err
	}
	if format == geoJSON {
		if f.SourceLayer != "" || f.Encoding != "" {
			return nil, plan.Errorf(plan.Invalid, "source_layer", "GeoJSON has one layer and is UTF-8: leave out source_layer and encoding")
		}
		return ReadGeoJSON(ctx, body, opts)
	}
	if err := opts.Columns.check(opts.Layer); err != nil {
		return nil, err
	}
	dir, err := fence.MakeDir(r.TempDir, "upload")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return r.readSpooled(ctx, &spooled{File: f, dir: dir, format: format}, body, opts)
}

// spooled is a file that lies in a private directory.
type spooled struct {
	File
	dir      string
	format   *format
	datasets []dataset
}

func (r Reader) readSpooled(ctx context.Context, s *spooled, body io.Reader, opts Options) (*Batch, error) {
	if err := s.spool(body); err != nil {
		return nil, err
	}
	if s.format = s.datasets[0].format; s.format == geoJSON && len(s.datasets) == 1 { // in a zip
		file, err := os.Open(filepath.Join(s.dir, s.datasets[0].path))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return ReadGeoJSON(ctx, file, opts)
	}
	request, err := s.request(opts)
	if err != nil {
		return nil, err
	}
	opts.Columns.loose, opts.Columns.dropped = true, s.format.dropped
	opts.Columns.dropped = slices.DeleteFunc(slices.Clone(opts.Columns.dropped), func(name string) bool { return name == opts.Columns.ID })
	if s.format == shapefile {
		opts.Columns.cut = 10 // dBASE III
	}
	if request.KeepFID { // GDAL writes the key of the table as the id of the feature
		opts.Columns.ID = ""
	}
	return r.readChild(ctx, s, request, opts)
}

// spool writes the body into the private directory, unpacks it, and refuses what no parser is to see.
func (s *spooled) spool(body io.Reader) error {
	name := "upload" + s.format.extensions[0]
	if err := s.put(filepath.Join(s.dir, name), body); err != nil {
		return err
	}
	if s.format != archive {
		s.datasets = []dataset{{name, s.format}}
	} else {
		var err error
		if s.datasets, err = unpack(filepath.Join(s.dir, name), s.dir, s.MaxBytes); err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil { // it takes room
			return err
		}
	}
	if s.format == excel {
		if err := checkWorkbook(filepath.Join(s.dir, name), s.MaxBytes); err != nil {
			return err
		}
	}
	for _, d := range s.datasets {
		if d.format == gml || d.format == kml {
			if err := checkXML(filepath.Join(s.dir, d.path)); err != nil {
				return err
			}
		}
		if d.format == kml {
			if err := declareColumns(filepath.Join(s.dir, d.path)); err != nil {
				return err
			}
		}
	}
	return nil
}

// put gives the body a name in the directory; what is copied of it stands in from.
func (s *spooled) put(filename string, from io.Reader) error {
	if linker, ok := s.Body.(Linker); ok && linker.Link(filename) == nil {
		return nil
	}
	return write(filename, from)
}

func write(filename string, from io.Reader) (err error) {
	file, err := os.OpenFile(filename, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, from)
	return err
}

// request tells the child what to do.
func (s *spooled) request(opts Options) (*childRequest, error) {
	encoding, known := encodings[s.Encoding]
	if !known {
		return nil, plan.Errorf(plan.Invalid, "encoding", "the encoding %q is not known: use utf-8, iso-8859-1, windows-1252 or cp850", clip([]byte(s.Encoding)))
	}
	request := &childRequest{SourceLayer: s.SourceLayer, CRSGiven: opts.CRS != "", IgnoreCRS: opts.IgnoreFileCRS, Table: opts.Layer.GeometryType == plan.None,
		KeepFID: s.format == geoPackage && opts.Columns.ID == "fid"}
	for _, d := range s.datasets {
		source := childSource{Path: d.path, Driver: d.format.driver}
		switch d.format {
		case geoJSON:
			return nil, plan.Errorf(plan.Invalid, "", "the zip file has several files, one of them GeoJSON: send that one by itself")
		case shapefile:
			if err := s.checkShapefile(d.path); err != nil {
				return nil, err
			}
			if encoding.gdal != "" {
				source.OpenOptions = []string{"ENCODING=" + encoding.gdal}
			}
		case gml:
			source.OpenOptions = []string{"DOWNLOAD_SCHEMA=NO"}
		case csv:
			filename := filepath.Join(s.dir, d.path)
			if err := recode(filename, encoding.charmap); err != nil {
				return nil, err
			}
			if err := source.takePlace(filename, request.Table); err != nil {
				return nil, err
			}
		}
		request.Sources = append(request.Sources, source)
	}
	if s.Encoding != "" && s.format != shapefile && s.format != csv {
		return nil, plan.Errorf(plan.Invalid, "encoding", "%s files say their encoding themselves: leave out encoding", s.format.name)
	}
	return request, nil
}

// takePlace finds the geometry of a CSV file.
func (c *childSource) takePlace(filename string, table bool) error {
	place, err := findPlace(filename)
	if table {
		c.OpenOptions = []string{"AUTODETECT_TYPE=NO", "EMPTY_STRING_AS_NULL=YES", "HEADERS=YES"}
		return nil
	}
	if err != nil {
		return err
	}
	c.OpenOptions = place.openOptions()
	if place.degrees {
		c.CRS = "EPSG:4326"
	}
	return nil
}

// checkShapefile refuses a Shapefile without its index.
func (s *spooled) checkShapefile(path string) error {
	for _, name := range siblings(filepath.Join(s.dir, path)) {
		if strings.EqualFold(name, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+".shx") {
			return nil
		}
	}
	return plan.Errorf(plan.Invalid, "", "a Shapefile is several files: send a zip with .shp, .shx, .dbf, .prj and .cpg")
}
