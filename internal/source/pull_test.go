package source_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

// TestMain also lets the test binary be the file reader.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-file" {
		if ingest.RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var reader = ingest.Reader{Command: []string{"/proc/self/exe", "read-file"}}

var puller = source.Puller{Agent: "strukturbild-test", Pause: time.Millisecond, Convert: func(ctx context.Context, f source.Given, layer *plan.Layer, w io.Writer) error {
	return reader.Convert(ctx, ingest.File{Body: f.Body, Name: f.Name, MediaType: f.MediaType, SourceLayer: f.SourceLayer, Encoding: f.Encoding, MaxBytes: f.MaxBytes}, layer, f.CRS, w)
}}

// region gives the path of the real region's GeoPackage.
func region(t *testing.T) string {
	t.Helper()
	path := "../../../shared/data/region/vg.gpkg"
	if _, err := os.Stat(path); err != nil {
		t.Skip("left out: ../shared/data is not there")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v %s", name, args, err, out)
	}
}

// born gives a copy of an entry of the catalogue, led to another address.
func born(t *testing.T, id, address string, change func(*source.Source)) *source.Source {
	t.Helper()
	catalogue, err := source.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalogue.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	s.Access.URL, s.Access.PlainHTTP = address, true
	if change != nil {
		change(s)
	}
	return s
}

func target(t *testing.T, s *source.Source) *plan.Layer {
	t.Helper()
	if layer := s.LayerDefinition(); layer != nil {
		return layer
	}
	for _, layer := range plan.BuiltIn() {
		if layer.ID == s.Layer {
			return &layer
		}
	}
	t.Fatalf("there is no layer %s", s.Layer)
	return nil
}

// pull fetches the source and has the ordinary checks read it.
func pull(t *testing.T, s *source.Source) (source.Outcome, []plan.Feature) {
	t.Helper()
	var text bytes.Buffer
	outcome, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, &text)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, read(t, s, text.Bytes())
}

func read(t *testing.T, s *source.Source, text []byte) (features []plan.Feature) {
	t.Helper()
	batch, err := ingest.ReadGeoJSON(t.Context(), bytes.NewReader(text), ingest.Options{Layer: target(t, s), CRS: s.CRS})
	if err != nil {
		if known, ok := errors.AsType[*plan.Error](err); ok {
			t.Fatalf("%v %.2000v", err, known.Findings)
		}
		t.Fatal(err)
	}
	defer batch.Close()
	for i := range batch.Len() {
		var f plan.Feature
		if err := batch.At(i, &f); err != nil {
			t.Fatal(err)
		}
		f.Values = slices.Clone(f.Values)
		features = append(features, f)
	}
	return features
}

func value(t *testing.T, layer *plan.Layer, f *plan.Feature, name string) string {
	t.Helper()
	i := layer.Attribute(name)
	if i < 0 {
		t.Fatalf("no attribute %s", name)
	}
	return f.Values[i].String()
}

// turbines writes the real register of turbines, dirty as it is, as a zipped Shapefile.
func turbines(t *testing.T, dir string) string {
	t.Helper()
	run(t, "ogr2ogr", "-f", "ESRI Shapefile", filepath.Join(dir, "verk.shp"), region(t), "vindkraftverk", "-lco", "ENCODING=ISO-8859-1")
	path := filepath.Join(dir, "verk.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed := zip.NewWriter(file)
	parts, _ := filepath.Glob(filepath.Join(dir, "verk.[scdp][hbpr][xfgj]"))
	parts = append(parts, filepath.Join(dir, "verk.shp"))
	for _, part := range parts {
		body, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		w, err := packed.Create(filepath.Base(part))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkTurbines: of the 2 706 real records, those that stand or are wanted and have a place are there, with their
// measures as numbers, unknown dates empty, and the statuses as they are called here.
func checkTurbines(t *testing.T, s *source.Source, outcome source.Outcome, features []plan.Feature) {
	t.Helper()
	layer := target(t, s)
	if outcome.Seen != 2706 || outcome.NoPlace+outcome.Outside == 0 || outcome.Kept != len(features) || outcome.Seen != outcome.Kept+outcome.NoPlace+outcome.Outside+outcome.Other+outcome.Keyless {
		t.Errorf("%+v, %d features", outcome.Tally, len(features))
	}
	statuses, heights, built := map[string]int{}, 0, 0
	for i := range features {
		f := &features[i]
		statuses[value(t, layer, f, "status")]++
		if h := f.Values[layer.Attribute("total_height")]; h.Kind() == plan.Number && h.Float() > 20 && h.Float() < 300 {
			heights++
		}
		if day := value(t, layer, f, "built"); day > "1970" {
			built++
		} else if day != "" && f.Values[layer.Attribute("built")].Kind() != plan.Null {
			t.Errorf("built %s", day)
		}
	}
	if statuses["Uppfört"] < 580 || statuses["Beviljat"] < 150 || statuses["Nedmonterat"] > 0 || len(statuses) != 4 || heights < len(features)*9/10 || built < 500 {
		t.Errorf("%v, %d heights, %d dates of %d", statuses, heights, built, len(features))
	}
	t.Logf("%+v %v", outcome.Tally, statuses)
}

// TestTurbinesFromAFile: the zip at a fixed address; the connection breaks twice on the way and the rest is asked for;
// and the second time the server says that nothing is new.
func TestTurbinesFromAFile(t *testing.T) {
	body, err := os.ReadFile(turbines(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	var breaks, sent, resumed atomic.Int64
	var agent atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("Range") != "" {
			resumed.Add(1)
		}
		var out io.Writer = w
		if breaks.Add(1) <= 2 {
			out = &broken{w, 40_000}
		}
		counted := &counting{ResponseWriter: w, Writer: out, n: &sent}
		http.ServeContent(counted, r, "verk.zip", time.Time{}, bytes.NewReader(body))
	}))
	defer server.Close()
	s := born(t, "vindkraftverk_fil", server.URL+"/verk.zip", nil)
	outcome, features := pull(t, s)
	checkTurbines(t, s, outcome, features)
	if resumed.Load() != 2 || sent.Load() >= 2*int64(len(body)) || outcome.Bytes != int64(len(body)) || agent.Load() != "strukturbild-test" {
		t.Errorf("%d resumed, %d of %d bytes sent, %d counted, by %v", resumed.Load(), sent.Load(), len(body), outcome.Bytes, agent.Load())
	}
	if outcome.ETag != `"one"` {
		t.Errorf("the stamp is %+v", outcome.Stamp)
	}
	if _, err := puller.Fetch(t.Context(), s, target(t, s), outcome.Stamp, io.Discard); !errors.Is(err, source.ErrUnchanged) {
		t.Errorf("the second time: %v", err)
	}
}

// broken breaks the connection after so many bytes.
type broken struct {
	w    http.ResponseWriter
	left int
}

func (b *broken) Write(p []byte) (int, error) {
	if b.left < len(p) {
		_, _ = b.w.Write(p[:b.left])
		_ = http.NewResponseController(b.w).Flush()
		panic(http.ErrAbortHandler)
	}
	b.left -= len(p)
	return b.w.Write(p)
}

type counting struct {
	http.ResponseWriter
	io.Writer
	n *atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.Writer.Write(p)
}

// TestTurbinesFromAFeed: a service feed leads to the feed of the dataset, and that to the zip (INSPIRE).
func TestTurbinesFromAFeed(t *testing.T) {
	dir := t.TempDir()
	turbines(t, dir)
	for name, text := range map[string]string{
		"service.xml": `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Tjänst</title><link rel="self" type="application/atom+xml" href="service.xml"/>
			<entry><title>Verk</title><link rel="alternate" type="application/atom+xml" href="data/set.xml"/><link rel="describedby" href="metadata.xml"/></entry></feed>`,
		"data/set.xml": `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Verk</title><link rel="up" type="application/atom+xml" href="../service.xml"/>
			<entry><title>Verk, Shape</title><link rel="alternate" type="application/x-shapefile" href="/verk.zip"/></entry>
			<entry><title>Verk, html</title><link rel="alternate" type="text/html" href="/verk.zip.html"/></entry></feed>`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	s := born(t, "vindkraftverk_fil", server.URL+"/service.xml", func(s *source.Source) { s.Access.Kind, s.Access.Entry = source.Atom, "VERK.zip" })
	outcome, features := pull(t, s)
	checkTurbines(t, s, outcome, features)
	s.Access.Entry = "other.zip"
	if _, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard); plan.CodeOf(err) != plan.NotFound {
		t.Error(err)
	}
}

// arcgis imitates a MapServer with the real turbines in layers by status, which gives at most 300 at a time.
func arcgis(t *testing.T, spoil func(offset int, features []json.RawMessage) []json.RawMessage) *httptest.Server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "verk.geojson")
	run(t, "ogr2ogr", "-f", "GeoJSON", path, region(t), "-t_srs", "EPSG:4326", "-sql", `SELECT Verk_ID AS VERKID, Omrades_ID AS OMRID, Proj_omr AS PROJNAMN, Status AS STATUS,
		Totalhojd AS TOTALHOJD, Navhojd AS NAVHOJD, Rotordia AS ROTDIAMETER, Maxeffekt AS MAXEFFEKT, VH_utovare AS ORGNAMN, Uppfort AS UPPFORT, Lan AS LANSNAMN, geom
		FROM vindkraftverk`)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Features []json.RawMessage }
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	layers := map[string][]json.RawMessage{}
	numbers := map[string]string{"Uppfört": "5", "Beviljat": "6", "Avslag": "7", "Handläggs": "8", "Nedmonterat": "9", "Överklagat": "10", "Inte aktuellt eller återkallat": "11", "Uppgift saknas": "12"}
	for _, raw := range all.Features {
		var f struct{ Properties struct{ STATUS string } }
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		number := numbers[f.Properties.STATUS]
		layers[number] = append(layers[number], raw)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const most = 300
		q := r.URL.Query()
		parts := strings.Split(r.URL.Path, "/")
		features := layers[parts[len(parts)-2]]
		if q.Get("returnCountOnly") == "true" {
			fmt.Fprintf(w, `{"count":%d}`, len(features))
			return
		}
		if q.Get("f") != "geojson" || q.Get("geometryType") != "esriGeometryEnvelope" || q.Get("orderByFields") == "" {
			fmt.Fprint(w, `{"error":{"code":400,"message":"Unable to complete operation."}}`)
			return
		}
		offset, _ := strconv.Atoi(q.Get("resultOffset"))
		count, _ := strconv.Atoi(q.Get("resultRecordCount"))
		page := features[min(offset, len(features)):min(offset+min(count, most), len(features))]
		if spoil != nil {
			page = spoil(offset, page)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "FeatureCollection", "exceededTransferLimit": offset+len(page) < len(features), "features": page})
	}))
	t.Cleanup(server.Close)
	return server
}

func TestTurbinesFromArcGIS(t *testing.T) {
	server := arcgis(t, nil)
	s := born(t, "vindkraftverk", server.URL+"/MapServer", nil)
	outcome, features := pull(t, s)
	checkTurbines(t, s, outcome, features)
}

// TestAPageThatIsShortIsSeen: a service that loses features on the way is not believed.
func TestAPageThatIsShortIsSeen(t *testing.T) {
	server := arcgis(t, func(offset int, features []json.RawMessage) []json.RawMessage {
		if offset == 0 || len(features) < 2 {
			return features
		}
		return []json.RawMessage{}
	})
	s := born(t, "vindkraftverk", server.URL+"/MapServer", nil)
	_, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard)
	if plan.CodeOf(err) != plan.Unavailable || !strings.Contains(err.Error(), "said that it has") {
		t.Errorf("%v", err)
	}
	s.Access.SortBy = ""
	if _, err = puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard); err == nil || !strings.Contains(err.Error(), "Unable to complete") {
		t.Errorf("an error with the status 200: %v", err)
	}
}

// mapserver serves the real nature reserves with a real WFS.
func mapserver(t *testing.T) *httptest.Server {
	t.Helper()
	data := region(t)
	program, err := exec.LookPath("mapserv")
	if err != nil {
		t.Fatal("mapserv is not there: run scripts/setup.sh --test")
	}
	dir := t.TempDir()
	mapfile := filepath.Join(dir, "wfs.map")
	text := `MAP
  NAME "wfs" SIZE 100 100 EXTENT 200000 6300000 520000 6600000
  PROJECTION "init=epsg:3006" END
  WEB METADATA "wfs_title" "Skydd" "wfs_onlineresource" "http://localhost/wfs" "wfs_srs" "EPSG:3006" "wfs_enable_request" "*" END END
  OUTPUTFORMAT NAME "geojson" DRIVER "OGR/GEOJSON" MIMETYPE "application/json" FORMATOPTION "STORAGE=stream" FORMATOPTION "FORM=SIMPLE" END
  LAYER
    NAME "NR" TYPE POLYGON STATUS ON CONNECTIONTYPE OGR CONNECTION "` + data + `" DATA "naturreservat"
    PROJECTION "init=epsg:3006" END
    METADATA "wfs_title" "NR" "gml_include_items" "all" "gml_featureid" "NVRID" "wfs_getfeature_formatlist" "geojson" "wfs_enable_request" "*" END
  END
END
`
	if err := os.WriteFile(mapfile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	configuration := filepath.Join(dir, "mapserver.conf")
	if err := os.WriteFile(configuration, []byte(`CONFIG ENV MS_MAP_PATTERN "." END END`), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&cgi.Handler{Path: program, Dir: dir, Env: []string{"MS_MAPFILE=" + mapfile, "MAPSERVER_CONFIG_FILE=" + configuration}, Stderr: io.Discard})
	t.Cleanup(server.Close)
	return server
}

// TestReservesFromWFS pages through MapServer's own GML, which is northing first, and through its GeoJSON.
func TestReservesFromWFS(t *testing.T) {
	server := mapserver(t)
	for _, output := range []string{"", "geojson"} {
		t.Run("output "+output, func(t *testing.T) { reservesFromWFS(t, server.URL+"/wfs", output) })
	}
}

func reservesFromWFS(t *testing.T, address, output string) {
	s := born(t, "naturreservat", address, func(s *source.Source) {
		s.Access.Kind, s.Access.TypeName, s.Access.PageSize, s.Access.SortBy, s.Access.Output = source.WFS, "NR", 200, "NVRID", output
	})
	outcome, features := pull(t, s)
	layer := target(t, s)
	if outcome.Seen != 508 || outcome.Other != 2 || outcome.Kept != 506 || len(features) != 506 {
		t.Errorf("%+v, %d features", outcome.Tally, len(features))
	}
	for i := range features {
		f := &features[i]
		if f.ID == "2000326:Gällande" {
			if value(t, layer, f, "namn") != "Kedum-Torpa" || value(t, layer, f, "beslutsdatum") != "1995-09-19" || value(t, layer, f, "areal_ha") != "18.51" {
				t.Errorf("%v", f.Values)
			}
			return
		}
	}
	t.Error("Kedum-Torpa is not there")
}

func TestWFSThatRefuses(t *testing.T) {
	server := mapserver(t)
	s := born(t, "naturreservat", server.URL+"/wfs", func(s *source.Source) { s.Access.Kind, s.Access.TypeName = source.WFS, "NOSUCH" })
	_, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard)
	if plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), "NOSUCH") {
		t.Errorf("%v", err)
	}
}

// TestStopsFromALocalFile: what is behind an account is fetched by hand and given to pull.
func TestStopsFromALocalFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stops.csv")
	run(t, "ogr2ogr", "-f", "CSV", path, region(t), "-t_srs", "EPSG:4326", "-sql",
		`SELECT stop_id, name AS stop_name, location_type, ST_X(ST_Transform(geom, 4326)) AS lon, ST_Y(ST_Transform(geom, 4326)) AS lat FROM hallplatser_gtfs_2017`, "-dialect", "SQLite")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := born(t, "hallplats", "", nil)
	var text bytes.Buffer
	outcome, err := puller.Translate(t.Context(), s, target(t, s), file, path, &text)
	if err != nil {
		t.Fatal(err)
	}
	features := read(t, s, text.Bytes())
	if outcome.Seen != 1845 || len(features) != outcome.Kept || outcome.Kept < 1800 || outcome.SHA256 == "" {
		t.Errorf("%+v, %d features", outcome, len(features))
	}
	if _, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard); plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), "trafiklab") {
		t.Errorf("%v", err)
	}
}

// TestLeadsNowhereElse: other hosts, other schemes, too much, and what is no data.
func TestLeadsNowhereElse(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("the other host was asked") }))
	defer other.Close()
	var busy atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/large":
			w.Header().Set("Content-Length", strconv.Itoa(3<<20))
		case "/endless":
			for range 64 {
				_, _ = w.Write(make([]byte, 64<<10))
			}
		case "/page":
			fmt.Fprint(w, "<html><body>Logga in</body></html>")
		case "/else":
			fmt.Fprint(w, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ANNAT":1},"geometry":{"type":"Point","coordinates":[400000,6400000]}}]}`)
		case "/moved":
			fmt.Fprint(w, `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[]}`)
		case "/busy":
			if busy.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	for path, want := range map[string]struct {
		code plan.Code
		says string
	}{
		"/away": {plan.Forbidden, "does not name"}, "/circle": {plan.Unavailable, "circle"}, "/large": {plan.TooLarge, "1 MiB"}, "/endless": {plan.TooLarge, "1 MiB"},
		"/page": {plan.Invalid, ""}, "/else": {plan.Invalid, "changed its columns"}, "/moved": {plan.Invalid, "EPSG:3857"}, "/busy": {plan.Invalid, "410"},
	} {
		s := born(t, "vindkraftverk_fil", server.URL+path, func(s *source.Source) { s.Access.MaxMiB = 1 })
		_, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard)
		if plan.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v, want %s %q", path, err, want.code, want.says)
		}
	}
	s := born(t, "vindkraftverk_fil", server.URL+"/else", func(s *source.Source) { s.Access.PlainHTTP = false })
	if _, err := puller.Fetch(t.Context(), s, target(t, s), source.Stamp{}, io.Discard); plan.CodeOf(err) != plan.Forbidden {
		t.Errorf("plain http: %v", err)
	}
}
