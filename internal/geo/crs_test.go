package geo

import (
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func TestParseCRS(t *testing.T) {
	xy := func(code int) CRS { return CRS{code: code} }
	yx := func(code int) CRS { return CRS{code: code, flipped: true} }
	for _, c := range []struct {
		name string
		want CRS
	}{
		{"EPSG:3006", House}, {"epsg:3006", House}, {" 3006 ", House}, {"5845", xy(5845)},
		{"urn:ogc:def:crs:EPSG::3006", yx(3006)}, {"urn:ogc:def:crs:EPSG:6.6:3006", yx(3006)},
		{"URN:OGC:DEF:CRS:EPSG::3006", yx(3006)}, {"urn:x-ogc:def:crs:EPSG:3006", yx(3006)},
		{"urn:x-ogc:def:crs:EPSG:6.11.2:3021", yx(3021)},
		{"http://www.opengis.net/def/crs/EPSG/0/3006", yx(3006)}, {"https://www.opengis.net/def/crs/EPSG/0/3007", yx(3007)},
		{"http://www.opengis.net/def/crs/EPSG/9.9.1/4326", yx(4326)}, {"http://www.opengis.net/def/crs/EPSG/0/3857", xy(3857)},
		{"http://www.opengis.net/gml/srs/epsg.xml#3006", House}, {"http://www.opengis.net/gml/srs/epsg.xml#4326", xy(4326)},
		{"CRS84", CRS84}, {"CRS:84", CRS84}, {"OGC:CRS84", CRS84}, {"urn:ogc:def:crs:OGC:1.3:CRS84", CRS84}, {"urn:ogc:def:crs:OGC::CRS84", CRS84},
		{"http://www.opengis.net/def/crs/OGC/1.3/CRS84", CRS84}, {"EPSG:4326", xy(4326)}, {"EPSG:4619", xy(4619)},
		{"urn:ogc:def:crs:EPSG::5846", yx(5846)}, {"urn:ogc:def:crs:EPSG::3857", xy(3857)},
	} {
		if got, err := ParseCRS(c.name); err != nil || got != c.want {
			t.Errorf("ParseCRS(%q) = %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestParseCRSRefuses(t *testing.T) {
	for _, name := range []string{
		"", "EPSG", "EPSG:", "EPSG:32633", "2400", "urn:ogc:def:crs:EPSG::", "urn:ogc:def:crs:OGC:1.3:3006", "OGC:4326", "EPSG:CRS84",
		"http://www.opengis.net/def/crs/EPSG/0/3006/x", "http://example.org/def/crs/EPSG/0/3006", "EPSG:3006\x00",
		"EPSG:03006", strings.Repeat("9", 5000),
	} {
		_, err := ParseCRS(name)
		if plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), "EPSG:3006") || len(err.Error()) > 500 {
			t.Errorf("ParseCRS(%.40q): want an Invalid error that lists the supported systems, got %v", name, err)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	for _, s := range systems {
		c := CRS{code: s.code}.WithURIOrder()
		for _, name := range []string{c.URI(), c.URN()} {
			if got, err := ParseCRS(name); err != nil || got != c {
				t.Errorf("ParseCRS(%q) = %v, %v; want %v", name, got, err, c)
			}
		}
		if got, err := ParseCRS(c.Name()); err != nil || got != c.WithXYOrder() {
			t.Errorf("ParseCRS(%q) = %v, %v; want %v", c.Name(), got, err, c.WithXYOrder())
		}
	}
	if Supported[0].URI() != "http://www.opengis.net/def/crs/EPSG/0/3006" || !Supported[0].Flipped() || Supported[1] != CRS84 {
		t.Errorf("Supported begins with %v", Supported[:2])
	}
	if House.String() != "EPSG:3006 (E, N)" || Supported[2].String() != "EPSG:4326 (lat, lon)" || CRS84.EPSG() != 0 || !CRS84.Geographic() {
		t.Errorf("properties of %v, %v, %v", House, Supported[2], CRS84)
	}
}

func FuzzParseCRS(f *testing.F) {
	for _, seed := range []string{"EPSG:3006", "urn:ogc:def:crs:EPSG::3006", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "urn:ogc:def:crs:EPSG:6.6:", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c, err := ParseCRS(name)
		if err != nil {
			if plan.CodeOf(err) != plan.Invalid {
				t.Fatalf("%q: %v", name, err)
			}
			return
		}
		if back, err := ParseCRS(c.URI()); err != nil || back != c.WithURIOrder() {
			t.Fatalf("%q is %v, whose URI reads back as %v, %v", name, c, back, err)
		}
	})
}
