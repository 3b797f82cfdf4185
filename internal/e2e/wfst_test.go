package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// edited is what QGIS tells of an edit.
type edited struct {
	Can           string
	Split         int
	Saved         bool
	Errors        []string
	Before, After []feature
	Merged        []edited
	Kept          []any
	Deleted       *edited
	TooLate       *edited
	Refused       *edited
}

// TestEditingInQGIS: what is in QGIS's edit buffer before saving is what the service has after, in every attribute and vertex; of two
// who edit at once nobody loses what the other did not touch; and what is refused is told why.
func TestEditingInQGIS(t *testing.T) {
	s := start(t, dataDir(t))
	defer s.stop()
	versions := [][]string{{"2.0.0", "egen_2", "delad_2"}, {"1.1.0", "egen_1", "delad_1"}, {"1.0.0", "egen_0", "delad_0"}}
	for _, v := range versions {
		s.editable(v[1])
		s.editable(v[2])
	}
	asked, err := json.Marshal(versions)
	if err != nil {
		t.Fatal(err)
	}
	var seen map[string]edited
	decode(t, inPython(t, "qgis.core", "python3-qgis", "testdata/wfs_edit_in_qgis.py", s.base+"/wfs", s.officer("Anna"), s.officer("Bo"), string(asked)), &seen)
	for _, v := range versions {
		version, got := v[0], seen[v[0]]
		if !got.Saved || got.Split != 0 {
			t.Errorf("%s: QGIS may %s, splits with %d, and saves with %q\n%s", version, got.Can, got.Split, got.Errors, clip([]byte(s.log.text())))
			continue
		}
		truth := byPlace(wound(slices.Collect(maps.Values(s.truth(v[1])))))
		same(t, version+" in the buffer and in the service", byPlace(wound(got.Before)), truth)
		same(t, version+" read again and in the service", byPlace(wound(got.After)), truth)
		for _, record := range s.must(200, "GET", "/api/v1/layers/"+v[1]+"/revisions?limit=4", "", nil)["revisions"].([]any) { // QGIS sends shapes, values, removals and new ones one after the other
			if author := record.(map[string]any)["author"]; author != "Anna" {
				t.Errorf("%s: a revision is %v's: %v", version, author, record)
			}
		}
		if !got.Merged[0].Saved || !got.Merged[1].Saved || fmt.Sprint(got.Kept) != "[1 2.5 Bos]" {
			t.Errorf("%s: two users' edits become %v (%+v)", version, got.Kept, got.Merged)
		}
		if !got.Deleted.Saved || got.TooLate.Saved || !strings.Contains(strings.Join(got.TooLate.Errors, "\n"), "not any more") {
			t.Errorf("%s: of a feature that is gone QGIS says %+v, then %+v", version, got.Deleted, got.TooLate)
		}
		if got.Refused.Saved || !strings.Contains(strings.Join(got.Refused.Errors, "\n"), "crosses itself") || len(s.truth(v[2])) != 6 {
			t.Errorf("%s: of a boundary that crosses itself QGIS says %q; there are %d features", version, got.Refused.Errors, len(s.truth(v[2])))
		}
	}
}

// wound turns every ring the same way round, since the service has them its own way.
func wound(features []feature) []feature {
	for _, f := range features {
		polygons, _ := f.Geometry.Coordinates.([]any)
		for _, polygon := range polygons {
			for _, ring := range polygon.([]any) {
				if positions := ring.([]any); area(positions) < 0 {
					slices.Reverse(positions)
				}
			}
		}
	}
	return features
}

// area is twice that of a ring, negative when it runs clockwise.
func area(ring []any) (sum float64) {
	for i := range len(ring) - 1 {
		x1, y1 := position(ring[i])
		x2, y2 := position(ring[i+1])
		x0, y0 := position(ring[0])
		sum += (x1-x0)*(y2-y0) - (x2-x0)*(y1-y0)
	}
	return sum
}

func position(of any) (x, y float64) {
	pair := of.([]any)
	x, _ = pair[0].(json.Number).Float64()
	y, _ = pair[1].(json.Number).Float64()
	return x, y
}

// officer makes a token that may edit.
func (s *service) officer(name string) string {
	return tokenLine.FindString(s.run("token", "create", "--role", "officer", "--name", name))
}

// editable makes a layer to edit.
func (s *service) editable(layer string) {
	s.t.Helper()
	s.must(201, "POST", "/api/v1/layers", "application/json", strings.NewReader(strings.Replace(wfsNasty, "provbana", layer, 1)))
	var features []any
	for i, name := range []string{"flyttas", "delas", "ändras", "töms", "tas bort", "kvar", "borta"} {
		x, y := 321000+1000*i, 6400000
		ring := [][2]int{{x, y}, {x + 100, y}, {x + 100, y + 100}, {x, y + 100}, {x, y}}
		features = append(features, map[string]any{"type": "Feature", "geometry": map[string]any{"type": "MultiPolygon", "coordinates": []any{[]any{ring}}},
			"properties": map[string]any{"namn": name, "text": "från början", "antal": 7, "tal": 0.25, "sant": true, "dag": "2000-02-29", "tid": "2000-01-01T00:00:00Z", "interest": "hög"}})
	}
	body, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		s.t.Fatal(err)
	}
	s.must(201, "POST", "/api/v1/layers/"+layer+"/uploads?mode=append&crs=EPSG:3006", "application/geo+json", strings.NewReader(string(body)))
}

// TestEditingInOGR: what GDAL writes is what the service has.
func TestEditingInOGR(t *testing.T) {
	s := start(t, dataDir(t))
	defer s.stop()
	versions := [][]string{{"2.0.0", "ogr_2"}, {"1.1.0", "ogr_1"}, {"1.0.0", "ogr_0"}}
	for _, v := range versions {
		s.editable(v[1])
	}
	asked, err := json.Marshal(versions)
	if err != nil {
		t.Fatal(err)
	}
	inPython(t, "osgeo.ogr", "python3-gdal", "testdata/wfs_edit_in_ogr.py", s.base+"/key/"+s.officer("Anna")+"/wfs", string(asked))
	for _, v := range versions {
		features := map[any]feature{}
		for _, f := range s.truth(v[1]) {
			features[f.Properties["namn"]] = f
		}
		moved, changed, made := features["flyttas"], features["ändrad & <'Å'>"], features["ny från GDAL"]
		if len(features) != 7 || features["tas bort"].Properties != nil {
			t.Errorf("%v: there are %d features", v, len(features))
		}
		if got := fmt.Sprint(moved.Geometry.Coordinates, made.Geometry.Coordinates); got != "[[[[340000 6420000] [340100 6420000] [340100 6420100] [340000 6420000]]]] [[[[330000 6420000] [330100 6420000] [330100 6420100] [330000 6420000]]]]" {
			t.Errorf("%v: they lie at %s", v, got)
		}
		of := func(f feature, names ...string) (text string) {
			for _, name := range names {
				text += fmt.Sprint(f.Properties[name]) + ";"
			}
			return text
		}
		if got := of(changed, "antal", "tal", "dag", "interest", "text", "sant") + of(made, "antal", "tid", "text"); got != "-9223372036854775807;0.1;1632-11-06;låg;<nil>;true;9007199254740993;2026-11-22T10:00:00Z;<nil>;" {
			t.Errorf("%v: the values are %s", v, got)
		}
		record := s.must(200, "GET", "/api/v1/layers/"+v[1]+"/revisions?limit=1", "", nil)["revisions"].([]any)[0].(map[string]any)
		if author := record["author"]; author != "Anna" {
			t.Errorf("%v: the revision is %v's", v, author)
		}
	}
}
