package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// with gives a layer of n points with one attribute.
func with(attribute plan.Attribute, n int, value func(i int) plan.Value) Layer {
	layer := everything(plan.Point, 0)
	definition := *layer.Definition
	definition.Attributes = []plan.Attribute{attribute}
	layer.Definition, layer.Count = &definition, n
	layer.Features = func(yield func(*plan.Feature) bool) {
		for i := range n {
			if !yield(&plan.Feature{ID: fmt.Sprint(i), Geometry: shapeOf(plan.Point, 0), Values: []plan.Value{value(i)}}) {
				return
			}
		}
	}
	return layer
}

// counted says that the layer has so many features.
func counted(layer Layer, n int) Layer {
	layer.Count = n
	return layer
}

// TestWhatFormatsCannotHold is refused before anything is written, and says what and where.
func TestWhatFormatsCannotHold(t *testing.T) {
	text := func(n int) func(int) plan.Value {
		return func(int) plan.Value { return plan.TextValue(strings.Repeat("å", n)) }
	}
	named := plan.Attribute{Name: "anteckning", Type: plan.String}
	for _, c := range []struct {
		format *Format
		layer  Layer
		want   string
	}{
		{Shapefile, with(named, 3, text(128)), `"anteckning" has a text of 256 bytes (feature "0"), and a Shapefile holds at most 254`},
		{Shapefile, counted(with(named, 3, text(127)), 9_000_000), "attributes would take"},
		{XLSX, with(named, 3, text(32_768)), `"anteckning" of feature "0" is longer than the 32767 characters`},
		{XLSX, counted(with(named, 3, text(1)), 1_048_576), "an Excel sheet holds at most 1048575"},
		{CSV, with(plan.Attribute{Name: "x", Type: plan.Number}, 1, func(int) plan.Value { return plan.NumberValue(1) }), `an attribute "x"`},
	} {
		maker := testMaker
		maker.TempDir = t.TempDir()
		_, err := maker.Make(t.Context(), File{Format: c.format, CRS: geo.House, Layers: []Layer{c.layer}})
		if err == nil || !strings.Contains(err.Error(), c.want) || plan.CodeOf(err) == plan.Internal {
			t.Errorf("%s: %v, want %s", c.format.Name, err, c.want)
		}
		if left, _ := os.ReadDir(maker.TempDir); len(left) > 0 {
			t.Errorf("%s leaves %v", c.format.Name, left)
		}
	}
	if product, err := testMaker.Make(t.Context(), File{Format: Shapefile, CRS: geo.House, Layers: []Layer{with(named, 3, text(127))}}); err != nil {
		t.Error("254 bytes are held:", err)
	} else {
		product.Close()
	}
}

func TestShapeNames(t *testing.T) {
	var attributes []plan.Attribute
	for _, name := range []string{"id", "beskrivning_a", "beskrivning_b", "beskrivnin", "beskrivn_1", "kort"} {
		attributes = append(attributes, plan.Attribute{Name: name})
	}
	if got, want := shapeNames(attributes), []string{"id", "beskrivn_2", "beskrivn_3", "beskrivnin", "beskrivn_1", "kort"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWideValuesInShapefiles: integers of 64 bits and great numbers become text, and come back whole.
func TestWideValuesInShapefiles(t *testing.T) {
	for want, layer := range map[string]Layer{
		"v (String) = -9223372036854775808\n": with(plan.Attribute{Name: "v", Type: plan.Integer}, 1, func(int) plan.Value { return plan.IntegerValue(-1 << 63) }),
		"v (String) = 1e+300\n":               with(plan.Attribute{Name: "v", Type: plan.Number}, 1, func(int) plan.Value { return plan.NumberValue(1e300) }),
		"v (Real) = 12345678901.125":          with(plan.Attribute{Name: "v", Type: plan.Number}, 1, func(int) plan.Value { return plan.NumberValue(12345678901.125) }),
	} {
		if out := info(t, made(t, File{Format: Shapefile, CRS: geo.House, Layers: []Layer{layer}})); !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}

// TestChildFails: one that dies is told as that, one that meets its limits as those, and nothing is left behind.
func TestChildFails(t *testing.T) {
	for _, c := range []struct {
		args     []string
		maxBytes int64
		code     plan.Code
		want     string
	}{
		{[]string{"/bin/sh", "-c", "kill -SEGV $$"}, 0, plan.Internal, "segmentation fault"},
		{[]string{"/bin/sh", "-c", "head -c 300000 >/dev/null; kill -KILL $$"}, 0, plan.Internal, "killed"},
		{[]string{"/bin/sh", "-c", "cat >/dev/null; echo '{\"Fault\":\"burk\"}' >&2; exit 1"}, 0, plan.Internal, "burk"},
		{[]string{"/bin/sh", "-c", "sleep 100"}, 0, plan.Internal, "stood still"},
		{testMaker.Command, 3 << 20, plan.TooLarge, "larger than 3 MiB"},
	} {
		for _, f := range []*Format{GeoPackage, Shapefile, FlatGeobuf} {
			maker := Maker{Command: c.args, TempDir: t.TempDir(), MaxBytes: c.maxBytes, Stall: time.Second}
			if c.maxBytes > 0 {
				maker.Stall = 0
			}
			layer := with(plan.Attribute{Name: "v", Type: plan.String}, 30_000, func(int) plan.Value { return plan.TextValue(strings.Repeat("x", 200)) })
			_, err := maker.Make(t.Context(), File{Format: f, CRS: geo.House, Layers: []Layer{layer}})
			if err == nil || plan.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s by %s: %v, want %s", f.Name, c.args[len(c.args)-1], err, c.want)
			}
			if left, _ := os.ReadDir(maker.TempDir); len(left) > 0 {
				t.Errorf("%s leaves %v", f.Name, left)
			}
		}
	}
}

// TestNobodyWaits: a client that hangs up stops the work.
func TestNobodyWaits(t *testing.T) {
	for _, f := range []*Format{GeoPackage, XLSX} {
		ctx, cancel := context.WithCancel(t.Context())
		layer := with(plan.Attribute{Name: "v", Type: plan.Integer}, 1_000_000, func(i int) plan.Value {
			if i == 10_000 {
				cancel()
			}
			return plan.IntegerValue(int64(i))
		})
		maker := testMaker
		maker.TempDir = t.TempDir()
		if _, err := maker.Make(ctx, File{Format: f, CRS: geo.House, Layers: []Layer{layer}}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if left, _ := os.ReadDir(maker.TempDir); len(left) > 0 {
			t.Errorf("%s leaves %v", f.Name, left)
		}
	}
}

// TestDiskFull writes to a disk of four MiB. Whatever the size of the disk and the file, a file that is given out is whole.
func TestDiskFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("left out: only root can mount a small disk:", err)
	}
	defer func() { _ = syscall.Unmount(dir, 0) }()
	maker := testMaker
	maker.TempDir = dir
	for _, f := range []*Format{GeoPackage, Shapefile, FlatGeobuf, XLSX} {
		failed := 0
		for _, n := range []int{1000, 14_000, 17_000, 20_000, 60_000} {
			layer := with(plan.Attribute{Name: "v", Type: plan.String}, n, func(i int) plan.Value {
				return plan.TextValue(strings.Repeat(fmt.Sprint(i*7919+100_000_000), 30)[:200-i%7])
			})
			product, err := maker.Make(t.Context(), File{Format: f, CRS: geo.House, Layers: []Layer{layer}})
			if err != nil {
				if failed++; plan.CodeOf(err) != plan.Unavailable {
					t.Errorf("%s of %d: %v", f.Name, n, err)
				}
				continue
			}
			path := filepath.Join(t.TempDir(), "prov"+f.Extension)
			out, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(product.Send(out), out.Close(), product.Close()); err != nil {
				t.Error(err)
			}
			if got := info(t, path); !strings.Contains(got, fmt.Sprintf("Feature Count: %d\n", n)) {
				t.Errorf("%s of %d is given out with fewer: %.500s", f.Name, n, got)
			}
		}
		t.Logf("%s: refused %d times", f.Name, failed)
		if failed == 0 {
			t.Errorf("%s never fills the disk", f.Name)
		}
	}
}

// broken takes some bytes and no more.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// TestReceiverBreaks: what can't be sent on is an error in every format.
func TestReceiverBreaks(t *testing.T) {
	for _, f := range formats {
		product, err := testMaker.Make(t.Context(), File{Format: f, CRS: geo.House, Layers: []Layer{everything(plan.Polygon, 2000)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := product.Send(&broken{left: 20_000}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err := product.Close(); err != nil {
			t.Error(err)
		}
	}
}
