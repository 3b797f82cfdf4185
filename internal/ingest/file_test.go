package ingest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// shared finds the folder of real files, or skips.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	for _, root := range []string{os.Getenv("STRUKTURBILD_SHARED"), "../../../shared/data"} {
		if path := filepath.Join(append([]string{root}, parts...)...); root != "" {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	t.Skip("left out: the folder of real files is not here (STRUKTURBILD_SHARED)")
	return ""
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
	if n := len(batch.Features); n != 2706-225 {
		t.Error(n, "turbines")
	}
	for _, notice := range batch.Notices {
		t.Log(notice.Rule, notice.Message.SV)
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
		case c.want == "" && (len(batch.Features) != c.features || batch.CRS.Name() != c.crs):
			t.Errorf("%v: %d in %v", c, len(batch.Features), batch.CRS)
		}
	}
}
