package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSourcesByCommand: an operator's own source is listed, shown, tried, pulled and pulled again with the command.
func TestSourcesByCommand(t *testing.T) {
	region := "../../../shared/data/region"
	if _, err := os.Stat(filepath.Join(region, "vg.gpkg")); err != nil {
		t.Skip("left out: ../shared/data is not there")
	}
	publisher := httptest.NewServer(http.FileServer(http.Dir(region)))
	defer publisher.Close()
	own := filepath.Join(t.TempDir(), "sources.yaml")
	entry := `
version: 1
sources:
  - id: hallplats_2017
    title: {sv: Hållplatser 2017, en: Stops 2017}
    publisher: Samtrafiken
    licence: CC0 1.0
    attribution: "Källa: Samtrafiken"
    access: {kind: file, url: "` + publisher.URL + `/vg.gpkg", plain_http: true, source_layer: hallplatser_gtfs_2017}
    crs: EPSG:3006
    layer: hallplats
    define:
      theme: infrastructure
      title: {sv: Hållplatser, en: Stops}
      geometry_type: point
      attributes: [{name: namn, type: text, title: {sv: Namn, en: Name}}]
    key: [stop_id]
    map: {namn: {from: [name]}}
    notes: {sv: Prov, en: Trial}
`
	if err := os.WriteFile(own, []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, dataDir(t), "--sources", own)
	if listed := s.sources(); !strings.Contains(listed, "hallplats_2017") || !strings.Contains(listed, "jordbruksblock") {
		t.Error(listed)
	}
	if tried := s.sources("pull", "hallplats_2017", "--dry-run"); !strings.Contains(tried, "1845 features seen, 1845 kept") || !strings.Contains(tried, "nothing written") {
		t.Error(tried)
	}
	if pulled := s.sources("pull", "hallplats_2017"); !strings.Contains(pulled, "hallplats: 1845 added") {
		t.Error(pulled)
	}
	if again := s.sources("pull", "hallplats_2017"); !strings.Contains(again, "nothing newer") {
		t.Error(again)
	}
	if given := s.sources("pull", "hallplats_2017", "--file", filepath.Join(region, "vg.gpkg")); !strings.Contains(given, "1845 unchanged") {
		t.Error(given)
	}
	shown := s.sources("show", "hallplats_2017")
	if !strings.Contains(shown, "source_layer: hallplatser_gtfs_2017") || strings.Count(shown, "\n# ") != 4 {
		t.Error(shown)
	}
}

// sources runs strukturbild sources.
func (s *service) sources(args ...string) string {
	s.t.Helper()
	command := exec.Command(binary, append(append([]string{"sources"}, args...), "--server", s.base)...)
	command.Env = append(os.Environ(), "STRUKTURBILD_TOKEN="+s.token)
	out, err := command.CombinedOutput()
	if err != nil {
		s.t.Fatalf("sources %v: %v\n%s", args, err, clip(out))
	}
	return string(out)
}
