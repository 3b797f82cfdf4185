package division

import (
	"slices"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// None is the place of what lies in no municipality.
const None int16 = -1

// Partition is the division of the region into municipalities, ready to be asked where something lies. It never
// changes and serves any number of goroutines.
type Partition struct {
	Kommuner  []Kommun // ordered by kommunkod
	Forbunden []Kommunalforbund
	grid      *grid
}

// Kommun is one municipality. Kod, Namn, Kommunalforbund and Geometry are given to New.
type Kommun struct {
	Kod, Namn       string
	Kommunalforbund string // its id; "" when it is in none
	Geometry        plan.Geometry
	Shape           *geo.Prepared
	Area            float64 // square metres
	forbund         int16
}

// Kommunalforbund is one association of municipalities.
type Kommunalforbund struct{ ID, Namn string }

// New prepares the partition; both lists may be empty: then everything lies outside. The slices are kept.
func New(kommuner []Kommun, forbunden []Kommunalforbund) *Partition {
	p := &Partition{Kommuner: kommuner, Forbunden: forbunden}
	slices.SortFunc(p.Kommuner, func(a, b Kommun) int { return strings.Compare(a.Kod, b.Kod) })
	extent := plan.EmptyBox
	for i := range p.Kommuner {
		k := &p.Kommuner[i]
		k.forbund = p.addForbund(k.Kommunalforbund)
		k.Shape, k.Area = geo.Prepare(k.Geometry), geo.Area(k.Geometry)
		extent = extent.Union(k.Geometry.Box())
	}
	p.grid = newGrid(extent)
	for k := range p.Kommuner {
		p.grid.fill(int16(k), p.Kommuner[k].Shape, p.grid.all())
	}
	return p
}

// addForbund gives the index of the kommunalförbund, which is added when the list doesn't have it.
func (p *Partition) addForbund(id string) int16 {
	if id == "" {
		return None
	}
	i := p.ForbundIndex(id)
	if i == None {
		i = int16(len(p.Forbunden))
		p.Forbunden = append(p.Forbunden, Kommunalforbund{id, id})
	}
	return i
}

// ForbundIndex finds a kommunalförbund by its id, or None.
func (p *Partition) ForbundIndex(id string) int16 {
	return int16(slices.IndexFunc(p.Forbunden, func(f Kommunalforbund) bool { return f.ID == id }))
}

// KommunIndex finds a municipality by its kommunkod, or None.
func (p *Partition) KommunIndex(kod string) int16 {
	return int16(slices.IndexFunc(p.Kommuner, func(k Kommun) bool { return k.Kod == kod }))
}

// Name gives the code and name of municipality k, or those of what lies in none.
func (p *Partition) Name(k int16) (kod string, namn plan.Text) {
	if k == None {
		return plan.OutsideKommun, plan.Text{SV: "Utanför kommunerna", EN: "Outside the municipalities"}
	}
	return p.Kommuner[k].Kod, plan.Text{SV: p.Kommuner[k].Namn, EN: p.Kommuner[k].Namn}
}

// ForbundOf gives the index of the kommunalförbund of municipality k, or None.
func (p *Partition) ForbundOf(k int16) int16 {
	if k == None {
		return None
	}
	return p.Kommuner[k].forbund
}

// Locate gives the one municipality (or None) that the whole box lies in, and true; or, appended to dst, those whose
// borders cross the box.
func (p *Partition) Locate(dst []int16, box plan.Box) (only int16, settled bool, crossing []int16) {
	only, settled, candidates := p.grid.find(dst[:0], box)
	if settled {
		return only, true, nil
	}
	crossing = candidates[:0]
	for _, k := range candidates {
		switch p.Kommuner[k].Shape.Locate(box) {
		case geo.Inside:
			return k, true, nil // municipalities tile: the others touch at most its border
		case geo.Crossing:
			crossing = append(crossing, k)
		}
	}
	slices.Sort(crossing)
	return None, len(crossing) == 0, crossing
}
