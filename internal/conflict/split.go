package conflict

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// place divides the conflict of f and g among the municipalities. Its shape is made only where a border runs near. The
// result is good until the next call.
func (w *worker) place(u unit, f, g *figure, size float64) ([]part, error) {
	if u == distance {
		return w.placeDistance(f, g, size), nil
	}
	only, settled, crossing := w.partition.locate(w.crossing, intersection(f.box, g.box))
	if settled {
		w.parts = append(w.parts[:0], part{size, only})
		return w.parts, nil
	}
	w.crossing = crossing
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
	return w.divide(shape, shape.Box(), size), nil
}

// placeArea cuts f along the borders, once for all that it is held against: then no shape is made for the pair.
func (w *worker) placeArea(f, g *figure, size float64) ([]part, error) {
	w.parts = w.parts[:0]
	for _, k := range w.crossing {
		piece, err := f.piece(k, &w.partition.kommuner[k])
		if err != nil {
			return nil, err
		}
		if inside := w.area(piece, g); inside > size*speck {
			w.parts = append(w.parts, part{inside, k})
		}
	}
	w.parts = settle(w.parts, size)
	return w.parts, nil
}

// piece gives the part of the polygon that lies in municipality k.
func (f *figure) piece(k int16, kommun *kommun) (*figure, error) {
	if piece := f.pieces[k]; piece != nil {
		return piece, nil
	}
	cut, err := geo.Intersection(f.geometry, kommun.geometry)
	if err != nil {
		return nil, err
	}
	piece := &figure{geometry: cut, box: cut.Box()}
	if f.prepared != nil {
		piece.prepared = geo.Prepare(cut)
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
func (w *worker) placeCrossing(f, g *figure, size float64) ([]part, error) {
	w.parts = w.parts[:0]
	for _, k := range w.crossing {
		inside, err := geo.Intersection(f.geometry, w.partition.kommuner[k].geometry)
		if err != nil {
			return nil, err
		}
		if !inside.IsEmpty() && geo.Intersects(inside, g.geometry) {
			return append(w.parts, part{size, k}), nil
		}
	}
	return append(w.parts, part{size, none}), nil
}

// placeDistance finds the municipalities of a distance: those that one of the figures lies in, near the other one. Both
// ends of the distance lie in the box that is asked about.
func (w *worker) placeDistance(f, g *figure, size float64) []part {
	only, settled, crossing := w.partition.locate(w.crossing, intersection(f.box.Grow(size), g.box.Grow(size)))
	w.parts = w.parts[:0]
	if settled {
		return append(w.parts, part{size, only})
	}
	w.crossing = crossing
	for _, k := range crossing {
		shape := w.partition.kommuner[k].shape
		if shape.Intersects(&w.kernel, f.geometry, f.box) || shape.Intersects(&w.kernel, g.geometry, g.box) {
			w.parts = append(w.parts, part{size, k})
		}
	}
	if len(w.parts) == 0 {
		w.parts = append(w.parts, part{size, none})
	}
	return w.parts
}

// divide gives the parts of a figure in each municipality; they add up to its size. The result is good until the next
// call.
func (w *worker) divide(g plan.Geometry, box plan.Box, size float64) []part {
	only, settled, crossing := w.partition.locate(w.crossing, box)
	if settled {
		w.parts = append(w.parts[:0], part{size, only})
		return w.parts
	}
	w.crossing, w.parts = crossing, w.parts[:0]
	if g.Type == plan.Point {
		return w.dividePoints(g)
	}
	for _, k := range crossing {
		kommun := &w.partition.kommuner[k]
		inside := 0.0
		if g.Type == plan.Polygon {
			inside = kommun.shape.IntersectionArea(&w.kernel, g, box)
		} else {
			inside = kommun.shape.IntersectionLength(&w.kernel, g, box)
		}
		if inside > size*speck {
			w.parts = append(w.parts, part{inside, k})
		}
	}
	w.parts = settle(w.parts, size)
	return w.parts
}

// Fractions of a conflict's size: a part below speck is rounding, and parts agree with the whole to within rounding,
// since the borders of neighbours agree to far less.
const (
	speck    = 1e-7
	rounding = 1e-6
)

// settle makes the parts add up to the size. What lies in no municipality becomes a part of its own; what lies in two
// (a line along their border) is scaled down to both; rounding goes to the largest part.
func settle(parts []part, size float64) []part {
	sum, largest := 0.0, 0
	for i, p := range parts {
		sum += p.size
		if p.size > parts[largest].size {
			largest = i
		}
	}
	switch rest := size - sum; {
	case len(parts) == 0 || rest > size*rounding:
		return append(parts, part{rest, none})
	case rest < -size*rounding:
		for i := range parts {
			parts[i].size *= size / sum
		}
	default:
		parts[largest].size += rest
	}
	return parts
}

// dividePoints counts the points of each municipality. A point on a border belongs to the first by kommunkod.
func (w *worker) dividePoints(g plan.Geometry) []part {
	for i := 0; i+1 < len(g.Coords); i += 2 {
		home := none
		for _, k := range w.crossing {
			if w.partition.kommuner[k].shape.ContainsPoint(g.Coords[i], g.Coords[i+1]) {
				home = k
				break
			}
		}
		w.count(home)
	}
	return w.parts
}

func (w *worker) count(home int16) {
	for i := range w.parts {
		if w.parts[i].kommun == home {
			w.parts[i].size++
			return
		}
	}
	w.parts = append(w.parts, part{1, home})
}

func intersection(a, b plan.Box) plan.Box {
	return plan.Box{MinX: max(a.MinX, b.MinX), MinY: max(a.MinY, b.MinY), MaxX: min(a.MaxX, b.MaxX), MaxY: min(a.MaxY, b.MaxY)}
}
