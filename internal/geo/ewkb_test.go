package geo

import (
	"bufio"
	"encoding/hex"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// fromWKT makes a geometry of the house; rings keep the direction of the text.
func fromWKT(t testing.TB, wkt string) plan.Geometry {
	t.Helper()
	figure, err := geos.NewContext().NewGeomFromWKT(wkt)
	if err != nil {
		t.Fatalf("%s: %v", wkt, err)
	}
	var g plan.Geometry
	if err := ParseEWKB(figure.ToWKB(), &g); err != nil {
		t.Fatalf("%s: %v", wkt, err)
	}
	return g
}

// normalized is fromWKT with the rings turned the house's way.
func normalized(t testing.TB, wkt string) plan.Geometry {
	t.Helper()
	g := fromWKT(t, wkt)
	Normalize(&g)
	return g
}

func TestEWKBAgainstGEOS(t *testing.T) {
	context := geos.NewContext()
	for _, wkt := range []string{
		"MULTIPOINT (1 2)", "MULTIPOINT (1 2, 3 4)", "MULTIPOINT EMPTY", "MULTILINESTRING ((1 2, 3 4, 5 6))",
		"MULTILINESTRING ((1 2, 3 4), (5 6, 7 8, 9 9))", "MULTILINESTRING EMPTY", "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))",
		"MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (5 2, 6 3, 6 2, 5 2)), ((20 0, 21 0, 21 1, 20 0)))", "MULTIPOLYGON EMPTY",
	} {
		g := fromWKT(t, wkt)
		figure, err := context.NewGeomFromWKB(AppendEWKB(nil, g))
		if err != nil || figure.ToWKT() != strings.ReplaceAll(wkt, "MULTIPOINT (1 2, 3 4)", "MULTIPOINT ((1 2), (3 4))") && figure.SRID() != 3006 {
			t.Errorf("%s comes back as %v, %v", wkt, figure, err)
		}
		want, _ := context.NewGeomFromWKT(wkt)
		if !figure.EqualsExact(want, 0) || figure.SRID() != 3006 {
			t.Errorf("%s comes back as %v with SRID %d", wkt, figure, figure.SRID())
		}
	}
	if got := AppendEWKB([]byte{7}, plan.Geometry{Type: plan.None}); len(got) != 1 {
		t.Errorf("a table's geometry appended % x", got)
	}
}

func TestParseEWKBForms(t *testing.T) {
	point := plan.Geometry{Type: plan.Point, Coords: []float64{1, 2}}
	ring := []float64{0, 0, 1, 0, 1, 1, 0, 0}
	for _, c := range []struct {
		hex  string
		want plan.Geometry
	}{
		{"0101000000000000000000F03F0000000000000040", point},
		{"00000000013FF00000000000004000000000000000", point},
		{"0101000020BE0B0000000000000000F03F0000000000000040", point},
		{"01E9030000000000000000F03F00000000000000400000000000000840", point},                 // ISO Z
		{"01B90B0000000000000000F03F000000000000004000000000000008400000000000001040", point}, // ISO ZM
		{"01010000C0000000000000F03F000000000000004000000000000008400000000000001040", point}, // EWKB ZM
		{"0104000000010000000101000000000000000000F03F0000000000000040", point},               // multi
		{"0104000000010000000000000001" + "3FF0000000000000" + "4000000000000000", point},     // mixed byte orders
		{"0101000000000000000000F87F000000000000F87F", plan.Geometry{Type: plan.Point}},       // POINT EMPTY
		{"010300000000000000", plan.Geometry{Type: plan.Polygon}},                             // POLYGON EMPTY
		{"010600000000000000", plan.Geometry{Type: plan.Polygon}},                             //
		{"0103000000010000000400000000000000000000000000000000000000000000000000F03F0000000000000000" + //
			"000000000000F03F000000000000F03F00000000000000000000000000000000", plan.Geometry{Type: plan.Polygon, Coords: ring}},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		var got plan.Geometry
		if err := ParseEWKB(b, &got); err != nil || !sameGeometry(got, c.want) {
			t.Errorf("%s is %+v, %v; want %+v", c.hex, got, err, c.want)
		}
	}
}

func sameGeometry(a, b plan.Geometry) bool {
	return a.Type == b.Type && len(a.Coords) == len(b.Coords) && (len(a.Coords) == 0 || reflect.DeepEqual(a, b))
}

func TestParseEWKBRefuses(t *testing.T) {
	for _, c := range []struct{ hex, why string }{
		{"", "ends at byte 0"}, {"01", "ends at byte 1"}, {"0201000000", "byte order"}, {"0101000000000000000000F03F", "ends at byte 13"},
		{"0102000000FFFFFFFF", "count of 4294967295"}, {"0103000000FFFFFF7F", "count"}, {"0106000000FFFFFFFF01", "count"},
		{"0107000000000000000", ""}, {"010700000000000000", "type 7"}, {"010800000000000000", "type 8"}, {"011100000000000000", "type 17"},
		{"0101000000000000000000F07F0000000000000040", "finite"}, {"0101000000000000000000F87F0000000000000040", "finite"},
		{"010400000001000000010200000000000000", "part of type 2"}, {"010400000001000000010400000000000000", "part of type 4"},
		{"0101000000000000000000F03F000000000000004000", "1 bytes follow"}, {"01A10F0000", "type 4001"},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			continue // half a byte
		}
		var g plan.Geometry
		if err := ParseEWKB(b, &g); plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v; want an Invalid error with %q", c.hex, err, c.why)
		}
	}
}

func TestParseEWKBReuses(t *testing.T) {
	big := AppendEWKB(nil, normalized(t, "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (5 2, 6 3, 6 2, 5 2)), ((20 0, 21 0, 21 1, 20 0)))"))
	var g plan.Geometry
	if err := ParseEWKB(big, &g); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { _ = ParseEWKB(big, &g) }); n > 0 {
		t.Errorf("%v allocations on a second reading", n)
	}
}

// The strings are from the test suites of GEOS, GDAL, shapely and others, with GDAL's verdict on each.
func TestParseEWKBNasty(t *testing.T) {
	file, err := os.Open("../../../shared/data/nasty/wkb/wkb_hex.tsv")
	if err != nil {
		t.Skipf("left out: %v", err)
	}
	defer file.Close()
	types := map[string]plan.GeometryType{"POINT": plan.Point, "LINESTRING": plan.Line, "POLYGON": plan.Polygon,
		"MULTIPOINT": plan.Point, "MULTILINESTRING": plan.Line, "MULTIPOLYGON": plan.Polygon}
	lines, read := 0, 0
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<24)
	for ; scanner.Scan(); lines++ {
		fields := strings.Split(scanner.Text(), "\t")
		b, err := hex.DecodeString(fields[2])
		if err != nil {
			continue
		}
		var g plan.Geometry
		err = ParseEWKB(b, &g)
		if want, ours := types[strings.Fields(fields[1])[0]]; ours && err != nil && !mayRefuse(err) || err == nil && ours && g.Type != want {
			t.Errorf("line %d: %s, but %v %v: %.200s", lines+1, fields[1], g.Type, err, fields[2])
		}
		if err == nil {
			read++
			Validate(g)
		}
	}
	t.Logf("%d of %d read", read, lines)
	if read < 1000 {
		t.Errorf("only %d of %d read", read, lines)
	}
}

// mayRefuse tells the refusals that GDAL doesn't share: numbers that are not finite and bytes at the end.
func mayRefuse(err error) bool {
	return strings.Contains(err.Error(), "finite") || strings.Contains(err.Error(), "follow the end")
}

func FuzzParseEWKB(f *testing.F) {
	for _, wkt := range []string{"POINT (1 2)", "MULTIPOINT (1 2, 3 4)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 9 0, 9 9, 0 0), (5 2, 6 3, 6 2, 5 2))",
		"MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"} {
		f.Add(AppendEWKB(nil, fromWKT(f, wkt)))
	}
	f.Add([]byte{1, 6, 0, 0, 0x20, 0xbe, 0x0b, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var g, again plan.Geometry
		if ParseEWKB(b, &g) != nil {
			return
		}
		if !boundsFit(g) || firstNonFinite(g.Coords) >= 0 {
			t.Fatalf("read %+v", g)
		}
		Normalize(&g)
		if err := ParseEWKB(AppendEWKB(nil, g), &again); err != nil || !sameGeometry(g, again) {
			t.Fatalf("%+v comes back as %+v, %v", g, again, err)
		}
		if len(b) < 2000 {
			Validate(g)
		}
	})
}

func TestNormalize(t *testing.T) {
	for _, wkt := range []string{
		"MULTIPOLYGON (((0 0, 9 9, 9 0, 0 0), (5 2, 6 2, 6 3, 5 2)), ((20 0, 21 0, 21 1, 20 0)))",
		"POLYGON ((0 0, 9 0, 9 9, 0 0), (5 2, 6 3, 6 2, 5 2))",
	} {
		g := fromWKT(t, wkt)
		area := math.Abs(ringArea(g.Path(0)))
		Normalize(&g)
		for part := range g.NumParts() {
			from, to := g.PartPaths(part)
			for i := from; i < to; i++ {
				if a := ringArea(g.Path(i)); (a > 0) != (i == from) {
					t.Errorf("%s: ring %d has area %v", wkt, i, a)
				}
			}
		}
		if ringArea(g.Path(0)) != area || Validate(g) != nil {
			t.Errorf("%s became %v", wkt, g)
		}
	}
}
