package division

import (
	"encoding/binary"
	"math"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// cellM is the side of the grid's squares: most features lie in one square or few, and most squares in one kommun.
const cellM = 500

// grid tells at once which municipalities a box can touch. Each square lies wholly in one municipality, wholly in
// none, or on a border, where it names all that touch it.
type grid struct {
	minX, minY    float64
	columns, rows int
	cells         []int16   // 0 none, k+1 wholly kommun k, -(s+1) on the borders of sets[s]
	sets          [][]int16 // ordered
	setOf         map[string]int16
}

func newGrid(box plan.Box) *grid {
	if box.IsEmpty() {
		return &grid{columns: 1, rows: 1, cells: make([]int16, 1)}
	}
	box = box.Grow(cellM) // the outermost squares lie in no municipality, so that whatever is farther out is theirs
	g := &grid{minX: box.MinX, minY: box.MinY, setOf: map[string]int16{}}
	g.columns = int(math.Ceil((box.MaxX - box.MinX) / cellM))
	g.rows = int(math.Ceil((box.MaxY - box.MinY) / cellM))
	g.cells = make([]int16, g.columns*g.rows)
	return g
}

// span is a range of squares, ends excluded.
type span struct{ column0, row0, column1, row1 int }

func (g *grid) all() span { return span{0, 0, g.columns, g.rows} }

func (g *grid) box(s span) plan.Box {
	return plan.Box{MinX: g.minX + float64(s.column0)*cellM, MinY: g.minY + float64(s.row0)*cellM,
		MaxX: g.minX + float64(s.column1)*cellM, MaxY: g.minY + float64(s.row1)*cellM}
}

// halves parts a span across its longer side.
func (s span) halves() (span, span) {
	one, other := s, s
	if s.column1-s.column0 > s.row1-s.row0 {
		one.column1 = (s.column0 + s.column1) / 2
		other.column0 = one.column1
	} else {
		one.row1 = (s.row0 + s.row1) / 2
		other.row0 = one.row1
	}
	return one, other
}

func (s span) single() bool { return s.column1-s.column0 == 1 && s.row1-s.row0 == 1 }

// fill enters municipality k into the squares of the span that it touches.
func (g *grid) fill(k int16, shape *geo.Prepared, s span) {
	where := shape.Locate(g.box(s))
	switch {
	case where == geo.Outside:
	case where == geo.Inside || s.single():
		for row := s.row0; row < s.row1; row++ {
			for column := s.column0; column < s.column1; column++ {
				g.enter(row*g.columns+column, k, where == geo.Inside)
			}
		}
	default:
		one, other := s.halves()
		g.fill(k, shape, one)
		g.fill(k, shape, other)
	}
}

func (g *grid) enter(cell int, k int16, whole bool) {
	if g.cells[cell] == 0 && whole {
		g.cells[cell] = k + 1
		return
	}
	set := append(slices.Clone(g.touching(g.cells[cell])), k)
	slices.Sort(set)
	var key []byte
	for _, member := range set {
		key = binary.BigEndian.AppendUint16(key, uint16(member))
	}
	s, known := g.setOf[string(key)]
	if !known {
		s = int16(len(g.sets))
		g.setOf[string(key)] = s
		g.sets = append(g.sets, set)
	}
	g.cells[cell] = -(s + 1)
}

// touching gives the municipalities that a cell's value names.
func (g *grid) touching(value int16) []int16 {
	switch {
	case value < 0:
		return g.sets[-value-1]
	case value > 0:
		return []int16{value - 1}
	}
	return nil
}

// span gives the squares that the box touches; what is off the grid counts as its rim.
func (g *grid) span(box plan.Box) span {
	index := func(v, origin float64, n int) int { return int(min(max((v-origin)/cellM, 0), float64(n-1))) }
	return span{index(box.MinX, g.minX, g.columns), index(box.MinY, g.minY, g.rows),
		index(box.MaxX, g.minX, g.columns) + 1, index(box.MaxY, g.minY, g.rows) + 1}
}

// find gives the one municipality that holds the whole box (None when it holds nothing of any), or, when the squares
// don't settle that, appends to dst all that may touch it.
func (g *grid) find(dst []int16, box plan.Box) (only int16, settled bool, candidates []int16) {
	s := g.span(box)
	first := g.cells[s.row0*g.columns+s.column0]
	settled = first >= 0
	last := int16(0)
	for row := s.row0; row < s.row1; row++ {
		for _, value := range g.cells[row*g.columns+s.column0 : row*g.columns+s.column1] {
			if value == last {
				continue
			}
			last = value
			settled = settled && value == first
			for _, k := range g.touching(value) {
				if !slices.Contains(dst, k) {
					dst = append(dst, k)
				}
			}
		}
	}
	if settled {
		return first - 1, true, nil
	}
	return None, false, dst
}
