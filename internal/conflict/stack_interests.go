package conflict

import (
	"cmp"
	"maps"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// Total gives the figures of the whole selection as one row.
func (s *Stack) Total(f StackFilter) (plan.StackRow, error) {
	zones, err := s.zones(f)
	if err != nil {
		return plan.StackRow{}, err
	}
	row := s.row(zones...)
	row.Key, row.Title = "total", plan.Text{SV: "Hela urvalet", EN: "The whole selection"}
	return row, nil
}

// Interests tells how much of the selection each rule speaks of a layer in, by severity: what stops first, then the most
// severe, then the largest.
func (s *Stack) Interests(f StackFilter) ([]plan.InterestArea, error) {
	areas, whole, err := s.kindAreas(f)
	if err != nil {
		return nil, err
	}
	list := []plan.InterestArea{}
	for number, area := range areas {
		list = append(list, plan.InterestArea{Interest: s.kinds[number].interest(), Portion: plan.Portion{AreaHa: area / 10_000, Share: area / whole}})
	}
	slices.SortFunc(list, func(a, b plan.InterestArea) int {
		return cmp.Or(cmp.Compare(rankOf(b.Class), rankOf(a.Class)), cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.AreaHa, a.AreaHa),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Layer, b.Layer))
	})
	return list, nil
}

// kindAreas gives the square metres of each kind that is present in the selection, and of the selection.
func (s *Stack) kindAreas(f StackFilter) (areas map[int]float64, whole float64, err error) {
	zones, err := s.zones(f)
	if err != nil {
		return nil, 0, err
	}
	kindsOf := make([][]int, len(s.combos))
	for label, combo := range s.numbers {
		kindsOf[combo] = overlay.Label.Kinds(label)
	}
	areas = map[int]float64{}
	for _, z := range zones {
		whole += s.partition.Kommuner[z].Area
		for _, p := range s.places[z] {
			for _, number := range kindsOf[p.combo] {
				areas[number] += p.area
			}
		}
	}
	return areas, whole, nil
}

// Themes names the themes that no place of the selection meets, the layers that are nowhere in it, and the themes that
// nothing can be said about.
func (s *Stack) Themes(f StackFilter) (notAffected []plan.Theme, absent []plan.LayerAsked, notAssessed []plan.UnknownTheme, err error) {
	areas, _, err := s.kindAreas(f)
	if err != nil {
		return nil, nil, nil, err
	}
	c, met := newCensus(s.view), map[string]bool{}
	for number := range areas {
		layer := s.kinds[number].interest().Layer
		met[layer] = true
	}
	s.unknown.mu.Lock()
	for key := range s.unknown.reasons {
		c.failed[s.questions[key.question].interest.Layer().Theme] = true
	}
	s.unknown.mu.Unlock()
	for _, layer := range s.Layers() {
		l := layer.Layer()
		c.asked[l.Theme] = true
		c.hit[l.Theme] = c.hit[l.Theme] || met[l.ID]
		if !met[l.ID] {
			absent = append(absent, plan.LayerAsked{Layer: l.ID, Title: l.Title, Theme: l.Theme})
		}
	}
	notAffected, notAssessed = c.tell()
	for i := range notAssessed {
		theme := notAssessed[i].Theme
		if slices.ContainsFunc(s.questions, func(q question) bool { return q.flat() && q.interest.Layer().Theme == theme }) && !c.asked[theme] {
			notAssessed[i].Reason = noArea
		}
	}
	return notAffected, absent, notAssessed, nil
}

var noArea = plan.Text{SV: "Temats lager är linjer eller punkter under regler om överlapp, och tar ingen yta.",
	EN: "The theme's layers are lines or points under rules about overlaps, and take no area."}

// Layers lists the layers that leave a mark on the stack, ordered by id, without the municipalities.
func (c *canvas) Layers() []*atlas.Snapshot {
	by := map[string]*atlas.Snapshot{}
	for i := range c.questions {
		if q := &c.questions[i]; !q.flat() {
			by[q.interest.Layer().ID] = q.interest
		}
	}
	var list []*atlas.Snapshot
	for _, id := range slices.Sorted(maps.Keys(by)) {
		list = append(list, by[id])
	}
	return list
}

// AskedOf lists the layers that the figures of a stack follow from: those that its land use is held against, and the division
// of the region.
func (e *Engine) AskedOf(view *atlas.View, q plan.StackQuery) ([]*atlas.Snapshot, error) {
	c, err := e.newCanvas(view, q)
	if err != nil {
		return nil, err
	}
	list := c.Layers()
	for _, id := range []string{"kommun", "kommunalforbund"} {
		if division, err := view.Layer(id); err == nil {
			list = append(list, division)
		}
	}
	return list, nil
}

// CheckStack refuses a question about a stack that can't be answered, or a selection that is not known, without measuring
// anything.
func (e *Engine) CheckStack(view *atlas.View, q plan.StackQuery, f StackFilter) error {
	c, err := e.newCanvas(view, q)
	if err != nil {
		return err
	}
	_, err = (&Stack{canvas: c}).zones(f)
	return err
}
