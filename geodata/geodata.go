// Package geodata holds the region that the binary is born with: municipalities, kommunalförbund, the county,
// local labour markets and settlements of Västra Götaland.
//
// Every file is a gzipped GeoJSON FeatureCollection in EPSG:3006 (x = east, y = north, metres, rounded to 0.01)
// with one feature a line and the natural key as feature id. README.md says where each comes from and how it is made.
package geodata

import (
	"compress/gzip"
	"embed"
	"fmt"
	"io"
)

//go:embed *.geojson.gz
var files embed.FS

// Names lists the layers that Open knows, in the order to load them.
var Names = []string{"lan", "kommun", "kommun_coarse", "kommunalforbund", "la_region", "tatort"}

// Open gives the GeoJSON text of the layer called name, one of Names.
func Open(name string) (io.ReadCloser, error) {
	file, err := files.Open(name + ".geojson.gz")
	if err != nil {
		return nil, fmt.Errorf("geodata: no layer %q: %w", name, err)
	}
	// Closing an embedded file does nothing, so closing the gzip reader is enough.
	return gzip.NewReader(file)
}
