package portray

import (
	"slices"

	"strukturbild/internal/plan"
)

// figure is a geometry in whole numbers of a tile: the points, lines or rings of one feature. Rings are not closed by
// their first place, and run as MVT wants them: an outer one clockwise (y downward), and after it its holes.
type figure struct {
	kind  plan.GeometryType
	paths [][]place
	slab  []place // what the paths lie in
}

func (f *figure) reset(kind plan.GeometryType) {
	f.kind, f.paths, f.slab = kind, f.paths[:0], f.slab[:0]
}

func (f *figure) add(path []place) {
	from := len(f.slab)
	f.slab = append(f.slab, path...)
	f.paths = append(f.paths, f.slab[from:len(f.slab):len(f.slab)])
}

// pencil draws geometries into a frame. It is scratch memory of one goroutine.
type pencil struct {
	frame   *frame
	coords  []float64
	places  []place
	spare   []place
	polygon polygon
	figure  figure
}

// draw brings a geometry into the frame; nothing of it may be left. The figure is good until the next call.
func (p *pencil) draw(g plan.Geometry) (*figure, error) {
	p.figure.reset(g.Type)
	var err error
	switch g.Type {
	case plan.Point:
		err = p.drawPoints(g)
	case plan.Line:
		err = p.drawLines(g)
	case plan.Polygon:
		err = p.drawPolygons(g)
	}
	return &p.figure, err
}

// bring rounds what matters of a path to places.
func (p *pencil) bring(path []float64) error {
	p.coords = hurdle(p.coords[:0], path, p.frame.reach)
	if err := p.frame.tile.Grid.CRS.FromHouse(p.coords); err != nil {
		return err
	}
	p.places = p.places[:0]
	for i := 0; i+1 < len(p.coords); i += 2 {
		p.places = append(p.places, p.frame.place(p.coords[i], p.coords[i+1]))
	}
	return nil
}

func (p *pencil) drawPoints(g plan.Geometry) error {
	for i := 0; i+1 < len(g.Coords); i += 2 {
		if err := p.bring(g.Coords[i : i+2]); err != nil {
			return err
		}
		if at := p.places[0]; at.within(margin) && !slices.ContainsFunc(p.figure.paths, func(known []place) bool { return known[0] == at }) {
			p.figure.add(p.places)
		}
	}
	return nil
}

func (p *pencil) drawLines(g plan.Geometry) error {
	for i := range g.NumPaths() {
		if err := p.bring(g.Path(i)); err != nil {
			return err
		}
		cutLine(thinLine(p.places), p.spare, func(stretch []place) {
			if stretch = thinLine(stretch); len(stretch) > 1 {
				p.figure.add(stretch)
			}
		})
	}
	return nil
}

func (p *pencil) drawPolygons(g plan.Geometry) error {
	p.polygon.reset()
	for part := range g.NumParts() {
		from, to := g.PartPaths(part)
		for i := from; i < to; i++ {
			ring, err := p.drawRing(g.Path(i))
			if err != nil {
				return err
			}
			if len(ring) > 0 {
				p.polygon.add(ring, i == from)
			} else if i == from {
				break // without its outer ring no hole
			}
		}
	}
	p.spare = p.polygon.settle(p.spare)
	p.polygon.trace(&p.figure)
	return nil
}

// drawRing gives what a closed ring becomes; nothing where it encloses nothing.
func (p *pencil) drawRing(path []float64) ([]place, error) {
	if err := p.bring(path); err != nil {
		return nil, err
	}
	ring := thinRing(p.places[:len(p.places)-1])
	if !slices.ContainsFunc(ring, func(at place) bool { return !at.within(margin) }) {
		return ring, nil
	}
	ring, p.spare = cutRing(ring, p.spare)
	return thinRing(ring), nil
}
