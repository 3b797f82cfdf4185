package geo

import (
	"regexp"
	"strconv"
	"strings"
)

// system is what the package knows of one coordinate system.
type system struct {
	code       int
	epsg       string // the code as text
	title      string // what people call it
	northFirst bool   // axis order of the registry
	geographic bool
	way        converter
}

// systems lists everything that is read, CRS84 first. Parameters of the zones: Lantmäteriet, "Kartprojektioner"; EPSG dataset.
// 5845, 5846 and 5847 are the zones with heights in RH 2000, of which only the plane part is kept. RT 90 has its
// neighbours of 2.5 gon V, in which older local maps are drawn.
// WGS 84 is taken to be SWEREF 99, as PROJ and Lantmäteriet's GIS advice do; the plates have moved them less than a metre.
var systems = []system{
	{0, "", "WGS 84", false, true, degrees{}},
	epsg(3006, "SWEREF 99 TM", true, identity{}),
	epsg(3007, "SWEREF 99 12 00", true, zone1200),
	epsg(3008, "SWEREF 99 13 30", true, zone1330),
	epsg(3009, "SWEREF 99 15 00", true, zone(15)),
	epsg(3021, "RT 90 2.5 gon V", true, &projSystem{name: "EPSG:3021"}),
	epsg(3857, "Web Mercator", false, webMercator{}),
	{4326, "4326", "WGS 84", true, true, degrees{}},
	{4619, "4619", "SWEREF 99", true, true, degrees{}},
	epsg(5845, "SWEREF 99 TM + RH 2000", true, identity{}),
	epsg(5846, "SWEREF 99 12 00 + RH 2000", true, zone1200),
	epsg(5847, "SWEREF 99 13 30 + RH 2000", true, zone1330),
	epsg(3012, "SWEREF 99 14 15", true, zone(14.25)),
	epsg(3013, "SWEREF 99 15 45", true, zone(15.75)),
	epsg(3010, "SWEREF 99 16 30", true, zone(16.5)),
	epsg(3014, "SWEREF 99 17 15", true, zone(17.25)),
	epsg(3011, "SWEREF 99 18 00", true, zone(18)),
	epsg(3015, "SWEREF 99 18 45", true, zone(18.75)),
	epsg(3016, "SWEREF 99 20 15", true, zone(20.25)),
	epsg(3017, "SWEREF 99 21 45", true, zone(21.75)),
	epsg(3018, "SWEREF 99 23 15", true, zone(23.25)),
	epsg(3019, "RT 90 7.5 gon V", true, &projSystem{name: "EPSG:3019"}),
	epsg(3020, "RT 90 5 gon V", true, &projSystem{name: "EPSG:3020"}),
	epsg(3022, "RT 90 0 gon", true, &projSystem{name: "EPSG:3022"}),
}

var zone1200, zone1330 = zone(12), zone(13.5)

func epsg(code int, title string, northFirst bool, way converter) system {
	return system{code, strconv.Itoa(code), title, northFirst, false, way}
}

// names are the written forms, most specific first; the groups are authority and code.
var names = []struct {
	form     *regexp.Regexp
	registry bool // the form stands for the registry's axis order
}{
	{regexp.MustCompile(`^urn:(?:x-)?ogc:def:crs:(epsg|ogc):(?:[0-9.]*:)?([0-9a-z]+)$`), true}, // OGC 07-092r3
	{regexp.MustCompile(`^https?://(?:www\.)?opengis\.net/def/crs/(epsg|ogc)/[0-9.]+/([0-9a-z]+)$`), true},
	{regexp.MustCompile(`^https?://(?:www\.)?opengis\.net/gml/srs/(epsg)\.xml#([0-9]+)$`), false}, // GML 2, x first
	{regexp.MustCompile(`^(epsg|ogc):([0-9a-z]+)$`), false},
}

// splitName takes a name apart, in lower case; authority is "" when no form fits.
func splitName(name string) (authority, code string, registry bool) {
	if len(name) > 100 {
		return "", "", false
	}
	name = strings.ToLower(name)
	for _, n := range names {
		if m := n.form.FindStringSubmatch(name); m != nil {
			return m[1], m[2], n.registry
		}
	}
	if name == "crs84" || name == "crs:84" { // the latter in WMS 1.3.0, annex B.3
		return "ogc", "crs84", false
	}
	return "epsg", name, false
}
