package conflict

import (
	"context"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// lucis is the preferences of a ruleset, compiled: by kind.
type lucis struct {
	marks
	preferences []*plan.Preference
}

// Lucis is the codes of every place: how much agriculture, conservation and urban use are preferred there, after Carr &
// Zwick (Smart land-use analysis: the LUCIS model, 2007). It never changes.
type Lucis struct {
	*Stack
	lucis *lucis
}

// fixedClass is the class of land whose use will not change, which has no code.
const fixedClass = 0

// Lucis gives the codes of the view.
func (e *Engine) Lucis(ctx context.Context, view *atlas.View) (*Lucis, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	stack, err := e.stackOf(ctx, view, rules.canvasOf(&rules.lucis.marks, view))
	if err != nil {
		return nil, err
	}
	stack.classify(rules.lucis.code)
	return &Lucis{stack, rules.lucis}, nil
}

// code gives the code of a place where the preferences are; fixedClass where the use will not change.
func (l *lucis) code(kinds []int) int {
	strength := map[plan.Use]int{}
	for _, number := range kinds {
		p := l.preferences[number]
		if p.Use == plan.FixedUse {
			return fixedClass
		}
		strength[p.Use] = p.Strength
	}
	code := 0
	for _, use := range plan.Uses {
		code = 10*code + max(strength[use], 1)
	}
	return code
}

// useTitles name the uses.
var useTitles = map[plan.Use]plan.Text{plan.AgricultureUse: {SV: "jordbruk", EN: "agriculture"}, plan.ConservationUse: {SV: "bevarande", EN: "conservation"},
	plan.UrbanUse: {SV: "bebyggelse", EN: "urban"}, plan.FixedUse: {SV: "ändras inte", EN: "does not change"}}

// CodeOf tells what a code means: between which uses there is a conflict, or which one leads.
func CodeOf(code int) plan.LucisCode {
	c := plan.LucisCode{Code: code, Agriculture: code / 100, Conservation: code / 10 % 10, Urban: code % 10}
	digits := map[plan.Use]int{plan.AgricultureUse: c.Agriculture, plan.ConservationUse: c.Conservation, plan.UrbanUse: c.Urban}
	highest := max(c.Agriculture, c.Conservation, c.Urban)
	var sv, en []string
	for _, use := range plan.Uses {
		if digits[use] == highest {
			c.Leads = append(c.Leads, use)
			sv, en = append(sv, useTitles[use].SV), append(en, useTitles[use].EN)
		}
	}
	c.Conflict = []plan.LucisConflict{plan.LucisNone, plan.LucisModerate, plan.LucisMajor}[len(c.Leads)-1]
	switch c.Conflict {
	case plan.LucisNone:
		c.Title = plan.Text{SV: "Ingen konflikt: " + sv[0] + " går före", EN: "No conflict: " + en[0] + " leads"}
	case plan.LucisModerate:
		c.Title = plan.Text{SV: "Måttlig konflikt: " + list(sv, "mot"), EN: "Moderate conflict: " + list(en, "against")}
	case plan.LucisMajor:
		c.Title = plan.Text{SV: "Stor konflikt: " + list(sv, "och"), EN: "Major conflict: " + list(en, "and")}
	}
	return c
}

// codes are all 27, ascending.
var codes = func() (all []plan.LucisCode) {
	for a := 1; a <= 3; a++ {
		for c := 1; c <= 3; c++ {
			for u := 1; u <= 3; u++ {
				all = append(all, CodeOf(100*a+10*c+u))
			}
		}
	}
	return all
}()

// Rows gives the figures of each municipality, kommunalförbund or county of the selection.
func (l *Lucis) Rows(by Grouping, f StackFilter) ([]plan.LucisRow, error) {
	groups, err := l.groups(by, f)
	if err != nil {
		return nil, err
	}
	rows := []plan.LucisRow{}
	for _, g := range groups {
		row := plan.LucisRow{Key: g.key, Title: g.title}
		areas := map[int]float64{}
		for _, z := range g.zones {
			row.AreaHa += l.partition.Kommuner[z].Area / 10_000
			for _, p := range l.places[z] {
				areas[l.classes[p.combo]] += p.area / 10_000
			}
		}
		divideLucis(&row, areas)
		rows = append(rows, row)
	}
	return rows, nil
}

// divideLucis tells the hectares of each code.
func divideLucis(row *plan.LucisRow, areas map[int]float64) {
	portion := func(areaHa float64) plan.Portion {
		if row.AreaHa == 0 {
			return plan.Portion{}
		}
		return plan.Portion{AreaHa: areaHa, Share: areaHa / row.AreaHa}
	}
	row.Fixed = portion(areas[fixedClass])
	for _, code := range codes {
		row.Codes = append(row.Codes, plan.LucisArea{LucisCode: code, Portion: portion(areas[code.Code])})
		i := slices.IndexFunc(row.ByConflict, func(b plan.LucisByLeader) bool { return slices.Equal(b.Leads, code.Leads) })
		if i < 0 {
			i = len(row.ByConflict)
			row.ByConflict = append(row.ByConflict, plan.LucisByLeader{Conflict: code.Conflict, Leads: code.Leads, Title: code.Title})
		}
		row.ByConflict[i].Portion = portion(row.ByConflict[i].AreaHa + areas[code.Code])
	}
	slices.SortStableFunc(row.ByConflict, func(a, b plan.LucisByLeader) int { return len(b.Leads) - len(a.Leads) })
}

// LucisAt tells the code at a point, in metres of EPSG:3006, and which preferences hold there.
func (e *Engine) LucisAt(_ context.Context, view *atlas.View, x, y float64) (*plan.LucisPlace, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	place := &plan.LucisPlace{Reasons: []plan.LucisCase{}}
	var found []held
	place.Kommun, place.Namn, found = e.heldAt(rules.canvasOf(&rules.lucis.marks, view), x, y)
	var kinds []int
	for _, h := range found {
		place.Reasons = append(place.Reasons, plan.LucisCase{Preference: *rules.lucis.preferences[h.number], Counts: h.counts, Features: h.features})
		if h.counts {
			kinds = append(kinds, h.number)
		}
	}
	if code := rules.lucis.code(kinds); code != fixedClass {
		told := CodeOf(code)
		place.Code = &told
	} else {
		place.Fixed = true
	}
	return place, nil
}
