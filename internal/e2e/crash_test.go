package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
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

// TestKillInTheMiddleOfUploads ends the service with kill -9 at random moments of an upload. After each start the layer
// holds what it held before or the whole file, and atlas and database agree.
func TestKillInTheMiddleOfUploads(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(provLayer))
	token, file := s.token, squares(20_000)
	random := rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano())))
	kills, whole := 6, 0
	if testing.Short() {
		kills = 2
	}
	for range kills {
		done := make(chan struct{})
		go func() {
			defer close(done)
			request, _ := http.NewRequest("POST", s.base+"/api/v1/layers/prov/uploads?mode=replace&crs=EPSG:3006", bytes.NewReader(file))
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Content-Type", "application/geo+json")
			if answer, err := http.DefaultClient.Do(request); err == nil {
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		}()
		time.Sleep(time.Duration(random.IntN(1200)) * time.Millisecond)
		s.kill()
		<-done
		s = start(t, dir)
		s.token = token
		layer := s.must(http.StatusOK, "GET", "/api/v1/layers/prov", "", nil)
		switch n := layer["features"].(float64); n {
		case 0:
		case 20_000:
			whole++
			s.run("verify", "--server", s.base, "--token", token)
			s.must(http.StatusOK, "POST", "/api/v1/layers/prov/rollback", "application/json", strings.NewReader(`{"to":2}`))
		default:
			t.Fatalf("the layer holds %v features: half an upload", n)
		}
		s.run("verify")
	}
	t.Logf("%d of %d uploads had been committed before the kill", whole, kills)
	s.stop()
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
