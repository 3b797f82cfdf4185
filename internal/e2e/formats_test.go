package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLoadWhatWasExported makes every format of a layer with ogr2ogr, and loads that with the command line: nothing is changed by it.
func TestLoadWhatWasExported(t *testing.T) {
	s := start(t, dataDir(t), "--demo-when-empty", "400")
	defer s.stop()
	tm := slices.Clip([]string{"-a_srs", "EPSG:3006"})
	for _, layer := range []string{"wind_power", "agriculture", "infrastructure"} {
		whole := filepath.Join(t.TempDir(), layer+".geojson")
		status, body := s.do("GET", "/ogc/collections/"+layer+"/items?f=json&limit=10000&crs=EPSG:3006", "", nil)
		if status != http.StatusOK {
			t.Fatal(status, clip(body))
		}
		if err := os.WriteFile(whole, body, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name    string // with %s for the layer
			ogr     []string
			load    []string
			rounded bool // degrees do not keep coordinates to the last bit
		}{
			{"%s.gpkg", tm, nil, false},
			{"%s.fgb", tm, nil, false},
			{"%s.shp", append(tm, "-lco", "ENCODING=UTF-8"), nil, false},
			{"%s.gml", tm, nil, false},
			{"%s.csv", append(tm, "-lco", "GEOMETRY=AS_WKT"), []string{"--crs", "EPSG:3006"}, false},
			{"%s.kml", []string{"-s_srs", "EPSG:3006", "-t_srs", "EPSG:4326"}, []string{"--ignore-unknown"}, true},
		} {
			path := filepath.Join(t.TempDir(), fmt.Sprintf(c.name, layer))
			mustOutput(t, "ogr2ogr", append([]string{path, whole, "-nln", layer}, c.ogr...)...)
			out := s.load(path, append([]string{"--layer", layer, "--mode", "replace", "--id", "id", "--dry-run"}, c.load...)...)
			read, unchanged, changed := 0, 0, 0
			for line := range strings.Lines(out) {
				var added, removed int
				_, _ = fmt.Sscanf(line, layer+": %d read, %d added, %d changed, %d removed, %d unchanged", &read, &added, &changed, &removed, &unchanged)
			}
			if read == 0 || read != unchanged+changed || !c.rounded && read != unchanged || strings.Contains(out, "\r") {
				t.Errorf("%s: %s", filepath.Base(path), out)
			}
			t.Logf("%s: %d read, %d unchanged", filepath.Base(path), read, unchanged)
		}
		s.loadOnTerminal(whole, layer)
	}
}

// loadOnTerminal wants load to draw how far it is, over and over on one line, and to leave nothing of that but the outcome.
func (s *service) loadOnTerminal(file, layer string) {
	s.t.Helper()
	command := exec.Command("script", "-qec", strings.Join([]string{binary, "load", file, "--layer", layer, "--mode", "replace", "--crs", "EPSG:3006", "--dry-run", "--server", s.base}, " "), "/dev/null")
	command.Env = append(os.Environ(), "STRUKTURBILD_TOKEN="+s.token, "LC_ALL=C")
	out, err := command.CombinedOutput()
	drawn, outcome, _ := strings.Cut(string(out), layer+": ")
	if err != nil || !regexp.MustCompile(`\r(sending|waiting)[^\r]* [0-9]+% \|`).MatchString(drawn) || !strings.HasSuffix(strings.TrimRight(drawn, " "), "\r") ||
		!strings.Contains(outcome, " 0 changed, 0 removed") {
		s.t.Errorf("on a terminal: %v: %q", err, clip(out))
	}
}

// load runs strukturbild load.
func (s *service) load(file string, args ...string) string {
	s.t.Helper()
	command := exec.Command(binary, append([]string{"load", file, "--server", s.base}, args...)...)
	command.Env = append(os.Environ(), "STRUKTURBILD_TOKEN="+s.token)
	out, err := command.CombinedOutput()
	if err != nil {
		s.t.Errorf("load %s: %v\n%s", filepath.Base(file), err, clip(out))
	}
	return string(out)
}
