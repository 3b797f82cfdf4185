package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// converter takes coordinates x0, y0, x1, y1 ... (easting or longitude first) into the house and out of it, in place.
// A point that it can't convert becomes NaN.
type converter interface {
	toHouse(coords []float64) error
	fromHouse(coords []float64) error
}

// ToHouse converts coordinates x0, y0, x1, y1 ... of system c to EPSG:3006 (easting, northing), in place. The error is
// a plan.Error, Invalid, that names the first vertex that has no place there; coords are then of no use.
func (c CRS) ToHouse(coords []float64) error {
	if c.flipped {
		swapAxes(coords)
	}
	if i := firstNonFinite(coords); i >= 0 {
		return plan.Errorf(plan.Invalid, "", "vertex %d is not a pair of finite numbers", i/2)
	}
	if err := c.system().way.toHouse(coords); err != nil {
		return plan.Errorf(plan.Invalid, "", "coordinates of %s can't be converted to EPSG:3006: %w", c.Name(), err)
	}
	if i := firstNonFinite(coords); i >= 0 {
		return plan.Errorf(plan.Invalid, "", "vertex %d lies outside the area where %s can be converted to EPSG:3006", i/2, c)
	}
	return nil
}

// FromHouse converts EPSG:3006 coordinates (easting, northing) to system c in its axis order, in place.
func (c CRS) FromHouse(coords []float64) error {
	if err := c.system().way.fromHouse(coords); err != nil {
		return plan.Errorf(plan.Invalid, "", "coordinates of EPSG:3006 can't be converted to %s: %w", c.Name(), err)
	}
	if i := firstNonFinite(coords); i >= 0 {
		return plan.Errorf(plan.Invalid, "", "vertex %d lies outside the area where EPSG:3006 can be converted to %s", i/2, c)
	}
	if c.flipped {
		swapAxes(coords)
	}
	return nil
}

func swapAxes(coords []float64) {
	for i := 0; i+1 < len(coords); i += 2 {
		coords[i], coords[i+1] = coords[i+1], coords[i]
	}
}

// firstNonFinite gives the index of the first NaN or infinity, or -1.
func firstNonFinite(coords []float64) int {
	for i, v := range coords {
		if v-v != 0 { // NaN for both
			return i
		}
	}
	return -1
}

// identity is the way of EPSG:3006 itself.
type identity struct{}

func (identity) toHouse([]float64) error   { return nil }
func (identity) fromHouse([]float64) error { return nil }

// degrees is the way of longitude and latitude.
type degrees struct{}

const degree = math.Pi / 180

func (degrees) toHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		coords[i], coords[i+1] = sweref99TM.forward(coords[i], toIsometric(coords[i+1]))
	}
	return nil
}

func (degrees) fromHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		lon, isometric := sweref99TM.inverse(coords[i], coords[i+1])
		coords[i], coords[i+1] = lon, fromIsometric(isometric)
	}
	return nil
}

// The zones convert by way of longitude and isometric latitude.

func (t *transverseMercator) toHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		coords[i], coords[i+1] = sweref99TM.forward(t.inverse(coords[i], coords[i+1]))
	}
	return nil
}

func (t *transverseMercator) fromHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		coords[i], coords[i+1] = t.forward(sweref99TM.inverse(coords[i], coords[i+1]))
	}
	return nil
}

// webMercator is the way of EPSG:3857: the sphere's Mercator on geodetic latitudes (EPSG method 1024).
type webMercator struct{}

const semiMajor = 6378137 // metres; GRS 80 and WGS 84

func (webMercator) toHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		lon, lat := coords[i]/semiMajor, math.Atan(math.Sinh(coords[i+1]/semiMajor))
		coords[i], coords[i+1] = sweref99TM.forward(lon/degree, toIsometric(lat/degree))
	}
	return nil
}

func (webMercator) fromHouse(coords []float64) error {
	for i := 0; i+1 < len(coords); i += 2 {
		lon, isometric := sweref99TM.inverse(coords[i], coords[i+1])
		lat := fromIsometric(isometric)
		coords[i], coords[i+1] = semiMajor*degree*lon, semiMajor*math.Asinh(math.Tan(lat*degree))
	}
	return nil
}
