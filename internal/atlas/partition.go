package atlas

import (
	"slices"
	"sync"

	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// partitions keeps the partitions that views were asked for: preparing one takes as long as thousands of questions, and
// its layers seldom change.
type partitions struct {
	sync.Mutex
	kept []madeOf // oldest use first
}

// madeOf is a partition with the layers that it was made from; nil where there is no such layer.
type madeOf struct {
	kommun, forbund *Snapshot
	*division.Partition
}

// partitionsKept bounds them: now and then, with and without drafts.
const partitionsKept = 4

// Partition gives the municipalities of the view's layers kommun and kommunalforbund: the same one as long as the two
// stay as they are.
func (v *View) Partition() *division.Partition {
	return v.partitions.of(v.byID["kommun"], v.byID["kommunalforbund"])
}

func (p *partitions) of(kommun, forbund *Snapshot) *division.Partition {
	p.Lock()
	defer p.Unlock()
	i := slices.IndexFunc(p.kept, func(m madeOf) bool { return m.kommun == kommun && m.forbund == forbund })
	made := madeOf{kommun: kommun, forbund: forbund}
	if i < 0 {
		made.Partition = division.New(kommuner(kommun), forbunden(forbund))
	} else {
		made = p.kept[i]
		p.kept = slices.Delete(p.kept, i, i+1)
	}
	p.kept = append(p.kept, made)
	if len(p.kept) > partitionsKept {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	return made.Partition
}

func kommuner(layer *Snapshot) (list []division.Kommun) {
	if layer == nil || layer.Layer().GeometryType != plan.Polygon {
		return nil
	}
	for slot := range layer.All("") {
		k := division.Kommun{Kod: layer.text(slot, "kommunkod"), Namn: layer.text(slot, "namn"),
			Kommunalforbund: layer.text(slot, "kommunalforbund"), Geometry: layer.Geometry(slot)}
		if k.Kod == "" {
			k.Kod = layer.ID(slot)
		}
		list = append(list, k)
	}
	return list
}

func forbunden(layer *Snapshot) (list []division.Kommunalforbund) {
	if layer == nil {
		return nil
	}
	for slot := range layer.All("") {
		list = append(list, division.Kommunalforbund{ID: layer.ID(slot), Namn: layer.text(slot, "namn")})
	}
	return list
}

// text gives the feature's attribute as text, "" when the layer has none of that name.
func (s *Snapshot) text(slot Slot, name string) string {
	i := s.layer.Attribute(name)
	if i < 0 {
		return ""
	}
	return s.Values(nil, slot)[i].String()
}
