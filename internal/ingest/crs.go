package ingest

import (
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// crsChoice settles the coordinate system of a file. A parameter and the file's own crs member (GeoJSON 2008 section 3)
// must agree; without either it is CRS84 (RFC 7946 section 4).
type crsChoice struct {
	asked   *geo.CRS // by the parameter
	stated  *geo.CRS // by the file
	final   bool     // nothing later in the file can change it
	ignore  bool     // what the file states
	swapped bool     // northing or latitude comes first
}

// ask takes what the request says.
func (c *crsChoice) ask(o *Options) error {
	c.ignore, c.swapped = o.IgnoreFileCRS, o.Swapped
	if o.CRS == "" {
		if o.IgnoreFileCRS {
			return plan.Errorf(plan.Invalid, "ignore_file_crs", "ignore_file_crs needs crs, which says what holds instead")
		}
		return nil
	}
	crs, err := geo.ParseCRS(o.CRS)
	if err != nil {
		return err
	}
	crs = crs.WithXYOrder()
	c.asked, c.final = &crs, true
	return nil
}

// state takes the file's crs member, which stands at an offset of the body.
func (c *crsChoice) state(raw []byte, at int64) error {
	if c.ignore {
		return nil
	}
	crs, fault := readCRS(raw)
	if fault == nil && crs != nil && c.asked != nil && !sameSystem(*crs, *c.asked) {
		fault = fatalf(at, crsConflict, crs.Name(), c.asked.Name())
	}
	if fault != nil {
		fault.finding.Offset, fault.finding.Pointer = &at, "/crs"
		return fault
	}
	c.stated, c.final = crs, true
	return nil
}

// find takes the crs member of a feature or geometry, or that there is none, for the file's word.
func (c *crsChoice) find(raw []byte, at int64) error {
	object := &cursor{doc: raw}
	if object.peek() == '{' {
		for name := range object.members {
			from := object.pos
			if value := object.value(); string(name) == "crs" {
				return c.state(value, at+int64(from))
			}
		}
	}
	c.final = true
	return nil
}

// ifFinal gives the system when nothing later in the file can change it, else nil.
func (c *crsChoice) ifFinal() *geo.CRS {
	if !c.final {
		return nil
	}
	crs := c.crs()
	return &crs
}

func (c *crsChoice) crs() geo.CRS {
	if c.swapped {
		return c.system().WithAxesSwapped()
	}
	return c.system()
}

// system gives the coordinate system, x first.
func (c *crsChoice) system() geo.CRS {
	switch {
	case c.asked != nil:
		return *c.asked
	case c.stated != nil:
		return *c.stated
	}
	return geo.CRS84
}

// sameSystem reports whether coordinates mean the same in both: all systems of degrees are taken to be one (package geo).
func sameSystem(a, b geo.CRS) bool {
	return a.WithXYOrder() == b.WithXYOrder() || a.Geographic() && b.Geographic()
}

// readCRS reads a crs member; nil when it is null. GeoJSON has x, y order whatever the name stands for elsewhere: GDAL
// and QGIS write urn:ogc:def:crs:EPSG::3006 over coordinates that are easting, northing.
func readCRS(raw []byte) (*geo.CRS, *fatal) {
	if string(raw) == "null" {
		return nil, nil
	}
	name := crsName(raw)
	if name == "" {
		return nil, fatalf(0, crsMember)
	}
	crs, err := geo.ParseCRS(name)
	if err != nil {
		return nil, fatalf(0, crsUnknown, clip([]byte(name)), supported())
	}
	crs = crs.WithXYOrder()
	return &crs, nil
}

func supported() string {
	var names []string
	for _, crs := range geo.Supported {
		names = append(names, crs.Name())
	}
	return strings.Join(names, ", ")
}

// crsName gives the name in {"type":"name","properties":{"name":N}} or in the older {"type":"EPSG","properties":
// {"code":N}}; "" when there is none.
func crsName(raw []byte) string {
	c := &cursor{doc: raw}
	if c.peek() != '{' {
		return ""
	}
	name := ""
	for member := range c.members {
		if string(member) != "properties" || c.peek() != '{' {
			c.value()
			continue
		}
		for property := range c.members {
			switch first := c.peek(); {
			case string(property) == "name" && first == '"':
				name = string(c.text())
			case string(property) == "code" && first-'0' <= 9:
				name = "EPSG:" + string(c.value())
			default:
				c.value()
			}
		}
	}
	return name
}
