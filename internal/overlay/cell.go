package overlay

import (
	"math"
	"math/bits"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// A square is divided into cells of about cellPieces, and a cell again when it has more than leafPieces, unless that no
// longer helps. A figure that is not drawn yet counts as lazyPieces.
const (
	cellPieces = 32
	leafPieces = 96
	lazyPieces = 32
	mostCells  = 128  // along a side
	leastSide  = 0.01 // metres
	leastGain  = 0.8  // of the pieces that a cell of a divided one may have: more is no gain
	fruitless  = 4    // divisions without gain
)

// worker measures tiles, one after the other. It is the scratch memory of one goroutine: what is kept of cells that are
// being divided lies on each other like a stack. Of presences, pieces and events the one with the number 0 is none.
type worker struct {
	plane    *Plane
	families int
	nothing  []int32  // of each family: no kind covers
	box      plan.Box // of the tile at hand
	originX  float64
	originY  float64
	members  []member
	edges    []edge
	present  []presence
	pieces   []piece
	events   []event
	grids    []*grid // by how often their cells have been divided
	member   int32   // the one that is being entered
	kind     int32
	pen      geo.Pen
	outline  *outline // nil: only areas are wanted
	sweeper
	tally
}

// cell is a part of a tile.
type cell struct {
	rect
	present int32   // the first one
	best    []int32 // of each family the first kind that covers the cell
	pieces  int
	level   int // how often it has been divided
	wasted  int // in how many of those without gain
}

// mark is the height of the stack.
type mark struct{ present, pieces, events int }

func (w *worker) mark() mark { return mark{len(w.present), len(w.pieces), len(w.events)} }

func (w *worker) release(m mark) {
	w.present, w.pieces, w.events = w.present[:m.present], w.pieces[:m.pieces], w.events[:m.events]
}

// Kinds that cover a cell: never is after all others, and before all of them is what makes nothing of a family show.
const (
	never  = int32(1) << 30
	always = int32(-1)
)

// tile measures one tile.
func (w *worker) tile(t Tile) {
	w.originX, w.originY = t.origin()
	w.members, w.edges = w.members[:0], w.edges[:0]
	w.box = t.Box()
	for z := range w.plane.Zones {
		if zone := &w.plane.Zones[z]; zone.Box.Intersects(w.box) {
			w.members = append(w.members, member{Figure: Figure{Geometry: zone.Geometry, Box: zone.Box}, kind: zoneKind(z)})
		}
	}
	zones := len(w.members)
	w.list(w.members)
	if g := w.lay(zones, 1); g.present[0] == 0 {
		return
	}
	w.plane.Find(w.box, func(f Figure) { w.members = append(w.members, member{Figure: f, kind: int32(f.Kind)}) })
	figures := w.members[zones:]
	slices.SortFunc(figures, func(a, b member) int { return int(a.kind - b.kind) })
	lazy := w.list(figures)
	g := w.lay(zones, cellsFor(len(w.edges)+lazyPieces*lazy))
	for i := range figures {
		w.shade(g, &figures[i])
	}
	for i := range figures {
		w.enter(g, zones+i)
	}
	w.parts(g, &cell{rect: wholeTile, pieces: math.MaxInt})
}

// list lists the edges of members that need not be drawn, and counts the others.
func (w *worker) list(members []member) (lazy int) {
	for i := range members {
		if m := &members[i]; m.Reach > 0 {
			lazy++
		} else {
			w.listEdges(m, m.Geometry)
		}
	}
	return lazy
}

// lay lays the grid over a tile and enters the zones. What lies in none is closed to all figures.
func (w *worker) lay(zones, n int) *grid {
	w.release(mark{1, 1, 1})
	g := w.grid(0)
	g.lay(wholeTile, n, w.nothing)
	g.west, g.east = -1, n
	for i := range zones {
		w.enter(g, i)
	}
	for cell, present := range g.present {
		if present == 0 {
			best := g.bestOf(cell, w.families)
			for i := range best {
				best[i] = always
			}
		}
	}
	return g
}

// grid gives that for cells that have been divided so often.
func (w *worker) grid(level int) *grid {
	for len(w.grids) <= level {
		w.grids = append(w.grids, &grid{})
	}
	return w.grids[level]
}

// cellsFor gives into how many cells a side is to be divided for so many pieces: a power of two, so that no line gets a
// number that coordinates have.
func cellsFor(pieces int) int {
	return min(1<<((bits.Len(uint(pieces/cellPieces))+1)/2), mostCells)
}

// parts measures the cells of a divided one.
func (w *worker) parts(g *grid, of *cell) {
	m := w.mark()
	for i, present := range g.present {
		if present == 0 {
			continue
		}
		c := cell{rect: g.rect(i), present: present, best: g.bestOf(i, w.families), pieces: int(g.weight[i]), level: of.level + 1}
		if c.pieces > leafPieces {
			w.weigh(&c)
		}
		if float64(c.pieces) > leastGain*float64(of.pieces) {
			c.wasted = of.wasted + 1
		}
		if c.pieces > leafPieces && c.side() > leastSide && c.wasted < fruitless {
			w.divide(&c)
			w.release(m)
		} else {
			w.sweep(&c)
		}
	}
}

// weigh counts the pieces that can show.
func (w *worker) weigh(c *cell) {
	c.pieces = 0
	for p := c.present; p != 0; p = w.present[p].next {
		if w.hidden(c.best, w.members[w.present[p].member].kind) {
			continue
		}
		for i := w.present[p].pieces; i != 0; i = w.pieces[i].next {
			c.pieces++
		}
	}
}

// divide measures a cell in parts.
func (w *worker) divide(c *cell) {
	g := w.grid(c.level)
	g.lay(c.rect, max(2, cellsFor(c.pieces)), c.best)
	for p := c.present; p != 0; p = w.present[p].next {
		if !w.hidden(c.best, w.members[w.present[p].member].kind) {
			w.enterAgain(g, w.present[p])
		}
	}
	w.parts(g, c)
}
