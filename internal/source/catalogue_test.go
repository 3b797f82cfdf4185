package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func TestCatalogueThatTheServiceIsBornWith(t *testing.T) {
	catalogue, err := Load("")
	if err != nil {
		t.Fatal(err, err.(*plan.Error).Findings)
	}
	if len(catalogue.Sources) < 10 {
		t.Errorf("only %d sources", len(catalogue.Sources))
	}
	kinds := map[Kind]bool{}
	for i := range catalogue.Sources {
		s := &catalogue.Sources[i]
		kinds[s.Access.Kind] = true
		if s.LandingPage == "" || s.Notes.SV == "" || s.Notes.EN == "" || s.Title.EN == "" || s.UpdateRhythm == "" {
			t.Errorf("%s lacks landing page, notes, English title or rhythm", s.ID)
		}
		for _, c := range s.Filter {
			if len(c.Column) == 0 {
				t.Errorf("%s: a filter without column", s.ID)
			}
		}
		if layer := s.LayerDefinition(); layer != nil && (layer.Licence == "" || layer.Lineage.SV == "" || layer.Status != plan.Published) {
			t.Errorf("%s makes a layer that does not describe itself", s.ID)
		}
	}
	for _, kind := range []Kind{File, Atom, WFS, ArcGIS, Manual} {
		if !kinds[kind] {
			t.Errorf("no source is had as %s", kind)
		}
	}
}

const smallest = `
version: 1
sources:
  - id: a
    title: {sv: A}
    publisher: P
    licence: CC0 1.0
    attribution: "Källa: P"
    access: {kind: file, url: "https://example.se/a.zip"}
    crs: EPSG:3006
    layer: wind_power
    key: [ID]
    map: {verkid: {from: [ID]}}
`

func TestFaultsOfACatalogue(t *testing.T) {
	if _, err := Parse(strings.NewReader(smallest)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][3]string{
		"id":              {"id: a", "id: A-1", "the id must match"},
		"unknown member":  {"publisher: P", "publisher: P\n    colour: red", "colour"},
		"kind":            {"kind: file", "kind: ftp", "access.kind"},
		"plain http":      {"https://example", "http://example", "plain_http"},
		"no address":      {`, url: "https://example.se/a.zip"`, "", "access.url"},
		"type name":       {"kind: file", "kind: wfs", "access.type_name"},
		"layers":          {"kind: file", "kind: arcgis", "access.layers"},
		"collection":      {"kind: file", "kind: ogcapi", "access.collection"},
		"crs":             {"EPSG:3006", "EPSG:1", "crs"},
		"key":             {"key: [ID]", "key: []", "key is missing"},
		"attribute":       {"verkid:", "nosuch:", "no attribute"},
		"from and value":  {"from: [ID]", "from: [ID], value: x", "either from or value"},
		"earliest":        {"from: [ID]", "from: [ID], earliest: soon", "earliest"},
		"licence":         {"licence: CC0 1.0", "licence: ''", "licence is missing"},
		"version":         {"version: 1", "version: 2", "version"},
		"rhythm":          {"publisher: P", "publisher: P\n    update_rhythm: OFTEN", "update_rhythm"},
		"on fault":        {"publisher: P", "publisher: P\n    on_fault: ignore", "on_fault"},
		"empty condition": {"key: [ID]", "key: [ID]\n    filter: [{column: [A]}]", "filter 0"},
		"twice":           {"sources:", "sources:" + strings.SplitAfter(smallest, "sources:")[1], "there twice"},
		"no YAML":         {"version: 1", "version: [", "not readable"},
	} {
		_, err := Parse(strings.NewReader(strings.Replace(smallest, c[0], c[1], 1)))
		if err == nil || plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := err.Error()
		for _, finding := range err.(*plan.Error).Findings {
			all += " " + finding.Message.SV
		}
		if !strings.Contains(all, c[2]) {
			t.Errorf("%s: %q does not say %q", name, all, c[2])
		}
	}
}

// TestOperatorsOwn: a file in the data directory adds and replaces; one that is not there changes nothing.
func TestOperatorsOwn(t *testing.T) {
	born, err := Load(filepath.Join(t.TempDir(), "sources.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sources.yaml")
	own := smallest + strings.Replace(strings.SplitAfter(smallest, "sources:\n")[1], "id: a", "id: vindkraftverk", 1)
	if err := os.WriteFile(path, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	both, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := both.Find("vindkraftverk")
	if err != nil || replaced.Publisher != "P" || len(both.Sources) != len(born.Sources)+1 {
		t.Errorf("%v %v, %d sources", replaced, err, len(both.Sources))
	}
	if _, err := both.Find("nosuch"); plan.CodeOf(err) != plan.NotFound {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("version: 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v does not name the file", err)
	}
}
