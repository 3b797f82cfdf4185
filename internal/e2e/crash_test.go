package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const provLayer = `{"id":"prov","theme":"nature","title":{"sv":"Prov"},"geometry_type":"polygon","status":"published",
	"attributes":[{"name":"namn","type":"text"}]}`

// squares is a FeatureCollection of n small squares in EPSG:3006, all over the county.
func squares(n int) []byte {
	var file bytes.Buffer
	file.WriteString(`{"type":"FeatureCollection","features":[`)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		if i > 0 {
			file.WriteString(",\n")
		}
		x, y := 300000+150000*random.Float64(), 6400000+150000*random.Float64()
		fmt.Fprintf(&file, `{"type":"Feature","id":"f%d","properties":{"namn":"Ö %d"},"geometry":{"type":"Polygon","coordinates":[[[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f]]]}}`,
			i, i, x, y, x+100, y, x+100, y+100, x, y)
	}
	file.WriteString("]}")
	return file.Bytes()
}

// TestKillInTheMiddleOfUploads ends the service with kill -9 at twenty random moments of an upload. After each start the
// job goes on to its end, the layer holds what it held before or the whole file, and atlas and database agree.
func TestKillInTheMiddleOfUploads(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(provLayer))
	token, kills := s.token, 20
	if testing.Short() {
		kills = 3
	}
	random := rand.New(rand.NewPCG(7, 7))
	sizes, resumed, before := []int{5000, 4000}, 0, 0
	for i := range kills {
		n := sizes[i%2]
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			s.put(token, squares(n))
		}()
		time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond)
		s.kill()
		<-sent
		s = start(t, dir)
		s.token = token
		if newest := s.newestJob(); newest != nil && newest["attempts"].(float64) > 1 {
			resumed++
		}
		eventually(t, time.Minute, "all jobs have ended", func() bool {
			return len(s.jobs("?state=queued")) == 0 && len(s.jobs("?state=running")) == 0
		})
		want := before
		if newest := s.newestJob(); newest != nil && newest["state"] == "done" && newest["bytes"] == float64(len(squares(n))) {
			want = n
		}
		if holds := s.must(http.StatusOK, "GET", "/api/v1/layers/prov", "", nil)["features"].(float64); int(holds) != want {
			t.Fatalf("the layer holds %v features, want %d: half an upload", holds, want)
		}
		before = want
		s.run("verify", "--server", s.base, "--token", token)
	}
	for _, job := range s.jobs("?limit=1000") {
		if job.(map[string]any)["state"] != "done" {
			t.Errorf("a job ended %v", job)
		}
	}
	if files, _ := filepath.Glob(dir + "/uploads/[A-Z0-9]*"); len(files) != 0 {
		t.Errorf("files are left: %v", files)
	}
	t.Logf("%d of %d jobs were begun again", resumed, kills)
	s.stop()
}

// put sends a file that replaces the layer, and does not mind what becomes of the connection.
func (s *service) put(token string, file []byte) {
	request, _ := http.NewRequest("POST", s.base+"/api/v1/layers/prov/uploads?mode=replace&crs=EPSG:3006", bytes.NewReader(file))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/geo+json")
	if answer, err := http.DefaultClient.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}

func (s *service) jobs(query string) []any {
	s.t.Helper()
	return s.must(http.StatusOK, "GET", "/api/v1/jobs"+query, "", nil)["jobs"].([]any)
}

func (s *service) newestJob() map[string]any {
	s.t.Helper()
	if all := s.jobs("?limit=1"); len(all) > 0 {
		return all[0].(map[string]any)
	}
	return nil
}

// TestLoadOutlivesTheService kills the service under a running ` + "`strukturbild load`" + `, which sends what is missing to the next one.
func TestLoadOutlivesTheService(t *testing.T) {
	dir := dataDir(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s := start(t, dir, "--listen", address)
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(provLayer))
	file := filepath.Join(t.TempDir(), "a.geojson")
	if err := os.WriteFile(file, squares(20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(args ...string) *exec.Cmd {
		command := exec.Command(binary, append([]string{"load", file, "--layer", "prov", "--crs", "EPSG:3006", "--mode", "replace",
			"--server", "http://" + address, "--token", s.token}, args...)...)
		command.Env = append(os.Environ(), "LC_ALL=sv_SE.UTF-8")
		return command
	}
	loading := load()
	var out bytes.Buffer
	loading.Stdout, loading.Stderr = &out, &out
	if err := loading.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	s.kill()
	again := start(t, dir, "--listen", address)
	if err := loading.Wait(); err != nil || !strings.Contains(out.String(), "20000 lästa, 20000 nya, 0 ändrade, 0 borttagna, 0 oförändrade; revision 3") {
		t.Errorf("%v: %s", err, &out)
	}
	if out, err := load("--dry-run").Output(); err != nil || !strings.Contains(string(out), "20000 oförändrade; provkörning") {
		t.Errorf("%v: %s", err, out)
	}
	id, err := load("--async").Output()
	if err != nil {
		t.Error(err)
	}
	again.token = s.token
	again.must(http.StatusOK, "GET", "/api/v1/jobs/"+strings.TrimSpace(string(id)), "", nil)
	if err := os.WriteFile(file, []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","properties":{},"geometry":null}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var refused bytes.Buffer
	bad := load()
	bad.Stderr = &refused
	if err := bad.Run(); err == nil || bad.ProcessState.ExitCode() != 1 || !strings.Contains(refused.String(), "feature 0") {
		t.Errorf("a bad file: %v: %s", err, &refused)
	}
	again.stop()
}

// TestSecondInstanceIsRefused starts a second service on the same data directory.
func TestSecondInstanceIsRefused(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	out, err := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another") {
		t.Errorf("%v: %s", err, out)
	}
	s.must(http.StatusOK, "GET", "/readyz", "", nil)
	s.stop()
}

// TestDatabaseGoesAway stops the cluster's processes: reads go on and say so, writes answer 503 and lose nothing.
func TestDatabaseGoesAway(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(provLayer))
	pause := func(signal string) {
		// -f: the postmaster and its backends carry the directory in their command lines, or are its children
		postmaster := strings.TrimSpace(mustOutput(t, "sh", "-c", "head -1 "+dir+"/pg/postmaster.pid"))
		mustOutput(t, "sh", "-c", "kill -"+signal+" "+postmaster+" $(pgrep -P "+postmaster+")")
	}
	pause("STOP")
	resumed := false
	defer func() {
		if !resumed {
			pause("CONT")
		}
	}()
	s.must(http.StatusOK, "GET", "/api/v1/layers/kommun/features?limit=2", "", nil)
	client := http.Client{Timeout: 90 * time.Second}
	request, _ := http.NewRequest("POST", s.base+"/api/v1/layers/prov/uploads?crs=EPSG:3006", bytes.NewReader(squares(3)))
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/geo+json")
	wrote := make(chan string, 1)
	go func() {
		answer, err := client.Do(request)
		if err != nil {
			wrote <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		wrote <- answer.Status + " " + string(body)
	}()
	eventually(t, 40*time.Second, "readyz says that the database is away", func() bool {
		status, body := s.do("GET", "/readyz", "", nil)
		return status == http.StatusServiceUnavailable && strings.Contains(string(body), `"database":"unreachable"`)
	})
	s.must(http.StatusOK, "GET", "/ogc/collections/kommun/items/1490", "", nil)
	pause("CONT")
	resumed = true
	answer := <-wrote
	t.Log("the write that met the outage was answered:", clip([]byte(answer)))
	eventually(t, 40*time.Second, "readyz says that all is well", func() bool {
		status, _ := s.do("GET", "/readyz", "", nil)
		return status == http.StatusOK
	})
	s.run("verify", "--server", s.base, "--token", s.token)
	n := s.must(http.StatusOK, "GET", "/api/v1/layers/prov", "", nil)["features"].(float64)
	switch {
	case strings.HasPrefix(answer, "202"): // received; the job goes on until it has ended
		eventually(t, 60*time.Second, "the job has written the file", func() bool {
			return s.must(http.StatusOK, "GET", "/api/v1/layers/prov", "", nil)["features"].(float64) == 3
		})
	case strings.HasPrefix(answer, "201") != (n == 3):
		t.Errorf("the write was answered %q, and the layer holds %v features", answer, n)
	}
	s.stop()
}

func mustOutput(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came true that ", what)
		}
	}
}
