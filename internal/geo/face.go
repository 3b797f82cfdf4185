package geo

import (
	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// Faces gives the faces that lines enclose. Where lines cross they are cut first; those that lead nowhere are left out.
func Faces(lines plan.Geometry) (faces []plan.Geometry, err error) {
	if lines.IsEmpty() {
		return nil, nil
	}
	err = inGEOS(func(r *geosRoom) error {
		given, err := r.in(lines)
		if err != nil {
			return err
		}
		noded := r.keep(given.UnaryUnion())
		made := r.keep(r.context.Polygonize([]*geos.Geom{noded}))
		faces = make([]plan.Geometry, made.NumGeometries())
		for i := range faces {
			if faces[i], err = r.out(made.Geometry(i), plan.Polygon); err != nil {
				return err
			}
		}
		return nil
	})
	return faces, err
}
