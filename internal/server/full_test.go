package server_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
)

// TestDiskOfUploadsIsFull: by what must stay free, and by a file system of 64 KiB that fills up in the middle.
func TestDiskOfUploadsIsFull(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	tiny := t.TempDir()
	nodes := map[string]jobs.Options{t.TempDir(): {Reserve: 1 << 60}}
	if err := syscall.Mount("tmpfs", tiny, "tmpfs", 0, "size=64k"); err == nil {
		t.Cleanup(func() { _ = syscall.Unmount(tiny, syscall.MNT_DETACH) })
		nodes[tiny] = jobs.Options{}
	} else {
		t.Log("no file system can be mounted here, so none fills up:", err)
	}
	file := collection() + strings.Repeat(" ", 200_000)
	for dir, options := range nodes {
		options.Dir = dir
		node := newNode(t, s.schema, options)
		node.tokens = s.tokens
		p := node.upload("mode=append", file).problem(http.StatusServiceUnavailable, plan.Unavailable)
		if !strings.Contains(p["detail"].(string), "no room") {
			t.Errorf("%s: %v", dir, p["detail"])
		}
		if left, _ := filepath.Glob(dir + "/[A-Z0-9]*"); len(left) != 0 {
			t.Errorf("files are left: %v", left)
		}
	}
}
