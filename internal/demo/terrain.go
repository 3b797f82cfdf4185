package demo

import (
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// terrain is what the made-up land use knows of the county, on a grid.
type terrain struct {
	seed    uint64
	region  Region
	box     plan.Box
	columns int
	rows    int
	inside  []int32   // prefix sums of the squares that lie in the county, off its border
	kommun  []int16   // index of the municipality at the middle of each square, -1 for none
	plain   []float32 // 0 hills to 1 plain
	settled []float32 // metres to the edge of the nearest settlement, negative within; at most farOff
}

const (
	square = 500.0 // metres
	farOff = 20_000.0
)

func newTerrain(region Region, seed uint64) *terrain {
	box := region.County.Box()
	t := &terrain{seed: seed, region: region, box: box,
		columns: int((box.MaxX-box.MinX)/square) + 1, rows: int((box.MaxY-box.MinY)/square) + 1}
	n := t.columns * t.rows
	t.kommun, t.plain, t.settled = make([]int16, n), make([]float32, n), make([]float32, n)
	for i := range n {
		t.kommun[i], t.settled[i] = -1, farOff
	}
	t.fillInside(region.County)
	for i, kommun := range region.Kommuner {
		t.fill(kommun.Geometry, func(at int) { t.kommun[at] = int16(i) })
		t.spreadPlain(kommun)
	}
	for _, tatort := range region.Tatorter {
		t.spreadSettlement(tatort)
	}
	return t
}

// fill visits the squares whose middle lies in a polygon (even-odd rule, row by row).
func (t *terrain) fill(g plan.Geometry, visit func(at int)) {
	var crossings []float64
	for row := range t.rows {
		y := t.box.MinY + (float64(row)+0.5)*square
		crossings = crossings[:0]
		for p := range g.NumPaths() {
			ring := g.Path(p)
			for k := 0; k+3 < len(ring); k += 2 {
				if (ring[k+1] <= y) != (ring[k+3] <= y) {
					crossings = append(crossings, ring[k]+(y-ring[k+1])/(ring[k+3]-ring[k+1])*(ring[k+2]-ring[k]))
				}
			}
		}
		slices.Sort(crossings)
		for k := 0; k+1 < len(crossings); k += 2 {
			from := int(math.Ceil((crossings[k]-t.box.MinX)/square - 0.5))
			to := int(math.Ceil((crossings[k+1]-t.box.MinX)/square - 0.5))
			for column := max(from, 0); column < min(to, t.columns); column++ {
				visit(row*t.columns + column)
			}
		}
	}
}

// fillInside sums up the squares that the border of the county does not touch.
func (t *terrain) fillInside(county plan.Geometry) {
	t.inside = make([]int32, (t.columns+1)*(t.rows+1))
	squares := make([]int32, t.columns*t.rows)
	t.fill(county, func(at int) { squares[at] = 1 })
	for p := range county.NumPaths() {
		ring := county.Path(p)
		for k := 0; k+3 < len(ring); k += 2 {
			t.blot(squares, ring[k], ring[k+1], ring[k+2], ring[k+3])
		}
	}
	width := t.columns + 1
	for row := range t.rows {
		for column := range t.columns {
			at := (row+1)*width + column + 1
			t.inside[at] = squares[row*t.columns+column] + t.inside[at-1] + t.inside[at-width] - t.inside[at-width-1]
		}
	}
}

// blot takes out the squares in the boxes of short pieces of a border line.
func (t *terrain) blot(squares []int32, x0, y0, x1, y1 float64) {
	n := int(math.Hypot(x1-x0, y1-y0)/square) + 1
	for k := range n {
		f, g := float64(k)/float64(n), float64(k+1)/float64(n)
		c0, r0, c1, r1 := t.squares(plan.Box{
			MinX: x0 + min(f*(x1-x0), g*(x1-x0)), MinY: y0 + min(f*(y1-y0), g*(y1-y0)),
			MaxX: x0 + max(f*(x1-x0), g*(x1-x0)), MaxY: y0 + max(f*(y1-y0), g*(y1-y0))}.Grow(1))
		for row := max(r0, 0); row <= min(r1, t.rows-1); row++ {
			for column := max(c0, 0); column <= min(c1, t.columns-1); column++ {
				squares[row*t.columns+column] = 0
			}
		}
	}
}

// squares gives the columns and rows that a box touches.
func (t *terrain) squares(b plan.Box) (column0, row0, column1, row1 int) {
	column := func(x float64) int { return int(math.Floor((x - t.box.MinX) / square)) }
	row := func(y float64) int { return int(math.Floor((y - t.box.MinY) / square)) }
	return column(b.MinX), row(b.MinY), column(b.MaxX), row(b.MaxY)
}

// clear reports whether the box lies in the county for certain.
func (t *terrain) clear(b plan.Box) bool {
	c0, r0, c1, r1 := t.squares(b)
	if c0 < 0 || r0 < 0 || c1 >= t.columns || r1 >= t.rows {
		return false
	}
	width := t.columns + 1
	sum := t.inside[(r1+1)*width+c1+1] - t.inside[r0*width+c1+1] - t.inside[(r1+1)*width+c0] + t.inside[r0*width+c0]
	return int(sum) == (c1-c0+1)*(r1-r0+1)
}

// at gives the square of a place; the place must be in the county's box.
func (t *terrain) at(x, y float64) int {
	column, row, _, _ := t.squares(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y})
	return row*t.columns + column
}

// open gives how open the land is, about -1 (woods) to 1 (plain).
func (t *terrain) open(x, y float64) float64 {
	patches := 0.5*noise(t.seed, x, y, 8000) + 0.5*noise(t.seed+1, x, y, 2500)
	return float64(t.plain[t.at(x, y)]) - 0.5 + patches
}

// wooded gives how likely the land is to be forest.
func (t *terrain) wooded(x, y float64) float64 {
	return noise(t.seed+2, x, y, 4000) - 1.5*t.open(x, y)
}

// near visits the squares within a distance of a place.
func (t *terrain) near(x, y, distance float64, visit func(at int, metres float64)) {
	c0, r0, c1, r1 := t.squares(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}.Grow(distance))
	for row := max(r0, 0); row <= min(r1, t.rows-1); row++ {
		for column := max(c0, 0); column <= min(c1, t.columns-1); column++ {
			dx := t.box.MinX + (float64(column)+0.5)*square - x
			dy := t.box.MinY + (float64(row)+0.5)*square - y
			if d := math.Hypot(dx, dy); d <= distance {
				visit(row*t.columns+column, d)
			}
		}
	}
}

// plains are the municipalities of the great plains (Skaraborgsslätten with Falbygden, Dalboslätten) and how much of
// them is arable land, roughly, 1 being Vara.
var plains = map[string]float64{
	"1470": 1, "1444": 0.95, "1445": 0.9, "1494": 0.85, "1495": 0.85, "1471": 0.7, "1499": 0.7, "1493": 0.55, "1473": 0.5,
	"1496": 0.5, "1472": 0.35, "1497": 0.35, "1498": 0.4, "1442": 0.35, "1466": 0.35, "1461": 0.6, "1487": 0.5, "1488": 0.45,
	"1430": 0.25, "1435": 0.25, "1439": 0.25, "1482": 0.25, "1492": 0.25, "1447": 0.3,
}

// spreadPlain makes the land around the middle of a municipality as open as the municipality is.
func (t *terrain) spreadPlain(kommun Kommun) {
	weight := plains[kommun.Kommunkod]
	if weight == 0 {
		return
	}
	box := kommun.Geometry.Box()
	spread := math.Hypot(box.MaxX-box.MinX, box.MaxY-box.MinY) / 3
	t.near((box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2, 2*spread, func(at int, metres float64) {
		plain := weight * math.Exp(-metres*metres/(spread*spread))
		t.plain[at] = max(t.plain[at], float32(plain))
	})
}

// spreadSettlement tells the land around a settlement how far it is from its edge.
func (t *terrain) spreadSettlement(tatort Tatort) {
	radius := tatort.radius()
	t.near(tatort.X, tatort.Y, farOff, func(at int, metres float64) {
		t.settled[at] = min(t.settled[at], float32(metres-radius))
	})
}

// radius of a settlement that is a disc of 1 500 inhabitants a square kilometre, in metres.
func (t Tatort) radius() float64 {
	return math.Sqrt(float64(max(t.Population, 200)) / 1500 / math.Pi * 1e6)
}

// kommunkod gives the code of the municipality at a place, "" outside all.
func (t *terrain) kommunkod(x, y float64) string {
	if i := t.kommun[t.at(x, y)]; i >= 0 {
		return t.region.Kommuner[i].Kommunkod
	}
	return ""
}
