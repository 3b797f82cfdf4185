package report

import (
	"math"

	"strukturbild/internal/plan"
)

// direction is which way lines run.
type direction int

const (
	rising direction = iota
	falling
)

// ruling is the lines that are drawn over an area, so that classes can be told without their colours.
type ruling struct {
	spacing float64 // millimetres between lines, along the paper's edge; 0: there are none
	direction
}

// ruled paints a polygon and draws lines over it.
func (s *sheet) ruled(g plan.Geometry, c colour, r ruling) {
	box := g.Box().Intersection(s.box)
	if box.IsEmpty() {
		return
	}
	s.fill(c)
	s.RawWriteStr("q")
	s.trace(g)
	s.RawWriteStr("W*") // what is painted next is where the lines may be
	s.DrawPath("F*")
	x0, y0 := s.paper(box.MinX, box.MaxY)
	x1, y1 := s.paper(box.MaxX, box.MinY)
	s.lines(x0, y0, x1, y1, c, r)
	s.RawWriteStr("Q")
}

// lines draws the lines of a ruling in a rectangle, where they would be were all of the paper ruled.
func (p *press) lines(x0, y0, x1, y1 float64, c colour, r ruling) {
	if r.spacing == 0 {
		return
	}
	p.pen(darker(darker(c)), 0.12)
	height := y1 - y0
	from, slant := x0+y0, height // rising: x + y is the same all along
	if r.direction == falling {
		from, slant = x0-y1, -height
	}
	for at := math.Ceil(from/r.spacing) * r.spacing; at < from+(x1-x0)+height; at += r.spacing {
		x := at - y1 // at the lower edge
		if r.direction == falling {
			x = at + y1
		}
		p.Line(x, y1, x+slant, y0)
	}
}

// swatch paints a sample of a class for the legend.
func (p *press) swatch(x, y float64, c colour, r ruling) {
	const width, height = 6.0, 3.2
	p.fill(c)
	p.ClipRect(x, y, width, height, false)
	p.Rect(x, y, width, height, "F")
	p.lines(x, y, x+width, y+height, c, r)
	p.ClipEnd()
}
