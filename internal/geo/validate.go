package geo

import "strukturbild/internal/plan"

// Validate checks a geometry by OGC 06-103r4 (simple features) section 6.1 and gives the first fault, nil when there is
// none. Points and lines are valid when they are there, finite and not collapsed to one place; polygons in the sense of
// PostGIS's ST_IsValid. Most valid polygons are proven so here without GEOS; GEOS judges and locates the rest.
func Validate(g plan.Geometry) *Fault {
	if g.Type == plan.None {
		return nil
	}
	if fault := checkForm(g); fault != nil {
		return fault
	}
	if g.Type != plan.Polygon || provenValid(g) {
		return nil
	}
	return geosFault(g)
}

// checkForm checks what can be seen from each vertex and path alone.
func checkForm(g plan.Geometry) *Fault {
	switch {
	case g.IsEmpty():
		return newFault("empty_geometry", 0, 0, 0)
	case !boundsFit(g):
		return newFault("malformed", 0, 0, 0)
	}
	if i := firstNonFinite(g.Coords); i >= 0 {
		fault := newFault("non_finite", g.PathOf(i/2), 0, 0)
		fault.Vertex = i/2 - g.FirstVertex(fault.Path)
		return fault
	}
	for i := range g.NumPaths() {
		if rule := pathFault(g.Path(i), g.Type); rule != "" {
			return faultAt(rule, g, i, 0)
		}
	}
	return nil
}

// boundsFit reports whether the ends of paths and parts grow and reach to the last vertex.
func boundsFit(g plan.Geometry) bool {
	return len(g.Coords)%2 == 0 && grows(g.Ends, g.NumVertices()) && grows(g.Parts, g.NumPaths())
}

func grows(ends []uint32, last int) bool {
	before := uint32(0)
	for _, end := range ends {
		if end <= before {
			return false
		}
		before = end
	}
	return ends == nil || int(before) == last
}

// pathFault names the rule that a line or ring breaks by itself, or "".
func pathFault(path []float64, kind plan.GeometryType) string {
	n := len(path)
	switch {
	case kind == plan.Line && (n < 4 || collapsed(path)):
		return "too_few_points"
	case kind == plan.Polygon && (path[0] != path[n-2] || path[1] != path[n-1]):
		return "ring_not_closed"
	case kind == plan.Polygon && n < 8:
		return "too_few_points"
	}
	return ""
}

// collapsed reports whether all vertices of a path are the same.
func collapsed(path []float64) bool {
	for i := 2; i+1 < len(path); i += 2 {
		if path[i] != path[0] || path[i+1] != path[1] {
			return false
		}
	}
	return true
}
