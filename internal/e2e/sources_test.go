package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	if pulled := s.sources("pull", "hallplats_2017"); !strings.Contains(pulled, "hallplats: 1845 read, 1845 added") {
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

// TestKillInTheMiddleOfPulls ends the service with kill -9 while a source is read from a file, again and again. After each
// start the pull goes on to its end, the layer holds what one of the files holds, and no file is left.
func TestKillInTheMiddleOfPulls(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	token, kills := s.token, 4
	if testing.Short() {
		kills = 2
	}
	file := func(n int) string {
		var text strings.Builder
		text.WriteString("stop_id,stop_name,location_type,lon,lat\n")
		for i := range n {
			fmt.Fprintf(&text, "%d,Hållplats %d av %d,0,%.5f,57.7\n", i, i, n, 12+float64(i)/100_000)
		}
		return text.String()
	}
	random, sizes, resumed := rand.New(rand.NewPCG(3, 3)), []int{20_000, 16_000}, 0
	const path = "/api/v1/sources/hallplats"
	for i := range kills {
		n := sizes[i%2]
		begun := s.give(path, file(n))
		time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
		s.kill()
		s = start(t, dir)
		s.token = token
		var pull map[string]any
		look := func() map[string]any {
			pull = s.must(http.StatusOK, "GET", path+"/pulls/"+begun, "", nil)
			return pull
		}
		if look()["state"] != "done" {
			resumed++
		}
		eventually(t, time.Minute, "the pull has ended", func() bool { return look()["ended"] != nil })
		if holds := s.must(http.StatusOK, "GET", "/api/v1/layers/hallplats", "", nil)["features"]; pull["state"] != "done" || holds != float64(n) {
			t.Fatalf("the layer holds %v features, want %d: %v", holds, n, pull)
		}
		s.run("verify", "--server", s.base, "--token", token)
	}
	if files, _ := filepath.Glob(dir + "/uploads/[A-Z0-9]*"); len(files) != 0 {
		t.Errorf("files are left: %v", files)
	}
	t.Logf("%d of %d pulls were begun again", resumed, kills)
	s.stop()
}

// give begins a pull of a file, and gives its id at once.
func (s *service) give(path, file string) string {
	s.t.Helper()
	request, err := http.NewRequest("POST", s.base+path+"/pull?filename=stops.csv", strings.NewReader(file))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Content-Type": {"text/csv"}, "Prefer": {"respond-async"}}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var pull struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&pull); err != nil || answer.StatusCode != http.StatusAccepted {
		s.t.Fatalf("the pull is answered %s: %v", answer.Status, err)
	}
	return pull.ID
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
