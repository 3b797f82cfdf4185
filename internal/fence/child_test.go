package fence

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, ctx context.Context, script string, stall time.Duration) *Child {
	t.Helper()
	child, err := Command{Args: []string{"/bin/sh", "-c", script}, Dir: t.TempDir(), Env: []string{"COLOUR=red"}, Stall: stall}.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return child
}

// TestChildWorks: what is written comes out, and the child knows what it is to know and no more.
func TestChildWorks(t *testing.T) {
	t.Setenv("SECRET", "x")
	child := start(t, t.Context(), `cat; echo "$COLOUR $SECRET $PROJ_NETWORK" ; echo aside >&2`, 0)
	if _, err := io.WriteString(child, "work, "); err != nil {
		t.Fatal(err)
	}
	if err := child.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(child)
	if err := errors.Join(err, child.Finish()); err != nil {
		t.Error(err)
	}
	if string(out) != "work, red  OFF\n" || string(child.Said()) != "aside\n" {
		t.Errorf("%q, %q", out, child.Said())
	}
}

// TestChildDies has children that end in every way but the right one.
func TestChildDies(t *testing.T) {
	for script, want := range map[string]string{
		"kill -SEGV $$":                  "segmentation fault",
		"echo half; kill -KILL $$":       "killed",
		"kill -ABRT $$":                  "aborted",
		"exit 3":                         "exit status 3",
		"echo SIGSEGV: >&2; exit 2":      "segmentation fault",
		"echo 'out of memory'>&2;exit 2": "out of memory",
	} {
		child := start(t, t.Context(), script, 0)
		_, _ = io.ReadAll(child)
		err := child.Finish()
		if death, ok := errors.AsType[*Death](err); !ok || death.Manner != want {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
	}
}

// TestChildHangs: one that neither takes nor gives is ended, and so is one whose output nobody wants, without blame.
func TestChildHangs(t *testing.T) {
	child := start(t, t.Context(), "sleep 100", 200*time.Millisecond)
	_, _ = io.ReadAll(child)
	if err := child.Finish(); !errors.Is(err, ErrStalled) {
		t.Error("gives nothing:", err)
	}
	child = start(t, t.Context(), "sleep 100", 200*time.Millisecond)
	_, err := child.Write(make([]byte, 1<<20))
	_, _ = io.ReadAll(child)
	if end := child.Finish(); err == nil || !errors.Is(end, ErrStalled) {
		t.Error("takes nothing:", err, end)
	}
	child = start(t, t.Context(), "echo; sleep 100", 0)
	if err := child.Finish(); err != nil {
		t.Error("nobody waits:", err)
	}
}

// TestChildEnds: a child does not outlive the context, nor does what it began.
func TestChildEnds(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	child := start(t, ctx, "sleep 100 & echo $! > "+pid+"; wait", 0)
	_, _ = io.ReadAll(child)
	if err := child.Finish(); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the grandchild lives on")
}
