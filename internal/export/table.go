package export

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// table is a layer as columns: the id, the attributes, and where the feature lies.
type table struct {
	Table
	layer Layer // with the id
	crs   geo.CRS
	place []string // names of the columns of the geometry
}

// newTable settles how the geometry of a layer of the file is shown.
func newTable(file File, layer Layer) (*table, error) {
	t := &table{Table: file.Table, layer: layer.withID(), crs: file.CRS.WithXYOrder()}
	if t.layer.Definition.GeometryType == plan.None {
		t.Geometry = NoGeometry
	}
	if t.Geometry == Auto || t.Geometry == XY {
		id, single := singlePoints(t.layer)
		switch {
		case single:
			t.Geometry = XY
		case t.Geometry == XY:
			return nil, plan.Errorf(plan.Invalid, "geometry", "feature %q is not a single point, so it has no one x and y; ask for geometry=wkt or none", id)
		case file.Format == CSV:
			t.Geometry = WKT
		default:
			t.Geometry = NoGeometry
		}
	}
	switch t.Geometry {
	case XY:
		t.place = []string{"x", "y"}
		if t.crs.Geographic() {
			t.place = []string{"lon", "lat"}
		}
	case WKT:
		t.place = []string{"wkt"}
	}
	return t, t.checkNames()
}

// singlePoints reports whether every feature is one point, or gives the first that is not.
func singlePoints(layer Layer) (id string, single bool) {
	if layer.Definition.GeometryType != plan.Point && layer.Count > 0 {
		for f := range layer.Features {
			return f.ID, false
		}
	}
	for f := range layer.Features {
		if f.Geometry.NumVertices() != 1 {
			return f.ID, false
		}
	}
	return "", layer.Definition.GeometryType == plan.Point
}

// checkNames refuses a table with two columns of one name.
func (t *table) checkNames() error {
	for _, name := range t.place {
		if t.layer.Definition.Attribute(name) >= 0 {
			return plan.Errorf(plan.Invalid, "geometry", "the layer has an attribute %q, and the geometry would need a column of that name; choose another geometry, or leave the attribute out", name)
		}
	}
	return nil
}

// point gives the function that converts a single point; each goroutine has its own.
func (t *table) point() func(g plan.Geometry) (x, y float64, err error) {
	at := make([]float64, 2)
	return func(g plan.Geometry) (x, y float64, err error) {
		copy(at, g.Coords)
		err = t.crs.FromHouse(at)
		return at[0], at[1], err
	}
}

func (t *table) wkt() *ogc.WKT { return ogc.NewWKT(t.crs) }
