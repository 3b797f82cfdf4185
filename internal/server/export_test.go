package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// allKinds is the schema of a layer with every kind of attribute; %s is the id and %s the geometry type.
const allKinds = `{"id":"%s","theme":"forest","title":{"sv":"Prövning på åkern"},"description":{"sv":"Ett \"prov\" & <mer>"},"source":"Länsstyrelsen",
	"licence":"CC0 1.0","geometry_type":"%s","status":"published","attributes":[{"name":"namn","type":"text","title":{"sv":"Namn"}},
	{"name":"antal","type":"integer","title":{"sv":"Antal"}},{"name":"hojd_over_havet","type":"number","title":{"sv":"Höjd"},"unit":"m"},
	{"name":"hojd_over_marken","type":"number","title":{"sv":""}},{"name":"klar","type":"boolean","title":{"sv":"Klar"}},
	{"name":"dag","type":"date","title":{"sv":"Dag"}},{"name":"stund","type":"datetime","title":{"sv":"Stund"}}]}`

// nastyTexts are what some format or other has trouble with.
var nastyTexts = []string{"Åmål över Ödet", `O'Brien; \"citat\", <b>&amp;</b>`, `rad ett\nrad två`, "=1+1", "🌲 skog", "-", "\\\\ %s $1", "007"}

// nastyFile is GeoJSON in EPSG:3006 of n features: nulls of every kind, holes and parts, coordinates that use every bit.
func nastyFile(geometryType string, n int) string {
	features := make([]string, n)
	for i := range features {
		values := `"namn":null,"antal":null,"hojd_over_havet":null,"hojd_over_marken":null,"klar":null,"dag":null,"stund":null`
		if i%5 != 4 {
			values = fmt.Sprintf(`"namn":"%s","antal":%d,"hojd_over_havet":%s,"hojd_over_marken":%d.0,"klar":%t,"dag":"%d-02-28","stund":"2026-11-22T%02d:59:59.123Z"`,
				nastyTexts[i%len(nastyTexts)], []int64{0, -7, 1<<53 + 1, 999_999_999_999_999_999}[i%4], []string{"0.1", "-2.5e-7", "123456789.125", "12345.678"}[i%4], i, i%2 == 0, 1850+10*i, i%24)
		}
		features[i] = fmt.Sprintf(`{"type":"Feature","id":"å-%d","properties":{%s},"geometry":%s}`, i, values, nastyShape(geometryType, i))
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + "]}"
}

func nastyShape(geometryType string, i int) string {
	x, y := 400000.10000000003+float64(i)*1000, 6450000.3333333333
	ring := func(x, y, side float64) string {
		return fmt.Sprintf("[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]", x, y, x+side, y, x+side, y+side, x, y+side, x, y)
	}
	switch geometryType {
	case "point":
		return fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, x, y)
	case "line":
		return fmt.Sprintf(`{"type":"MultiLineString","coordinates":[[[%v,%v],[%v,%v]],[[%v,%v],[%v,%v]]]}`, x, y, x+10, y, x, y+100, x+10.125, y+100)
	case "polygon":
		if i%2 == 0 {
			return `{"type":"Polygon","coordinates":[` + ring(x, y, 100) + "]}"
		}
		return `{"type":"MultiPolygon","coordinates":[[` + ring(x, y, 100) + "," + ring(x+10, y+10, 10) + "],[" + ring(x+200, y, 50) + "]]}"
	}
	return "null"
}

// TestExportAndLoadAgain writes a layer in each format, as it is and as it was, and loads that again by the ordinary
// way: the layer is as it was, to the last bit where the format has room for it.
func TestExportAndLoadAgain(t *testing.T) {
	s := newSite(t)
	for _, kind := range []string{"polygon", "line", "point", "none"} {
		layer := "prov_" + kind
		s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(allKinds, layer, kind)).want(http.StatusCreated)
		load := func(query, body string) map[string]any {
			answer := s.ask(plan.Officer, "POST", "/api/v1/layers/"+layer+"/uploads?crs=EPSG:3006&mode=replace"+query, body, "Content-Type", "application/octet-stream")
			if answer.status != http.StatusOK && answer.status != http.StatusCreated {
				t.Errorf("%s %s: %d %.1000s", kind, query, answer.status, answer.body)
			}
			return answer.json()
		}
		first := int(load("", nastyFile(kind, 9))["revision"].(float64))
		load("", strings.Replace(nastyFile(kind, 12), "å-3", "b-3", 1))
		for _, format := range []struct {
			export, load string
			rounded      bool // by GDAL, which reads the last digits of GML only nearly
		}{
			{"f=geojson&crs=EPSG:3006", "", false},
			{"f=geojsonl&crs=EPSG:3006", "", false},
			{"f=geojsonseq&crs=EPSG:3006", "", false},
			{"f=gpkg", "&id=id", false},
			{"f=fgb", "&id=id", false},
			{"f=gml", "&id=id", kind != "none"},
			{"f=shp", "&id=id&map=hojd_over_:hojd_over_havet,hojd_ove_1:hojd_over_marken", false},
			{"f=csv", "&id=id&filename=x.csv", false},
			{"f=csv&separator=semicolon&bom=true", "&id=id&filename=x.csv", false},
			{"f=xlsx&geometry=wkt", "&id=id", false},
		} {
			if kind == "none" && (format.export == "f=fgb" || format.export == "f=shp") {
				s.ask(plan.Anonymous, "GET", "/api/v1/layers/"+layer+"/export?"+format.export, "").problem(http.StatusBadRequest, plan.Invalid)
				continue
			}
			for _, was := range []int{0, first} {
				path, want := "/api/v1/layers/"+layer+"/export?"+format.export, 12.0
				if was > 0 {
					path, want = path+fmt.Sprint("&revision=", was), 9.0
				}
				file := s.ask(plan.Anonymous, "GET", path, "").want(http.StatusOK)
				// Against the layer as it is now, the older state lacks three features and calls one by its old name.
				job := load("&dry_run=true"+format.load, string(file.body))
				unchanged := want
				if was > 0 {
					unchanged--
				}
				same, _ := job["unchanged"].(float64)
				if changed, _ := job["changed"].(float64); format.rounded {
					same += changed
				}
				if job["read"] != want || same != unchanged {
					t.Errorf("%s %s: %v", kind, path, job)
				}
			}
		}
	}
}

// TestExportAnswer looks at what stands around the file.
func TestExportAnswer(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(allKinds, "prov", "polygon")).want(http.StatusCreated)
	s.upload("mode=append", nastyFile("polygon", 10)).want(http.StatusCreated)
	const path = "/api/v1/layers/prov/export?f="
	for f, want := range map[string]string{"gpkg": "prov-r2.gpkg", "shp": "prov-r2.shp.zip", "fgb": "prov-r2.fgb", "geojson": "prov-r2.geojson",
		"geojsonl": "prov-r2.geojsonl", "geojsonseq": "prov-r2.geojsons", "gml": "prov-r2.gml.zip", "csv": "prov-r2.csv", "xlsx": "prov-r2.xlsx"} {
		head := s.ask(plan.Anonymous, "HEAD", path+f, "").want(http.StatusOK)
		whole := s.ask(plan.Anonymous, "GET", path+f, "", "Accept-Encoding", "identity").want(http.StatusOK)
		for _, name := range []string{"ETag", "Content-Disposition", "Content-Type", "Strukturbild-Revision"} {
			if got := whole.header.Get(name); got == "" || got != head.header.Get(name) {
				t.Errorf("%s: %s is %q, and %q for HEAD", f, name, got, head.header.Get(name))
			}
		}
		if got := whole.header.Get("Content-Disposition"); got != `attachment; filename="`+want+`"` {
			t.Errorf("%s: %s", f, got)
		}
		if again := s.ask(plan.Anonymous, "GET", path+f, ""); !bytes.Equal(again.body, whole.body) && f != "xlsx" {
			t.Errorf("%s: the same export is another file", f)
		}
		same := s.ask(plan.Anonymous, "GET", path+f, "", "If-None-Match", whole.header.Get("ETag")).want(http.StatusNotModified)
		if len(same.body) > 0 {
			t.Errorf("%s: 304 with a body", f)
		}
		if other := s.ask(plan.Anonymous, "HEAD", path+f+"&limit=2", ""); other.header.Get("ETag") == whole.header.Get("ETag") {
			t.Errorf("%s: other parameters, same ETag", f)
		}
	}
	for query, want := range map[string]string{
		"docx":                           "allowed values",
		"csv&geometry=xy":                "not a single point",
		"gpkg&geometry=wkt":              "for tables",
		"xlsx&bom=true":                  "for csv",
		"csv&attributes=namn,finns_inte": `no attribute "finns_inte"`,
		"csv&attributes=namn,namn":       "named twice",
		"csv&crs=EPSG:9999":              "crs",
		"csv&bbox=1,2,3":                 "bbox",
		"csv&okand=1":                    "okand",
	} {
		problem := s.ask(plan.Anonymous, "GET", path+query, "").problem(http.StatusBadRequest, plan.Invalid)
		if !strings.Contains(problem["detail"].(string), want) {
			t.Errorf("%s: %v", query, problem["detail"])
		}
	}
	s.ask(plan.Anonymous, "GET", path+"csv&revision=99", "").problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"status":"draft"}`).want(http.StatusOK)
	s.ask(plan.Anonymous, "GET", path+"csv", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", path+"csv", "").want(http.StatusOK)
}

// TestExportPart takes some features and attributes.
func TestExportPart(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(allKinds, "prov", "point")).want(http.StatusCreated)
	s.upload("mode=append", nastyFile("point", 10)).want(http.StatusCreated)
	got := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/export?f=csv&attributes=klar,antal&limit=3&bbox=402000,6400000,409000,6500000&bbox-crs=EPSG:3006", "").
		want(http.StatusOK)
	if want := "id,klar,antal,x,y\r\nå-2,true,9007199254740993,402000.10000000003,6450000.333333333\r\n" +
		"å-3,false,999999999999999999,403000.10000000003,6450000.333333333\r\nå-4,,,404000.10000000003,6450000.333333333\r\n"; string(got.body) != want {
		t.Errorf("%s", got.body)
	}
	got = s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/export?f=csv&attributes=&crs=EPSG:4326&limit=1", "").want(http.StatusOK)
	if !strings.HasPrefix(string(got.body), "id,lon,lat\r\nå-0,13.29957107") {
		t.Errorf("%s", got.body)
	}
}

// TestFifthExportWaits: more files than the server makes at once are refused for a moment, and made afterwards.
func TestFifthExportWaits(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", fmt.Sprintf(allKinds, "prov", "polygon")).want(http.StatusCreated)
	for part := range 3 {
		var features []string
		for i := range 400 {
			features = append(features, square(fmt.Sprintf("%d-%d", part, i), 350_000+100*i, 6_450_000+100*part, `{"namn":"`+strings.Repeat("x", 9_000)+`"}`))
		}
		s.upload("mode=append", collection(features...)).want(http.StatusCreated)
	}
	const path = "/api/v1/layers/prov/export?f=geojson"
	var held []*http.Response
	for range 4 { // some 10 MB each: more than lies between a server and a client that does not read
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "identity")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		held = append(held, response)
	}
	fifth := s.ask(plan.Anonymous, "GET", path, "")
	fifth.problem(http.StatusServiceUnavailable, plan.Unavailable)
	if fifth.header.Get("Retry-After") == "" || fifth.header.Get("Content-Disposition") != "" {
		t.Errorf("%v", fifth.header)
	}
	held[0].Body.Close()
	eventually(t, "a file when another has ended", func() bool { return s.ask(plan.Anonymous, "GET", path+"&limit=1", "").status == http.StatusOK })
}

// TestExportLeavesNothing: no private directory stays behind.
func TestExportLeavesNothing(t *testing.T) {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("strukturbild-export-%d-*", os.Getpid())))
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}
