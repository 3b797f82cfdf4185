package ingest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
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
		{"exit 0", "it is empty"},
		{begun + `'`, "cut off"},
		{begun + `]}\n{}%9000s' x; sleep 60`, "more data after the end"},
		{"echo SIGSEGV >&2; exit 2", "segmentation fault"},
	} {
		r := Reader{Command: []string{"/bin/sh", "-c", c.script}, TempDir: t.TempDir()}
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
