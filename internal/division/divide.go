package division

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Divider divides figures among the municipalities, one after the other. It is the scratch memory of one goroutine.
type Divider struct {
	Partition *Partition
	Kernel    geo.Kernel
	Crossing  []int16
	Parts     []Part
}

// Part is what of something lies in one municipality (or in None).
type Part struct {
	Size   float64 // in the unit of the whole: square metres, metres, points
	Kommun int16
}

// Divide gives the parts of a figure in each municipality; they add up to its size: the area of a polygon, the length of
// a line, the number of points. The result is good until the next call.
func (d *Divider) Divide(g plan.Geometry, box plan.Box, size float64) []Part {
	only, settled, crossing := d.Partition.Locate(d.Crossing, box)
	if settled {
		d.Parts = append(d.Parts[:0], Part{size, only})
		return d.Parts
	}
	d.Crossing, d.Parts = crossing, d.Parts[:0]
	if g.Type == plan.Point {
		return d.dividePoints(g)
	}
	for _, k := range crossing {
		shape := d.Partition.Kommuner[k].Shape
		inside := 0.0
		if g.Type == plan.Polygon {
			inside = shape.IntersectionArea(&d.Kernel, g, box)
		} else {
			inside = shape.IntersectionLength(&d.Kernel, g, box)
		}
		if inside > size*Speck {
			d.Parts = append(d.Parts, Part{inside, k})
		}
	}
	d.Parts = Settle(d.Parts, size)
	return d.Parts
}

// Fractions of a whole: a part below Speck is rounding, and parts agree with the whole to within rounding, since the
// borders of neighbours agree to far less.
const (
	Speck    = 1e-7
	rounding = 1e-6
)

// Settle makes the parts add up to the size. What lies in no municipality becomes a part of its own; what lies in two
// (a line along their border) is scaled down to both; rounding goes to the largest part.
func Settle(parts []Part, size float64) []Part {
	sum, largest := 0.0, 0
	for i, p := range parts {
		sum += p.Size
		if p.Size > parts[largest].Size {
			largest = i
		}
	}
	switch rest := size - sum; {
	case len(parts) == 0 || rest > size*rounding:
		return append(parts, Part{rest, None})
	case rest < -size*rounding:
		for i := range parts {
			parts[i].Size *= size / sum
		}
	default:
		parts[largest].Size += rest
	}
	return parts
}

// dividePoints counts the points of each municipality. A point on a border belongs to the first by kommunkod.
func (d *Divider) dividePoints(g plan.Geometry) []Part {
	for i := 0; i+1 < len(g.Coords); i += 2 {
		home := None
		for _, k := range d.Crossing {
			if d.Partition.Kommuner[k].Shape.ContainsPoint(g.Coords[i], g.Coords[i+1]) {
				home = k
				break
			}
		}
		d.count(home)
	}
	return d.Parts
}

func (d *Divider) count(home int16) {
	for i := range d.Parts {
		if d.Parts[i].Kommun == home {
			d.Parts[i].Size++
			return
		}
	}
	d.Parts = append(d.Parts, Part{1, home})
}
