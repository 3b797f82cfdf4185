package demo

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// network is a kind of line between settlements of at least some population.
type network struct {
	kind       string
	population int
	swing      float64 // how far a line strays from the straight way, as a share of its length
	step       float64 // metres between vertices
}

var networks = []network{
	{"road", 0, 0.10, 120},
	{"rail", 4000, 0.05, 250},
	{"power_line", 12_000, 0.02, 900},
}

// route is a line between two settlements.
type route struct {
	network  network
	from, to Tatort
	coords   []float64
	hash     uint64
}

// routes makes infrastructure: the lines of all networks, cut into n pieces.
func routes(t *terrain, schema *schema, n int) iter.Seq[plan.Feature] {
	var all []route
	for i, network := range networks {
		all = append(all, t.connect(network, hash(t.seed, 3, int64(i)))...)
	}
	// The lines between the largest places first: those are kept when n is small.
	slices.SortStableFunc(all, func(a, b route) int { return cmp.Compare(b.weight(), a.weight()) })
	all = all[:min(n, len(all))]
	pieces := share(all, n)
	return func(yield func(plan.Feature) bool) {
		for i, r := range all {
			steps := r.steps()
			for k := range pieces[i] {
				from, to := k*steps/pieces[i], (k+1)*steps/pieces[i]
				piece := slices.Clone(r.coords[2*from : 2*to+2])
				if !yield(r.feature(schema.row(), plan.Geometry{Type: plan.Line, Coords: piece})) {
					return
				}
			}
		}
	}
}

func (r route) weight() int { return min(r.from.Population, r.to.Population) }

// share says into how many pieces to cut each route, by its length, so that there are n in all if the routes have so
// many steps.
func share(all []route, n int) []int {
	room, pieces := 0, make([]int, len(all)) // room: cuts that are possible
	for _, r := range all {
		room += r.steps() - 1
	}
	cuts := min(n-len(all), room)
	for i, r := range all {
		own := 0
		if room > 0 {
			own = cuts * (r.steps() - 1) / room
		}
		cuts, room, pieces[i] = cuts-own, room-(r.steps()-1), 1+own
	}
	return pieces
}

func (r route) steps() int { return len(r.coords)/2 - 1 }

// connect makes the lines of a network: between every two settlements that have no third one nearer to both (the
// relative neighbourhood graph, Toussaint 1980), where the straight way lies in the county.
func (t *terrain) connect(network network, seed uint64) []route {
	var nodes []Tatort
	for _, tatort := range t.region.Tatorter {
		if tatort.Population >= network.population && t.clear(around(tatort.X, tatort.Y, 1)) {
			nodes = append(nodes, tatort)
		}
	}
	var found []route
	for i, a := range nodes {
		for j, b := range nodes[:i] {
			if !neighbours(nodes, a, b) {
				continue
			}
			r := route{network: network, from: a, to: b, hash: hash(seed, int64(i), int64(j))}
			if r.coords = t.wander(r); r.coords != nil {
				found = append(found, r)
			}
		}
	}
	return found
}

func neighbours(nodes []Tatort, a, b Tatort) bool {
	d := apart(a, b)
	return !slices.ContainsFunc(nodes, func(c Tatort) bool { return max(apart(a, c), apart(b, c)) < d })
}

func apart(a, b Tatort) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

func around(x, y, metres float64) plan.Box {
	return plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}.Grow(metres)
}

// wander draws a route; straighter and straighter until it lies in the county, and nil when even the straight way does
// not.
func (t *terrain) wander(r route) []float64 {
	length := apart(r.from, r.to)
	levels := max(1, int(math.Ceil(math.Log2(length/r.network.step))))
	for swing := r.network.swing; ; swing /= 2 {
		if swing < r.network.swing/8 {
			swing = 0
		}
		coords := []float64{cm(r.from.X), cm(r.from.Y), cm(r.to.X), cm(r.to.Y)}
		for level := range levels {
			coords = halve(coords, swing, hash(r.hash, int64(level)))
		}
		if t.clearAlong(coords) {
			return coords
		}
		if swing == 0 {
			return nil
		}
	}
}

// halve puts a vertex, moved sideways, in the middle of every piece of a line.
func halve(coords []float64, swing float64, seed uint64) []float64 {
	out := make([]float64, 0, 2*len(coords))
	for k := 0; k+3 < len(coords); k += 2 {
		dx, dy := coords[k+2]-coords[k], coords[k+3]-coords[k+1]
		f := swing * signed(hash(seed, int64(k)))
		out = append(out, coords[k], coords[k+1], cm(coords[k]+dx/2-f*dy), cm(coords[k+1]+dy/2+f*dx))
	}
	return append(out, coords[len(coords)-2:]...)
}

func cm(metres float64) float64 { return math.Round(metres*100) / 100 }

func (t *terrain) clearAlong(coords []float64) bool {
	for k := 0; k+3 < len(coords); k += 2 {
		if !t.clear(plan.Box{MinX: min(coords[k], coords[k+2]), MinY: min(coords[k+1], coords[k+3]),
			MaxX: max(coords[k], coords[k+2]), MaxY: max(coords[k+1], coords[k+3])}) {
			return false
		}
	}
	return true
}

func (r route) feature(row row, g plan.Geometry) plan.Feature {
	row.text("kind", r.network.kind)
	switch r.network.kind {
	case "road":
		class := roadClass(r.weight())
		row.text("namn", fmt.Sprintf("Väg %d", 9000+r.hash%1000))
		row.set("klass", plan.IntegerValue(int64(class)))
		row.number("width", 14-1.2*float64(class))
	case "rail":
		row.text("namn", fmt.Sprintf("%s–%s", r.from.Name, r.to.Name))
		row.number("width", 12)
	case "power_line":
		row.text("namn", fmt.Sprintf("%s–%s", r.from.Name, r.to.Name))
		row.number("voltage", []float64{130, 220, 400}[r.hash%3])
	}
	return row.feature(g)
}

// roadClass gives the functional class, 0 for the most important roads to 7, by the smaller of the places it connects.
func roadClass(population int) int {
	for class, least := range []int{40_000, 20_000, 10_000, 5000, 2500, 1200, 600} {
		if population >= least {
			return class
		}
	}
	return 7
}
