package server_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestItemFormats reads pages in every format as clients do, through to the last page, and one feature.
func TestItemFormats(t *testing.T) {
	s := editSite(t)
	const north = "crs=http://www.opengis.net/def/crs/EPSG/0/3006"
	for f, media := range map[string]string{"json": geoJSON, "jsonfg": "application/fg+json", "gml": "application/gml+xml; version=3.2", "fgb": "application/flatgeobuf", "html": "text/html; charset=utf-8"} {
		var files [][]byte
		for path := provItems + "?limit=2&f=" + f + "&" + north; path != ""; {
			page := s.raw(path).want(http.StatusOK)
			if page.header.Get("Content-Type") != media {
				t.Errorf("%s is of the type %s", f, page.header.Get("Content-Type"))
			}
			if accepted := s.raw(strings.Replace(path, "f="+f+"&", "", 1), "Accept", media); f != "html" && accepted.header.Get("Content-Type") != media {
				t.Errorf("Accept: %s gives %s", media, accepted.header.Get("Content-Type"))
			}
			if f != "html" && page.header.Get("OGC-NumberMatched") != "3" {
				t.Errorf("%s: %v", f, page.header)
			}
			files, path = append(files, page.body), ""
			for link := range strings.SplitSeq(page.header.Get("Link"), ", ") {
				if address, rest, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">"); strings.Contains(rest, `rel="next"`) {
					path = strings.TrimPrefix(address, s.url)
				}
			}
		}
		if want := 2; f != "html" && len(files) != want {
			t.Errorf("%s has %d pages", f, len(files))
		}
		switch f {
		case "gml", "fgb":
			var ids []string
			for _, file := range files {
				ids = append(ids, ogrRows(t, file, f)...)
			}
			if !slices.Equal(ids, []string{"Bö 2 2020-02-29 351000 6450000", "Ånge 1  350000 6450000", "   352000 6450000"}) {
				t.Errorf("GDAL reads from %s: %q", f, ids)
			}
		case "jsonfg":
			checkJSONFG(t, files[0])
		}
	}
	one := s.raw(provItems + "/2?f=jsonfg&" + north).want(http.StatusOK)
	if body := string(one.body); !strings.Contains(body, `"time":{"date":"2020-02-29"}`) || !strings.Contains(body, `"place":{"type":"MultiPolygon","coordinates":[[[[6450000,351000]`) ||
		!strings.Contains(body, `"coordRefSys":"http://www.opengis.net/def/crs/EPSG/0/3006"`) || !strings.Contains(body, `"featureType":"prov"`) {
		t.Errorf("one feature as JSON-FG: %s", body)
	}
	s.patch(plan.Officer, "2", `{"antal":9}`, "If-Match", one.header.Get("ETag")).want(http.StatusNoContent)
	if gml := s.raw(provItems + "/2?f=gml").want(http.StatusOK); !strings.Contains(string(gml.body), `gml:id="prov.2"`) || gml.header.Get("Content-Type") != "application/gml+xml; version=3.2" {
		t.Errorf("one feature as GML: %s", gml.body)
	}
	s.raw(provItems+"/2?f=fgb").problem(http.StatusBadRequest, plan.Invalid)
}

// ogrRows gives what GDAL reads of each feature: namn, antal, dag, and the south-west corner.
func ogrRows(t *testing.T, file []byte, f string) (rows []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sida."+f)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:3006", "-lco", "RFC7946=NO", "/vsistdout/", path).Output()
	if err != nil {
		t.Fatalf("ogr2ogr can't read %s: %v: %.500s", f, err, file)
	}
	var read struct {
		Features []struct {
			Properties map[string]any
			Geometry   struct{ Coordinates [][][][2]float64 }
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	show := func(v any) string {
		if v == nil {
			return ""
		}
		return strings.ReplaceAll(strings.Trim(string(mustJSON(v)), `"`), "/", "-")
	}
	for _, r := range read.Features {
		r.Properties["dag"] = strings.TrimSuffix(strings.ReplaceAll(show(r.Properties["dag"]), "/", "-"), "T00:00:00") // FlatGeobuf has no days
		x, y := 1e9, 1e9
		for _, v := range r.Geometry.Coordinates[0][0] {
			x, y = min(x, v[0]), min(y, v[1])
		}
		rows = append(rows, show(r.Properties["namn"])+" "+show(r.Properties["antal"])+" "+show(r.Properties["dag"])+" "+itoa(int(x))+" "+itoa(int(y)))
	}
	slices.Sort(rows) // FlatGeobuf has them by where they lie
	return rows
}

func checkJSONFG(t *testing.T, file []byte) {
	t.Helper()
	var read struct {
		ConformsTo               []string
		FeatureType, CoordRefSys string
		Features                 []struct {
			Time     map[string]string
			Place    *struct{ Coordinates [][][][2]float64 }
			Geometry *json.RawMessage
		}
	}
	if err := json.Unmarshal(file, &read); err != nil {
		t.Fatal(err)
	}
	if len(read.ConformsTo) != 1 || read.FeatureType != "prov" || !strings.HasSuffix(read.CoordRefSys, "/3006") || read.Features[0].Geometry != nil ||
		read.Features[0].Place.Coordinates[0][0][0] != [2]float64{6450000, 350000} || read.Features[1].Time["date"] != "2020-02-29" || read.Features[0].Time != nil {
		t.Errorf("JSON-FG reads %s", file)
	}
}
