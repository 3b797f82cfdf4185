package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// Colours of a stack, with the ruling that tells them apart without colours.
var (
	toneOf   = map[plan.Colour]colour{plan.Green: {150, 196, 150}, plan.Yellow: {247, 217, 116}, plan.Red: {205, 92, 92}}
	rulingOf = map[plan.Colour]ruling{plan.Yellow: {2.2, falling}, plan.Red: {1.1, rising}}
	nameOf3  = map[plan.Colour]string{plan.Green: "grönt", plan.Yellow: "gult", plan.Red: "rött"}
)

// turnTones are the colours and rulings of what has turned: the worse rising, the better falling, the more the denser.
var turnTones = []struct {
	from, to plan.Colour
	colour
	ruling
}{
	{plan.Green, plan.Red, colour{160, 20, 40}, ruling{0.9, rising}},
	{plan.Yellow, plan.Red, colour{214, 96, 77}, ruling{1.5, rising}},
	{plan.Green, plan.Yellow, colour{244, 165, 130}, ruling{2.4, rising}},
	{plan.Yellow, plan.Green, colour{146, 197, 222}, ruling{2.4, falling}},
	{plan.Red, plan.Yellow, colour{67, 147, 195}, ruling{1.5, falling}},
	{plan.Red, plan.Green, colour{33, 102, 172}, ruling{0.9, falling}},
}

func turnedTitle(from, to plan.Colour) string {
	return "från " + nameOf3[from] + " till " + nameOf3[to]
}

// claimText tells what a stack is for.
func claimText(c *plan.StackClaim) string {
	text := "markanvändning " + c.LandUse
	if title := themeTitles[plan.Theme(c.LandUse)]; title != "" {
		text = strings.ToLower(title)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		if c.Attributes[name] != nil {
			text += fmt.Sprintf(", %s = %v", name, c.Attributes[name])
		}
	}
	return text
}

// stackSummary tells how much is green, yellow and red.
func (p *press) stackSummary() {
	s := p.content.Stack
	t := &s.Total
	var boxes []box
	for _, portion := range []struct {
		plan.Colour
		plan.Portion
	}{{plan.Green, t.Green}, {plan.Yellow, t.Yellow}, {plan.Red, t.Red}} {
		boxes = append(boxes, box{percent(portion.Share), nameOf3[portion.Colour] + ", " + hectares(portion.AreaHa) + " ha", toneOf[portion.Colour]})
	}
	p.boxes(append(boxes, box{decimal(t.Closeness, 2), "det gulas närhet till rött", accent}))
	p.paragraph(fmt.Sprintf("Av %s hektar i %s är %s grönt (inget intresse), %s gult (intressen som går att anpassa sig till) och %s rött (minst ett intresse som stoppar) för %s. Tillsammans är det hela ytan.",
		hectares(t.AreaHa), p.content.Place.SV, percent(t.Green.Share), percent(t.Yellow.Share), percent(t.Red.Share), claimText(&s.Claim)))
}

func percent(share float64) string { return decimal(100*share, 1) + " %" }

var stackLanes = []lane{{head: "", width: 36}, {head: "Yta, ha", width: 13, right: true}, {head: "Grönt, ha", width: 13, right: true}, {head: "%", width: 8, right: true},
	{head: "Gult, ha", width: 13, right: true}, {head: "%", width: 8, right: true}, {head: "Rött, ha", width: 13, right: true}, {head: "%", width: 8, right: true},
	{head: "Närhet", width: 10, right: true}}

// stackBody prints the tables of a stack.
func (p *press) stackBody() {
	s := p.content.Stack
	if len(s.ByKommun) > 1 {
		p.heading("Kommunerna, efter andel rött")
		p.stackRows("Kommun", s.ByKommun, &s.Total)
	}
	if len(s.ByKommunalforbund) > 1 {
		p.heading("Kommunalförbunden")
		p.stackRows("Kommunalförbund", s.ByKommunalforbund, &s.Total)
	}
	p.closenessTable()
	p.interestTable()
	p.combinationTable("Det gula, det närmast rött först", plan.Yellow, 40)
	p.combinationTable("Det röda, det största först", plan.Red, 20)
	if len(s.Flat) > 0 {
		var names []string
		for _, flat := range s.Flat {
			names = append(names, fmt.Sprintf("%s (%s, %s objekt)", flat.Rule, flat.Layer, thousands(flat.Features)))
		}
		p.remark("Linjer och punkter under regler om överlapp tar ingen yta och syns inte här: " + strings.Join(names, "; ") + ".")
	}
}

func (p *press) stackRows(head string, list []plan.StackRow, total *plan.StackRow) {
	lanes := slices.Clone(stackLanes)
	lanes[0].head = head
	cells := func(name string, r *plan.StackRow) []string {
		return []string{name, hectares(r.AreaHa), hectares(r.Green.AreaHa), decimal(100*r.Green.Share, 1), hectares(r.Yellow.AreaHa), decimal(100*r.Yellow.Share, 1),
			hectares(r.Red.AreaHa), decimal(100*r.Red.Share, 1), decimal(r.Closeness, 2)}
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b plan.StackRow) int { return cmp.Compare(b.Red.Share, a.Red.Share) })
	var rows []row
	for i := range list {
		rows = append(rows, row{cells: cells(list[i].Title.SV, &list[i])})
	}
	p.table(lanes, append(rows, row{cells: cells("Tillsammans", total), bold: true}))
}

// closenessTable tells how the yellow is spread from green to red.
func (p *press) closenessTable() {
	t := &p.content.Stack.Total
	if t.Yellow.AreaHa == 0 {
		return
	}
	p.heading("Hur rött är det gula?")
	var rows []row
	for _, class := range t.ByCloseness {
		if class.AreaHa > 0 {
			rows = append(rows, row{cells: []string{decimal(class.From, 1) + "–" + decimal(class.To, 1), hectares(class.AreaHa), percent(class.AreaHa / t.Yellow.AreaHa)}})
		}
	}
	p.table([]lane{{head: "Närhet till rött", width: 30}, {head: "Yta, ha", width: 20, right: true}, {head: "Andel av det gula", width: 20, right: true}}, rows)
	var parts []string
	for _, by := range t.ByInterests {
		if by.AreaHa > 0 {
			parts = append(parts, fmt.Sprintf("%d: %s", by.Number, percent(by.Share)))
		}
	}
	p.paragraph("Ytan efter hur många intressen som ligger på varandra: " + strings.Join(parts, ", ") + ".")
}

func (p *press) interestTable() {
	list := p.content.Stack.Interests
	if len(list) == 0 {
		return
	}
	p.heading("Vilka intressen")
	var rows []row
	for i := range list {
		tone := severity[list[i].Severity]
		rows = append(rows, row{cells: []string{list[i].Title.SV, p.layerTitle(list[i].Layer), classTitles[list[i].Class], hectares(list[i].AreaHa), percent(list[i].Share)}, colour: &tone})
	}
	p.table([]lane{{head: "Regel", width: 60, mark: true}, {head: "Lager", width: 34}, {head: "Klass", width: 18}, {head: "Yta, ha", width: 18, right: true}, {head: "Andel", width: 12, right: true}}, rows)
	p.remark("Färgen visar allvaret. Intressen ligger på varandra, så ytorna går inte att lägga ihop.")
}

// combinationTable prints what lies on each other where there is one colour.
func (p *press) combinationTable(heading string, c plan.Colour, most int) {
	var rows []row
	for i := range p.content.Stack.Combinations {
		combo := &p.content.Stack.Combinations[i]
		if combo.Colour != c || len(rows) == most {
			continue
		}
		var items []string
		for _, item := range combo.Items {
			items = append(items, fmt.Sprintf("%s (%s)", item.Title.SV, p.layerTitle(item.Layer)))
		}
		tone := toneOf[c]
		rows = append(rows, row{cells: []string{decimal(combo.Closeness, 2), thousands(combo.Interests), strings.Join(items, "; "), hectares(combo.AreaHa), percent(combo.Share)}, colour: &tone})
	}
	if len(rows) == 0 {
		return
	}
	p.heading(heading)
	p.table([]lane{{head: "Närhet", width: 14, mark: true}, {head: "Antal", width: 10, right: true}, {head: "Intressen på varandra", width: 84}, {head: "Yta, ha", width: 18, right: true}, {head: "Andel", width: 12, right: true}}, rows)
}

// layerTitle names a layer as its people do.
func (p *press) layerTitle(id string) string {
	for _, input := range slices.Concat(p.content.Inputs, p.content.FromInputs) {
		if input.Layer == id {
			return cmp.Or(input.Title.SV, id)
		}
	}
	return id
}

// turnSummary tells how much has turned, and from where to where.
func (p *press) turnSummary() {
	s := p.content.StackTurn
	t := &s.Total
	var boxes []box
	for _, c := range plan.Colours {
		boxes = append(boxes, box{signed(t.Difference.Of(c)) + " ha", nameOf3[c] + ": " + hectares(t.Before.Of(c)) + " till " + hectares(t.After.Of(c)), toneOf[c]})
	}
	p.boxes(boxes)
	p.paragraph(fmt.Sprintf("Från %s (%s) till %s (%s) i %s, %s hektar.", stateOf(*p.content.From), claimText(&s.FromClaim), stateOf(p.content.State),
		claimText(&s.Claim), p.content.Place.SV, hectares(t.AreaHa)))
}

func signed(v float64) string {
	if v > 0 {
		return "+" + hectares(v)
	}
	return hectares(v)
}

// turnBody prints what has turned, by municipality.
func (p *press) turnBody() {
	s := p.content.StackTurn
	p.heading("Hektar per färg, före och efter")
	p.turnColours("Kommun", s.ByKommun, &s.Total)
	if len(s.ByKommunalforbund) > 1 {
		p.turnColours("Kommunalförbund", s.ByKommunalforbund, &s.Total)
	}
	p.heading("Vad som bytt färg, hektar")
	lanes := []lane{{head: "Kommun", width: 30}}
	for _, t := range turnTones {
		lanes = append(lanes, lane{head: nameOf3[t.from] + " till " + nameOf3[t.to], width: 15, right: true})
	}
	var rows []row
	for i := range s.ByKommun {
		cells, any := turnCells(s.ByKommun[i].Title.SV, &s.ByKommun[i])
		if any {
			rows = append(rows, row{cells: cells})
		}
	}
	if len(rows) == 0 {
		p.paragraph("Ingen plats har bytt färg.")
		return
	}
	cells, _ := turnCells("Tillsammans", &s.Total)
	p.table(lanes, append(rows, row{cells: cells, bold: true}))
}

func turnCells(name string, r *plan.StackChange) (cells []string, any bool) {
	cells = []string{name}
	for _, t := range turnTones {
		moved := r.Moved(t.from, t.to)
		cells, any = append(cells, orDash(moved, hectares(moved))), any || moved > 0
	}
	return cells, any
}

func (p *press) turnColours(head string, list []plan.StackChange, total *plan.StackChange) {
	lanes := []lane{{head: head, width: 34}}
	for _, c := range plan.Colours {
		name := strings.ToUpper(nameOf3[c][:1]) + nameOf3[c][1:]
		lanes = append(lanes, lane{head: name + " före", width: 14, right: true}, lane{head: "efter", width: 14, right: true}, lane{head: "skillnad", width: 13, right: true})
	}
	cells := func(name string, r *plan.StackChange) []string {
		cells := []string{name}
		for _, c := range plan.Colours {
			cells = append(cells, hectares(r.Before.Of(c)), hectares(r.After.Of(c)), orDash(r.Difference.Of(c), signed(r.Difference.Of(c))))
		}
		return cells
	}
	var rows []row
	for i := range list {
		rows = append(rows, row{cells: cells(list[i].Title.SV, &list[i])})
	}
	p.table(lanes, append(rows, row{cells: cells("Tillsammans", total), bold: true}))
}

// stackMethod tells how the figures of a stack are come to.
var stackMethod = []string{
	"Varje plats är grön (inget intresse enligt reglerna), gul (intressen som går att anpassa sig till) eller röd (minst ett intresse som stoppar) för markanvändningen. Reglerna säger vilka lager som är intressen, inom vilket avstånd, hur allvarligt och med vilken klass. Av en regels avståndssteg, och av flera objekt i samma lager, gäller det strängaste på platsen.",
	"Ytorna mäts exakt i SWEREF 99 TM (EPSG:3006) genom att alla lager läggs på varandra och delas vid kommungränserna: grönt, gult och rött blir tillsammans kommunens egen yta. Runda kanter på avstånd ritas högst 20 cm innanför de sanna.",
	"Närheten till rött räknas ur varje intresses allvar: flera läggs samman som 1 − (1 − a₁)(1 − a₂)… Talen a står i regelverket och är förslag.",
}

// stackUntouched names the layers that are nowhere in the place.
func (p *press) stackUntouched() {
	if p.content.Stack == nil || len(p.content.Stack.Absent) == 0 {
		return
	}
	var names []string
	for _, layer := range p.content.Stack.Absent {
		names = append(names, cmp.Or(layer.Title.SV, layer.Layer))
	}
	p.paragraph("Lager som reglerna frågar efter men som inte berörs någonstans i området: " + strings.Join(names, ", ") + ".")
}
