package ingest

import (
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// realLayer takes any columns: what is checked here is the geometry.
func realLayer(kind plan.GeometryType) Options {
	return Options{Layer: &plan.Layer{ID: "prov", GeometryType: kind}, Columns: Columns{IgnoreUnknown: true}, Limits: Limits{MaxFindings: 10_000}}
}

func countRules(findings []plan.Finding) map[string]int {
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.Rule]++
	}
	return counts
}

// TestRealFaults: what is known to be wrong with real layers is found, and repaired or left out as asked.
func TestRealFaults(t *testing.T) {
	region := shared(t, "region", "vg.gpkg")
	opts := realLayer(plan.Polygon)
	_, err := readPath(t, region, File{SourceLayer: "tatorter_polygons"}, opts)
	found := findingsOf(t, err)
	if rulesOf(found) != "empty_geometry self_contact" || found[1].Feature != 171 || !strings.Contains(found[1].Message.SV, "(ring 0, hörn 4). Med repair=true lagas den. Area 260,5225 ha blir 260,5225 ha") {
		t.Errorf("%+v", found) // Stora Höga
	}
	opts.Checks = Checks{Repair: true, Skip: true}
	batch, err := readPath(t, region, File{SourceLayer: "tatorter_polygons"}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if batch.Read != 331 || batch.Refused != 1 || batch.Repaired < 1 {
		t.Errorf("%d read, %d refused, %d repaired, %v", batch.Read, batch.Refused, batch.Repaired, countRules(batch.Notices))
	}
	for i := range batch.Len() {
		checkAccepted(t, plan.Polygon, featureIn(t, batch, i))
	}
}

func TestRealTurbinesSkipped(t *testing.T) {
	opts := realLayer(plan.Point)
	opts.Checks.Skip = true
	batch, err := readPath(t, shared(t, "region", "vg.gpkg"), File{SourceLayer: "vindkraftverk"}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if counts := countRules(batch.Notices); batch.Read != 2706 || batch.Refused != 225 || batch.Len() != 2706-225 || counts["outside_region"] != 225 {
		t.Errorf("%d read, %d refused, %v", batch.Read, batch.Refused, counts)
	}
}

// TestRealLandCover: a province of real polygons, some of them invalid.
func TestRealLandCover(t *testing.T) {
	source := shared(t, "landuse", "padova_on_vg.gpkg.zip")
	for _, layer := range []string{"agriculture", "forest"} {
		opts := realLayer(plan.Polygon)
		opts.Checks = Checks{Repair: true, Skip: true}
		batch, err := readPath(t, source, File{SourceLayer: layer}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if batch.Read == 0 || batch.Len()+batch.Refused != batch.Read {
			t.Errorf("%s: %d read, %d refused, %d kept", layer, batch.Read, batch.Refused, batch.Len())
		}
		t.Log(layer, batch.Read, batch.Repaired, batch.Refused, countRules(batch.Notices))
	}
}
