package conflict

import (
	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// place divides the conflict of f and g among the municipalities. A shape is made only where a border runs near. The
// result is good until the next call.
func (w *worker) place(u unit, f, g *figure, size float64) ([]division.Part, error) {
	if u == distance {
		return w.placeDistance(f, g, size), nil
	}
	only, settled, crossing := w.Partition.Locate(w.Crossing, intersection(f.box, g.box))
	if settled {
		w.Parts = append(w.Parts[:0], division.Part{Size: size, Kommun: only})
		return w.Parts, nil
	}
	w.Crossing = crossing
	if u == squareMetres {
		return w.placeArea(f, g, size)
	}
	shape, err := w.shape(u, f, g)
	switch {
	case err != nil:
		return nil, err
	case shape.IsEmpty():
		return w.placeCrossing(f, g, size)
	}
	return w.Divide(shape, shape.Box(), size), nil
}

// placeArea divides the area that f and g share.
func (w *worker) placeArea(f, g *figure, size float64) ([]division.Part, error) {
	w.Parts = w.Parts[:0]
	for _, k := range w.Crossing {
		inside, err := w.areaIn(k, f, g)
		if err != nil {
			return nil, err
		}
		if inside > size*division.Speck {
			w.Parts = append(w.Parts, division.Part{Size: inside, Kommun: k})
		}
	}
	w.Parts = division.Settle(w.Parts, size)
	return w.Parts, nil
}

// areaIn gives the area that f and g share in municipality k. Of an f that is held against many, the part there is made
// once for all; else no shape is made but where borders run together.
func (w *worker) areaIn(k int16, f, g *figure) (float64, error) {
	kommun := &w.Partition.Kommuner[k]
	if f.prepared == nil {
		if area, sure := kommun.Shape.CommonArea(&w.Kernel, f.geometry, g.geometry, f.box, g.box); sure {
			return area, nil
		}
	}
	piece, err := w.piece(k, f)
	if err != nil {
		return 0, err
	}
	return w.area(piece, g), nil
}

// piece gives the part of the polygon f that lies in municipality k: most often all of it or nothing.
func (w *worker) piece(k int16, f *figure) (*figure, error) {
	if piece := f.pieces[k]; piece != nil {
		return piece, nil
	}
	kommun := &w.Partition.Kommuner[k]
	piece := &figure{geometry: plan.Geometry{Type: plan.Polygon}, box: plan.EmptyBox}
	switch kommun.Shape.LocateGeometry(&w.Kernel, f.geometry, f.box) {
	case geo.Inside:
		piece = f
	case geo.Crossing:
		cut, err := geo.Intersection(f.geometry, kommun.Geometry)
		if err != nil {
			return nil, err
		}
		piece.geometry, piece.box = cut, cut.Box()
		if f.prepared != nil {
			piece.prepared = geo.Prepare(cut)
		}
	}
	if f.pieces == nil {
		f.pieces = map[int16]*figure{}
	}
	f.pieces[k] = piece
	return piece, nil
}

// shape gives the place that f and g share, when one of them is no polygon.
func (w *worker) shape(u unit, f, g *figure) (plan.Geometry, error) {
	if u == points {
		return plan.Geometry{Type: plan.Point, Coords: w.points}, nil
	}
	if g.geometry.Type == plan.Line {
		f, g = g, f // geo.Intersection keeps the type of its first figure
	}
	return geo.Intersection(f.geometry, g.geometry)
}

// placeCrossing finds the municipality of a conflict that has no extent of its own: lines that cross.
func (w *worker) placeCrossing(f, g *figure, size float64) ([]division.Part, error) {
	w.Parts = w.Parts[:0]
	for _, k := range w.Crossing {
		inside, err := geo.Intersection(f.geometry, w.Partition.Kommuner[k].Geometry)
		if err != nil {
			return nil, err
		}
		if !inside.IsEmpty() && geo.Intersects(inside, g.geometry) {
			return append(w.Parts, division.Part{Size: size, Kommun: k}), nil
		}
	}
	return append(w.Parts, division.Part{Size: size, Kommun: division.None}), nil
}

// placeDistance finds the municipalities of a distance: those that one of the figures lies in, near the other one. Both
// ends of the distance lie in the box that is asked about.
func (w *worker) placeDistance(f, g *figure, size float64) []division.Part {
	only, settled, crossing := w.Partition.Locate(w.Crossing, intersection(f.box.Grow(size), g.box.Grow(size)))
	w.Parts = w.Parts[:0]
	if settled {
		return append(w.Parts, division.Part{Size: size, Kommun: only})
	}
	w.Crossing = crossing
	for _, k := range crossing {
		shape := w.Partition.Kommuner[k].Shape
		if shape.Intersects(&w.Kernel, f.geometry, f.box) || shape.Intersects(&w.Kernel, g.geometry, g.box) {
			w.Parts = append(w.Parts, division.Part{Size: size, Kommun: k})
		}
	}
	if len(w.Parts) == 0 {
		w.Parts = append(w.Parts, division.Part{Size: size, Kommun: division.None})
	}
	return w.Parts
}

func intersection(a, b plan.Box) plan.Box {
	return plan.Box{MinX: max(a.MinX, b.MinX), MinY: max(a.MinY, b.MinY), MaxX: min(a.MaxX, b.MaxX), MaxY: min(a.MaxY, b.MaxY)}
}
