package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// TestChildDies has children that end in every way but the right one.
func TestChildDies(t *testing.T) {
	opts := Options{Layer: &plan.Layer{ID: "x", GeometryType: plan.Point}, CRS: "EPSG:3006"}
	const begun = `printf '{"type":"FeatureCollection","features":[`
	for _, c := range []struct{ script, want string }{
		{"kill -SEGV $$", "crashed (segmentation fault)"},
		{"kill -KILL $$", "crashed (killed)"},
		{begun + `'; kill -ABRT $$`, "crashed (aborted)"},
		{begun + `'; exit 3`, "crashed (exit status 3)"},
		{"sleep 60", "stood still"},
		{begun + `'; sleep 60`, "stood still"},
		{"exit 0", "it is empty"},
		{begun + `'`, "cut off"},
		{begun + `]}\n{}%9000s' x; sleep 60`, "more data after the end"},
		{"echo SIGSEGV >&2; exit 2", "segmentation fault"},
	} {
		r := Reader{Command: []string{"/bin/sh", "-c", c.script}, TempDir: t.TempDir(), Stall: 500 * time.Millisecond}
		began := time.Now()
		_, err := r.Read(t.Context(), File{Body: strings.NewReader("e,n\n1,2\n"), Name: "a.csv", MaxBytes: 1000}, opts)
		if err == nil || !strings.Contains(err.Error(), c.want) || plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%s: %v", c.script, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", c.script, took)
		}
	}
}

// TestChildEnds: a child does not outlive the request, nor does what it began.
func TestChildEnds(t *testing.T) {
	dir := t.TempDir()
	pid := filepath.Join(dir, "pid")
	r := Reader{Command: []string{"/bin/sh", "-c", "sleep 100 & echo $! > " + pid + "; wait"}}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := r.Read(ctx, File{Body: strings.NewReader("e,n\n1,2\n"), Name: "a.csv", MaxBytes: 1000},
		Options{Layer: &plan.Layer{ID: "x", GeometryType: plan.Point}, CRS: "EPSG:3006"})
	if err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
		t.Error(err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the grandchild lives on")
}

// fenced tries what the fence forbids, in a process of its own.
func fenced(path string) error {
	if err := fence(); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("writing a file: %w", err)
	}
	if memory, err := syscall.Mmap(-1, 0, childMemory, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE); err == nil {
		return fmt.Errorf("got %d bytes", len(memory))
	}
	if memory, err := syscall.Mmap(-1, 0, childMemory/2, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE); err != nil {
		return fmt.Errorf("half of the memory: %d, %w", len(memory), err)
	}
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: childMemory * 2, Max: childMemory * 2})
}

func TestFence(t *testing.T) {
	command := exec.Command("/proc/self/exe", "fenced", filepath.Join(t.TempDir(), "file"))
	command.Env = childEnvironment()
	out, err := command.CombinedOutput()
	// Root may lift its limits again; GDAL has no call that would.
	if got := strings.TrimSpace(string(out)); err != nil || got != "<nil>" && got != syscall.EPERM.Error() {
		t.Errorf("%v: %s", err, out)
	}
}
