package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/harvest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// tus sends a request of the protocol.
func (s *site) tus(role plan.Role, method, path, body string, headers ...string) *answer {
	s.Helper()
	return s.ask(role, method, strings.TrimPrefix(path, s.url), body,
		append([]string{"Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream"}, headers...)...)
}

// metadata writes names and values as Upload-Metadata has them.
func metadata(pairs ...string) string {
	var list []string
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(list, ",")
}

// begin makes an upload of the file into prov, and gives its address.
func (s *site) begin(file string, pairs ...string) string {
	s.Helper()
	return s.tus(plan.Officer, "POST", "/api/v1/uploads", "", "Upload-Length", strconv.Itoa(len(file)),
		"Upload-Metadata", metadata(append([]string{"layer", "prov", "crs", "EPSG:3006", "filetype", geoJSON}, pairs...)...)).
		want(http.StatusCreated).header.Get("Location")
}

func squares(n int) string {
	var features []string
	for i := range n {
		features = append(features, square(fmt.Sprint("f", i), 350000+200*i, 6450000, `{}`))
	}
	return collection(features...)
}

func TestUploadResumesWithAReadyClient(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	path := filepath.Join(t.TempDir(), "a.geojson")
	if err := os.WriteFile(path, []byte(squares(100)), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/usr/bin/python3", "testdata/tus.py", s.url+"/api/v1/uploads", s.tokens[plan.Officer], path, "prov")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if job := s.until(strings.TrimSpace(string(out)), "done"); job["added"] != 100.0 || job["filename"] != "åker.geojson" {
		t.Errorf("job %v", job)
	}
}

// TestUploadOutlivesTheConnectionAndTheNode: a piece is cut off in the middle, and the node starts anew.
func TestUploadOutlivesTheConnectionAndTheNode(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	dir := t.TempDir()
	node := newNode(t, s.schema, jobs.Options{Dir: dir})
	node.tokens = s.tokens
	file := squares(50)
	address := node.begin(file, "mode", "replace", "note", "i bitar")
	path := strings.TrimPrefix(address, node.url)
	host := strings.TrimPrefix(node.url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n%s", path, host, s.tokens[plan.Officer], len(file), file[:3000])
	// The client does not hang up: its connection is dead, and it asks on another one how far it has come.
	eventually(t, "the piece lies on the disk", func() bool {
		info, err := os.Stat(filepath.Join(dir, filepath.Base(path)))
		return err == nil && info.Size() == 3000
	})
	if head := node.tus(plan.Officer, "HEAD", path, "").want(http.StatusOK); head.header.Get("Upload-Offset") != "3000" || head.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", head.header)
	}
	conn.Close()
	node.stop()
	again := newNode(t, s.schema, jobs.Options{Dir: dir})
	again.tokens = s.tokens
	again.tus(plan.Officer, "PATCH", path, file[2000:], "Upload-Offset", "2000").problem(http.StatusConflict, plan.Stale)
	again.tus(plan.Officer, "PATCH", path, file[3000:]+"x", "Upload-Offset", "3000").problem(http.StatusRequestEntityTooLarge, plan.TooLarge)
	last := again.tus(plan.Officer, "PATCH", path, file[3000:], "Upload-Offset", "3000").want(http.StatusNoContent)
	id := last.header.Get("Strukturbild-Job")
	if job := s.until(id, "done"); job["added"] != 50.0 || job["mode"] != "replace" {
		t.Errorf("job %v", job)
	}
	// Whoever lost that answer asks again, or sends the end again.
	if head := again.tus(plan.Officer, "HEAD", path, "").want(http.StatusOK); head.header.Get("Strukturbild-Job") != id || head.header.Get("Upload-Offset") != strconv.Itoa(len(file)) {
		t.Errorf("%v", head.header)
	}
	again.tus(plan.Officer, "PATCH", path, "", "Upload-Offset", strconv.Itoa(len(file))).want(http.StatusNoContent)
	again.tus(plan.Officer, "DELETE", path, "").problem(http.StatusConflict, plan.Stale)
	if latest, _ := s.store.Latest(t.Context()); latest != 2 {
		t.Errorf("revision %d, want 2", latest)
	}
}

func TestPiecesAreChecked(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	file := squares(2)
	path := s.begin(file)
	sum := sha256.Sum256([]byte(file))
	right, wrong := base64.StdEncoding.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[1:])
	s.tus(plan.Officer, "PATCH", path, file, "Upload-Offset", "0", "Upload-Checksum", "sha256 "+wrong).want(460)
	s.tus(plan.Officer, "PATCH", path, file, "Upload-Offset", "0", "Upload-Checksum", "crc32 "+wrong).problem(http.StatusBadRequest, plan.Invalid)
	s.tus(plan.Officer, "PATCH", path, file, "Upload-Offset", "x").problem(http.StatusBadRequest, plan.Invalid)
	s.tus(plan.Officer, "PATCH", path, file, "Upload-Offset", "0", "Content-Type", "text/plain").want(http.StatusUnsupportedMediaType)
	s.tus(plan.Officer, "PATCH", path, file, "Upload-Offset", "0", "Tus-Resumable", "0.2.2").want(http.StatusPreconditionFailed)
	s.tus(plan.Admin, "HEAD", path, "").want(http.StatusNotFound) // another's
	s.tus(plan.Officer, "POST", path, file, "X-HTTP-Method-Override", "PATCH", "Upload-Offset", "0", "Upload-Checksum", "sha256 "+right).want(http.StatusNoContent)

	gone := s.begin(file)
	s.tus(plan.Officer, "DELETE", gone, "").want(http.StatusNoContent)
	s.tus(plan.Officer, "PATCH", gone, file, "Upload-Offset", "0").problem(http.StatusNotFound, plan.NotFound)

	options := s.tus(plan.Officer, "OPTIONS", "/api/v1/uploads", "").want(http.StatusNoContent)
	if options.header.Get("Tus-Version") != "1.0.0" || !strings.Contains(options.header.Get("Tus-Extension"), "creation") {
		t.Errorf("%v", options.header)
	}
	for name, headers := range map[string][]string{
		"no length":            {"Upload-Metadata", metadata("layer", "prov")},
		"no layer":             {"Upload-Length", "9"},
		"not base64":           {"Upload-Length", "9", "Upload-Metadata", "layer prov!"},
		"unknown parameter":    {"Upload-Length", "9", "Upload-Metadata", metadata("layer", "prov", "dryrun", "true")},
		"a mode that is not":   {"Upload-Length", "9", "Upload-Metadata", metadata("layer", "prov", "mode", "merge")},
		"layer out of its way": {"Upload-Length", "9", "Upload-Metadata", metadata("layer", "../../jobs")},
	} {
		t.Run(name, func(t *testing.T) {
			s.T = t
			s.tus(plan.Officer, "POST", "/api/v1/uploads", "", headers...).problem(http.StatusBadRequest, plan.Invalid)
		})
	}
	s.T = t
	s.tus(plan.Officer, "POST", "/api/v1/uploads", "", "Upload-Length", "9", "Upload-Metadata", metadata("layer", "ingen")).problem(http.StatusNotFound, plan.NotFound)
	s.tus(plan.Officer, "POST", "/api/v1/uploads", "", "Upload-Length", "999999999", "Upload-Metadata", metadata("layer", "prov")).problem(http.StatusRequestEntityTooLarge, plan.TooLarge)
}

// TestOldPiecesAreSwept: what is past its time, and what belongs to nothing, goes; what waits stays.
func TestOldPiecesAreSwept(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	dir := t.TempDir()
	jb, _, _ := working(t, s.store, s.atlas, jobs.Options{Dir: dir}, nil, func(*jobs.Jobs, *harvest.Harvest) []store.Chore { return nil })
	begin := func() string {
		p, err := jb.Begin(t.Context(), plan.Upload{Layer: "prov", Mode: plan.UploadAppend}, "officer", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	old, waits := begin(), begin()
	note := filepath.Join(dir, old+".json")
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	past := strings.Replace(string(text), fmt.Sprint(time.Now().Add(24*time.Hour).UTC().Year()), "2001", 1)
	for name, text := range map[string]string{old + ".json": past, "ORPHAN": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	go jb.Tidy(t.Context())
	eventually(t, "what is old is gone", func() bool {
		left, _ := filepath.Glob(dir + "/[A-Z0-9]*")
		return len(left) == 2
	})
	for _, name := range []string{waits, waits + ".json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
