package ingest

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// TestLargeBatch: what does not fit in memory lies in a file without a name, from which goroutines read in any order, and
// it makes no difference when the coordinate system was known.
func TestLargeBatch(t *testing.T) {
	const n = 2000
	layer, dir := builtIn(t, "agriculture"), t.TempDir()
	body := collection(n, 100, geo.CRS84)
	known, err := ReadGeoJSON(t.Context(), bytes.NewReader(body), Options{Layer: layer, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	begin, rest, _ := strings.Cut(string(body), `"crs":`)
	member, features, _ := strings.Cut(rest, `,"features"`)
	late := begin + `"features"` + strings.TrimSuffix(features, "}") + `,"crs":` + member + "}"
	waited, err := ReadGeoJSON(t.Context(), strings.NewReader(late), Options{Layer: layer, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 || known.features.file == nil || waited.Len() != n {
		t.Fatalf("%d features, files with names: %v", waited.Len(), left)
	}
	want := kept(t, waited)
	var readers sync.WaitGroup
	for start := range 4 {
		readers.Go(func() {
			var f plan.Feature
			for i := range n {
				i = (i*7 + start) % n
				if err := known.At(i, &f); err != nil || known.ID(i) != fmt.Sprint(i+1) || !reflect.DeepEqual(f, want[i]) {
					t.Errorf("feature %d: %v, %v", i, f, err)
					return
				}
			}
		})
	}
	readers.Wait()
	if err := known.Close(); err != nil {
		t.Error(err)
	}
	if err := known.At(0, new(plan.Feature)); plan.CodeOf(err) != plan.Unavailable {
		t.Error("read from what is closed:", err)
	}
}

// TestNoRoom: a disk that takes no more ends the reading with a sentence of its own.
func TestNoRoom(t *testing.T) {
	opts := Options{Layer: builtIn(t, "agriculture"), TempDir: t.TempDir() + "/away"}
	_, err := ReadGeoJSON(t.Context(), bytes.NewReader(collection(2000, 100, geo.House)), opts)
	if plan.CodeOf(err) != plan.Unavailable || !strings.Contains(err.Error(), "nothing was written") {
		t.Error(err)
	}
}
