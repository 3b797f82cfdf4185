package conflict

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// symphony is the pressures and values of a ruleset, compiled.
type symphony struct {
	marks
	*plan.Symphony
	levels []symphonyLevel // by kind
}

// symphonyLevel is a level of a component.
type symphonyLevel struct {
	pressure  bool
	number    int // of the component among its like
	component *plan.Component
	level     *plan.Level
}

// Symphony is the sum of impacts of every place: pressures times values times sensitivity. It never changes.
type Symphony struct {
	*Stack
	symphony *symphony
	sums     []float64             // of each combination
	terms    [][]plan.SymphonyTerm // of each combination
}

// Symphony gives the sums of the view.
func (e *Engine) Symphony(ctx context.Context, view *atlas.View) (*Symphony, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	m := rules.symphony
	stack, err := e.stackOf(ctx, view, rules.canvasOf(&m.marks, view))
	if err != nil {
		return nil, err
	}
	s := &Symphony{Stack: stack, symphony: m, sums: make([]float64, len(stack.combos)), terms: make([][]plan.SymphonyTerm, len(stack.combos))}
	for label, combo := range stack.numbers {
		s.terms[combo], s.sums[combo] = m.sum(label.Kinds())
	}
	stack.classify(func(kinds []int) int {
		_, sum := m.sum(kinds)
		return m.class(sum)
	})
	return s, nil
}

// sum adds up what the pressures do to the values where the kinds are, and gives the products that are not 0.
func (m *symphony) sum(kinds []int) (terms []plan.SymphonyTerm, sum float64) {
	for _, i := range kinds {
		for _, j := range kinds {
			p, v := &m.levels[i], &m.levels[j]
			if !p.pressure || v.pressure {
				continue
			}
			at := slices.IndexFunc(m.Sensitivity, func(s plan.Sensitivity) bool { return s.Pressure == p.component.ID && s.Value == v.component.ID })
			if at < 0 {
				continue // the check has told
			}
			s := &m.Sensitivity[at]
			if product := p.level.Level * v.level.Level * s.Sensitivity; product != 0 {
				sum += product
				terms = append(terms, plan.SymphonyTerm{Pressure: s.Pressure, Value: s.Value, Intensity: p.level.Level, Level: v.level.Level,
					Sensitivity: s.Sensitivity, Basis: s.Basis, Product: product})
			}
		}
	}
	slices.SortStableFunc(terms, func(a, b plan.SymphonyTerm) int { return cmp.Compare(b.Product, a.Product) })
	return terms, sum
}

// class gives the number of the class of a sum: 0 for none.
func (m *symphony) class(sum float64) int {
	if sum <= 0 {
		return 0
	}
	return 1 + sort.Search(len(m.Classes), func(i int) bool { return m.Classes[i] > sum })
}

// emptyClasses lists the classes: the first is of no impact.
func (m *symphony) emptyClasses() []plan.SymphonyClass {
	list := []plan.SymphonyClass{{To: new(float64)}}
	from := 0.0
	for i := range m.Classes {
		list = append(list, plan.SymphonyClass{Number: i + 1, From: from, To: &m.Classes[i]})
		from = m.Classes[i]
	}
	return append(list, plan.SymphonyClass{Number: len(list), From: from})
}

// topPairs is how many pairs a row names.
const topPairs = 10

// Rows gives the figures of each municipality, kommunalförbund or county of the selection.
func (s *Symphony) Rows(by Grouping, f StackFilter) ([]plan.SymphonyRow, error) {
	groups, err := s.groups(by, f)
	if err != nil {
		return nil, err
	}
	rows := []plan.SymphonyRow{}
	for _, g := range groups {
		row := plan.SymphonyRow{Key: g.key, Title: g.title, Classes: s.symphony.emptyClasses()}
		pairs := map[[2]string]float64{}
		for _, z := range g.zones {
			row.AreaHa += s.partition.Kommuner[z].Area / 10_000
			for _, p := range s.places[z] {
				s.count(&row, pairs, p)
			}
		}
		settleSymphony(&row, pairs)
		rows = append(rows, row)
	}
	return rows, nil
}

// count adds a place to a row.
func (s *Symphony) count(row *plan.SymphonyRow, pairs map[[2]string]float64, p placed) {
	areaHa := p.area / 10_000
	row.Total += s.sums[p.combo] * areaHa
	row.Highest = max(row.Highest, s.sums[p.combo])
	row.Classes[s.classes[p.combo]].AreaHa += areaHa
	for _, t := range s.terms[p.combo] {
		pairs[[2]string{t.Pressure, t.Value}] += t.Product * areaHa
	}
}

func settleSymphony(row *plan.SymphonyRow, pairs map[[2]string]float64) {
	if row.AreaHa > 0 {
		row.Mean = row.Total / row.AreaHa
		for i := range row.Classes {
			row.Classes[i].Share = row.Classes[i].AreaHa / row.AreaHa
		}
	}
	row.Top = []plan.SymphonyPairSum{}
	for key, total := range pairs {
		row.Top = append(row.Top, plan.SymphonyPairSum{Pressure: key[0], Value: key[1], Total: total, Share: total / row.Total})
	}
	slices.SortFunc(row.Top, func(a, b plan.SymphonyPairSum) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Pressure, b.Pressure), cmp.Compare(a.Value, b.Value))
	})
	row.Top = row.Top[:min(len(row.Top), topPairs)]
}

// SymphonyAt tells the sum at a point, in metres of EPSG:3006, and what it is made of.
func (e *Engine) SymphonyAt(_ context.Context, view *atlas.View, x, y float64) (*plan.SymphonyPlace, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	m, place := rules.symphony, &plan.SymphonyPlace{Reasons: []plan.SymphonyCase{}}
	var found []held
	place.Kommun, place.Namn, found = e.heldAt(rules.canvasOf(&m.marks, view), x, y)
	var kinds []int
	for _, h := range found {
		l := &m.levels[h.number]
		place.Reasons = append(place.Reasons, plan.SymphonyCase{Component: l.component.ID, Title: l.component.Title, Pressure: l.pressure, Level: *l.level,
			Counts: h.counts, Features: h.features, Provenance: l.component.Provenance})
		if h.counts {
			kinds = append(kinds, h.number)
		}
	}
	place.Terms, place.Sum = m.sum(kinds)
	if place.Class = m.class(place.Sum); place.Terms == nil {
		place.Terms = []plan.SymphonyTerm{}
	}
	return place, nil
}
