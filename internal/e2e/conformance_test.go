package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// feature is one GeoJSON feature, as a client reads it.
type feature struct {
	ID         any
	Properties map[string]any
	Geometry   struct {
		Type        string
		Coordinates any
	}
}

// features reads a whole layer over REST, following the next links.
func (s *service) features(layer string) map[string]feature {
	s.t.Helper()
	all := map[string]feature{}
	for path := "/api/v1/layers/" + layer + "/features?limit=500"; path != ""; {
		status, body := s.do("GET", path, "", nil)
		if status != http.StatusOK {
			s.t.Fatalf("%s answers %d: %s", path, status, clip(body))
		}
		var page struct {
			Features []feature
			Links    []struct{ Rel, Href string }
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&page); err != nil {
			s.t.Fatal(err)
		}
		for _, f := range page.Features {
			id := fmt.Sprint(f.ID)
			if _, twice := all[id]; twice {
				s.t.Fatalf("layer %s: feature %s comes twice", layer, id)
			}
			all[id] = f
		}
		path = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				path = strings.TrimPrefix(link.Href, s.base)
			}
		}
	}
	return all
}

var everyLayer = []string{"kommun", "kommunalforbund", "lan", "la_region", "tatort", "wind_power", "agriculture", "forest", "infrastructure",
	"conflict", "conflict_line", "conflict_point"}

// TestConformanceOGR reads every layer with ogr2ogr and compares every attribute and vertex.
func TestConformanceOGR(t *testing.T) {
	s := start(t, dataDir(t), "--demo-when-empty", "600")
	defer s.stop()
	out := mustOutput(t, "ogrinfo", "-ro", "OAPIF:"+s.base+"/ogc")
	for _, layer := range everyLayer {
		if !strings.Contains(out, layer) {
			t.Errorf("ogrinfo does not list %s:\n%s", layer, out)
		}
		read := exec.Command("ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", "OAPIF:"+s.base+"/ogc", layer, "-lco", "COORDINATE_PRECISION=9")
		var stderr bytes.Buffer
		read.Stderr = &stderr
		lines, err := read.Output()
		if err != nil {
			t.Fatalf("ogr2ogr %s: %v: %s", layer, err, stderr.String())
		}
		compareLayer(t, layer, s.features(layer), lines)
	}
}

// compareLayer matches the features by all their values, since GDAL keeps the id only where it is a number.
func compareLayer(t *testing.T, layer string, want map[string]feature, lines []byte) {
	t.Helper()
	left := map[string]feature{}
	for id, f := range want {
		left[key(f)+id] = f
	}
	count := 0
	for line := range bytes.Lines(lines) {
		var got feature
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("%s: %v: %s", layer, err, line)
		}
		count++
		found := false
		for k, f := range left {
			if k[:min(len(k), len(key(got)))] == key(got) && near(f.Geometry.Coordinates, got.Geometry.Coordinates, 2e-8) {
				delete(left, k)
				found = true
				break
			}
		}
		if !found {
			t.Errorf("%s: GDAL reads what the service does not have: %.300s", layer, line)
			return
		}
	}
	if count != len(want) || len(left) > 0 {
		t.Errorf("%s: GDAL reads %d of %d features", layer, count, len(want))
	}
}

// key is the values in order of their names. GDAL leaves nulls out, and gives its own name to none.
func key(f feature) string {
	values := map[string]string{}
	for name, v := range f.Properties {
		if v != nil && name != "id" {
			values[name] = canonical(v)
		}
	}
	text, _ := json.Marshal(values)
	return string(text)
}

func canonical(v any) string {
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil {
			return fmt.Sprintf("%.9g", f)
		}
	}
	return strings.ReplaceAll(fmt.Sprint(v), "/", "-") // GDAL may write dates with slashes
}

// near reports whether nested coordinates differ by less than so much, in their unit; none is near none.
func near(a, b any, within float64) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !near(a[i], b[i], within) {
				return false
			}
		}
		return true
	case json.Number:
		x, _ := a.Float64()
		n, ok := b.(json.Number)
		if !ok {
			return false
		}
		y, _ := n.Float64()
		return math.Abs(x-y) < within
	}
	return a == nil && b == nil
}

// TestConformanceQGIS opens every layer in real QGIS: right count, place, types, and å ä ö.
func TestConformanceQGIS(t *testing.T) {
	python := "/usr/bin/python3" // the distribution's, which has the qgis module
	if err := exec.Command(python, "-c", "import qgis.core").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("QGIS is missing: scripts/setup.sh --test installs python3-qgis")
		}
		t.Skip("QGIS is missing: scripts/setup.sh --test installs python3-qgis")
	}
	s := start(t, dataDir(t), "--demo-when-empty", "600")
	defer s.stop()
	command := exec.Command(python, append([]string{"testdata/open_in_qgis.py", s.base + "/ogc"}, everyLayer...)...)
	command.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "HOME="+t.TempDir())
	out, err := command.Output()
	if err != nil {
		t.Fatalf("QGIS: %v\n%s", err, clip(out))
	}
	_, result, found := strings.Cut(string(out), "RESULT ")
	if !found {
		t.Fatalf("QGIS says: %s", clip(out))
	}
	var seen map[string]struct {
		Valid    bool
		Error    string
		Count    int
		Geometry int
		Fields   map[string]string
		Features map[string]struct {
			Values map[string]*string
			Area   float64
			Point  []float64
		}
	}
	if err := json.Unmarshal([]byte(result), &seen); err != nil {
		t.Fatal(err)
	}
	geometries := map[string]int{"tatort": 0, "wind_power": 0, "infrastructure": 1, "conflict_line": 1, "conflict_point": 0}
	for _, layer := range everyLayer {
		got, want := seen[layer], s.features(layer)
		geometry, special := geometries[layer]
		if !special {
			geometry = 2
		}
		if !got.Valid || got.Count != len(want) || got.Geometry != geometry && len(want) > 0 { // QGIS asks the features for their type
			t.Errorf("%s: valid %v, %d features, geometry type %d; want %d and %d: %s", layer, got.Valid, got.Count, got.Geometry, len(want), geometry, got.Error)
			continue
		}
		seenValues := map[string]int{}
		for _, f := range got.Features {
			if len(f.Point) != 2 || f.Point[0] < 10.5 || f.Point[0] > 15 || f.Point[1] < 57 || f.Point[1] > 59.5 {
				t.Errorf("%s: a feature lies at %v, outside the county", layer, f.Point)
			}
			for name, v := range f.Values {
				if v != nil {
					seenValues[name+"="+*v]++
				}
			}
		}
		for _, f := range want {
			if name, ok := f.Properties["namn"].(string); ok && seenValues["namn="+name] == 0 {
				t.Errorf("%s: QGIS does not see namn=%s", layer, name)
			}
		}
	}
	if typ := seen["kommun"].Fields["folkmangd"]; !strings.HasPrefix(typ, "Integer") {
		t.Errorf("QGIS reads folkmangd as %q", typ)
	}
}
