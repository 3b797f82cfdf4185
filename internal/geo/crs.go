package geo

import (
	"fmt"
	"strings"

	"strukturbild/internal/plan"
)

// CRS is a coordinate reference system together with the order in which coordinates stand. It is a comparable value;
// the zero CRS is CRS84, the system of GeoJSON.
type CRS struct {
	code    int  // EPSG; 0 is OGC:CRS84
	flipped bool // northing or latitude comes first
}

// The systems that the service itself speaks.
var (
	House = CRS{code: 3006} // SWEREF 99 TM, easting first
	CRS84 = CRS{}           // WGS 84, longitude first (OGC 07-092r3)
)

// Supported lists the systems to advertise, in registry axis order, the storage system first.
var Supported = []CRS{
	House.WithURIOrder(), CRS84, {code: 4326, flipped: true}, {code: 3857},
	{code: 3007, flipped: true}, {code: 3008, flipped: true}, {code: 3009, flipped: true}, {code: 3021, flipped: true},
}

// Codes lists the EPSG code of every system that is read.
func Codes() (codes []int) {
	for _, s := range systems[1:] {
		codes = append(codes, s.code)
	}
	return codes
}

// ParseCRS reads the name of a coordinate system. The form says the axis order: `EPSG:3006`, `3006` and the old
// `http://www.opengis.net/gml/srs/epsg.xml#3006` mean x, y (easting or longitude first), as GeoServer, GDAL and QGIS
// read them; `urn:ogc:def:crs:EPSG::3006`, `urn:x-ogc:def:crs:EPSG:3006` and
// `http://www.opengis.net/def/crs/EPSG/0/3006` mean the order of the registry. The error is a plan.Error, Invalid.
func ParseCRS(name string) (CRS, error) {
	authority, code, registry := splitName(strings.TrimSpace(name))
	if authority == "ogc" && code == "crs84" {
		return CRS84, nil
	}
	for _, s := range systems[1:] {
		if authority == "epsg" && code == s.epsg {
			return CRS{s.code, registry && s.northFirst}, nil
		}
	}
	return CRS{}, plan.Errorf(plan.Invalid, "crs", "the coordinate system %q is not supported; use one of %s", clip(name), supportedNames())
}

// clip keeps what a client sent from flooding a message.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

func supportedNames() string {
	names := []string{"CRS84"}
	for _, s := range systems[1:] {
		names = append(names, "EPSG:"+s.epsg)
	}
	return strings.Join(names, ", ")
}

// Name gives the short name: EPSG:3006 or CRS84. It does not tell the axis order.
func (c CRS) Name() string {
	if c.code == 0 {
		return "CRS84"
	}
	return fmt.Sprintf("EPSG:%d", c.code)
}

// Title gives what people call the system: SWEREF 99 TM.
func (c CRS) Title() string { return c.system().title }

// URI gives the name in the OGC's register, which stands for the registry's axis order (see WithURIOrder).
func (c CRS) URI() string {
	if c.code == 0 {
		return "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	}
	return fmt.Sprintf("http://www.opengis.net/def/crs/EPSG/0/%d", c.code)
}

// URN gives the name as WFS and GML write it, for the registry's axis order.
func (c CRS) URN() string {
	if c.code == 0 {
		return "urn:ogc:def:crs:OGC:1.3:CRS84"
	}
	return fmt.Sprintf("urn:ogc:def:crs:EPSG::%d", c.code)
}

// String gives the name and the axis order, for messages and logs.
func (c CRS) String() string { return c.Name() + " (" + c.axes() + ")" }

// EPSG gives the code in the EPSG register, 0 for CRS84.
func (c CRS) EPSG() int { return c.code }

// Flipped reports whether the first coordinate is the northing or latitude.
func (c CRS) Flipped() bool { return c.flipped }

// Geographic reports whether coordinates are degrees.
func (c CRS) Geographic() bool { return c.system().geographic }

// WithURIOrder gives the system with the axis order that its URI and URN stand for.
func (c CRS) WithURIOrder() CRS { return CRS{c.code, c.system().northFirst} }

// WithXYOrder gives the system with easting or longitude first.
func (c CRS) WithXYOrder() CRS { return CRS{code: c.code} }

// WithAxesSwapped gives the system with the other axis order.
func (c CRS) WithAxesSwapped() CRS { return CRS{c.code, !c.flipped} }

// Parameters says how a request chooses the system and axis order: crs=EPSG:3006, or crs=EPSG:3006&axis_order=yx.
func (c CRS) Parameters() string {
	if c.flipped {
		return "crs=" + c.Name() + "&axis_order=yx"
	}
	return "crs=" + c.Name()
}

// axes names the axis order: "E, N", "lat, lon" ...
func (c CRS) axes() string {
	first, second := "E", "N"
	if c.Geographic() {
		first, second = "lon", "lat"
	}
	if c.flipped {
		first, second = second, first
	}
	return first + ", " + second
}

func (c CRS) system() *system {
	for i := range systems {
		if systems[i].code == c.code {
			return &systems[i]
		}
	}
	return &systems[0] // not reached: the fields are private, and every maker of a CRS takes its code from the table
}
