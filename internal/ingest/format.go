package ingest

import (
	"bytes"
	"mime"
	"path"
	"strings"

	"strukturbild/internal/plan"
)

// format is a file format that is read, by the names that it goes by.
type format struct {
	name       string // as users say it
	driver     string // GDAL's, or one of others; "" for what is read without a child
	extensions []string
	mediaTypes []string
	dropped    []string // columns that GDAL makes up, which no officer wrote
}

// The formats. KML's dropped columns are LIBKML's picture settings.
var (
	geoJSON = &format{name: "GeoJSON", extensions: []string{".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson"},
		mediaTypes: []string{"application/geo+json", "application/geo+json-seq", "application/x-ndjson", "application/json"}}
	archive = &format{name: "zip", extensions: []string{".zip", ".kmz"},
		mediaTypes: []string{"application/zip", "application/x-zip-compressed", "application/vnd.google-earth.kmz"}}
	geoPackage = &format{name: "GeoPackage", driver: "GPKG", extensions: []string{".gpkg"},
		mediaTypes: []string{"application/geopackage+sqlite3", "application/vnd.sqlite3"}}
	shapefile  = &format{name: "Shapefile", driver: "ESRI Shapefile", extensions: []string{".shp"}}
	flatGeobuf = &format{name: "FlatGeobuf", driver: "FlatGeobuf", extensions: []string{".fgb"}, mediaTypes: []string{"application/flatgeobuf"}}
	gml        = &format{name: "GML", driver: "GML", extensions: []string{".gml", ".xml"}, mediaTypes: []string{"application/gml+xml"},
		dropped: []string{"gml_id", "fid"}}
	kml = &format{name: "KML", driver: "LIBKML", extensions: []string{".kml"}, mediaTypes: []string{"application/vnd.google-earth.kml+xml"},
		dropped: []string{"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet"}}
	csv = &format{name: "CSV", driver: "CSV", extensions: []string{".csv", ".tsv", ".txt"}, mediaTypes: []string{"text/csv", "text/tab-separated-values"}}

	excel = &format{name: "Excel", driver: "excel", extensions: []string{".xlsx", ".xlsm"},
		mediaTypes: []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}}
	geoParquet = &format{name: "GeoParquet", driver: "parquet", extensions: []string{".parquet", ".geoparquet"}, mediaTypes: []string{"application/vnd.apache.parquet"}}

	formats = []*format{geoJSON, archive, geoPackage, shapefile, flatGeobuf, gml, kml, csv, excel, geoParquet}
)

// MediaType gives what to call a file of that name when it is sent; "" for a name that tells nothing.
func MediaType(filename string) string {
	if f := formatNamed(filename); f != nil && len(f.mediaTypes) > 0 {
		return f.mediaTypes[0]
	}
	return ""
}

func formatNamed(filename string) *format {
	extension := strings.ToLower(path.Ext(filename))
	for _, f := range formats {
		for _, e := range f.extensions {
			if e == extension {
				return f
			}
		}
	}
	return nil
}

func formatOfType(mediaType string) *format {
	essence, _, _ := mime.ParseMediaType(mediaType)
	for _, f := range formats {
		for _, t := range f.mediaTypes {
			if t == essence {
				return f
			}
		}
	}
	return nil
}

// recognise tells the format: from its first bytes where it has a mark of its own, else from the name or the media type
// that it is sent with. What is sent as JSON is left to the GeoJSON reader, which says best what is wrong with it.
func recognise(head []byte, filename, mediaType string) (*format, error) {
	said := formatNamed(filename)
	if said == nil {
		said = formatOfType(mediaType)
	}
	if f := marked(head); f == archive && (said == excel || isWorkbook(head)) {
		return excel, nil
	} else if f != nil {
		return f, nil
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), "\x1e \t\r\n")
	switch {
	case said == geoJSON || said == csv:
		return said, nil
	case said == nil && (len(text) == 0 || text[0] == '{' || text[0] == '['):
		return geoJSON, nil
	case said != nil:
		return nil, plan.Errorf(plan.Invalid, "Content-Type", "the file is called %s but does not begin as one: it may be damaged, or have the wrong name", said.name)
	}
	return nil, plan.Errorf(plan.Invalid, "Content-Type",
		"the format of the file is not recognised. GeoPackage, Shapefile (zipped), FlatGeobuf, GeoJSON, GeoParquet, GML, KML, Excel and CSV are read; CSV must be called so, by the filename or the media type text/csv")
}

// isWorkbook tells a workbook from other archives by what stands first in it: the list of its parts (ECMA-376-2, 10.2.3),
// or with some programs a sheet (ECMA-376-1, 12.3.24) or the book.
func isWorkbook(head []byte) bool {
	return bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("xl/work"))
}

// marked recognises a format by its mark.
func marked(head []byte) *format {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return archive
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return geoPackage
	case bytes.HasPrefix(head, []byte("PAR1")):
		return geoParquet
	case bytes.HasPrefix(head, []byte("fgb")):
		return flatGeobuf
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0a}): // ESRI Shapefile Technical Description, 1998: file code 9994
		return shapefile
	case bytes.HasPrefix(text, []byte("<")) && bytes.Contains(head, []byte("<kml")):
		return kml
	case bytes.HasPrefix(text, []byte("<")):
		return gml
	}
	return nil
}
