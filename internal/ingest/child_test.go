package ingest

import (
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// TestChildDies has children that end in every way but the right one.
func TestChildDies(t *testing.T) {
	opts := Options{Layer: &plan.Layer{ID: "x", GeometryType: plan.Point}, CRS: "EPSG:3006"}
	const begun = `printf '\002\000\000\000{}`
	for _, c := range []struct{ script, want string }{
		{"kill -SEGV $$", "crashed (segmentation fault)"},
		{"kill -KILL $$", "crashed (killed)"},
		{begun + `'; kill -ABRT $$`, "crashed (aborted)"},
		{begun + `'; exit 3`, "crashed (exit status 3)"},
		{"sleep 60", "stood still"},
		{begun + `'; sleep 60`, "stood still"},
		{"exit 0", "broke off"},
		{begun + `'`, "broke off"},
		{begun + `\000\000\000\000%9000s' x; sleep 60`, "broke off"},
		{begun + `\377\377\377\377%9000s' x; sleep 60`, "longer than 67108864 bytes"},
		{"echo SIGSEGV >&2; exit 2", "segmentation fault"},
	} {
		r := Reader{Command: []string{"/bin/sh", "-c", c.script}, TempDir: t.TempDir(), Stall: 500 * time.Millisecond}
		began := time.Now()
		_, err := r.Read(t.Context(), File{Body: strings.NewReader("e,n\n1,2\n"), Name: "a.csv", MaxBytes: 1000}, opts)
		if err == nil || !strings.Contains(err.Error(), c.want) || plan.CodeOf(err) == plan.Internal {
			t.Errorf("%s: %v", c.script, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", c.script, took)
		}
	}
}
