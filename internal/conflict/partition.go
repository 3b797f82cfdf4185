package conflict

import (
	"slices"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// none is the place of what lies in no municipality.
const none int16 = -1

// Partition is the division of the region into municipalities, ready to be asked where something lies. It never
// changes and serves any number of goroutines.
type Partition struct {
	kommun    *atlas.Snapshot // what it was made from: nil when there is no such layer
	forbund   *atlas.Snapshot
	kommuner  []kommun // ordered by kommunkod
	forbunden []kommunalforbund
	grid      *grid
}

type kommun struct {
	kod, namn string
	forbund   int16 // index of its kommunalförbund, or none
	geometry  plan.Geometry
	shape     *geo.Prepared
}

type kommunalforbund struct{ id, namn string }

// newPartition prepares the municipalities of the view's layers kommun and kommunalforbund.
func newPartition(kommunLayer, forbundLayer *atlas.Snapshot) *Partition {
	p := &Partition{kommun: kommunLayer, forbund: forbundLayer}
	if forbundLayer != nil {
		for slot := range forbundLayer.All("") {
			p.forbunden = append(p.forbunden, kommunalforbund{forbundLayer.ID(slot), attributeText(forbundLayer, slot, "namn")})
		}
	}
	extent := plan.EmptyBox
	if kommunLayer != nil && kommunLayer.Layer().GeometryType == plan.Polygon {
		p.addKommuner(kommunLayer)
		extent = kommunLayer.Extent()
	}
	p.grid = newGrid(extent)
	for k := range p.kommuner {
		p.grid.fill(int16(k), p.kommuner[k].shape, p.grid.all())
	}
	return p
}

func (p *Partition) addKommuner(layer *atlas.Snapshot) {
	for slot := range layer.All("") {
		k := kommun{kod: attributeText(layer, slot, "kommunkod"), namn: attributeText(layer, slot, "namn"),
			geometry: layer.Geometry(slot)}
		if k.kod == "" {
			k.kod = layer.ID(slot)
		}
		k.forbund = p.addForbund(attributeText(layer, slot, "kommunalforbund"))
		k.shape = geo.Prepare(k.geometry)
		p.kommuner = append(p.kommuner, k)
	}
	slices.SortFunc(p.kommuner, func(a, b kommun) int { return strings.Compare(a.kod, b.kod) })
}

// addForbund gives the index of the kommunalförbund, which is added when the layer doesn't have it.
func (p *Partition) addForbund(id string) int16 {
	if id == "" {
		return none
	}
	i := p.forbundIndex(id)
	if i == none {
		i = int16(len(p.forbunden))
		p.forbunden = append(p.forbunden, kommunalforbund{id, id})
	}
	return i
}

func (p *Partition) forbundIndex(id string) int16 {
	return int16(slices.IndexFunc(p.forbunden, func(f kommunalforbund) bool { return f.id == id }))
}

func (p *Partition) kommunIndex(kod string) int16 {
	return int16(slices.IndexFunc(p.kommuner, func(k kommun) bool { return k.kod == kod }))
}

// name gives the code and name of municipality k, or those of what lies in none.
func (p *Partition) name(k int16) (kod string, namn plan.Text) {
	if k == none {
		return plan.OutsideKommun, plan.Text{SV: "Utanför kommunerna", EN: "Outside the municipalities"}
	}
	return p.kommuner[k].kod, plan.Text{SV: p.kommuner[k].namn, EN: p.kommuner[k].namn}
}

// forbundOf gives the index of the kommunalförbund of municipality k, or none.
func (p *Partition) forbundOf(k int16) int16 {
	if k == none {
		return none
	}
	return p.kommuner[k].forbund
}

// locate gives the one municipality (or none) that the whole box lies in, and true; or, appended to dst, those whose
// borders cross the box.
func (p *Partition) locate(dst []int16, box plan.Box) (only int16, settled bool, crossing []int16) {
	only, settled, candidates := p.grid.find(dst[:0], box)
	if settled {
		return only, true, nil
	}
	crossing = candidates[:0]
	for _, k := range candidates {
		switch p.kommuner[k].shape.Locate(box) {
		case geo.Inside:
			return k, true, nil // municipalities tile: the others touch at most its border
		case geo.Crossing:
			crossing = append(crossing, k)
		}
	}
	slices.Sort(crossing)
	return none, len(crossing) == 0, crossing
}

// attributeText gives the feature's attribute as text, "" when the layer has none of that name.
func attributeText(s *atlas.Snapshot, slot atlas.Slot, name string) string {
	i := s.Layer().Attribute(name)
	if i < 0 {
		return ""
	}
	return s.Values(nil, slot)[i].String()
}
