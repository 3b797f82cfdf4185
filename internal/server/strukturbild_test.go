package server_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

const strukturbilder = "/api/v1/strukturbilder"

func node(element string) string {
	return `{"type":"Feature","properties":{"namn":"Skövde","struktur":"bebyggelse","element":"` + element + `","status":"utveckla","horisont":2050,"niva":"regional","styrka":1},
		"geometry":{"type":"Point","coordinates":[13.845,58.391]}}`
}

func (s *site) step(id, body string) *answer {
	s.Helper()
	return s.ask(plan.Planner, "POST", strukturbilder+"/"+id+"/steps", body, "Content-Type", "application/json")
}

// TestStrukturbildLife: made, drawn, sent out, adopted, and replaced by the next one that began as its copy.
func TestStrukturbildLife(t *testing.T) {
	s := newSite(t)
	const first = `{"id":"sb2030","title":{"sv":"Strukturbild 2030","en":"Structure 2030"},"horizon":2030,"owner":"Regionen"}`
	made := s.ask(plan.Planner, "POST", strukturbilder, first).want(http.StatusCreated).json()
	if made["status"] != "utkast" || len(made["layers"].([]any)) != 3 || len(made["steps"].([]any)) != 1 {
		t.Fatalf("made %s", mustJSON(made))
	}
	s.ask(plan.Planner, "POST", strukturbilder, first).problem(http.StatusConflict, plan.Exists)
	// A draft is for those with a token, and so are its layers.
	s.ask(plan.Anonymous, "GET", strukturbilder+"/sb2030", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Anonymous, "GET", "/ogc/collections/sb2030_nod", "").problem(http.StatusNotFound, plan.NotFound)
	const nodes = "/ogc/collections/sb2030_nod/items"
	s.ask(plan.Officer, "POST", nodes, node("nod"), "Content-Type", geoJSON).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", nodes, node("gron_kil"), "Content-Type", geoJSON).problem(http.StatusBadRequest, plan.Invalid) // an area, not a node

	s.step("sb2030", `{"to":"antagen","decision":"x"}`).problem(http.StatusBadRequest, plan.Invalid) // not from utkast
	s.step("sb2030", `{"to":"remiss","note":"till kommunerna"}`).want(http.StatusCreated)
	if got := s.ask(plan.Anonymous, "GET", nodes, "").want(http.StatusOK).json()["numberMatched"]; got != 1.0 {
		t.Errorf("everyone sees %v nodes", got)
	}
	s.step("sb2030", `{"to":"antagen"}`).problem(http.StatusBadRequest, plan.Invalid) // without a decision
	adopted := s.step("sb2030", `{"to":"antagen","decision":"Regionfullmäktige 2027-03-12 § 14"}`).want(http.StatusCreated).json()
	steps := adopted["steps"].([]any)
	last := steps[len(steps)-1].(map[string]any)
	if last["from"] != "remiss" || last["author"] != "planner" || last["decision"] != "Regionfullmäktige 2027-03-12 § 14" || last["revision"].(float64) < 1 {
		t.Errorf("the last step is %s", mustJSON(last))
	}

	// Adopted, it does not change by any entrance.
	s.ask(plan.Officer, "POST", nodes, node("nod"), "Content-Type", geoJSON).problem(http.StatusLocked, plan.Locked)
	s.ask(plan.Officer, "DELETE", nodes+"/1", "").problem(http.StatusLocked, plan.Locked)
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/sb2030_nod", "").problem(http.StatusLocked, plan.Locked)
	s.ask(plan.Officer, "POST", "/api/v1/layers/sb2030_nod/uploads?mode=replace", collection(node("koppling_utat")), "Content-Type", geoJSON).want(http.StatusLocked)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/sb2030_nod", `{"source":"x"}`).want(http.StatusOK)
	if layer := s.ask(plan.Anonymous, "GET", "/api/v1/layers/sb2030_nod", "").json(); layer["frozen"] != true || layer["strukturbild"] != "sb2030" || layer["source"] != "x" {
		t.Errorf("a PATCH has made the layer %s", mustJSON(layer))
	}
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/sb2030_nod", `{"status":"draft"}`).problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Planner, "PATCH", strukturbilder+"/sb2030", `{"horizon":2040}`).problem(http.StatusLocked, plan.Locked)
	s.ask(plan.Planner, "DELETE", strukturbilder+"/sb2030", "").problem(http.StatusBadRequest, plan.Invalid)

	// The next one begins as its copy, and takes its place when it is adopted.
	s.ask(plan.Planner, "POST", strukturbilder, `{"id":"sb2050","title":{"sv":"Strukturbild 2050"},"from":"sb2030","replaces":"sb2030"}`).want(http.StatusCreated)
	if got := s.ask(plan.Officer, "GET", "/ogc/collections/sb2050_nod/items", "").want(http.StatusOK).json()["numberMatched"]; got != 1.0 {
		t.Errorf("the copy has %v nodes", got)
	}
	s.ask(plan.Planner, "PATCH", strukturbilder+"/sb2050", `{"horizon":2050}`).want(http.StatusOK)
	s.step("sb2050", `{"to":"remiss"}`).want(http.StatusCreated)
	s.step("sb2050", `{"to":"antagen","decision":"Regionfullmäktige 2031-01-01 § 1"}`).want(http.StatusCreated)
	if old := s.ask(plan.Anonymous, "GET", strukturbilder+"/sb2030", "").want(http.StatusOK).json(); old["status"] != "ersatt" {
		t.Errorf("the one that was replaced is %v", old["status"])
	}
	if list := s.ask(plan.Anonymous, "GET", strukturbilder, "").want(http.StatusOK).json()["strukturbilder"].([]any); len(list) != 2 {
		t.Errorf("everyone sees %d", len(list))
	}
}

func TestStrukturbildFaults(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	for _, body := range []string{`{"id":"Å","title":{"sv":"x"}}`, `{"id":"a","title":{}}`, `{"id":"a","title":{"sv":"x"},"horizon":12}`, `{"id":"a","title":{"sv":"x"},"replaces":"b"}`,
		`{"id":"a","title":{"sv":"x"},"from":"b"}`, `{"id":"a","title":{"sv":"x"},"farg":1}`, `{"id":"a","title":{"sv":"x"},"replaces":"a"}`} {
		s.ask(plan.Planner, "POST", strukturbilder, body).problem(http.StatusBadRequest, plan.Invalid)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"a_omrade"`, 1)).want(http.StatusCreated)
	s.ask(plan.Planner, "POST", strukturbilder, `{"id":"a","title":{"sv":"x"}}`).problem(http.StatusConflict, plan.Exists)
	if layers := s.ask(plan.Officer, "GET", "/api/v1/layers/a_nod", ""); layers.status != http.StatusNotFound {
		t.Error("a strukturbild that was refused has left a layer")
	}
	s.ask(plan.Anonymous, "POST", strukturbilder, `{"id":"b","title":{"sv":"x"}}`).want(http.StatusUnauthorized)
	revision := s.ask(plan.Planner, "POST", strukturbilder, `{"id":"b","title":{"sv":"x"}}`).want(http.StatusCreated).header.Get("Strukturbild-Revision")
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/b_nod", "").problem(http.StatusBadRequest, plan.Invalid)
	tag := s.ask(plan.Planner, "GET", strukturbilder+"/b", "").want(http.StatusOK).header.Get("ETag")
	s.ask(plan.Planner, "PATCH", strukturbilder+"/b", `{"owner":"x"}`, "If-Match", tag).want(http.StatusOK)
	s.ask(plan.Planner, "PATCH", strukturbilder+"/b", `{"owner":"y"}`, "If-Match", tag).problem(http.StatusPreconditionFailed, plan.Stale)
	s.ask(plan.Planner, "DELETE", strukturbilder+"/b", "").want(http.StatusNoContent)
	s.ask(plan.Planner, "GET", strukturbilder+"/b", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Viewer, "GET", "/api/v1/layers/b_nod", "").problem(http.StatusNotFound, plan.NotFound)
	s.ask(plan.Officer, "POST", "/api/v1/layers/b_nod/rollback", `{"to":`+revision+`}`).problem(http.StatusBadRequest, plan.Invalid) // not without its strukturbild
}

// TestStrukturbildAsGeoPackage: three layers and a table, as GDAL reads them.
func TestStrukturbildAsGeoPackage(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo is missing: scripts/setup.sh --test installs gdal-bin")
	}
	s := newSite(t)
	s.ask(plan.Planner, "POST", strukturbilder, `{"id":"sb","title":{"sv":"Strukturbild"},"horizon":2050}`).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/ogc/collections/sb_nod/items", node("nod"), "Content-Type", geoJSON).want(http.StatusCreated)
	file := filepath.Join(t.TempDir(), "sb.gpkg")
	if err := os.WriteFile(file, s.ask(plan.Viewer, "GET", strukturbilder+"/sb/export", "").want(http.StatusOK).body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ogrinfo", "-ro", "-al", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"Layer name: utvecklingsinriktning_nod", "Layer name: utvecklingsinriktning_strak", "Layer name: utvecklingsinriktning_omrade", "Layer name: strukturbild",
		"struktur (String) = bebyggelse", "MULTIPOINT", "horisont (Integer64) = 2050", "status (String) = utkast"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, out)
		}
	}
}
