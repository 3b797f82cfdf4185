package ogc

import (
	"cmp"
	"fmt"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// maxFilterVertices is how many vertices the geometries of one filter may have.
const maxFilterVertices = 100_000

// figure gathers the parts of a geometry that is read, whatever language it is written in.
type figure struct {
	most                 int // vertices that are taken; 0 is maxFilterVertices
	point, line, polygon plan.Geometry
	vertices             int
}

// add takes a point, a line or a ring of a polygon, in the order of the coordinate system crs.
func (f *figure) add(g *plan.Geometry, kind plan.GeometryType, coords []float64, crs geo.CRS) error {
	most := cmp.Or(f.most, maxFilterVertices)
	if f.vertices += len(coords) / 2; f.vertices > most {
		return plan.Errorf(plan.TooLarge, "", "the geometry has more than %d vertices", most)
	}
	g.Type = kind
	if err := crs.ToHouse(coords); err != nil {
		return err
	}
	g.Coords = append(g.Coords, coords...)
	if kind != plan.Point {
		g.Ends = append(g.Ends, uint32(g.NumVertices()))
	}
	return nil
}

func (f *figure) addPoint(coords []float64, crs geo.CRS) error {
	if len(coords) != 2 {
		return fmt.Errorf("a point has one position, not %d", len(coords)/2)
	}
	return f.add(&f.point, plan.Point, coords, crs)
}

func (f *figure) addLine(coords []float64, crs geo.CRS) error {
	if len(coords) < 4 {
		return fmt.Errorf("a line has at least two positions, not %d", len(coords)/2)
	}
	return f.add(&f.line, plan.Line, coords, crs)
}

// addPolygon takes the rings of one polygon, the outer one first.
func (f *figure) addPolygon(rings [][]float64, crs geo.CRS) error {
	for _, ring := range rings {
		n := len(ring)
		if n < 8 {
			return fmt.Errorf("a ring has at least four positions, not %d", n/2)
		}
		if ring[0] != ring[n-2] || ring[1] != ring[n-1] {
			return fmt.Errorf("a ring ends where it begins; this one begins at %v %v and ends at %v %v", ring[0], ring[1], ring[n-2], ring[n-1])
		}
		if err := f.add(&f.polygon, plan.Polygon, ring, crs); err != nil {
			return err
		}
	}
	if len(rings) > 0 {
		f.polygon.Parts = append(f.polygon.Parts, uint32(len(f.polygon.Ends)))
	}
	return nil
}

// geometries gives what was gathered: a multi-geometry of each type that there is.
func (f *figure) geometries() (list []plan.Geometry) {
	for _, g := range []plan.Geometry{f.point, f.line, f.polygon} {
		if g.IsEmpty() {
			continue
		}
		if len(g.Ends) == 1 {
			g.Ends = nil
		}
		if len(g.Parts) == 1 {
			g.Parts = nil
		}
		geo.Normalize(&g)
		list = append(list, g)
	}
	return list
}

// literal gives the geometry as a constant of a filter.
func (f *figure) literal() (plan.Expression, error) {
	list := f.geometries()
	for _, g := range list {
		if fault := geo.Validate(g); fault != nil {
			return nil, plan.Errorf(plan.Invalid, "", "the geometry is not valid: at %.3f %.3f (EPSG:3006) %s", fault.X, fault.Y, fault.Message.EN)
		}
	}
	if len(list) == 0 {
		return nil, plan.Errorf(plan.Invalid, "", "the geometry is empty")
	}
	return plan.GeometryLiteral{Geometries: list}, nil
}
