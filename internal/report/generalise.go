package report

import (
	"context"
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// What is generalised at first, in metres, and by how much more each time.
const (
	firstGeneral = 10.0
	moreGeneral  = 3.0
)

// generalise makes shapes coarser until together they have no more vertices than a report may hold. It gives how far they
// may be off, in metres: 0 when they are as they were.
func generalise(ctx context.Context, shapes []*plan.Shape) (metres float64, err error) {
	for next := firstGeneral; vertices(shapes) > mostVertices; next *= moreGeneral {
		metres = next
		for _, s := range shapes {
			if ctx.Err() != nil {
				return metres, ctx.Err()
			}
			coarse := withoutSpecks(s.Geometry, metres*metres*4)
			if !coarse.IsEmpty() {
				if coarse, err = geo.Simplify(coarse, metres); err != nil {
					return metres, err
				}
			}
			s.Geometry = coarse
		}
	}
	return metres, nil
}

func vertices(shapes []*plan.Shape) (n int) {
	for _, s := range shapes {
		n += s.NumVertices()
	}
	return n
}

// withoutSpecks leaves out the polygons and holes of a polygon that are smaller than so many square metres.
func withoutSpecks(g plan.Geometry, least float64) plan.Geometry {
	kept := plan.Geometry{Type: g.Type}
	for i := range g.NumParts() {
		from, to := g.PartPaths(i)
		if math.Abs(ringArea(g.Path(from))) < least {
			continue
		}
		for path := from; path < to; path++ {
			if ring := g.Path(path); math.Abs(ringArea(ring)) >= least {
				kept.Coords = append(kept.Coords, ring...)
				kept.Ends = append(kept.Ends, uint32(len(kept.Coords)/2))
			}
		}
		kept.Parts = append(kept.Parts, uint32(len(kept.Ends)))
	}
	return kept
}

func ringArea(ring []float64) float64 {
	return geo.Area(plan.Geometry{Type: plan.Polygon, Coords: ring})
}
