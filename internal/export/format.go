package export

import (
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// Format is a file format that is written.
type Format struct {
	Name      string // as one asks for it
	Extension string // of the file's name
	MediaType string
	driver    string // GDAL's; "" for what is written without it
	several   bool   // a file can hold any number of layers
}

// The formats. GDAL takes .shp.zip for what it is (its Shapefile driver).
var (
	GeoPackage   = &Format{"gpkg", ".gpkg", "application/geopackage+sqlite3", "GPKG", true}
	Shapefile    = &Format{"shp", ".shp.zip", "application/zip", "ESRI Shapefile", false}
	FlatGeobuf   = &Format{"fgb", ".fgb", "application/flatgeobuf", "FlatGeobuf", false}
	GeoJSON      = &Format{"geojson", ".geojson", "application/geo+json", "", false}
	GeoJSONLines = &Format{"geojsonl", ".geojsonl", "application/x-ndjson", "", false}
	GeoJSONSeq   = &Format{"geojsonseq", ".geojsons", "application/geo+json-seq", "", false} // RFC 8142
	GML          = &Format{"gml", ".gml.zip", "application/zip", "", false}
	CSV          = &Format{"csv", ".csv", "text/csv; charset=utf-8; header=present", "", false}
	XLSX         = &Format{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", true}

	formats = []*Format{GeoPackage, Shapefile, FlatGeobuf, GeoJSON, GeoJSONLines, GeoJSONSeq, GML, CSV, XLSX}
)

// FormatNamed finds a format.
func FormatNamed(name string) (*Format, error) {
	if i := slices.IndexFunc(formats, func(f *Format) bool { return f.Name == name }); i >= 0 {
		return formats[i], nil
	}
	return nil, plan.Errorf(plan.Invalid, "f", "there is no format %q; the formats are %s", name, strings.Join(Names(), ", "))
}

// Names lists the formats as one asks for them.
func Names() (names []string) {
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// Degrees reports whether the format is longitude and latitude unless another system is named (RFC 7946, 4).
func (f *Format) Degrees() bool { return f == GeoJSON || f == GeoJSONLines || f == GeoJSONSeq }
