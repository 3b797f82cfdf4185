package e2e

import "testing"

// TestTilesInQGIS draws layers in QGIS twice, from vector tiles and from features: the two pictures are the same but for
// pixels at borders.
func TestTilesInQGIS(t *testing.T) {
	s := start(t, dataDir(t), "--demo-when-empty", "600")
	defer s.stop()
	layers := []string{"kommun", "agriculture"}
	var seen map[string]struct {
		Valid bool
		Zooms []struct{ Dark, Differ int }
	}
	decode(t, inPython(t, "qgis.core", "python3-qgis", "testdata/tiles_in_qgis.py", append([]string{s.base + "/ogc"}, layers...)...), &seen)
	const pixels = 512 * 512
	for _, layer := range layers {
		got := seen[layer]
		if !got.Valid || len(got.Zooms) != 3 {
			t.Errorf("%s: %+v", layer, got)
			continue
		}
		for part, zoom := range got.Zooms {
			if zoom.Differ > pixels/50 {
				t.Errorf("%s, view %d: %d of %d pixels differ; %d are dark", layer, part, zoom.Differ, pixels, zoom.Dark)
			}
		}
		if got.Zooms[1].Dark < pixels/20 {
			t.Errorf("%s: its largest feature has only %d pixels", layer, got.Zooms[1].Dark)
		}
	}
}
