package geo

import (
	"fmt"
	"math"
	"strings"

	"strukturbild/internal/plan"
)

// Fault says why a geometry is not valid, and where.
type Fault struct {
	Rule    string    // machine-readable: "self_intersection" ...
	X, Y    float64   // the place, in the coordinates of the geometry
	Path    int       // the line or ring (or, of points, the point) at fault, from 0
	Vertex  int       // the vertex of the path at fault, or at which the edge at fault begins, from 0
	Message plan.Text // one sentence in each language
}

// rules names the rules that Validate checks, with what GEOS says when they are broken.
var rules = []struct {
	geos string // as in the answer of GEOSisValidReason; "" when GEOS is not asked
	rule string
	text plan.Text
}{
	{"Ring Self-intersection", "self_contact", plan.Text{SV: "ringen rör vid sig själv", EN: "the ring touches itself"}},
	{"Self-intersection", "self_intersection", plan.Text{SV: "gränsen korsar sig själv", EN: "the boundary crosses itself"}},
	{"Hole lies outside shell", "hole_outside_shell", plan.Text{SV: "hålet ligger utanför ytterringen", EN: "the hole lies outside the outer ring"}},
	{"Holes are nested", "nested_holes", plan.Text{SV: "ett hål ligger i ett annat hål", EN: "a hole lies inside another hole"}},
	{"Interior is disconnected", "disconnected_interior", plan.Text{SV: "polygonens inre hänger inte ihop", EN: "the interior is not connected"}},
	{"Nested shells", "nested_shells", plan.Text{SV: "en del ligger inuti en annan del", EN: "a part lies inside another part"}},
	{"Duplicate Rings", "duplicate_rings", plan.Text{SV: "två ringar är lika", EN: "two rings are the same"}},
	{"Too few points", "too_few_points", plan.Text{SV: "för få olika hörn", EN: "too few distinct vertices"}},
	{"", "spike", plan.Text{SV: "gränsen går ut till en spets och samma väg tillbaka", EN: "the boundary goes out to a spike and back the same way"}},
	{"", "ring_not_closed", plan.Text{SV: "ringen är inte sluten: sista hörnet måste vara lika med det första", EN: "the ring is not closed: its last vertex must equal its first"}},
	{"", "empty_geometry", plan.Text{SV: "geometrin är tom", EN: "the geometry is empty"}},
	{"", "non_finite", plan.Text{SV: "koordinaten är inte ett ändligt tal", EN: "the coordinate is not a finite number"}},
	{"", "malformed", plan.Text{SV: "geometrins delar går inte ihop med dess hörn", EN: "the parts of the geometry don't fit its vertices"}},
}

// newFault makes the fault of a rule at vertex 0 of a path. The place is left out of the message: coordinates are said in the
// system of the file, which is not known here.
func newFault(rule string, path int, x, y float64) *Fault {
	for _, r := range rules {
		if r.rule == rule {
			return &Fault{Rule: rule, X: x, Y: y, Path: path, Message: r.text}
		}
	}
	return &Fault{Rule: "invalid_geometry", X: x, Y: y, Path: path,
		Message: plan.Text{SV: "geometrin är ogiltig: " + rule, EN: "the geometry is invalid: " + rule}}
}

// faultAt makes the fault of a rule at a vertex.
func faultAt(rule string, g plan.Geometry, path, vertex int) *Fault {
	at := g.Path(path)[2*vertex:]
	fault := newFault(rule, path, at[0], at[1])
	fault.Vertex = vertex
	return fault
}

// faultOf reads the answer of GEOSisValidReason: "Self-intersection[319755.5 6400322.8]".
func faultOf(reason string, g plan.Geometry) *Fault {
	what, where, _ := strings.Cut(reason, "[")
	var x, y float64
	if n, _ := fmt.Sscanf(where, "%g %g]", &x, &y); n != 2 {
		x, y = g.Coords[0], g.Coords[1]
	}
	path, vertex := nearestEdge(g, x, y)
	if at := g.Path(path)[2*vertex:]; math.Hypot(at[0]-x, at[1]-y) < printed {
		x, y = at[0], at[1]
	}
	if tip, found := spikeNear(g.Path(path), vertex); found && strings.HasSuffix(what, "elf-intersection") {
		return faultAt("spike", g, path, tip)
	}
	fault := newFault(what, path, x, y)
	fault.Vertex = vertex
	for _, r := range rules {
		if r.geos != "" && strings.HasPrefix(what, r.geos) {
			fault.Rule, fault.Message = r.rule, r.text
			break
		}
	}
	return fault
}

// printed is how far a place may be, in metres, from the vertex that GEOS means by it: it prints fifteen digits.
const printed = 1e-7

// nearestEdge gives the path that comes closest to the place, and its edge that does, by its first vertex; of several
// the last, since a hole or a later part is likelier to be wrong than what it was put into.
func nearestEdge(g plan.Geometry, x, y float64) (path, vertex int) {
	nearest := -1.0
	for i := range g.NumPaths() {
		p := g.Path(i)
		for j := 0; j+3 < len(p); j += 2 {
			if d := pointSegment2(x, y, p[j], p[j+1], p[j+2], p[j+3]); nearest < 0 || d <= max(nearest, printed*printed) {
				path, vertex, nearest = i, j/2, d
			}
		}
	}
	p := g.Path(path)
	if last := len(p)/2 - 1; math.Hypot(p[2*vertex+2]-x, p[2*vertex+3]-y) < printed && math.Hypot(p[2*vertex]-x, p[2*vertex+1]-y) >= printed {
		vertex = (vertex + 1) % last // the edge ends there
	}
	return path, vertex
}

// spikeNear finds the tip of a spike without width at a vertex of a ring or at its neighbours, where its edges meet.
func spikeNear(ring []float64, vertex int) (tip int, found bool) {
	last := len(ring)/2 - 1
	for _, i := range []int{vertex, (vertex + 1) % last, (vertex + last - 1) % last} {
		before, after := (i+last-1)%last, (i+1)%last
		if orient(ring[2*before], ring[2*before+1], ring[2*i], ring[2*i+1], ring[2*after], ring[2*after+1]) == 0 &&
			dot(ring, i, before, after) > 0 {
			return i, true
		}
	}
	return 0, false
}

// dot gives the scalar product of the edges from a vertex to two others: positive when they go the same way.
func dot(ring []float64, from, a, b int) float64 {
	x, y := ring[2*from], ring[2*from+1]
	return (ring[2*a]-x)*(ring[2*b]-x) + (ring[2*a+1]-y)*(ring[2*b+1]-y)
}
