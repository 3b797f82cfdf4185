package overlay

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"strukturbild/internal/plan"
)

// MostStrips is how many pieces of border Outlines takes: some gigabytes of memory.
const MostStrips = 20_000_000

// together is how near two edges, or the ends of two, must be to count as one, in metres: a hundred times what rounding can
// do to a crossing.
const together = 1e-6

// Outlines gives the polygons of groups: group tells which group a label in a zone belongs to, -1 for none. What has one
// group in neighbouring cells is one polygon: its border consists of parts of the edges of figures and zones, cut only
// where something else begins. TooLarge when there are more than MostStrips.
func (p *Plane) Outlines(ctx context.Context, tiles []Tile, group func(zone int, label Label) int) (map[int]plan.Geometry, error) {
	var mu sync.Mutex
	var all borders
	err := p.work(ctx, tiles, func(w *worker, i int) error {
		w.outline = &outline{group: group}
		w.tile(tiles[i])
		w.take()
		mu.Lock()
		defer mu.Unlock()
		all.strips = append(all.strips, mergeStrips(w.outline.strips)...)
		all.levels = append(all.levels, mergeLevels(w.outline.levels)...)
		if len(all.strips)+len(all.levels) > MostStrips {
			return plan.Errorf(plan.TooLarge, "", "the polygons would have more than %d pieces of border; ask for a smaller area", MostStrips)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return assemble(mergeStrips(all.strips), mergeLevels(all.levels)), nil
}

// borders are the pieces of border between two groups.
type borders struct {
	strips []strip
	levels []level
}

// outline gathers the borders of a tile.
type outline struct {
	borders
	group        func(zone int, label Label) int
	below, above []step // scratch
}

// strip is a part of an edge that has different groups on its two sides.
type strip struct {
	edge        [4]float64 // the whole edge, from its lower to its upper end
	bottom, top float64
	x, topX     float64
	left, right int32
}

// level is a border that runs from west to east.
type level struct {
	y, from, to  float64
	below, above int32
}

// step is where a group begins, from left to right.
type step struct {
	x     float64
	group int32
}

// groupOf gives the group of a mask in a cell.
func (w *worker) groupOf(c *cell, m mask) int32 {
	s := w.areas.at(m)
	if !s.grouped {
		s.group, s.grouped = -1, true
		label := w.names[w.labelOf(c, m)]
		for _, zone := range w.zones {
			if g := w.outline.group(int(zone), label); g >= 0 {
				s.group = int32(g)
				break
			}
		}
	}
	return s.group
}

// strips notes the borders in a slab. Edges that run together are one.
func (w *worker) strips(c *cell, bottom, top float64) {
	m := w.base
	left := w.groupOf(c, m)
	for i := 0; i < len(w.active); {
		first, lead := &w.active[i], &w.active[i]
		for ; i < len(w.active) && w.active[i].runsAlong(first); i++ {
			w.cross(&m, &w.active[i])
			if compareEdges(w.active[i].edge, lead.edge) < 0 {
				lead = &w.active[i]
			}
		}
		right := w.groupOf(c, m)
		if left != right {
			w.outline.strips = append(w.outline.strips, w.strip(lead, bottom, top, left, right))
		}
		left = right
	}
	w.uncross()
}

func (a *active) runsAlong(b *active) bool {
	return abs(a.x-b.x) <= together && abs(a.top-b.top) <= together
}

func (w *worker) strip(a *active, bottom, top float64, left, right int32) strip {
	p, x, y := a.edge, w.originX, w.originY
	return strip{[4]float64{p.ax + x, p.ay + y, p.bx + x, p.by + y}, bottom + y, top + y, a.x + x, a.top + x, left, right}
}

func compareEdges(a, b *edge) int {
	return cmp.Or(cmp.Compare(a.ax, b.ax), cmp.Compare(a.ay, b.ay), cmp.Compare(a.bx, b.bx), cmp.Compare(a.by, b.by))
}

// steps lists the groups along the line, from left to right.
func (w *worker) steps(dst []step, c *cell) []step {
	m := w.base
	dst = append(dst[:0], step{c.x0, w.groupOf(c, m)})
	for i := range w.active {
		w.cross(&m, &w.active[i])
		dst = append(dst, step{w.active[i].x, w.groupOf(c, m)})
	}
	w.uncross()
	return append(dst, step{c.x1, -1})
}

// levels notes the borders along a stop: where there is another group above than below.
func (w *worker) levels(c *cell, y float64) {
	o := w.outline
	x := c.x0
	for i, j := 0, 0; i+1 < len(o.below) && j+1 < len(o.above); {
		next := min(o.below[i+1].x, o.above[j+1].x)
		if a, b := o.below[i].group, o.above[j].group; a != b && next-x > together {
			o.levels = append(o.levels, level{y + w.originY, x + w.originX, next + w.originX, a, b})
		}
		x = max(x, next)
		if o.below[i+1].x <= o.above[j+1].x {
			i++
		} else {
			j++
		}
	}
}

// mergeStrips puts the parts of one edge together that have the same groups.
func mergeStrips(list []strip) []strip {
	slices.SortFunc(list, func(a, b strip) int {
		for i := range a.edge {
			if c := cmp.Compare(a.edge[i], b.edge[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.bottom, b.bottom)
	})
	kept := list[:0]
	for _, s := range list {
		if n := len(kept); n > 0 {
			if last := &kept[n-1]; last.edge == s.edge && last.left == s.left && last.right == s.right && abs(s.bottom-last.top) <= together {
				last.top, last.topX = s.top, s.topX
				continue
			}
		}
		kept = append(kept, s)
	}
	return kept
}

// mergeLevels puts levels together that follow on each other.
func mergeLevels(list []level) []level {
	slices.SortFunc(list, func(a, b level) int {
		return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.below, b.below), cmp.Compare(a.above, b.above), cmp.Compare(a.from, b.from))
	})
	kept := list[:0]
	for _, l := range list {
		if n := len(kept); n > 0 {
			if last := &kept[n-1]; last.y == l.y && last.below == l.below && last.above == l.above && abs(l.from-last.to) <= together {
				last.to = l.to
				continue
			}
		}
		kept = append(kept, l)
	}
	return kept
}

// assemble makes polygons of the borders.
func assemble(strips []strip, levels []level) map[int]plan.Geometry {
	groups := map[int32]*rings{}
	weld := welder{known: map[[2]int64]int32{}}
	border := func(left, right, from, to int32) {
		for _, side := range []struct{ group, from, to int32 }{{left, from, to}, {right, to, from}} {
			if side.group < 0 || from == to {
				continue
			}
			if groups[side.group] == nil {
				groups[side.group] = &rings{}
			}
			groups[side.group].edges = append(groups[side.group].edges, [2]int32{side.from, side.to})
		}
	}
	for _, s := range strips {
		border(s.left, s.right, weld.vertex(s.x, s.bottom), weld.vertex(s.topX, s.top))
	}
	for _, l := range levels {
		border(l.above, l.below, weld.vertex(l.from, l.y), weld.vertex(l.to, l.y))
	}
	made := map[int]plan.Geometry{}
	for group, r := range groups {
		made[int(group)] = r.polygons(weld.points)
	}
	return made
}

// welder numbers vertices; such as are all but one are one.
type welder struct {
	known  map[[2]int64]int32
	points [][2]float64
}

// weldM is how near vertices must be to be one, in metres.
const weldM = 1e-4

func (w *welder) vertex(x, y float64) int32 {
	const near = 10 * together
	for _, cx := range []float64{math.Floor((x - near) / weldM), math.Floor((x + near) / weldM)} {
		for _, cy := range []float64{math.Floor((y - near) / weldM), math.Floor((y + near) / weldM)} {
			if id, found := w.known[[2]int64{int64(cx), int64(cy)}]; found {
				return id
			}
		}
	}
	id := int32(len(w.points))
	w.points = append(w.points, [2]float64{x, y})
	w.known[[2]int64{int64(math.Floor(x / weldM)), int64(math.Floor(y / weldM))}] = id
	return id
}
