package ingest

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
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

// layered is a layer of a few features, by number.
type layered []plan.Feature

func (l layered) Holds(f *plan.Feature) (uint32, bool) {
	i := slices.IndexFunc(l, func(g plan.Feature) bool { return g.ID == f.ID })
	return uint32(i), i >= 0 && l[i].Geometry.Equal(f.Geometry) && slices.Equal(l[i].Values, f.Values)
}

func (l layered) Copy(number uint32, f *plan.Feature) { *f = l[number] }

// TestStoredIsNotKept: what the layer has already takes no room on the disk, and is told of all the same.
func TestStoredIsNotKept(t *testing.T) {
	const n = 2000
	opts := Options{Layer: builtIn(t, "agriculture"), TempDir: t.TempDir(), CRS: "EPSG:3006", Checks: Checks{Skip: true}}
	body := collection(n, 100, geo.House)
	odd := `{"type":"Feature","id":"udd","properties":{},"geometry":{"type":"Polygon","coordinates":[[[350000,6450000],[350100,6450000],` +
		`[350100,6450100],[350100.1,6450900],[350100,6450101],[350000,6450000]]]}},`
	text := strings.Replace(string(body), `"features":[`, `"features":[`+odd, 1)
	first, err := ReadGeoJSON(t.Context(), strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	told := first.Notices
	stored := layered(kept(t, first))
	opts.Stored = stored
	changed := strings.Replace(text, `blåbär 7"`, `lingon 7"`, 1)
	again := odd[strings.Index(odd, "{") : len(odd)-1]
	again = strings.TrimSuffix(changed, "]}") + "," + again + "]}"
	second, err := ReadGeoJSON(t.Context(), strings.NewReader(again), opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || second.features.file != nil || second.Len() != n+1 || second.Refused != 1 || second.Notices[0].Rule != "id_duplicate" ||
		!reflect.DeepEqual(second.Notices[1:], told) {
		t.Errorf("%d features, %v kept on the disk, told of %v; before of %v", second.Len(), second.features.file != nil, second.Notices, told)
	}
	for i := range n + 1 {
		if in, number, equal := second.Stored(i); equal == (i == 8) || equal && (number != uint32(i) || !reflect.DeepEqual(in, opts.Stored)) {
			t.Errorf("feature %d is stored as %d: %v", i, number, equal)
		}
	}
	if all := kept(t, second); all[8].Values[0].Text() != "lingon 7" || !reflect.DeepEqual(all[:8], []plan.Feature(stored[:8])) {
		t.Errorf("read back: %v", all[8])
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
