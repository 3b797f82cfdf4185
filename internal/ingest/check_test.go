package ingest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// areaOf puts rings of metres, from a corner in the region, into a polygon feature of EPSG:3006.
func areaOf(id string, rings ...string) string {
	var all []string
	for _, ring := range rings {
		var places []string
		for place := range strings.SplitSeq(ring, ", ") {
			var x, y float64
			_, _ = fmt.Sscan(place, &x, &y)
			places = append(places, fmt.Sprintf("[%v,%v]", 400_000+x, 6_450_000+y))
		}
		all = append(all, "["+strings.Join(places, ",")+"]")
	}
	return featureWith(`"id":"` + id + `","properties":null,"geometry":{"type":"Polygon","coordinates":[` + strings.Join(all, ",") + `]}`)
}

const (
	plain   = "0 0, 100 0, 100 100, 0 100, 0 0"
	spiked  = "0 0, 100 0, 100 100, 100 900, 100 100, 0 100, 0 0"
	twice   = "0 0, 100 0, 100 0, 100 100, 0 100, 0 0"
	open    = "0 0, 100 0, 100 100, 0 100"
	contact = "0 0, 100 0, 100 100, 50 0, 0 100, 0 0"
	tied    = "0 0, 100 0, 100 100, 99 101, 100 101, 99 100, 0 100, 0 0" // 1 m² by the side of 1 ha
	bowTie  = "0 0, 100 100, 100 0, 0 100, 0 0"
	narrow  = "0 0, 300 0, 300 0.4, 0 0.4, 0 0"
	pricked = "0 0, 100 0, 100 100, 100.1 190, 99.9 100, 0 100, 0 0"
)

func readAreas(t *testing.T, checks Checks, features ...string) (*Batch, error) {
	t.Helper()
	return ReadGeoJSON(t.Context(), strings.NewReader(featuresOf(features...)), Options{Layer: testLayer(plan.Polygon), CRS: "EPSG:3006", Checks: checks})
}

// TestChecks reads one feature with something wrong, with and without repair.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		name, ring          string
		refused, mended     string // the rules of the findings, without and with repair; "" for none
		pointer             string
		x, y                float64 // of the first finding without repair, from the corner
		accepted, repaired  bool    // without and with repair
		sentence, repairing string  // parts of the sentences
	}{
		{name: "plain", ring: plain, accepted: true},
		{name: "spike", ring: spiked, refused: "spike", mended: "repaired", pointer: "/0/3", x: 100, y: 900, repaired: true,
			sentence: "(ring 0, hörn 3). Med repair=true lagas den. Area 1,0000 ha blir 1,0000 ha (+0,000000 ha)", repairing: "spets och samma väg tillbaka (ring 0, hörn 3)"},
		{name: "twice", ring: twice, refused: "duplicate_vertex", mended: "repaired", pointer: "/0/2", x: 100, y: 0, accepted: true, repaired: true,
			sentence: "Hörn upprepas: 1 stycken (ring 0, hörn 2)", repairing: "1 upprepade hörn"},
		{name: "open", ring: open, refused: "ring_not_closed", mended: "repaired", pointer: "/0", repaired: true,
			sentence: "repair=true sluter den", repairing: "1 öppna ringar slöts"},
		{name: "contact", ring: contact, refused: "self_contact", mended: "repaired", pointer: "/0/3", x: 50, y: 0, repaired: true,
			sentence: "delar: 1 blev 2", repairing: "delar: 1 blev 2"},
		{name: "tied", ring: tied, refused: "self_intersection", mended: "repaired sliver", pointer: "/0/4", x: 99.5, y: 100.5, repaired: true,
			sentence: "(+0,000050 ha)", repairing: "Area 1,0000 ha blir 1,0001 ha"},
		{name: "bow tie", ring: bowTie, refused: "self_intersection", mended: "self_intersection", pointer: "/0/2", x: 50, y: 50,
			sentence: "mer än vad som tillåts (0,1 ha och 1 %). Area 0,0000 ha blir 0,5000 ha", repairing: "mer än vad som tillåts"},
		{name: "sliver", ring: narrow, refused: "sliver", mended: "sliver", pointer: "/0/0", accepted: true, sentence: "smalare än 0,5 m"},
		{name: "narrow spike", ring: pricked, refused: "narrow_spike", mended: "repaired", pointer: "/0/3", x: 100.1, y: 190, accepted: true, repaired: true,
			sentence: "Spetsar", repairing: "1 smala spetsar"},
	} {
		batch, err := readAreas(t, Checks{}, areaOf("a", c.ring))
		found := findingsIn(t, batch, err)
		if (err == nil) != c.accepted || rulesOf(found) != c.refused {
			t.Errorf("%s: %v, %v", c.name, err, found)
			continue
		}
		if len(found) > 0 {
			f := found[0]
			if f.ID != "a" || f.Feature != 0 || f.Notice != c.accepted || !strings.Contains(f.Message.SV, c.sentence) || f.Pointer != "/geometry/coordinates"+c.pointer ||
				math.Abs(f.Location.X-400_000-c.x) > 1e-6 || math.Abs(f.Location.Y-6_450_000-c.y) > 1e-6 {
				t.Errorf("%s: %+v at %+v", c.name, f, f.Location)
			}
		}
		batch, err = readAreas(t, Checks{Repair: true}, areaOf("a", c.ring))
		found = findingsIn(t, batch, err)
		if rulesOf(found) != c.mended || len(found) > 0 && !strings.Contains(found[0].Message.SV, c.repairing) {
			t.Errorf("%s, repaired: %v, %v", c.name, err, found)
		}
		if err == nil && (batch.Repaired == 1) != c.repaired || err != nil && c.repaired {
			t.Errorf("%s, repaired: %v, %+v", c.name, err, batch)
		}
		if err == nil {
			checkAccepted(t, plan.Polygon, featureIn(t, batch, 0))
		}
	}
}

func findingsIn(t *testing.T, batch *Batch, err error) []plan.Finding {
	t.Helper()
	if err != nil {
		faultsOf(t, err)
		return findingsOf(t, err)
	}
	return batch.Notices
}

func rulesOf(findings []plan.Finding) string {
	var rules []string
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	return strings.Join(rules, " ")
}

func featureIn(t *testing.T, batch *Batch, i int) (f plan.Feature) {
	t.Helper()
	if err := batch.At(i, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSliverOfTheLayer: how narrow a sliver is, the layer says, and the report.
func TestSliverOfTheLayer(t *testing.T) {
	wider := testLayer(plan.Polygon)
	wider.SliverWidthM = 2.5
	ring := areaOf("a", "0 0, 300 0, 300 2, 0 2, 0 0")
	for layer, want := range map[*plan.Layer]string{testLayer(plan.Polygon): "", wider: "Flisor, i medeltal smalare än 2,5 m: 1 stycken (ring 0, hörn 0)."} {
		batch, err := ReadGeoJSON(t.Context(), strings.NewReader(featuresOf(ring)), Options{Layer: layer, CRS: "EPSG:3006"})
		if err != nil {
			t.Fatal(err)
		}
		if got := rulesOf(batch.Notices); want == "" && got != "" || want != "" && (got != "sliver" || batch.Notices[0].Message.SV != want) {
			t.Errorf("%v m: %+v, want %q", layer.Sliver(), batch.Notices, want)
		}
	}
}

// TestTolerances: both the hectares and the per cent must allow a repair.
func TestTolerances(t *testing.T) {
	for _, c := range []struct {
		ha, percent float64
		repaired    bool
	}{
		{0, 0, true}, {0.00004, 0, false}, {0.00006, 0, true}, {0, 0.004, false}, {0, 0.006, true}, {10, 0.004, false},
	} {
		if _, err := readAreas(t, Checks{Repair: true, MaxHa: c.ha, MaxPercent: c.percent}, areaOf("a", tied)); (err == nil) != c.repaired {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, checks := range []Checks{{MaxHa: 11}, {MaxHa: -1}, {MaxPercent: math.NaN()}} {
		if _, err := readAreas(t, checks); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%+v: %v", checks, err)
		}
	}
}

// TestSkip leaves out what has faults, says so, and takes the rest in order, whatever chunk it was in.
func TestSkip(t *testing.T) {
	var features []string
	for i := range 1000 {
		ring := plain
		switch i % 10 {
		case 3:
			ring = bowTie
		case 7:
			ring = tied
		}
		features = append(features, areaOf(fmt.Sprint(i), ring))
	}
	features = append(features, areaOf("999", plain))
	batch, err := ReadGeoJSON(t.Context(), strings.NewReader(featuresOf(features...)), Options{Layer: testLayer(plan.Polygon), CRS: "EPSG:3006",
		Checks: Checks{Repair: true, Skip: true}, Limits: Limits{MaxFindings: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	if batch.Read != 1001 || batch.Refused != 101 || batch.Repaired != 100 || batch.Len() != 900 {
		t.Errorf("read %d, refused %d, repaired %d, kept %d", batch.Read, batch.Refused, batch.Repaired, batch.Len())
	}
	next := 0
	for i := range batch.Len() {
		for next%10 == 3 {
			next++
		}
		if f := featureIn(t, batch, i); f.ID != fmt.Sprint(next) || batch.ID(i) != f.ID {
			t.Fatalf("feature %d of the batch is %q, want %d", i, f.ID, next)
		}
		next++
	}
	counts := map[string]int{}
	for _, f := range batch.Notices {
		counts[f.Rule]++
		if f.Notice == (f.Rule == "self_intersection" || f.Rule == "id_duplicate") {
			t.Errorf("%+v", f)
		}
	}
	if counts["self_intersection"] != 100 || counts["id_duplicate"] != 1 || counts["repaired"] != 100 || counts["sliver"] != 100 || len(batch.Notices) != 301 {
		t.Errorf("%v", counts)
	}
	for name, body := range map[string]string{
		"an unknown column":  featuresOf(areaOf("a", plain), featureWith(`"properties":{"okänd":1},"geometry":`+polygon)),
		"nothing but faults": featuresOf(areaOf("a", bowTie)),
		"cut off":            featuresOf(areaOf("a", plain))[:100],
	} {
		if batch, err := ReadGeoJSON(t.Context(), strings.NewReader(body), Options{Layer: testLayer(plan.Polygon), CRS: "EPSG:3006", Checks: Checks{Skip: true}}); err == nil {
			t.Errorf("%s: %+v", name, batch)
		}
	}
}

func TestNoticesOfTheWhole(t *testing.T) {
	backwards := areaOf("a", "0 0, 0 100, 100 100, 100 0, 0 0")
	multi := strings.NewReplacer(`"Polygon"`, `"MultiPolygon"`, `[[[`, `[[[[`, `]]]`, `]]]]`).Replace(areaOf("b", plain))
	batch, err := readAreas(t, Checks{}, backwards, multi)
	if err != nil || rulesOf(batch.Notices) != "ring_order promoted" || !batch.Notices[0].Notice {
		t.Errorf("%v, %+v", err, batch)
	}
	var many []string
	for i := range 103 {
		many = append(many, areaOf(fmt.Sprint(i), narrow))
	}
	batch, err = readAreas(t, Checks{}, many...)
	if err != nil || len(batch.Notices) != 101 || batch.Notices[100].Rule != "more_notices" || !strings.Contains(batch.Notices[100].Message.SV, "3 till") {
		t.Errorf("%v, %d notices, %+v", err, len(batch.Notices), batch.Notices[len(batch.Notices)-1])
	}
}

func TestRequire(t *testing.T) {
	body := featuresOf(featureWith(`"properties":{"namn":"x","antal":null},"geometry":`+polygon), feature)
	opts := Options{Layer: testLayer(plan.Polygon), Columns: Columns{Require: ParseRequire("namn")}}
	if _, err := ReadGeoJSON(t.Context(), strings.NewReader(body), opts); err != nil {
		t.Error(err)
	}
	opts.Columns.Require = ParseRequire("namn, antal,height")
	_, err := ReadGeoJSON(t.Context(), strings.NewReader(body), opts)
	if got := faultsOf(t, err); len(got) != 2 || got[0] != (fault{-1, "attribute_absent", "/properties/antal"}) || got[1].pointer != "/properties/height" {
		t.Errorf("%v", got)
	}
	opts.Columns.Require = []string{"hight"}
	if _, err := ReadGeoJSON(t.Context(), strings.NewReader(body), opts); err == nil || !strings.Contains(err.Error(), `"height" meant`) {
		t.Error(err)
	}
}

func TestAxisOrderAndFileCRS(t *testing.T) {
	point := featureWith(`"properties":null,"geometry":{"type":"Point","coordinates":[6450000,400000]}`)
	opts := Options{Layer: testLayer(plan.Point), CRS: "EPSG:3006", Swapped: true}
	batch, err := ReadGeoJSON(t.Context(), strings.NewReader(point), opts)
	if err != nil || featureIn(t, batch, 0).Geometry.Coords[0] != 400000 {
		t.Errorf("%+v, %v", batch, err)
	}
	wrong := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[` + point + `]}`
	if _, err := ReadGeoJSON(t.Context(), strings.NewReader(wrong), opts); err == nil || !strings.Contains(err.Error(), "ignore_file_crs=true") {
		t.Error(err)
	}
	opts.IgnoreFileCRS = true
	if _, err := ReadGeoJSON(t.Context(), strings.NewReader(wrong), opts); err != nil {
		t.Error(err)
	}
	opts.CRS = ""
	if _, err := ReadGeoJSON(t.Context(), strings.NewReader(wrong), opts); plan.CodeOf(err) != plan.Invalid {
		t.Error(err)
	}
}

// TestStrayCoordinates: what falls outside the region is refused with every reading that fits and its parameters.
func TestStrayCoordinates(t *testing.T) {
	at := [2]float64{432505, 6472842} // Skövde
	for _, c := range []struct{ truth, declared, want string }{
		{"EPSG:3021", "EPSG:3006", "EPSG:3021 RT 90 2.5 gon V (crs=EPSG:3021)"},
		{"EPSG:3008", "EPSG:3006", "(crs=EPSG:3007) or EPSG:3008 SWEREF 99 13 30 (crs=EPSG:3008)"},
		{"EPSG:3006", "EPSG:3008", "EPSG:3006 SWEREF 99 TM (crs=EPSG:3006)"},
		{"EPSG:3857", "EPSG:3006", "EPSG:3857 Web Mercator (crs=EPSG:3857)"},
		{"EPSG:4326", "EPSG:3006", "CRS84 WGS 84 (crs=CRS84)"},
		{"EPSG:3020", "EPSG:3006", "(crs=EPSG:3020)"},
	} {
		crs, err := geo.ParseCRS(c.truth)
		if err != nil {
			t.Fatal(err)
		}
		for _, swapped := range []bool{false, true} {
			p, want := at, c.want
			if err := crs.FromHouse(p[:]); err != nil {
				t.Fatal(err)
			}
			if swapped {
				p[0], p[1], want = p[1], p[0], "axis_order=yx)"
			}
			_, err = DecodeGeometry([]byte(fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, p[0], p[1])), plan.Point, c.declared, Limits{})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v, swapped %v: %v", c, swapped, err)
			}
		}
	}
}

// Valid figures give no finding; one vertex put astray is refused there, or repaired into a valid figure.
func TestRandomFigures(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for i := range 400 {
		n := 8 + r.IntN(30)
		var x, y []float64
		for j := range n {
			angle, d := 2*math.Pi*(float64(j)+0.5*r.Float64())/float64(n), 60+40*r.Float64()
			x, y = append(x, d*math.Cos(angle)), append(y, d*math.Sin(angle))
		}
		ring := func() string {
			var places []string
			for j := range n + 1 {
				places = append(places, fmt.Sprintf("%.3f %.3f", x[j%n], y[j%n]))
			}
			return strings.Join(places, ", ")
		}
		batch, err := readAreas(t, Checks{}, areaOf("a", ring()))
		if err != nil || len(batch.Notices) > 0 {
			t.Fatalf("figure %d of seed %d: %v %+v", i, seed, err, batch)
		}
		k := 1 + r.IntN(n-1)
		x[k], y[k] = -1.3*x[k], -1.3*y[k] // to the other side, across the edges there
		_, err = readAreas(t, Checks{}, areaOf("a", ring()))
		if err != nil {
			refused++
			if found := findingsOf(t, err); len(found) != 1 || !strings.HasPrefix(found[0].Pointer, "/geometry/coordinates/0/") {
				t.Fatalf("figure %d of seed %d: %+v", i, seed, found)
			}
		}
		batch, err = readAreas(t, Checks{Repair: true, MaxHa: 10, MaxPercent: 10}, areaOf("a", ring()))
		if err == nil {
			checkAccepted(t, plan.Polygon, featureIn(t, batch, 0))
		}
	}
	if refused < 300 {
		t.Errorf("%d of 400 broken figures were refused", refused)
	}
}
