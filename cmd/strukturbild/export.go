package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

type exportCommand struct {
	service    `set:"role=viewer, for what is not published"`
	Layer      string   `arg:"" help:"Layer to write."`
	Format     string   `help:"Format: ${enum}; by the name of the output when left out." enum:",gpkg,shp,fgb,geojson,geojsonl,geojsonseq,gml,csv,xlsx" default:""`
	Output     string   `short:"o" help:"File to write; the name that the service gives, in this directory, when left out." type:"path" placeholder:"FILE"`
	Revision   int64    `help:"The layer as it was then." placeholder:"N"`
	CRS        string   `name:"crs" help:"Coordinate system of the file; EPSG:3006, or CRS84 for GeoJSON, when left out." placeholder:"EPSG:3006"`
	BBox       string   `name:"bbox" help:"Only features that touch this box." placeholder:"W,S,E,N"`
	BBoxCRS    string   `name:"bbox-crs" help:"Coordinate system of the box; CRS84 when left out." placeholder:"EPSG:3006"`
	Attributes []string `help:"Only these attributes." placeholder:"NAME,..."`
	Limit      int      `help:"At most so many features." placeholder:"N"`
	Geometry   string   `help:"How csv and xlsx show the geometry: ${enum}." enum:",xy,wkt,none" default:""`
	Separator  string   `help:"Separator of csv: ${enum}; semicolon gives a decimal comma too." enum:",comma,semicolon" default:""`
	BOM        bool     `name:"bom" help:"Begin csv with a byte order mark, for Excel."`
}

func (e *exportCommand) Run(ctx context.Context) error {
	if e.Format == "" {
		if e.Format = formatOf(e.Output); e.Format == "" {
			return plan.Errorf(plan.Invalid, "format", "say the format with --format, or by the name of the file with -o")
		}
	}
	answer, err := e.made(ctx)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	path := cmp.Or(e.Output, offeredName(answer))
	if path == "" {
		return plan.Errorf(plan.Invalid, "output", "the service gives no name for the file: say one with -o")
	}
	written, err := save(path, answer)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, %s at revision %s\n", path, written, e.Layer, answer.Header.Get("Strukturbild-Revision"))
	return nil
}

// formatOf tells the format by the ending of a file's name.
func formatOf(path string) string {
	name := strings.ToLower(filepath.Base(path))
	for ending, format := range map[string]string{".gpkg": "gpkg", ".shp.zip": "shp", ".fgb": "fgb", ".geojson": "geojson", ".geojsonl": "geojsonl",
		".geojsons": "geojsonseq", ".gml.zip": "gml", ".csv": "csv", ".xlsx": "xlsx"} {
		if strings.HasSuffix(name, ending) {
			return format
		}
	}
	return ""
}

// made asks for the file, and again as long as the service says that it makes as many as it can.
func (e *exportCommand) made(ctx context.Context) (*http.Response, error) {
	address := e.address("/layers/" + url.PathEscape(e.Layer) + "/export?" + e.query().Encode())
	for {
		answer, err := e.do(ctx, http.MethodGet, address, nil, nil)
		var busy *busyError
		if !errors.As(err, &busy) {
			return answer, err
		}
		fmt.Fprintf(os.Stderr, "the service is busy; trying again in %s\n", busy.wait)
		select {
		case <-time.After(busy.wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// query gives the parameters that were set.
func (e *exportCommand) query() url.Values {
	query := url.Values{"f": {e.Format}}
	for name, value := range map[string]string{"crs": e.CRS, "bbox": e.BBox, "bbox-crs": e.BBoxCRS, "attributes": strings.Join(e.Attributes, ","),
		"geometry": e.Geometry, "separator": e.Separator} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, value := range map[string]int64{"revision": e.Revision, "limit": int64(e.Limit)} {
		if value != 0 {
			query.Set(name, strconv.FormatInt(value, 10))
		}
	}
	if e.BOM {
		query.Set("bom", "true")
	}
	return query
}

// offeredName gives the name that the service has for the file, without any directory.
func offeredName(answer *http.Response) string {
	_, disposition, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition"))
	if err != nil || disposition["filename"] == "" {
		return ""
	}
	return filepath.Base(disposition["filename"])
}

// save writes the answer beside the path, and gives it its name when it is whole.
func save(path string, answer *http.Response) (written int64, err error) {
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	shown := newBar(answer.ContentLength, plan.Text{SV: "hämtar", EN: "fetching"})
	written, err = io.Copy(io.MultiWriter(part, shown), answer.Body)
	shown.end()
	if err := errors.Join(err, part.Chmod(0o644), part.Close()); err != nil {
		return written, fmt.Errorf("the file did not arrive whole: %w", err)
	}
	return written, os.Rename(part.Name(), path)
}
