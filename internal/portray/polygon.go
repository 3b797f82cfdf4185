package portray

import (
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// polygon is a polygon geometry in whole numbers of a tile, in the form that geo judges and mends. Its y goes downward,
// so that what geo calls counter-clockwise is what MVT wants of an outer ring (4.3.3.3).
type polygon struct{ plan.Geometry }

func (p *polygon) reset() {
	p.Geometry = plan.Geometry{Type: plan.Polygon, Coords: p.Coords[:0], Ends: p.Ends[:0], Parts: p.Parts[:0]}
}

// add takes in a ring, whose first place is not repeated; outer: of a new part.
func (p *polygon) add(ring []place, outer bool) {
	for _, at := range ring {
		p.Coords = append(p.Coords, float64(at.x), float64(at.y))
	}
	p.Coords = append(p.Coords, float64(ring[0].x), float64(ring[0].y))
	p.Ends = append(p.Ends, uint32(len(p.Coords)/2))
	if outer {
		p.Parts = append(p.Parts, uint32(len(p.Ends)))
	} else {
		p.Parts[len(p.Parts)-1] = uint32(len(p.Ends))
	}
}

// attempts is how often a polygon is mended: each time its new vertices are rounded, which may break it again.
const attempts = 4

// settle makes the polygon valid, where rounding or cutting has broken it; parts that can't be made so are left out.
// spare is scratch memory of the caller's.
func (p *polygon) settle(spare []place) []place {
	for range attempts {
		if p.IsEmpty() {
			return spare
		}
		geo.Normalize(&p.Geometry)
		if geo.Validate(p.Geometry) == nil {
			return spare
		}
		mended, ok := geo.Mend(p.Geometry)
		if !ok {
			break
		}
		spare = p.round(mended.Geometry, spare)
	}
	p.keepValid()
	return spare
}

// round takes over a geometry with its coordinates rounded.
func (p *polygon) round(g plan.Geometry, spare []place) []place {
	p.reset()
	for part := range g.NumParts() {
		from, to := g.PartPaths(part)
		for i := from; i < to; i++ {
			ring := g.Path(i)
			spare = spare[:0]
			for v := 0; v+3 < len(ring); v += 2 {
				spare = append(spare, place{int(math.Round(ring[v])), int(math.Round(ring[v+1]))})
			}
			if thin := thinRing(spare); len(thin) > 0 {
				p.add(thin, i == from)
			} else if i == from {
				break
			}
		}
	}
	return spare
}

// keepValid leaves out the parts that are not valid by themselves. Two that overlap are both kept.
func (p *polygon) keepValid() {
	whole := plan.Geometry{Type: plan.Polygon, Coords: append([]float64(nil), p.Coords...), Ends: append([]uint32(nil), p.Ends...), Parts: append([]uint32(nil), p.Parts...)}
	p.reset()
	for part := range whole.NumParts() {
		from, to := whole.PartPaths(part)
		one := polygon{plan.Geometry{Type: plan.Polygon}}
		for i := from; i < to; i++ {
			one.addPath(whole.Path(i), i == from)
		}
		if geo.Normalize(&one.Geometry); geo.Validate(one.Geometry) == nil {
			for i := range one.NumPaths() {
				p.addPath(one.Path(i), i == 0)
			}
		}
	}
}

func (p *polygon) addPath(ring []float64, outer bool) {
	p.Coords = append(p.Coords, ring...)
	p.Ends = append(p.Ends, uint32(len(p.Coords)/2))
	if outer {
		p.Parts = append(p.Parts, uint32(len(p.Ends)))
	} else {
		p.Parts[len(p.Parts)-1] = uint32(len(p.Ends))
	}
}

// trace adds the rings to a figure.
func (p *polygon) trace(f *figure) {
	for i := range p.NumPaths() {
		ring := p.Path(i)
		from := len(f.slab)
		for v := 0; v+3 < len(ring); v += 2 {
			f.slab = append(f.slab, place{int(ring[v]), int(ring[v+1])})
		}
		f.paths = append(f.paths, f.slab[from:len(f.slab):len(f.slab)])
	}
}
