package geo

import (
	"fmt"
	"strings"

	"strukturbild/internal/plan"
)

// Fault says why a geometry is not valid, and where.
type Fault struct {
	Rule    string    // machine-readable: "self_intersection" ...
	X, Y    float64   // the place, in the coordinates of the geometry
	Path    int       // the line or ring (or, of points, the point) at fault, from 0
	Message plan.Text // one sentence in each language
}

// rules names the rules that Validate checks, with what GEOS says when they are broken.
var rules = []struct {
	geos string // as in the answer of GEOSisValidReason; "" when GEOS is not asked
	rule string
	text plan.Text
}{
	{"Ring Self-intersection", "self_intersection", plan.Text{SV: "ringen rör vid sig själv", EN: "the ring touches itself"}},
	{"Self-intersection", "self_intersection", plan.Text{SV: "gränsen korsar sig själv", EN: "the boundary crosses itself"}},
	{"Hole lies outside shell", "hole_outside_shell", plan.Text{SV: "hålet ligger utanför ytterringen", EN: "the hole lies outside the outer ring"}},
	{"Holes are nested", "nested_holes", plan.Text{SV: "ett hål ligger i ett annat hål", EN: "a hole lies inside another hole"}},
	{"Interior is disconnected", "disconnected_interior", plan.Text{SV: "polygonens inre hänger inte ihop", EN: "the interior is not connected"}},
	{"Nested shells", "nested_shells", plan.Text{SV: "en del ligger inuti en annan del", EN: "a part lies inside another part"}},
	{"Duplicate Rings", "duplicate_rings", plan.Text{SV: "två ringar är lika", EN: "two rings are the same"}},
	{"Too few points", "too_few_points", plan.Text{SV: "för få olika hörn", EN: "too few distinct vertices"}},
	{"", "ring_not_closed", plan.Text{SV: "ringen är inte sluten: sista hörnet måste vara lika med det första", EN: "the ring is not closed: its last vertex must equal its first"}},
	{"", "empty_geometry", plan.Text{SV: "geometrin är tom", EN: "the geometry is empty"}},
	{"", "non_finite", plan.Text{SV: "koordinaten är inte ett ändligt tal", EN: "the coordinate is not a finite number"}},
	{"", "malformed", plan.Text{SV: "geometrins delar går inte ihop med dess hörn", EN: "the parts of the geometry don't fit its vertices"}},
}

// newFault makes the fault of a rule at a place. The place is left out of the message: coordinates are said in the
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

// faultOf reads the answer of GEOSisValidReason: "Self-intersection[319755.5 6400322.8]".
func faultOf(reason string, g plan.Geometry) *Fault {
	what, where, _ := strings.Cut(reason, "[")
	var x, y float64
	if n, _ := fmt.Sscanf(where, "%g %g]", &x, &y); n != 2 {
		x, y = g.Coords[0], g.Coords[1]
	}
	fault := newFault(what, nearestPath(g, x, y), x, y)
	for _, r := range rules {
		if r.geos != "" && strings.HasPrefix(what, r.geos) {
			fault.Rule, fault.Message = r.rule, r.text
			break
		}
	}
	return fault
}

// nearestPath gives the path that comes closest to the place; of several the last, since a hole or a later part is
// likelier to be wrong than what it was put into.
func nearestPath(g plan.Geometry, x, y float64) int {
	best, nearest := 0, -1.0
	for i := range g.NumPaths() {
		path := g.Path(i)
		for j := 0; j+3 < len(path); j += 2 {
			if d := pointSegment2(x, y, path[j], path[j+1], path[j+2], path[j+3]); nearest < 0 || d <= nearest {
				best, nearest = i, d
			}
		}
	}
	return best
}
