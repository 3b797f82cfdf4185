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
	northFirst bool   // axis order of the registry
	geographic bool
	way        converter
}

// systems lists everything that is read, CRS84 first. Parameters of the zones: Lantmäteriet, "Kartprojektioner"; EPSG dataset.
// 5845, 5846 and 5847 are the zones with heights in RH 2000, of which only the plane part is kept.
// WGS 84 is taken to be SWEREF 99, as PROJ and Lantmäteriet's GIS advice do; the plates have moved them less than a metre.
var systems = []system{
	{0, "", false, true, degrees{}},
	epsg(3006, true, identity{}),
	epsg(3007, true, zone1200),
	epsg(3008, true, zone1330),
	epsg(3009, true, zone(15)),
	epsg(3021, true, &projSystem{name: "EPSG:3021"}),
	epsg(3857, false, webMercator{}),
	{4326, "4326", true, true, degrees{}},
	{4619, "4619", true, true, degrees{}},
	epsg(5845, true, identity{}),
	epsg(5846, true, zone1200),
	epsg(5847, true, zone1330),
}

var zone1200, zone1330 = zone(12), zone(13.5)

func epsg(code int, northFirst bool, way converter) system {
	return system{code, strconv.Itoa(code), northFirst, false, way}
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
