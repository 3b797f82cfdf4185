// Package e2e runs the real binary with a private cluster of its own, and talks to it as users do: curl, ogrinfo, QGIS.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "strukturbild")
	build := exec.Command("go", "build", "-o", binary, "strukturbild/cmd/strukturbild")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the binary:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// service is one running binary.
type service struct {
	t       *testing.T
	dataDir string
	base    string
	token   string // of the role admin; printed at the first start
	command *exec.Cmd
	log     lockedBuffer
	ended   chan error
}

type lockedBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.Lock()
	defer b.Unlock()
	return b.String()
}

var (
	readyLine = regexp.MustCompile(`Strukturbild is ready: (\S+)`)
	tokenLine = regexp.MustCompile(`(strb_\S+)`)
)

// start runs the binary on a data directory and waits until it says that it is ready.
func start(t *testing.T, dataDir string, args ...string) *service {
	t.Helper()
	s := &service{t: t, dataDir: dataDir, ended: make(chan error, 1)}
	s.command = exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir}, args...)...)
	s.command.Stderr = &s.log
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				s.base = m[1]
			}
			if m := tokenLine.FindStringSubmatch(lines.Text()); m != nil {
				s.token = m[1]
			}
			if strings.Contains(lines.Text(), "Token") {
				close(ready)
			}
		}
		s.ended <- s.command.Wait()
	}()
	select {
	case <-ready:
	case err := <-s.ended:
		t.Fatalf("the service ended: %v\n%s", err, s.log.text())
	case <-time.After(2 * time.Minute):
		t.Fatalf("the service is not ready after 2 minutes\n%s", s.log.text())
	}
	return s
}

// stop ends the service as an administrator would, and wants it to end cleanly.
func (s *service) stop() {
	s.t.Helper()
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("the service ended with %v\n%s", err, s.log.text())
		}
	case <-time.After(time.Minute):
		s.t.Errorf("the service did not end\n%s", s.log.text())
	}
}

// kill ends the service without warning.
func (s *service) kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// dataDir is a directory that the cluster's account can reach, also when the tests run as root.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "e2e-data-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

// do sends a request with the admin token and gives status and body.
func (s *service) do(method, path, contentType string, body io.Reader) (int, []byte) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.base+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, text
}

// must wants the status and decodes the answer.
func (s *service) must(status int, method, path, contentType string, body io.Reader) map[string]any {
	s.t.Helper()
	got, text := s.do(method, path, contentType, body)
	if got != status {
		s.t.Fatalf("%s %s answers %d, want %d: %s", method, path, got, status, clip(text))
	}
	answer := map[string]any{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			s.t.Fatalf("%s %s: %v: %s", method, path, err, clip(text))
		}
	}
	return answer
}

func clip(text []byte) string { return string(text[:min(len(text), 2000)]) }

// run runs a command of the binary against the same data directory.
func (s *service) run(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(binary, append(args, "--data-dir", s.dataDir)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("strukturbild %v: %v\n%s", args, err, out)
	}
	return string(out)
}
