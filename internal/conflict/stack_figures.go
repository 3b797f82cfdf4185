package conflict

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"strukturbild/internal/plan"
)

// combination tells what the kinds at a place are together.
func (c *canvas) combination(kinds []int) plan.Combination {
	made := plan.Combination{Colour: plan.Green, Interests: len(kinds), Items: make([]plan.Interest, 0, len(kinds))}
	left := 1.0
	for i, number := range kinds {
		k := &c.kinds[number]
		made.Items = append(made.Items, k.interest())
		made.Severity, made.SeveritySum = max(made.Severity, k.severity), made.SeveritySum+k.severity
		if i == 0 || k.place < made.Precedence {
			made.Precedence = k.place
		}
		switch {
		case k.class == plan.Stop:
			made.Colour, left = plan.Red, 0
		case made.Colour == plan.Green:
			made.Colour = plan.Yellow
		}
		left *= 1 - c.closeness().Of(k.severity)
	}
	made.Closeness = math.Round((1-left)*1e9) / 1e9 // 1-(1-0.2) is a little less than 0.2
	slices.SortStableFunc(made.Items, func(a, b plan.Interest) int {
		return cmp.Or(cmp.Compare(rankOf(b.Class), rankOf(a.Class)), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Precedence, b.Precedence))
	})
	return made
}

func rankOf(c plan.Class) int {
	if c == plan.Stop {
		return 1
	}
	return 0
}

func (k *kind) interest() plan.Interest {
	return plan.Interest{Rule: k.rule.ID, Layer: k.question.interest.Layer().ID, Title: k.rule.Title, Severity: k.severity, Class: k.class,
		Precedence: k.place, LegalBasis: k.rule.LegalBasis}
}

// closeness gives the ruleset's, or that of the rules that the service is born with.
func (c *canvas) closeness() *plan.Closeness {
	if c.rules.Closeness != nil {
		return c.rules.Closeness
	}
	if born().Closeness != nil {
		return born().Closeness
	}
	return &plan.Closeness{}
}

// tenths is the number of classes that closeness is divided into.
const tenths = 10

// row divides the area of some municipalities.
func (s *Stack) row(zones ...int) plan.StackRow {
	row := plan.StackRow{ByInterests: []plan.StackBy{}, BySeverity: make([]plan.StackBy, 4), ByCloseness: make([]plan.ClosenessClass, tenths)}
	for i := range row.ByCloseness {
		row.ByCloseness[i].From, row.ByCloseness[i].To = float64(i)/tenths, float64(i+1)/tenths
	}
	for i := range row.BySeverity {
		row.BySeverity[i].Number = i
	}
	for _, z := range zones {
		row.AreaHa += s.partition.Kommuner[z].Area / 10_000
		for _, p := range s.places[z] {
			addPlace(&row, &s.combos[p.combo], p.area/10_000)
		}
	}
	if row.Yellow.AreaHa > 0 {
		row.Closeness /= row.Yellow.AreaHa
	}
	shareRow(&row)
	return row
}

// addPlace counts a place into a row.
func addPlace(row *plan.StackRow, c *plan.Combination, areaHa float64) {
	switch c.Colour {
	case plan.Green:
		row.Green.AreaHa += areaHa
	case plan.Red:
		row.Red.AreaHa += areaHa
	default:
		row.Yellow.AreaHa += areaHa
		row.Closeness += c.Closeness * areaHa
		row.ByCloseness[int(c.Closeness*tenths)].AreaHa += areaHa
	}
	for len(row.ByInterests) <= c.Interests {
		row.ByInterests = append(row.ByInterests, plan.StackBy{Number: len(row.ByInterests)})
	}
	row.ByInterests[c.Interests].AreaHa += areaHa
	row.BySeverity[c.Severity].AreaHa += areaHa
}

// shareRow tells each portion as a share of the row's area.
func shareRow(row *plan.StackRow) {
	share := func(p *plan.Portion) {
		if row.AreaHa > 0 {
			p.Share = p.AreaHa / row.AreaHa
		}
	}
	share(&row.Green)
	share(&row.Yellow)
	share(&row.Red)
	for i := range row.ByInterests {
		share(&row.ByInterests[i].Portion)
	}
	for i := range row.BySeverity {
		share(&row.BySeverity[i].Portion)
	}
	for i := range row.ByCloseness {
		share(&row.ByCloseness[i].Portion)
	}
}

// ByLan groups by county: the first two digits of the kommunkod.
const ByLan Grouping = "lan"

// Rows gives the figures: of each municipality, kommunalförbund or county of the selection.
func (s *Stack) Rows(by Grouping, f StackFilter) ([]plan.StackRow, error) {
	groups, err := s.groups(by, f)
	if err != nil {
		return nil, err
	}
	rows := []plan.StackRow{}
	for _, g := range groups {
		row := s.row(g.zones...)
		row.Key, row.Title = g.key, g.title
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Stack) groupOf(by Grouping, zone int) (string, error) {
	k := &s.partition.Kommuner[zone]
	switch by {
	case ByKommunalforbund:
		return cmp.Or(k.Kommunalforbund, plan.OutsideKommun), nil
	case ByLan:
		return k.Kod[:min(2, len(k.Kod))], nil
	}
	return "", plan.Errorf(plan.Invalid, "by", "by is %q; it must be kommun, kommunalforbund or lan", by)
}

func (s *Stack) titleOf(by Grouping, key string) plan.Text {
	if by == ByKommunalforbund {
		if i := s.partition.ForbundIndex(key); i >= 0 {
			return plan.Text{SV: s.partition.Forbunden[i].Namn, EN: s.partition.Forbunden[i].Namn}
		}
		return plan.Text{SV: "I inget kommunalförbund", EN: "In no association of municipalities"}
	}
	return plan.Text{SV: "Län " + key, EN: "County " + key}
}

// StackFilter narrows figures and combinations; zero fields keep all.
type StackFilter struct {
	Kommun          string // kommunkod
	Kommunalforbund string // id
	Colour          plan.Colour
	ByArea          bool // combinations by their area, instead of how close to red they are
	From, Limit     int  // the page of combinations
}

// zones lists the municipalities of the selection. Invalid for a name that is not known.
func (s *Stack) zones(f StackFilter) (list []int, err error) {
	if f.Kommun != "" && s.partition.KommunIndex(f.Kommun) < 0 {
		return nil, plan.Errorf(plan.Invalid, "kommun", "there is no kommun %q; give its four-digit kommunkod", f.Kommun)
	}
	if f.Kommunalforbund != "" && s.partition.ForbundIndex(f.Kommunalforbund) < 0 {
		return nil, plan.Errorf(plan.Invalid, "kommunalforbund", "there is no kommunalförbund %q", f.Kommunalforbund)
	}
	for z := range s.partition.Kommuner {
		k := &s.partition.Kommuner[z]
		if (f.Kommun == "" || f.Kommun == k.Kod) && (f.Kommunalforbund == "" || f.Kommunalforbund == k.Kommunalforbund) {
			list = append(list, z)
		}
	}
	if len(list) == 0 && f.Kommun != "" {
		return nil, plan.Errorf(plan.Invalid, "kommun", "kommun %q is no member of kommunalförbund %q", f.Kommun, f.Kommunalforbund)
	}
	return list, nil
}

// Combinations gives a page of what lies on each other in the selection, and how many there are: those closest to red
// first, or the largest. Among equals what has precedence comes first, then the largest.
func (s *Stack) Combinations(f StackFilter) (page []plan.CombinationArea, matched int, err error) {
	zones, err := s.zones(f)
	if err != nil {
		return nil, 0, err
	}
	areas, whole := map[int]float64{}, 0.0
	for _, z := range zones {
		whole += s.partition.Kommuner[z].Area
		for _, p := range s.places[z] {
			if f.Colour == "" || s.combos[p.combo].Colour == f.Colour {
				areas[p.combo] += p.area
			}
		}
	}
	order := slices.SortedFunc(maps.Keys(areas), func(a, b int) int {
		x, y := &s.combos[a], &s.combos[b]
		largest := cmp.Compare(areas[b], areas[a])
		if f.ByArea {
			return cmp.Or(largest, cmp.Compare(a, b))
		}
		return cmp.Or(cmp.Compare(y.Closeness, x.Closeness), cmp.Compare(x.Precedence, y.Precedence), largest, cmp.Compare(a, b))
	})
	page = []plan.CombinationArea{}
	for _, combo := range order[min(f.From, len(order)):min(f.From+f.Limit, len(order))] {
		page = append(page, plan.CombinationArea{Combination: s.combos[combo],
			Portion: plan.Portion{AreaHa: areas[combo] / 10_000, Share: areas[combo] / whole}})
	}
	return page, len(order), nil
}
