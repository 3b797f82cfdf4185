package geo

import (
	"math"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// Repair is a valid geometry in place of one that is not, with what the change costs.
type Repair struct {
	Geometry      plan.Geometry
	Before, After float64 // areas in square metres; Before is that of the rings as they are drawn, outer rings less holes
	Parts         int     // parts that the geometry had
}

// Change gives by how much the area changes, in square metres.
func (r *Repair) Change() float64 { return r.After - r.Before }

// Mend proposes a valid geometry of the same type: without repeated vertices and spikes, and, where that is not enough,
// as GEOS makes it valid in the way that changes the area least. It declines (false) where nothing or not all
// lines would be left, and where a geometry crosses itself so often that the repair could take all memory.
func Mend(g plan.Geometry) (Repair, bool) {
	r := Repair{Parts: g.NumParts()}
	if checkForm(g) != nil && !onlyTooFew(g) || g.Type == plan.Point {
		return r, false
	}
	r.Before = drawnArea(g)
	if r.Geometry = tidy(g); r.Geometry.IsEmpty() {
		return r, false
	}
	if Validate(r.Geometry) != nil && !r.remake() {
		return r, false
	}
	Normalize(&r.Geometry)
	r.After = Area(r.Geometry)
	return r, true
}

// onlyTooFew reports whether the form of a polygon is good but for rings that are too short, which tidy leaves out.
func onlyTooFew(g plan.Geometry) bool {
	return g.Type == plan.Polygon && checkForm(g).Rule == "too_few_points"
}

// drawnArea gives the area of a polygon geometry whichever way its rings run: outer rings less holes.
func drawnArea(g plan.Geometry) (sum float64) {
	if g.Type != plan.Polygon {
		return 0
	}
	for part := range g.NumParts() {
		from, to := g.PartPaths(part)
		sum += math.Abs(ringArea(g.Path(from)))
		for i := from + 1; i < to; i++ {
			sum -= math.Abs(ringArea(g.Path(i)))
		}
	}
	return sum
}

// remake has GEOS make the geometry valid, in both of its ways: one keeps every line, the other takes rings for what
// they say they are. Either is right where the other is far off.
func (r *Repair) remake() bool {
	if !fewMeetings(r.Geometry) {
		return false
	}
	broken, found := r.Geometry, false
	for _, method := range []geos.MakeValidMethod{geos.MakeValidLinework, geos.MakeValidStructure} {
		made, err := shape(broken, broken.Type, func(g *geos.Geom) *geos.Geom {
			return g.MakeValidWithParams(method, geos.MakeValidDiscardCollapsed)
		})
		if err != nil || made.IsEmpty() || Validate(made) != nil {
			continue
		}
		if !found || math.Abs(Area(made)-r.Before) < math.Abs(Area(r.Geometry)-r.Before) {
			r.Geometry, found = made, true
		}
	}
	return found
}

// fewMeetings reports whether the edges of a geometry meet seldom enough for GEOS to make all the places a vertex.
func fewMeetings(g plan.Geometry) bool {
	k := kernels.Get().(*Kernel)
	defer kernels.Put(k)
	box := g.Box()
	w := newWindow(box, box)
	k.a.gather(g, &w)
	return k.selfMeetings(&k.a)
}

// tidy gives a copy without repeated vertices and, in rings, spikes; holes and parts of which nothing is left go with
// them. It is empty when nothing is left of a line, or of any part.
func tidy(g plan.Geometry) plan.Geometry {
	made := plan.Geometry{Type: g.Type}
	for part := range max(g.NumParts(), 1) {
		from, to := part, part+1
		if g.Type == plan.Polygon {
			from, to = g.PartPaths(part)
		}
		for i := from; i < to; i++ {
			path := tidyPath(g.Path(i), g.Type)
			switch {
			case path == nil && i == from && g.Type == plan.Line:
				return plan.Geometry{}
			case path == nil && i == from:
				i = to // the part had no area
			case path != nil:
				made.Coords = append(made.Coords, path...)
				made.Ends = append(made.Ends, uint32(made.NumVertices()))
			}
		}
		if n := uint32(len(made.Ends)); n > 0 && (len(made.Parts) == 0 || made.Parts[len(made.Parts)-1] < n) {
			made.Parts = append(made.Parts, n)
		}
	}
	return implicit(made)
}

// implicit leaves out the bounds of a geometry of one path or part, as the house does.
func implicit(g plan.Geometry) plan.Geometry {
	if len(g.Ends) <= 1 {
		g.Ends = nil
	}
	if len(g.Parts) <= 1 || g.Type != plan.Polygon {
		g.Parts = nil
	}
	return g
}

// tidyPath gives a line or ring without repeated vertices and spikes; nil when too little is left.
func tidyPath(path []float64, kind plan.GeometryType) []float64 {
	least := 2
	if kind == plan.Polygon {
		path, least = path[:len(path)-2], 3 // open, until the end
	}
	made := make([]float64, 0, len(path)+2)
	for i := 0; i+1 < len(path); i += 2 {
		made = append(made, path[i], path[i+1])
		for shortens(made, kind) {
			made = dropTip(made)
		}
	}
	if kind != plan.Polygon {
		return atLeast(made, least)
	}
	made = tidyJoint(made)
	if made = atLeast(made, least); made != nil {
		made = append(made, made[0], made[1])
	}
	return made
}

func atLeast(path []float64, vertices int) []float64 {
	if len(path) < 2*vertices {
		return nil
	}
	return path
}

// shortens reports whether the end of a path repeats a vertex or makes a spike of the last vertex but one.
func shortens(path []float64, kind plan.GeometryType) bool {
	n := len(path)
	if n >= 4 && path[n-2] == path[n-4] && path[n-1] == path[n-3] {
		return true
	}
	return kind == plan.Polygon && n >= 6 && turnsBack((*[6]float64)(path[n-6:]))
}

// dropTip takes out the last vertex but one.
func dropTip(path []float64) []float64 {
	n := len(path)
	return append(path[:n-4], path[n-2], path[n-1])
}

// turnsBack reports whether the middle one of three vertices is the tip of a spike, with width or without.
func turnsBack(p *[6]float64) bool {
	if isSpike(p[0], p[1], p[2], p[3], p[4], p[5]) {
		return true
	}
	return orient(p[0], p[1], p[2], p[3], p[4], p[5]) == 0 && (p[0]-p[2])*(p[4]-p[2])+(p[1]-p[3])*(p[5]-p[3]) > 0
}

// tidyJoint takes repeated vertices and spikes from where an open ring ends and begins.
func tidyJoint(ring []float64) []float64 {
	for n := len(ring); n >= 6; n = len(ring) {
		last, first := ring[n-4:], ring[:4]
		switch {
		case last[2] == first[0] && last[3] == first[1],
			turnsBack(&[6]float64{last[0], last[1], last[2], last[3], first[0], first[1]}):
			ring = ring[:n-2]
		case turnsBack(&[6]float64{last[2], last[3], first[0], first[1], first[2], first[3]}):
			ring = ring[2:]
		default:
			return ring
		}
	}
	return ring
}
