package ingest

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"strukturbild/internal/plan"
)

// The test binary is its own child.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-file" {
		if RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var testReader = Reader{Command: []string{"/proc/self/exe", "read-file"}}

// shared finds a real file, or skips.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"../../../shared/data"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("left out: the folder of real files, ../shared/data, is not here")
	}
	return path
}

func readPath(t *testing.T, path string, f File, opts Options) (*Batch, error) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name == "" {
		f.Name = filepath.Base(path)
	}
	f.Body, f.MaxBytes = bytes.NewReader(body), 1<<30
	reader := testReader
	reader.TempDir = t.TempDir()
	batch, err := reader.Read(t.Context(), f, opts)
	if left, _ := os.ReadDir(reader.TempDir); len(left) > 0 {
		t.Error("left behind:", left)
	}
	return batch, err
}

// ogr runs ogr2ogr.
func ogr(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %v: %v: %s", args, err, out)
	}
}

// findings gives the findings of an error that a user may see.
func findingsOf(t *testing.T, err error) []plan.Finding {
	t.Helper()
	known, ok := errors.AsType[*plan.Error](err)
	if !ok || known.Code == plan.Internal {
		t.Fatalf("not an error for users: %v", err)
	}
	return known.Findings
}

const turbineMap = "Verk_ID:verkid,Omrades_ID:omrid,Proj_omr:project,Totalhojd:total_height,Navhojd:hub_height,Rotordia:rotor_diameter," +
	"Maxeffekt:max_power,VH_utovare:operator,Uppfort:built"

func TestTurbines(t *testing.T) {
	region := shared(t, "region", "vg.gpkg")
	mapped, err := ParseMap(turbineMap)
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Layer: builtIn(t, "wind_power"), Columns: Columns{Map: mapped, IgnoreUnknown: true}}
	_, err = readPath(t, region, File{SourceLayer: "vindkraftverk"}, opts)
	missing := 0
	for _, f := range findingsOf(t, err) {
		if strings.Contains(f.Message.EN, "0, 0") {
			missing++
		}
		if f.Offset != nil {
			t.Fatal("an offset in a stream that nobody saw:", f)
		}
	}
	if missing == 0 {
		t.Fatal("turbines at 0, 0 were not found:", err)
	}
	clean := filepath.Join(t.TempDir(), "rena.gpkg")
	ogr(t, clean, region, "vindkraftverk", "-sql", "SELECT * FROM vindkraftverk WHERE E_Koordina > 0")
	batch, err := readPath(t, clean, File{}, opts)
	if err != nil {
		t.Fatalf("%v %+v", err, findingsOf(t, err)[:3])
	}
	if n := batch.Len(); n != 2706-225 {
		t.Error(n, "turbines")
	}
	for _, notice := range batch.Notices {
		t.Log(notice.Rule, notice.Message.SV)
	}
}

// TestRT90 reads the county's part of a real Shapefile in RT 90, whose .prj is ESRI's.
func TestRT90(t *testing.T) {
	source := shared(t, "crs", "kommun_rt90", "Kommun_RT90_region.shp")
	county := filepath.Join(t.TempDir(), "kommun.shp")
	ogr(t, county, source, "-where", "KnKod LIKE '14%'")
	layer := &plan.Layer{ID: "x", GeometryType: plan.Polygon, Attributes: []plan.Attribute{{Name: "knnamn", Type: plan.String}}}
	batch, err := readPath(t, zipped(t, strings.TrimSuffix(county, ".shp")+".*"), File{}, Options{Layer: layer, Columns: Columns{IgnoreUnknown: true}})
	if err != nil {
		t.Fatal(err)
	}
	if n := batch.Len(); n != 49 || batch.CRS.EPSG() != 3021 {
		t.Errorf("%d in %v", n, batch.CRS)
	}
	if !slices.ContainsFunc(kept(t, batch), func(f plan.Feature) bool { return f.Values[0].Text() == "Trollhättan" }) {
		t.Error("letters were lost:", kept(t, batch)[0].Values)
	}
}

// TestFID takes the ids from the key of a GeoPackage table.
func TestFID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.gpkg")
	source := filepath.Join(t.TempDir(), "p.geojson")
	if err := os.WriteFile(source, []byte(featuresOf(featureWith(`"id":17,"properties":{"namn":"å"},"geometry":`+polygon))), 0o600); err != nil {
		t.Fatal(err)
	}
	ogr(t, path, source, "-preserve_fid")
	for id, want := range map[string]string{"": "", "fid": "17", "namn": "å"} {
		batch, err := readPath(t, path, File{}, Options{Layer: testLayer(plan.Polygon), Columns: Columns{ID: id}})
		if err != nil || kept(t, batch)[0].ID != want {
			t.Errorf("id=%s: %v, %v", id, batch, err)
		}
	}
}

func TestRealLayers(t *testing.T) {
	for _, c := range []struct {
		path, layer, crs string
		kind             plan.GeometryType
		features         int
		want             string // in the error
	}{
		{"region/vg.gpkg", "naturreservat", "EPSG:3006", plan.Polygon, 508, ""},
		{"region/vg.gpkg", "kommuner_250k", "EPSG:3006", plan.Polygon, 49, ""},
		{"region/vg.gpkg", "", "", plan.Polygon, 0, "several layers"},
		{"region/vg.gpkg", "finns_inte", "", plan.Polygon, 0, "no layer \"finns_inte\""},
		{"crs/kommun_3857.geojson", "", "EPSG:3857", plan.Polygon, 290, "outside"},
	} {
		path := shared(t, filepath.FromSlash(c.path))
		opts := Options{Layer: &plan.Layer{ID: "x", GeometryType: c.kind}, Columns: Columns{IgnoreUnknown: true}}
		batch, err := readPath(t, path, File{SourceLayer: c.layer}, opts)
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: got %v", c, err)
		case c.want == "" && err != nil:
			t.Errorf("%v: %v", c, err)
		case c.want == "" && (batch.Len() != c.features || batch.CRS.Name() != c.crs):
			t.Errorf("%v: %d in %v", c, batch.Len(), batch.CRS)
		}
	}
}

// TestNasty reads GDAL's broken and odd files: each is accepted or refused with a finding or a clear sentence, and nothing of ours
// crashes or hangs.
func TestNasty(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: a child for each of some hundred files")
	}
	var accepted, refused, crashed atomic.Int64
	paths := nastyFiles(t, shared(t, "nasty"))
	t.Run("files", func(t *testing.T) {
		const lanes = 4
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				for i := lane; i < len(paths); i += lanes {
					err := readNasty(t, paths[i])
					switch {
					case err == nil:
						accepted.Add(1)
						continue
					case strings.Contains(err.Error(), "crashed"):
						crashed.Add(1)
						t.Log(filepath.Base(paths[i]), err)
					}
					refused.Add(1)
				}
			})
		}
	})
	t.Log(accepted.Load(), "accepted,", refused.Load(), "refused, of which crashed the child:", crashed.Load())
	if accepted.Load()+refused.Load() < 100 {
		t.Error("so few files?")
	}
}

func readNasty(t *testing.T, path string) error {
	opts := Options{Layer: &plan.Layer{ID: "x", GeometryType: plan.Polygon}, CRS: "EPSG:3006", Columns: Columns{IgnoreUnknown: true}}
	_, err := readPath(t, path, File{}, opts)
	if err == nil {
		return nil
	}
	findingsOf(t, err)
	if strings.Contains(err.Error(), os.TempDir()) || strings.Contains(err.Error(), "strukturbild-upload") {
		t.Errorf("%s: a path of ours in %v", path, err)
	}
	return err
}

func nastyFiles(t *testing.T, root string) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"gdal/*/*.gpkg", "gdal/*/*.fgb", "flatgeobuf/*.fgb", "gdal/*/*.gml", "gdal/*/*.xml", "gdal/*/*.kml", "gdal/*/*.kmz",
		"gdal/*/*.csv", "gdal/*/*.zip", "gdal/*/*.json", "gdal/*/*.geojson"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	shapefiles, err := filepath.Glob(filepath.Join(root, "gdal/shp/*.shp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range shapefiles {
		paths = append(paths, zipped(t, strings.TrimSuffix(path, ".shp")+".*"))
	}
	return paths
}

// zipped packs the files of a pattern.
func zipped(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatal(pattern, err)
	}
	entries := map[string]string{}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		entries[filepath.Base(name)] = string(body)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(strings.TrimSuffix(pattern, ".*"))+".zip")
	if err := os.WriteFile(path, zipOf(t, entries), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipOf(t *testing.T, entries map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		entry, err := writer.Create(name)
		if err == nil {
			_, err = entry.Write([]byte(entries[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
