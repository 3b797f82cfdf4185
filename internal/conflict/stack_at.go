package conflict

import (
	"context"
	"math"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// At tells what there is for a land use at one point, in metres of EPSG:3006, and why. Distances are the true ones: within
// geo.Sagitta of a round border the stack may have another colour.
func (e *Engine) At(ctx context.Context, view *atlas.View, q plan.StackQuery, x, y float64) (*plan.StackPlace, error) {
	c, err := e.newCanvas(view, q)
	if err != nil {
		return nil, err
	}
	w := e.workers.Get().(*worker)
	defer e.workers.Put(w)
	w.Partition = c.partition
	point := plan.Geometry{Type: plan.Point, Coords: []float64{x, y}}
	p := plumb{c, w, &figure{geometry: point, box: point.Box()}}
	place := &plan.StackPlace{}
	home := w.Divide(point, p.figure.box, 1)[0].Kommun
	kod, namn := c.partition.Name(home)
	place.Kommun, place.Namn = kod, namn.SV
	var blocks []*block
	var kinds []int
	for f := range c.questions {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		found, worst := p.question(f, home)
		blocks = append(blocks, found...)
		if worst >= 0 {
			kinds = append(kinds, worst)
		}
	}
	ranked := newRanking(c.partition, blocks)
	tell := c.rules.teller()
	place.Hits = []plan.Conflict{}
	for _, pick := range ranked.list(everything, nil, mostHits) {
		place.Hits = append(place.Hits, tell.conflict(pick))
	}
	place.Combination = c.combination(kinds)
	place.NotMeasured, _ = c.notMeasured()
	return place, nil
}

// mostHits bounds the features that are listed at a point.
const mostHits = 1000

// plumb lets down a plumb line at a point.
type plumb struct {
	*canvas
	*worker
	figure *figure
}

// question asks a question at the point: it gives the features that it is true of, and the worst kind; -1 for none.
func (p *plumb) question(f int, home int16) (blocks []*block, worst int) {
	q, worst := &p.questions[f], math.MaxInt
	var found hits
	var by *asking
	p.eachOf(f, p.figure.box, func(asked *asking, slot atlas.Slot, list []band) {
		size, hit := p.measureAt(q, slot, list)
		if !hit {
			return
		}
		by = asked
		for _, b := range list {
			if q.rule.Relation == plan.Overlap || size <= b.reach {
				found.records = append(found.records, record{size: size, b: slot, kind: uint8(b.outcome), kommun: home})
				worst = min(worst, p.kindOf[f][b.outcome])
				return
			}
		}
	})
	if by == nil {
		return nil, -1
	}
	u := unitOf(q.rule.Relation, plan.Polygon, q.interest.Layer().GeometryType)
	key := q.blockKey
	blocks = newBlocks(key, u, found)
	for _, b := range blocks {
		b.asked, b.place = by, p.rules.placeOf(q.theme, q.interest.Layer().Theme)
		if u == squareMetres {
			b.claimWhole = p.query.AreaHa * 10_000
		}
	}
	return blocks, worst
}

// measureAt tells whether a feature is at the point, and how far away it is or how much of a claim it would overlap.
func (p *plumb) measureAt(q *question, slot atlas.Slot, list []band) (size float64, hit bool) {
	g := p.figure.geometry
	shape := figure{geometry: q.interest.Geometry(slot), box: q.interest.Box(slot)}
	if q.rule.Relation == plan.Within {
		size = p.Kernel.Distance(g, shape.geometry, p.figure.box, shape.box, list[len(list)-1].reach)
		return size, !math.IsInf(size, 1)
	}
	return min(p.query.AreaHa*10_000, geo.Area(shape.geometry)), shape.has(g.Coords[0], g.Coords[1])
}
