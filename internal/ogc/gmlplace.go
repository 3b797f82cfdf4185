package ogc

import (
	"cmp"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Placed reads one geometry that is to be kept, into EPSG:3006. When it lies in the region only with its axes the other way
// round, it is refused with both readings: nobody can know which was meant.
func (r GMLReader) Placed(e *Element) (plan.Geometry, error) {
	found, err := r.Geometries(e)
	if err == nil && inRegion(found) {
		return one(e, found)
	}
	flipped := r
	flipped.flip = true
	if swapped, otherwise := flipped.Geometries(e); otherwise == nil && inRegion(swapped) {
		crs, _ := r.system(cmp.Or(e.naming(), e), r.Unnamed) // it has been read
		return plan.Geometry{}, e.fault("the coordinates lie outside the region when they are read as %s, and inside as %s; a name like urn:ogc:def:crs:EPSG::3006 "+
			"stands for northing first, EPSG:3006 for easting first, and in WFS 1.0.0 easting is always first", crs, crs.WithAxesSwapped())
	}
	if err != nil {
		return plan.Geometry{}, err
	}
	return one(e, found)
}

// one gives the only geometry, or an empty one.
func one(e *Element, found []plan.Geometry) (g plan.Geometry, err error) {
	switch len(found) {
	case 0:
		return g, nil
	case 1:
		return found[0], nil
	}
	return g, e.fault("it holds geometries of several types; a layer has one")
}

func inRegion(geometries []plan.Geometry) bool {
	for _, g := range geometries {
		if !geo.Window.Contains(g.Box()) {
			return false
		}
	}
	return true
}

// naming gives the first element, of this and those in it, that names a coordinate system, or nil.
func (e *Element) naming() *Element {
	if _, names := e.Attribute("srsName"); names {
		return e
	}
	for _, child := range e.Children {
		if found := child.naming(); found != nil {
			return found
		}
	}
	return nil
}
