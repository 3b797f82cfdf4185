package ogc

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// coordinates takes geometries out of the house and writes their numbers.
type coordinates struct {
	crs    geo.CRS
	number func(dst []byte, v float64) []byte
	coords []float64
}

func newCoordinates(crs geo.CRS) coordinates {
	if crs.Geographic() {
		return coordinates{crs: crs, number: appendDegrees}
	}
	return coordinates{crs: crs, number: appendMetres}
}

// convert puts converted coordinates in place of the geometry's own; they hold until the next call.
func (c *coordinates) convert(g *plan.Geometry) error {
	c.coords = append(c.coords[:0], g.Coords...)
	g.Coords = c.coords
	return c.crs.FromHouse(c.coords)
}

func (c *coordinates) appendVertices(dst []byte, coords []float64, inside, between byte) []byte {
	for i := 0; i+1 < len(coords); i += 2 {
		dst = append(c.number(dst, coords[i]), inside)
		dst = append(c.number(dst, coords[i+1]), between)
	}
	return dst[:len(dst)-1]
}
