package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// sheet is a map on the paper.
type sheet struct {
	*press
	box           plan.Box // what it shows, in EPSG:3006
	x, y          float64  // of its upper left corner, millimetres
	width, height float64
	scale         float64 // millimetres a metre
	labels        []plan.Box
}

// drawing is a conflict on the map.
type drawing struct {
	shape *plan.Shape
	rank  int // the least is drawn first
	colour
	ruling
}

// printMap prints the map as high as there is room for, with its legend beneath.
func (p *press) printMap(most float64) {
	box := p.shown()
	if box.IsEmpty() || len(p.content.Map) == 0 {
		return
	}
	height := min(most, textWidth*(box.MaxY-box.MinY)/(box.MaxX-box.MinX))
	p.need(height + 12)
	s := &sheet{press: p, x: margin, y: p.GetY(), width: textWidth, height: height}
	s.show(box)
	p.ClipRect(s.x, s.y, s.width, s.height, false)
	s.ground()
	for _, d := range p.drawings() {
		s.draw(d)
	}
	if stacked(&p.report.Order) {
		s.borders()
	}
	s.names()
	p.ClipEnd()
	p.pen(quiet, 0.25)
	p.Rect(s.x, s.y, s.width, s.height, "D")
	s.north()
	s.bar()
	p.at(margin, s.y+s.height+2)
	p.legend()
}

// shown gives the box of the municipalities of the scope; of a drawn figure, its surroundings.
func (p *press) shown() plan.Box {
	box := plan.EmptyBox
	if claim := p.content.Claim; claim != nil {
		box = claim.Geometry.Box()
		for i := range p.content.Conflicts {
			if s := p.content.Conflicts[i].Shape; s != nil {
				box = box.Union(s.Box())
			}
		}
		return box.Grow(max(box.MaxX-box.MinX, box.MaxY-box.MinY, 1000) * 0.15)
	}
	for i := range p.content.Map {
		if k := &p.content.Map[i]; k.Within {
			box = box.Union(k.Shape.Box())
		}
	}
	return box.Grow(max(box.MaxX-box.MinX, box.MaxY-box.MinY) * 0.03)
}

// show fits the box into the sheet, wider where the sheet is.
func (s *sheet) show(box plan.Box) {
	s.scale = min(s.width/(box.MaxX-box.MinX), s.height/(box.MaxY-box.MinY))
	x, y := (box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2
	w, h := s.width/s.scale/2, s.height/s.scale/2
	s.box = plan.Box{MinX: x - w, MinY: y - h, MaxX: x + w, MaxY: y + h}
}

func (s *sheet) paper(east, north float64) (x, y float64) {
	return s.x + (east-s.box.MinX)*s.scale, s.y + (s.box.MaxY-north)*s.scale
}

// ground paints the municipalities: those of the scope white, the others grey.
func (s *sheet) ground() {
	s.fill(colour{232, 238, 242})
	s.Rect(s.x, s.y, s.width, s.height, "F")
	for _, within := range []bool{false, true} {
		for i := range s.content.Map {
			k := &s.content.Map[i]
			if k.Within != within {
				continue
			}
			s.fill(colour{222, 226, 230})
			s.pen(colour{180, 188, 195}, 0.15)
			if within {
				s.fill(colour{255, 255, 255})
				s.pen(colour{120, 130, 140}, 0.25)
			}
			s.path(k.Shape.Geometry, "FD*")
		}
	}
}

// detail is how near each other, in millimetres, points become one on the paper.
const detail = 0.06

// borders draws those of the municipalities of the scope over what covers them.
func (s *sheet) borders() {
	s.pen(colour{70, 78, 86}, 0.2)
	for i := range s.content.Map {
		if k := &s.content.Map[i]; k.Within {
			s.path(k.Shape.Geometry, "D")
		}
	}
}

// path draws the lines or rings of a geometry.
func (s *sheet) path(g plan.Geometry, style string) {
	s.trace(g)
	s.DrawPath(style)
}

// trace begins a path along the lines or rings of a geometry.
func (s *sheet) trace(g plan.Geometry) {
	for i := range g.NumPaths() {
		coords := g.Path(i)
		lastX, lastY := math.Inf(1), math.Inf(1)
		for at := 0; at+1 < len(coords); at += 2 {
			x, y := s.paper(coords[at], coords[at+1])
			switch {
			case at == 0:
				s.MoveTo(x, y)
			case math.Hypot(x-lastX, y-lastY) < detail && at+3 < len(coords):
				continue
			default:
				s.LineTo(x, y)
			}
			lastX, lastY = x, y
		}
		if g.Type == plan.Polygon {
			s.ClosePath()
		}
	}
}

// drawings lists what the map shows, the least severe first so that the others lie above.
func (p *press) drawings() (list []drawing) {
	for i := range p.content.Conflicts {
		if c := &p.content.Conflicts[i]; c.Shape != nil {
			list = append(list, drawing{c.Shape, c.Severity, severity[c.Severity], ruling{}})
		}
	}
	order := []plan.Became{plan.ConflictGone, plan.ConflictShrunk, plan.ConflictRevalued, plan.ConflictGrown, plan.ConflictNew}
	for i := range p.content.Changes {
		if c := &p.content.Changes[i]; c.Shape != nil {
			list = append(list, drawing{c.Shape, slices.Index(order, c.Became), becomings[c.Became], ruling{}})
		}
	}
	list = append(list, p.stackDrawings()...)
	slices.SortStableFunc(list, func(a, b drawing) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

// stackDrawings lists the colours of a stack, or what has turned.
func (p *press) stackDrawings() (list []drawing) {
	if s := p.content.Stack; s != nil {
		for i := range s.Shapes {
			c := s.Shapes[i].Colour
			list = append(list, drawing{&s.Shapes[i].Shape, 0, toneOf[c], rulingOf[c]})
		}
	}
	if s := p.content.StackTurn; s != nil {
		for i := range s.Shapes {
			for _, t := range turnTones {
				if t.from == s.Shapes[i].From && t.to == s.Shapes[i].To {
					list = append(list, drawing{&s.Shapes[i].Shape, 0, t.colour, t.ruling})
				}
			}
		}
	}
	return list
}

// least is how small a figure may be on the paper before a dot stands for it, in millimetres.
const least = 1.1

func (s *sheet) draw(d drawing) {
	s.fill(d.colour)
	box := d.shape.Box()
	switch {
	case d.shape.Type == plan.Point:
		s.pen(colour{255, 255, 255}, 0.1)
		for i := 0; i+1 < len(d.shape.Coords); i += 2 {
			s.dot(d.shape.Coords[i], d.shape.Coords[i+1])
		}
	case box.IsEmpty():
	case max(box.MaxX-box.MinX, box.MaxY-box.MinY)*s.scale < least:
		s.pen(colour{255, 255, 255}, 0.1)
		s.dot((box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2)
	case d.shape.Type == plan.Line:
		s.pen(d.colour, 0.7)
		s.path(d.shape.Geometry, "D")
	case stacked(&s.report.Order):
		s.ruled(d.shape.Geometry, d.colour, d.ruling)
	default:
		s.pen(darker(d.colour), 0.15)
		s.path(d.shape.Geometry, "FD*")
	}
}

func darker(c colour) colour { return colour{c[0] * 7 / 10, c[1] * 7 / 10, c[2] * 7 / 10} }

func (s *sheet) dot(east, north float64) {
	x, y := s.paper(east, north)
	s.Circle(x, y, 0.65, "FD")
}

// names writes the names of the municipalities of the scope where there is room, the largest first; and the figure of a
// what-if.
func (s *sheet) names() {
	if claim := s.content.Claim; claim != nil {
		s.pen(accent, 0.8)
		if claim.Geometry.Type == plan.Point {
			s.fill(accent)
			for i := 0; i+1 < len(claim.Geometry.Coords); i += 2 {
				s.dot(claim.Geometry.Coords[i], claim.Geometry.Coords[i+1])
			}
		} else {
			s.path(claim.Geometry.Geometry, "D")
		}
	}
	kommuner := slices.Clone(s.content.Map)
	slices.SortStableFunc(kommuner, func(a, b plan.ReportKommun) int {
		return cmp.Compare(geo.Area(b.Shape.Geometry), geo.Area(a.Shape.Geometry))
	})
	for i := range kommuner {
		s.label(&kommuner[i])
	}
}

func (s *sheet) label(k *plan.ReportKommun) {
	size, tone := 6.5, ink
	if !k.Within {
		size, tone = 6, quiet
	}
	s.font("", size)
	width, height := s.GetStringWidth(k.Namn), size*0.42
	x, y := s.paper(middle(k.Shape.Geometry))
	room := plan.Box{MinX: x - width/2 - 0.5, MinY: y - height, MaxX: x + width/2 + 0.5, MaxY: y + height/2}
	frame := plan.Box{MinX: s.x + 1, MinY: s.y + 1, MaxX: s.x + s.width - 1, MaxY: s.y + s.height - 1}
	if !frame.Contains(room) || slices.ContainsFunc(s.labels, room.Intersects) {
		return
	}
	s.labels = append(s.labels, room)
	for _, halo := range []bool{true, false} { // a white edge keeps the name apart from what lies under it
		s.ink(tone)
		if halo {
			s.pen(colour{255, 255, 255}, 0.7)
			s.SetTextRenderingMode(1)
		}
		s.Text(x-width/2, y, k.Namn)
		s.SetTextRenderingMode(0)
	}
}

// middle gives the centre of gravity of the largest ring.
func middle(g plan.Geometry) (x, y float64) {
	best := 0.0
	for i := range g.NumPaths() {
		ring := g.Path(i)
		twice, sx, sy := 0.0, 0.0, 0.0
		ox, oy := ring[0], ring[1] // near the figure, to keep the digits
		for at := 0; at+3 < len(ring); at += 2 {
			x0, y0, x1, y1 := ring[at]-ox, ring[at+1]-oy, ring[at+2]-ox, ring[at+3]-oy
			cross := x0*y1 - x1*y0
			twice, sx, sy = twice+cross, sx+(x0+x1)*cross, sy+(y0+y1)*cross
		}
		if math.Abs(twice) > best {
			best, x, y = math.Abs(twice), ox+sx/(3*twice), oy+sy/(3*twice)
		}
	}
	return x, y
}

// north draws the arrow in the upper right corner. Up is the grid's north.
func (s *sheet) north() {
	x, y := s.x+s.width-8, s.y+5
	s.fill(colour{255, 255, 255})
	s.SetAlpha(0.85, "Normal")
	s.Rect(x-5, y-3, 10, 17, "F")
	s.SetAlpha(1, "Normal")
	s.fill(ink)
	s.pen(ink, 0.2)
	s.MoveTo(x, y-1)
	s.LineTo(x+2.2, y+7)
	s.LineTo(x, y+5.4)
	s.LineTo(x-2.2, y+7)
	s.ClosePath()
	s.DrawPath("F")
	s.font("B", 8)
	s.ink(ink)
	s.Text(x-s.GetStringWidth("N")/2, y+11.5, "N")
}

// bar draws the scale bar in the lower left corner: a round length of about a quarter of the map.
func (s *sheet) bar() {
	length := roundLength(s.width / 4 / s.scale)
	width := length * s.scale
	x, y := s.x+4, s.y+s.height-6
	s.fill(colour{255, 255, 255})
	s.SetAlpha(0.85, "Normal")
	s.Rect(x-2, y-6, width+20, 10, "F")
	s.SetAlpha(1, "Normal")
	s.pen(ink, 0.2)
	for i, tone := range []colour{ink, {255, 255, 255}} {
		s.fill(tone)
		s.Rect(x+float64(i)*width/2, y, width/2, 1.4, "FD")
	}
	s.font("", 6.5)
	s.ink(ink)
	s.Text(x-0.5, y-1, "0")
	unit, per := " m", 1.0
	if length >= 2000 {
		unit, per = " km", 1000
	}
	half, whole := barText(length/2/per), barText(length/per)
	s.Text(x+width/2-s.GetStringWidth(half)/2, y-1, half)
	s.Text(x+width-s.GetStringWidth(whole)/2, y-1, whole+unit)
}

// barText writes the length without decimals that say nothing.
func barText(v float64) string {
	if v == math.Trunc(v) {
		return decimal(v, 0)
	}
	return decimal(v, 1)
}

// roundLength gives the largest of 1, 2, 5, 10, 20 ... that is not longer.
func roundLength(metres float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(metres))))
	for _, n := range []float64{5, 2} {
		if n*power <= metres {
			return n * power
		}
	}
	return power
}

// entry is a line of the legend.
type entry struct {
	colour
	ruling
	text string
}

// entries lists what the colours of the map mean.
func (p *press) entries() (entries []entry) {
	switch p.content.Kind {
	case plan.ReportComparison:
		for _, b := range []plan.Became{plan.ConflictNew, plan.ConflictGrown, plan.ConflictRevalued, plan.ConflictShrunk, plan.ConflictGone} {
			entries = append(entries, entry{becomings[b], ruling{}, becameTitles[b]})
		}
	case plan.ReportStack:
		for _, c := range plan.Colours {
			entries = append(entries, entry{toneOf[c], rulingOf[c], nameOf3[c]})
		}
	case plan.ReportTurn:
		for _, t := range turnTones {
			entries = append(entries, entry{t.colour, t.ruling, turnedTitle(t.from, t.to)})
		}
	default:
		for n := 3; n >= 1; n-- {
			entries = append(entries, entry{severity[n], ruling{}, severityTitles[n]})
		}
		if p.content.Claim != nil {
			entries = append(entries, entry{accent, ruling{}, "Det ritade"})
		}
	}
	return entries
}

// legend tells the colours, and how the map is made.
func (p *press) legend() {
	p.font("", 8)
	p.ink(ink)
	x, y := margin, p.GetY()
	for _, e := range p.entries() {
		width := p.GetStringWidth(e.text) + 13
		if x+width > pageWidth-margin+4 {
			x, y = margin, y+4.4
		}
		p.swatch(x, y+0.5, e.colour, e.ruling)
		p.font("", 8)
		p.ink(ink)
		p.Text(x+7.2, y+3.1, e.text)
		x += width
	}
	p.at(margin, y+5)
	p.remark(p.mapRemark() + " Kommungränserna är generaliserade. SWEREF 99 TM (EPSG:3006), rutnätets norr uppåt.")
}

// mapRemark tells what the map shows.
func (p *press) mapRemark() string {
	c := p.content
	if !stacked(&p.report.Order) {
		return fmt.Sprintf("Kartan visar de %s uppräknade konflikterna; mycket små visas som punkter.", thousands(len(c.Conflicts)+len(c.Changes)-len(c.Undrawn)))
	}
	coarse := 0.0
	if c.Stack != nil {
		coarse = c.Stack.GeneralisedM
	} else if c.StackTurn != nil {
		coarse = c.StackTurn.GeneralisedM
	}
	if coarse > 0 {
		return fmt.Sprintf("Ytorna på kartan är generaliserade till %s m, och mindre än så är utelämnat på den; siffrorna är det inte.", decimal(coarse, 0))
	}
	return "Ytorna är de som siffrorna mäter."
}
