package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

// reserves writes the real nature reserves as a GeoPackage.
func reserves(t *testing.T) []byte {
	t.Helper()
	from, to := "../../../shared/data/region/vg.gpkg", filepath.Join(t.TempDir(), "nr.gpkg")
	if _, err := os.Stat(from); err != nil {
		t.Skip("left out: ../shared/data is not there")
	}
	if out, err := exec.Command("ogr2ogr", "-f", "GPKG", to, from, "naturreservat").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	body, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// from gives the catalogue with an entry led to another address.
func from(t *testing.T, id, address string, change func(*source.Source)) *source.Catalogue {
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
	return catalogue
}

// TestPullOfRealReserves: a dry run writes nothing; a pull makes the layer, which tells where it comes from, and takes
// part in conflicts; a second pull costs nothing; and after a change by hand it is fetched again.
func TestPullOfRealReserves(t *testing.T) {
	body := reserves(t)
	var given atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") != `"v1"` {
			given.Add(1)
		}
		http.ServeContent(w, r, "nr.gpkg", time.Time{}, bytes.NewReader(body))
	}))
	defer server.Close()
	s := newSiteOf(t, from(t, "naturreservat", server.URL+"/NR.gpkg", nil))

	dry := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/naturreservat/pull?dry_run=true", "", "Prefer", "wait=120").want(http.StatusOK).json()
	if tally := dry["tally"].(map[string]any); tally["seen"] != 508.0 || tally["kept"] != 506.0 || tally["other"] != 2.0 {
		t.Errorf("%v", dry)
	}
	s.ask(plan.Officer, http.MethodGet, "/api/v1/layers/naturreservat", "").problem(http.StatusNotFound, plan.NotFound)

	pulled := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/naturreservat/pull", "", "Prefer", "wait=120").want(http.StatusOK).json()
	job := s.ask(plan.Officer, http.MethodGet, "/api/v1/jobs/"+pulled["job"].(string), "").want(http.StatusOK).json()
	if job["added"] != 506.0 || job["revision"] != pulled["revision"] || pulled["sha256"] == "" {
		t.Errorf("%v %v", pulled, job)
	}
	layer := s.ask(plan.Anonymous, http.MethodGet, "/api/v1/layers/naturreservat", "").want(http.StatusOK).json()
	if layer["theme"] != "nature" || layer["features"] != 506.0 || layer["licence_uri"] != "http://creativecommons.org/publicdomain/zero/1.0/" ||
		layer["source"] != "Naturvårdsverket, Naturvårdsregistret" || layer["lineage"] == nil {
		t.Errorf("%v", layer)
	}
	if note := layer["revisions"].([]any)[0].(map[string]any)["note"].(string); !strings.Contains(note, server.URL) || !strings.Contains(note, "506 of 508") {
		t.Error(note)
	}
	// Kedum-Torpa: whoever wants to build wind power on it is told.
	asked := s.ask(plan.Anonymous, http.MethodPost, "/api/v1/conflicts",
		`{"theme":"wind","geometry":{"type":"Point","coordinates":[378077,6482600]},"crs":"EPSG:3006"}`).want(http.StatusOK)
	if !strings.Contains(string(asked.body), "naturreservat") {
		t.Errorf("%s", asked.body)
	}

	again := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/naturreservat/pull", "", "Prefer", "wait=120").want(http.StatusOK).json()
	if again["unchanged"] != true || again["revision"] != pulled["revision"] || again["bytes"] != 0.0 || given.Load() != 2 {
		t.Errorf("%v, given %d times", again, given.Load())
	}
	s.ask(plan.Officer, http.MethodDelete, "/api/v1/layers/naturreservat/features/2000326:Gällande", "").want(http.StatusNoContent)
	mended := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/naturreservat/pull", "", "Prefer", "wait=120").want(http.StatusOK).json()
	if job := s.ask(plan.Officer, http.MethodGet, "/api/v1/jobs/"+mended["job"].(string), "").want(http.StatusOK).json(); job["added"] != 1.0 || job["unchanged"] != 505.0 {
		t.Errorf("%v", job)
	}

	list := s.ask(plan.Viewer, http.MethodGet, "/api/v1/sources", "").want(http.StatusOK).json()["sources"].([]any)
	for _, one := range list {
		entry := one.(map[string]any)
		if was := entry["pulled"] != nil; was != (entry["id"] == "naturreservat") || entry["due"] != false {
			t.Errorf("%v", entry)
		}
	}
	entry := s.ask(plan.Viewer, http.MethodGet, "/api/v1/sources/naturreservat", "").want(http.StatusOK).json()
	if len(entry["pulls"].([]any)) != 4 {
		t.Errorf("%v", entry["pulls"])
	}
}

// TestPullOfAnOGCAPI pages through the collections of a service that speaks the standard: this one.
func TestPullOfAnOGCAPI(t *testing.T) {
	var catalogue source.Catalogue
	s := newSiteOf(t, &catalogue)
	s.ask(plan.Officer, http.MethodPost, "/api/v1/layers", provLayer).want(http.StatusCreated)
	var features []string
	for i := range 25 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"namn":"n%d","antal":%d},"geometry":{"type":"Polygon","coordinates":[[[%d,6400000],[%[3]d,6400100],[%d,6400100],[%[3]d,6400000]]]}}`,
			i, i, 350000+1000*i, 350100+1000*i))
	}
	s.upload("", collection(features...)).want(http.StatusCreated)
	catalogue.Sources = []source.Source{{ID: "andra", Layer: "kopia", CRS: "OGC:CRS84", Key: []string{"antal"}, Publisher: "P", Licence: "CC0 1.0", Attribution: "Källa: P", Title: plan.Text{SV: "Andra"},
		Access: source.Access{Kind: source.OGCAPI, URL: s.url + "/ogc", Collection: "prov", PageSize: 10, PlainHTTP: true},
		Define: &source.Definition{Theme: plan.Agriculture, Title: plan.Text{SV: "Kopia"}, GeometryType: plan.Polygon, Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}}},
		Map:    map[string]source.Column{"namn": {From: []string{"NAMN"}}},
		Filter: []source.Condition{{Column: []string{"namn"}, Prefix: []string{"n1"}}}}}
	pulled := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/andra/pull", "", "Prefer", "wait=60").want(http.StatusOK).json()
	if tally := pulled["tally"].(map[string]any); tally["seen"] != 25.0 || tally["kept"] != 11.0 {
		t.Errorf("%v", pulled)
	}
}

// TestGivenFile: a file that someone has fetched goes the same way; what can't be fetched says where to get it.
func TestGivenFile(t *testing.T) {
	s := newSiteOf(t, from(t, "hallplats", "", nil))
	refused := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/hallplats/pull", "").problem(http.StatusBadRequest, plan.Invalid)
	if !strings.Contains(refused["detail"].(string), "trafiklab") {
		t.Error(refused)
	}
	const stops = "stop_id,stop_name,location_type,lon,lat\n1,Centralen,1,11.97,57.71\n2,Utby,0,12.07,57.72\n3,Stockholm,0,18.05,59.33\n"
	pulled := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/hallplats/pull?filename=stops.csv", stops, "Content-Type", "text/csv").want(http.StatusOK).json()
	if tally := pulled["tally"].(map[string]any); tally["kept"] != 2.0 || tally["outside"] != 1.0 || pulled["filename"] != "stops.csv" {
		t.Errorf("%v", pulled)
	}
	if layer := s.ask(plan.Anonymous, http.MethodGet, "/api/v1/layers/hallplats", "").want(http.StatusOK).json(); layer["features"] != 2.0 {
		t.Errorf("%v", layer)
	}
	// What is wrong is told with its findings, and nothing is written.
	bad := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/hallplats/pull?filename=stops.csv", strings.Replace(stops, "2,Utby", "1,Utby", 1), "Content-Type", "text/csv").want(http.StatusBadRequest).json()
	if finding := bad["findings"].([]any)[0].(map[string]any); finding["rule"] != "id_duplicate" {
		t.Errorf("%v", bad)
	}
	s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/nosuch/pull", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, http.MethodPost, "/api/v1/sources/hallplats/pull", "").problem(http.StatusForbidden, plan.Forbidden)
}

// TestPullThatFails: a publisher who is away is named, nothing is made, and the source can be pulled again.
func TestPullThatFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	s := newSiteOf(t, from(t, "naturreservat", server.URL+"/NR.zip", nil))
	for range 2 {
		p := s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/naturreservat/pull", "", "Prefer", "wait=60").problem(http.StatusBadRequest, plan.Invalid)
		if !strings.Contains(p["detail"].(string), "404") {
			t.Error(p)
		}
	}
	s.ask(plan.Officer, http.MethodGet, "/api/v1/layers/naturreservat", "").problem(http.StatusNotFound, plan.NotFound)
	entry := s.ask(plan.Viewer, http.MethodGet, "/api/v1/sources/naturreservat", "").want(http.StatusOK).json()
	if entry["pulled"] != nil || entry["last"].(map[string]any)["state"] != "failed" {
		t.Errorf("%v", entry)
	}
}

// stopsCSV is a file of so many stops in the county.
func stopsCSV(n int) string {
	var file strings.Builder
	file.WriteString("stop_id,stop_name,location_type,lon,lat\n")
	for i := range n {
		fmt.Fprintf(&file, "%d,Hållplats %d,0,%.4f,57.7\n", i, i, 12+float64(i)/10_000)
	}
	return file.String()
}

// give begins a pull of a file, and does not wait for it.
func (s *site) give(file string) map[string]any {
	s.Helper()
	return s.ask(plan.Officer, http.MethodPost, "/api/v1/sources/hallplats/pull?filename=stops.csv", file, "Content-Type", "text/csv",
		"Prefer", "respond-async").want(http.StatusAccepted).json()
}

func (s *site) pull(id any) map[string]any {
	s.Helper()
	return s.ask(plan.Viewer, http.MethodGet, fmt.Sprint("/api/v1/sources/hallplats/pulls/", id), "").want(http.StatusOK).json()
}

// TestCancelledPull: one that waits for its turn to make the layer, and one whose upload is about to write; nothing is
// written, no file is left, and the source can be pulled again.
func TestCancelledPull(t *testing.T) {
	dir := t.TempDir()
	s := newSiteOf(t, from(t, "hallplats", "", nil))
	node := newNodeOf(t, s.schema, jobs.Options{Dir: dir}, from(t, "hallplats", "", nil))
	node.tokens = s.tokens
	cancel := func(id any, at string) {
		t.Helper()
		eventually(t, "the pull is "+at, func() bool { return s.pull(id)["progress"].(map[string]any)["phase"] == at })
		address := fmt.Sprint("/api/v1/sources/hallplats/pulls/", id)
		s.ask(plan.Viewer, http.MethodDelete, address, "").problem(http.StatusForbidden, plan.Forbidden)
		s.ask(plan.Officer, http.MethodDelete, address, "") // of the other node
		eventually(t, "the pull is cancelled", func() bool { return s.pull(id)["state"] == "cancelled" })
		s.ask(plan.Officer, http.MethodDelete, address, "").problem(http.StatusConflict, plan.Stale)
	}
	release := s.blockWriting()
	defer release()
	cancel(node.give(stopsCSV(10))["id"], "reading")
	release()
	node.ask(plan.Officer, http.MethodGet, "/api/v1/layers/hallplats", "").problem(http.StatusNotFound, plan.NotFound)
	eventually(t, "the source is free", func() bool {
		return node.ask(plan.Officer, http.MethodPost, "/api/v1/sources/hallplats/pull?filename=stops.csv", stopsCSV(10), "Content-Type", "text/csv").status == http.StatusOK
	})
	release = s.blockWriting()
	defer release()
	loading := node.give(stopsCSV(20))
	cancel(loading["id"], "loading")
	if job := s.job(s.pull(loading["id"])["job"]); job["state"] != "cancelled" {
		t.Errorf("the upload of a cancelled pull is %v", job)
	}
	release()
	if layer := node.ask(plan.Anonymous, http.MethodGet, "/api/v1/layers/hallplats", "").want(http.StatusOK).json(); layer["features"] != 10.0 {
		t.Errorf("%v", layer)
	}
	if files, _ := filepath.Glob(dir + "/[A-Z]*"); len(files) != 0 {
		t.Errorf("files are left: %v", files)
	}
}

// TestStoppedPullGoesOn: a node that stops in the middle of a pull takes it up at its next start; one whose file is gone says so.
func TestStoppedPullGoesOn(t *testing.T) {
	dir := t.TempDir()
	s := newSiteOf(t, from(t, "hallplats", "", nil))
	for _, lost := range []bool{true, false} {
		node := newNodeOf(t, s.schema, jobs.Options{Dir: dir}, from(t, "hallplats", "", nil))
		node.tokens = s.tokens
		release := s.blockWriting()
		given := node.give(stopsCSV(10))
		eventually(t, "the pull has begun", func() bool { return s.pull(given["id"])["state"] == "running" })
		node.stop()
		release()
		if pull := s.pull(given["id"]); pull["state"] != "queued" {
			t.Errorf("after the stop: %v", pull)
		}
		if lost {
			if err := os.Remove(filepath.Join(dir, given["id"].(string))); err != nil {
				t.Fatal(err)
			}
		}
		again := newNodeOf(t, s.schema, jobs.Options{Dir: dir}, from(t, "hallplats", "", nil))
		eventually(t, "the pull has ended", func() bool { return s.pull(given["id"])["ended"] != nil })
		again.stop()
		switch pull := s.pull(given["id"]); {
		case lost && (pull["state"] != "failed" || !strings.Contains(pull["error"].(string), "send it again")):
			t.Errorf("without its file: %v", pull)
		case !lost && (pull["state"] != "done" || s.job(pull["job"])["added"] != 10.0):
			t.Errorf("taken up: %v", pull)
		}
	}
}
