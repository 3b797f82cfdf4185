package ogc

import (
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// metresIn are the units of distances, by what is left of their names when authorities are cut off.
var metresIn = map[string]float64{"": 1, "m": 1, "metre": 1, "metres": 1, "meter": 1, "meters": 1, "9001": 1, "km": 1000, "kilometre": 1000, "kilometer": 1000,
	"kilometers": 1000, "9036": 1000, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "9002": 0.3048, "mi": 1609.344, "mile": 1609.344, "statute miles": 1609.344,
	"9093": 1609.344, "nmi": 1852, "nautical miles": 1852, "9030": 1852}

// metres reads a Distance with its unit (09-026r2, 7.8.4: uom; 04-095: units); metres when it names none.
func metres(e *Element) (float64, error) {
	distance := e.Child("Distance")
	if distance == nil {
		return 0, e.fault("there is no Distance in it")
	}
	unit, sent := distance.Attribute("uom")
	if !sent {
		unit, _ = distance.Attribute("units")
	}
	factor, known := metresIn[strings.ToLower(unit[strings.LastIndexAny(unit, ":/#")+1:])]
	if !known {
		return 0, distance.fault("the unit %q is not known; use m, km, ft, mi or nmi", clip(unit))
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(distance.Text), 64)
	if err != nil {
		return 0, distance.fault("%q is not a number", clip(distance.Text))
	}
	return value * factor, nil
}

func (f FES) distance(e *Element) (plan.Expression, error) {
	length, err := metres(e)
	if err != nil {
		return nil, err
	}
	left, right, err := f.geometries(e)
	return plan.Near{Left: left, Right: right, Metres: length, Beyond: e.Name == "Beyond"}, err
}

// fesSpatial are the relations by their elements (09-026r2, 7.8.3).
var fesSpatial = map[string]plan.SpatialOp{"Intersects": plan.SIntersects, "Intersect": plan.SIntersects, "Disjoint": plan.SDisjoint, "Equals": plan.SEquals,
	"Contains": plan.SContains, "Within": plan.SWithin, "Touches": plan.STouches, "Crosses": plan.SCrosses, "Overlaps": plan.SOverlaps}

func (f FES) spatial(e *Element, op plan.SpatialOp) (plan.Expression, error) {
	left, right, err := f.geometries(e)
	return plan.Spatial{Op: op, Left: left, Right: right}, err
}

// bbox reads a BBOX, whose property may be left out: it means the geometry (09-026r2, 7.8.3.2).
func (f FES) bbox(e *Element) (plan.Expression, error) {
	return f.spatial(e, plan.SIntersects)
}

// geometries reads the two operands of a spatial condition; the property may be left out.
func (f FES) geometries(e *Element) (left, right plan.Expression, err error) {
	var found []plan.Expression
	for _, child := range e.Children {
		switch {
		case child.Name == "ValueReference" || child.Name == "PropertyName":
			found = append(found, propertyOf(child.Text))
			continue
		case child.Name == "Distance":
			continue
		case child.Name == "Literal" && len(child.Children) == 1:
			child = child.Children[0]
		}
		geometry, err := f.geometry(child)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, geometry)
	}
	if len(found) == 2 {
		return found[0], found[1], nil
	}
	if len(found) == 1 {
		if _, alone := found[0].(plan.Property); !alone {
			return plan.Property{Name: plan.GeometryProperty}, found[0], nil
		}
	}
	return nil, nil, e.fault("it takes a property and a geometry")
}

func (f FES) geometry(e *Element) (plan.Expression, error) {
	if isEnvelope(e) {
		corners, crs, err := f.GML.Box(e)
		if err != nil {
			return nil, err
		}
		box, err := boxIn(corners, crs)
		if err != nil {
			return nil, e.because(err)
		}
		return box, nil
	}
	shape := figure{most: f.GML.MaxVertices}
	if err := f.GML.read(&shape, e, f.GML.Unnamed); err != nil {
		return nil, err
	}
	literal, err := shape.literal()
	if err != nil {
		return nil, e.because(err)
	}
	return literal, nil
}
