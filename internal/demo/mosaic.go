package demo

import (
	"iter"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// mosaic is a plane covered with cells: the Voronoi cells of a jittered lattice, stretched, turned and bent, with
// borders that wind. Two neighbours compute their border from the same numbers in the same order, so that they share it
// to the last bit.
type mosaic struct {
	seed    uint64
	spacing float64 // metres between sites; a cell is spacing² large on average
	stretch float64 // length of a cell by its width
	rough   float64 // how far borders wind: 0 straight, 1 as far as they may
}

// site is a point of the lattice; its cell is everything nearer to it than to other sites.
type site struct {
	i, j int64
	u, v float64 // in units of the spacing
}

// jitter is how far a site may stand from its lattice point. Up to 0.3 no disc without a site has a radius over 1.13
// (0.8 √2), so that all neighbours of a cell are among the 24 around it.
const jitter = 0.3

// reach is how far a cell may go from its site in any direction, in units of the spacing, when it is stretched: the
// largest empty disc, and what a border may wind beyond it.
func (m *mosaic) reach() float64 { return 1.13 * 1.25 * math.Sqrt(m.stretch) * m.spacing }

func (m *mosaic) site(i, j int64) site {
	h := hash(m.seed, i, j)
	return site{i, j, float64(i) + jitter*signed(h), float64(j) + jitter*signed(mix(h))}
}

func (s site) before(t site) bool { return s.i < t.i || s.i == t.i && s.j < t.j }

// A cell is bent by two shears, which keep its area and can be undone exactly.
const (
	bend   = 1200.0 // metres
	period = 20_000.0
)

// wave is much like a sine of period 1, made of parabolas, which is quicker.
func wave(t float64) float64 {
	t -= math.Floor(t)
	if t < 0.5 {
		return 16 * t * (0.5 - t)
	}
	return 16 * (t - 0.5) * (t - 1)
}

// metres takes a place of the lattice to EPSG:3006, to the centimetre.
func (m *mosaic) metres(u, v float64) (x, y float64) {
	x, y = u*m.spacing*math.Sqrt(m.stretch), v*m.spacing/math.Sqrt(m.stretch)
	x += bend * wave(y/period)
	y += bend * wave(x/period)
	return math.Round(x*100) / 100, math.Round(y*100) / 100
}

// sites walks the lattice over a box, row by row.
func (m *mosaic) sites(box plan.Box) iter.Seq[site] {
	box = box.Grow(2 * bend)
	width, height := m.spacing*math.Sqrt(m.stretch), m.spacing/math.Sqrt(m.stretch)
	return func(yield func(site) bool) {
		for j := int64(box.MinY / height); j <= int64(box.MaxY/height); j++ {
			for i := int64(box.MinX / width); i <= int64(box.MaxX/width); i++ {
				if !yield(m.site(i, j)) {
					return
				}
			}
		}
	}
}

// corner is a vertex of a cell, and the neighbour beyond the border that begins there, counter-clockwise.
type corner struct {
	u, v float64
	next site
}

// ring appends the border of a site's cell, closed, counter-clockwise, in metres.
func (m *mosaic) ring(s site, ring []float64) []float64 {
	corners := m.corners(s)
	for k, c := range corners {
		end := corners[(k+1)%len(corners)]
		ring = m.border(ring, s, c, end)
	}
	return append(ring, ring[0], ring[1])
}

// corners gives the cell without its winding borders.
func (m *mosaic) corners(s site) []corner {
	const far = 4
	var spaceA, spaceB [32]corner
	cell, rest := append(spaceA[:0], corner{s.u - far, s.v - far, s}, corner{s.u + far, s.v - far, s},
		corner{s.u + far, s.v + far, s}, corner{s.u - far, s.v + far, s}), spaceB[:0]
	for di := int64(-2); di <= 2; di++ {
		for dj := int64(-2); dj <= 2; dj++ {
			if di != 0 || dj != 0 {
				cell, rest = nearer(rest[:0], cell, s, m.site(s.i+di, s.j+dj)), cell
			}
		}
	}
	corners := slices.Clone(cell)
	for k := range corners {
		before := corners[(k+len(corners)-1)%len(corners)].next
		corners[k].u, corners[k].v = equidistant(s, before, corners[k].next)
	}
	return corners
}

// nearer appends the part of a convex cell that is nearer to s than to t.
func nearer(out, cell []corner, s, t site) []corner {
	nu, nv := t.u-s.u, t.v-s.v
	middle := nu*(s.u+t.u)/2 + nv*(s.v+t.v)/2
	beyond := func(c corner) float64 { return nu*c.u + nv*c.v - middle }
	for k, a := range cell {
		b := cell[(k+1)%len(cell)]
		da, db := beyond(a), beyond(b)
		if da <= 0 {
			out = append(out, a)
		}
		if (da <= 0) != (db <= 0) {
			f := da / (da - db)
			cut := corner{a.u + f*(b.u-a.u), a.v + f*(b.v-a.v), a.next}
			if da <= 0 {
				cut.next = t
			}
			out = append(out, cut)
		}
	}
	return out
}

// equidistant gives the place as far from three sites, whichever their order.
func equidistant(a, b, c site) (u, v float64) {
	if b.before(a) {
		a, b = b, a
	}
	if c.before(b) {
		b, c = c, b
	}
	if b.before(a) {
		a, b = b, a
	}
	bu, bv, cu, cv := b.u-a.u, b.v-a.v, c.u-a.u, c.v-a.v
	d := 2 * (bu*cv - bv*cu)
	b2, c2 := bu*bu+bv*bv, cu*cu+cv*cv
	return a.u + (cv*b2-bv*c2)/d, a.v + (bu*c2-cu*b2)/d
}

// border appends the border between two cells from one corner up to, but without, the next.
func (m *mosaic) border(ring []float64, s site, from, to corner) []float64 {
	t := from.next
	if s.before(t) {
		return m.wind(ring, s, t, from, to)
	}
	start := len(ring)
	ring = m.wind(ring, t, s, to, from)
	// The neighbour's way round: turn it, and put this cell's first corner for its last.
	x, y := m.metres(from.u, from.v)
	ring = append(ring, x, y)
	reversePairs(ring[start:])
	return ring[:len(ring)-2]
}

func reversePairs(coords []float64) {
	slices.Reverse(coords)
	for i := 0; i+1 < len(coords); i += 2 {
		coords[i], coords[i+1] = coords[i+1], coords[i]
	}
}

// wind appends the border as the site that comes before its neighbour sees it. The border stays a graph over the
// straight edge, within the triangles that the edge spans with the two sites; the triangles of all edges of the mosaic
// are apart, so that no two borders ever meet but in corners.
func (m *mosaic) wind(ring []float64, s, t site, from, to corner) []float64 {
	du, dv := to.u-from.u, to.v-from.v
	length := math.Hypot(du, dv)
	h := hash(m.seed, s.i, s.j, t.i, t.j)
	steps := max(1, min(30, int((8+20*unit(h))*length)))
	height := math.Hypot(t.u-s.u, t.v-s.v) / 2
	foot := ((s.u-from.u)*du + (s.v-from.v)*dv) / (length * length) // of the site on the edge, as a share of it
	bow, sway := signed(mix(h)), signed(mix(mix(h)))
	for k := range steps {
		f := float64(k) / float64(steps)
		swing := 4 * f * (1 - f) * (0.5*bow + 0.8*sway*(1-2*f) + 0.3*signed(hash(h, int64(k))))
		off := 0.0
		if length > 0 {
			off = 0.6 * m.rough * swing * room(f, foot) * height / length
		}
		x, y := m.metres(from.u+f*du-off*dv, from.v+f*dv+off*du)
		ring = append(ring, x, y)
	}
	return ring
}

// room gives how far a triangle reaches from its base at f (0 to 1), as a share of its height, when its top is at foot.
func room(f, foot float64) float64 {
	room := 1.0
	if foot > 0 {
		room = min(room, f/foot)
	}
	if foot < 1 {
		room = min(room, (1-f)/(1-foot))
	}
	return room
}
