package geo

import (
	"math"

	"strukturbild/internal/plan"
)

// Oddity is something in a valid geometry that its maker hardly meant. It is no fault.
type Oddity struct {
	Rule         string // "duplicate_vertex", "narrow_spike" or "sliver"
	Path, Vertex int    // the first place where it is, from 0; of a sliver, the outer ring
	Count        int    // how often it is there
}

// What counts as odd. The edges of a spike run nearly back on each other: the angle between them is less than half a
// degree, the shorter one is longer than a metre, and its other end is less than a quarter of a metre from the longer
// one. A sliver is a polygon (or a part of one) whose mean width, twice its area by its perimeter, is below what the layer says.
const (
	spikeDegrees = 0.5
	spikeLength  = 1.0  // metres
	spikeWidth   = 0.25 // metres
)

// spikeSine2 is the square of the sine of the angle below which two edges are a spike.
var spikeSine2 = math.Pow(math.Sin(spikeDegrees*degree), 2)

// Oddities finds what is odd in a line or polygon geometry, one entry a rule. Slivers are narrower than sliver, in metres.
func Oddities(g plan.Geometry, sliver float64) []Oddity {
	var found oddities
	for i := range g.NumPaths() {
		found.inPath(g.Path(i), i, g.Type)
	}
	if g.Type == plan.Polygon {
		for part := range g.NumParts() {
			if from, to := g.PartPaths(part); meanWidth(g, from, to) < sliver {
				found.add("sliver", from, 0)
			}
		}
	}
	return found
}

type oddities []Oddity

func (o *oddities) add(rule string, path, vertex int) {
	for i := range *o {
		if (*o)[i].Rule == rule {
			(*o)[i].Count++
			return
		}
	}
	*o = append(*o, Oddity{rule, path, vertex, 1})
}

func (o *oddities) inPath(path []float64, number int, kind plan.GeometryType) {
	for i := 2; i+1 < len(path); i += 2 {
		switch {
		case path[i] == path[i-2] && path[i+1] == path[i-1]:
			o.add("duplicate_vertex", number, i/2)
		case kind != plan.Polygon:
		case i+3 < len(path):
			if isSpike(path[i-2], path[i-1], path[i], path[i+1], path[i+2], path[i+3]) {
				o.add("narrow_spike", number, i/2)
			}
		default: // the ring goes on behind its first vertex
			if isSpike(path[i-2], path[i-1], path[0], path[1], path[2], path[3]) {
				o.add("narrow_spike", number, 0)
			}
		}
	}
}

// isSpike reports whether the way from a by the tip to b runs back on itself.
func isSpike(ax, ay, tipX, tipY, bx, by float64) bool {
	ax, ay, bx, by = ax-tipX, ay-tipY, bx-tipX, by-tipY
	if ax*bx+ay*by <= 0 {
		return false
	}
	cross, a2, b2 := ax*by-ay*bx, ax*ax+ay*ay, bx*bx+by*by
	return cross*cross < min(spikeSine2*a2*b2, spikeWidth*spikeWidth*max(a2, b2)) && min(a2, b2) > spikeLength*spikeLength
}

// meanWidth gives twice the area by the perimeter of the polygon with the rings from to to.
func meanWidth(g plan.Geometry, from, to int) float64 {
	var area, perimeter float64
	for i := from; i < to; i++ {
		area += ringArea(g.Path(i)) // holes count negative by their direction
		perimeter += pathLength(g.Path(i))
	}
	return 2 * area / perimeter
}
