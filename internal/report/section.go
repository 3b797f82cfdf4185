package report

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// sections sets the report, the answer first.
func (p *press) sections() {
	p.title()
	if !p.report.Complete {
		p.warning("Ofullständig", shortfall(p.content))
	}
	if made := synthetic(p.content); made != "" {
		p.warning("Påhittade data", made)
	}
	p.summary()
	p.printMap(max(p.left()-20, 90))
	switch p.content.Kind {
	case plan.ReportComparison:
		p.comparison()
	case plan.ReportStack:
		p.stackBody()
	case plan.ReportTurn:
		p.turnBody()
	default:
		p.places()
		p.rules()
		p.listings()
	}
	p.untouched()
	p.method()
	p.sources()
	p.legal()
	p.trace()
}

func (p *press) title() {
	c := p.content
	p.font("B", 20)
	p.ink(accent)
	p.MultiCell(textWidth, 9, titleOf(p.report, c), "", "L", false)
	p.font("", 10)
	p.ink(quiet)
	subtitle := fmt.Sprintf("%s · %s · %s", kindTitles[c.Kind], c.Place.SV, chosen(c))
	p.MultiCell(textWidth, 5.5, subtitle, "", "L", false)
	made := day(p.report.Created)
	if p.report.Finished != nil {
		made = day(*p.report.Finished)
	}
	if p.report.Order.Author != "" {
		made = p.report.Order.Author + " · " + made
	}
	p.MultiCell(textWidth, 5.5, made+" · revision "+thousands(int(c.State.Revision)), "", "L", false)
	p.Ln(3)
}

// box is one of the figures at the top.
type box struct {
	value, label string
	colour
}

// summary tells the figures that matter most, and a sentence about them.
func (p *press) summary() {
	c := p.content
	switch c.Kind {
	case plan.ReportStack:
		p.stackSummary()
		return
	case plan.ReportTurn:
		p.turnSummary()
		return
	case plan.ReportComparison:
		t := &c.Comparison.Total
		p.boxes([]box{{thousands(t.New), "nya", becomings[plan.ConflictNew]}, {thousands(t.Grown), "större", becomings[plan.ConflictGrown]},
			{thousands(t.Revalued), "omvärderade", becomings[plan.ConflictRevalued]}, {thousands(t.Shrunk), "mindre", becomings[plan.ConflictShrunk]},
			{thousands(t.Gone), "borta", becomings[plan.ConflictGone]}})
		p.paragraph(fmt.Sprintf("Från %s till %s gick antalet konflikter från %s till %s, och den sammanlagda ytan från %s till %s hektar.",
			stateOf(*c.From), stateOf(c.State), thousands(t.Before.Conflicts), thousands(t.After.Conflicts), hectares(t.Before.AreaHa), hectares(t.After.AreaHa)))
		return
	}
	counts, area := map[string]int{}, 0.0
	for _, row := range c.BySeverity {
		counts[row.Key] = row.Conflicts
		area += row.AreaHa
	}
	last := box{thousands(c.Total), "konflikter i allt", accent}
	if area > 0 {
		last = box{hectares(area) + " ha", "sammanlagd yta", accent}
	}
	p.boxes([]box{{thousands(counts["3"]), "starka", strong}, {thousands(counts["2"]), "kräver anpassning", medium}, {thousands(counts["1"]), "låga", weak}, last})
	if c.Claim != nil {
		p.paragraph(p.claimSentence())
	}
	if c.Total > 0 {
		p.paragraph(p.mostSentence())
	} else {
		p.paragraph("Inga konflikter hittades enligt de regler och data som anges nedan.")
	}
}

// mostSentence tells how many there are, and where and by which rule most.
func (p *press) mostSentence() string {
	c := p.content
	sentence := fmt.Sprintf("I allt %s konflikter.", thousands(c.Total))
	if c.Total == 1 {
		sentence = "I allt en konflikt."
	}
	if rules := ranked(c.ByRule); len(rules) > 0 && c.Total > 1 {
		sentence += fmt.Sprintf(" Allvarligast: %s (%s).", lowered(rules[0].Title.SV), thousands(rules[0].Conflicts))
	}
	if kommuner := ranked(c.ByKommun); some(kommuner) > 1 {
		sentence += fmt.Sprintf(" Flest starka, eller annars flest, i %s.", kommuner[0].Title.SV)
	}
	return sentence
}

// claimSentence tells what the figure is, and where.
func (p *press) claimSentence() string {
	c := p.content
	extent := &plan.Conflict{Extent: *c.ClaimExtent}
	var attributes []string
	for name, value := range c.Claim.Attributes {
		if value != nil {
			attributes = append(attributes, fmt.Sprintf("%s = %v", name, value))
		}
	}
	slices.Sort(attributes)
	sentence := fmt.Sprintf("Det ritade är %s (%s) i %s.", strings.ToLower(themeTitles[c.Claim.Theme]), sizeOf(extent), c.Place.SV)
	if c.Claim.Theme == "" {
		sentence = fmt.Sprintf("Det ritade skulle bli ett objekt i lagret %s (%s) i %s.", c.Claim.Layer, sizeOf(extent), c.Place.SV)
	}
	if len(attributes) > 0 {
		sentence += " Egenskaper: " + strings.Join(attributes, ", ") + "."
	}
	return sentence
}

func (p *press) boxes(list []box) {
	const gap, height = 3.0, 16.0
	width := (textWidth - gap*float64(len(list)-1)) / float64(len(list))
	y := p.GetY()
	for i, b := range list {
		x := margin + float64(i)*(width+gap)
		p.fill(tint)
		p.Rect(x, y, width, height, "F")
		p.fill(b.colour)
		p.Rect(x, y, width, 1.2, "F")
		p.font("B", 15)
		p.ink(ink)
		p.at(x+3, y+3)
		p.CellFormat(width-4, 7, b.value, "", 0, "L", false, 0, "")
		p.font("", 8)
		p.ink(quiet)
		p.at(x+3, y+10)
		p.CellFormat(width-4, 4, p.fit(b.label, width-4), "", 0, "L", false, 0, "")
	}
	p.at(margin, y+height+4)
}

var sumLanes = []lane{{head: "", width: 38}, {head: "Konflikter", width: 11, right: true}, {head: "Starka", width: 9, right: true},
	{head: "Anpassning", width: 12, right: true}, {head: "Låga", width: 9, right: true}}

// places prints how the conflicts divide among municipalities and kommunalförbund.
func (p *press) places() {
	if len(p.content.ByKommun) > 1 {
		p.heading("Kommunerna, rangordnade")
		p.sums("Kommun", ranked(p.content.ByKommun))
	}
	if some(p.content.ByKommunalforbund) > 1 {
		p.heading("Kommunalförbunden")
		p.sums("Kommunalförbund", ranked(p.content.ByKommunalforbund))
	}
	if len(p.content.ByKommun) > 1 {
		p.remark("En konflikt som ligger i flera kommuner räknas i var och en av dem, med den del som ligger där. Ytor av konflikter som täcker varandra räknas var för sig.")
	}
}

func some(rows []plan.ConflictSum) (n int) {
	for i := range rows {
		if rows[i].Conflicts > 0 {
			n++
		}
	}
	return n
}

// sums prints rows of figures; areas and lengths only where there are any.
func (p *press) sums(head string, sums []plan.ConflictSum) {
	lanes := slices.Clone(sumLanes)
	lanes[0].head = head
	any := func(of func(*plan.ConflictSum) float64) bool {
		return slices.ContainsFunc(sums, func(s plan.ConflictSum) bool { return of(&s) > 0 })
	}
	areas, lengths := any(func(s *plan.ConflictSum) float64 { return s.AreaHa }), any(func(s *plan.ConflictSum) float64 { return s.LengthM })
	if areas {
		lanes = append(lanes, lane{head: "Yta, ha", width: 12, right: true})
	}
	if lengths {
		lanes = append(lanes, lane{head: "Längd, m", width: 12, right: true})
	}
	var rows []row
	for _, s := range sums {
		name := s.Title.SV
		if len(s.Key) == 4 && head == "Kommun" {
			name += " (" + s.Key + ")"
		}
		cells := []string{name, thousands(s.Conflicts), thousands(s.Severity3), thousands(s.Severity2), thousands(s.Severity1)}
		if areas {
			cells = append(cells, orDash(s.AreaHa, hectares(s.AreaHa)))
		}
		if lengths {
			cells = append(cells, orDash(s.LengthM, decimal(s.LengthM, 0)))
		}
		rows = append(rows, row{cells: cells})
	}
	p.table(lanes, rows)
}

func (p *press) rules() {
	if some(p.content.ByRule) == 0 {
		return
	}
	p.heading("Vad som krockar")
	p.sums("Regel", ranked(p.content.ByRule))
}

var conflictLanes = []lane{{head: "Konflikt", width: 46, mark: true}, {head: "Anspråk", width: 36}, {head: "Intresse", width: 36}, {head: "Storlek", width: 30, right: true}}

// printedMost is how many conflicts the paper lists of one place; files for data list all that are frozen.
const printedMost = 100

// listings prints the most severe conflicts: of each municipality when there are several.
func (p *press) listings() {
	c := p.content
	if len(c.Conflicts) == 0 {
		return
	}
	p.need(60)
	p.heading("De allvarligaste konflikterna")
	if len(c.Top) == 0 {
		shown := c.Conflicts[:min(len(c.Conflicts), printedMost)]
		p.conflicts(shown)
		p.more(c.Total, len(shown))
		return
	}
	byID := map[string]*plan.ReportConflict{}
	for i := range c.Conflicts {
		byID[c.Conflicts[i].ID] = &c.Conflicts[i]
	}
	total := map[string]int{}
	for _, row := range c.ByKommun {
		total[row.Key] = row.Conflicts
	}
	for _, top := range c.Top {
		p.subheading(top.Namn)
		var shown []plan.ReportConflict
		for _, id := range top.Conflicts {
			shown = append(shown, *byID[id])
		}
		p.conflicts(shown)
		p.more(total[top.Kommun], len(shown))
	}
}

func (p *press) more(total, shown int) {
	if total > shown {
		p.remark(fmt.Sprintf("Här visas de %s allvarligaste av %s konflikter.", thousands(shown), thousands(total)))
	}
}

func (p *press) conflicts(list []plan.ReportConflict) {
	var rows []row
	for i := range list {
		c := &list[i]
		tone := severity[c.Severity]
		rows = append(rows, row{cells: []string{c.Title.SV, p.sideOf(c.Claim), p.sideOf(&c.Interest), sizeOf(&c.Conflict)}, colour: &tone})
	}
	p.table(conflictLanes, rows)
}

// sideOf names a feature as people do: by its name, and its layer's title.
func (p *press) sideOf(ref *plan.FeatureRef) string {
	if ref == nil {
		return "Det ritade"
	}
	layer := ref.Layer
	for _, input := range slices.Concat(p.content.Inputs, p.content.FromInputs) {
		if input.Layer == ref.Layer {
			layer = input.Title.SV
		}
	}
	if ref.Title != "" {
		return ref.Title + " (" + layer + ")"
	}
	return layer + " " + ref.ID
}

var changeLanes = []lane{{head: "", width: 38}, {head: "Nya", width: 8, right: true}, {head: "Större", width: 8, right: true}, {head: "Omvärd.", width: 9, right: true},
	{head: "Mindre", width: 8, right: true}, {head: "Borta", width: 8, right: true}, {head: "Ha före", width: 12, right: true}, {head: "Ha efter", width: 12, right: true}}

func (p *press) comparison() {
	sums := p.content.Comparison
	for _, part := range []struct {
		heading, head string
		rows          []plan.SumChange
	}{{"Kommunerna", "Kommun", sums.ByKommun}, {"Kommunalförbunden", "Kommunalförbund", sums.ByKommunalforbund}, {"Reglerna", "Regel", sums.ByRule}} {
		lanes := slices.Clone(changeLanes)
		lanes[0].head = part.head
		var rows []row
		for _, s := range part.rows {
			if s.Changes != (plan.Changes{}) {
				rows = append(rows, row{cells: []string{s.Title.SV, thousands(s.New), thousands(s.Grown), thousands(s.Revalued), thousands(s.Shrunk), thousands(s.Gone),
					hectares(s.Before.AreaHa), hectares(s.After.AreaHa)}})
			}
		}
		if len(rows) > 0 {
			p.heading(part.heading)
			p.table(lanes, rows)
		}
	}
	if len(p.content.Changes) > 0 {
		p.heading("Konflikterna som ändrats")
		p.changes(p.content.Changes[:min(len(p.content.Changes), printedMost)])
		p.more(p.content.Total, min(len(p.content.Changes), printedMost))
	} else {
		p.paragraph("Inga konflikter skiljer de två lägena åt.")
	}
}

func (p *press) changes(list []plan.ReportChange) {
	var rows []row
	for i := range list {
		c := &list[i]
		shown := c.After
		if shown == nil {
			shown = c.Before
		}
		tone := becomings[c.Became]
		rows = append(rows, row{cells: []string{becameTitles[c.Became], shown.Title.SV, p.sideOf(shown.Claim), p.sideOf(&shown.Interest), sizeOf(c.Before), sizeOf(c.After)}, colour: &tone})
	}
	p.table([]lane{{head: "Blev", width: 18, mark: true}, {head: "Konflikt", width: 40}, {head: "Anspråk", width: 30}, {head: "Intresse", width: 30}, {head: "Före", width: 15, right: true}, {head: "Efter", width: 15, right: true}}, rows)
}

// untouched names what is not affected, what nothing can be said about, and what could not be measured.
func (p *press) untouched() {
	c := p.content
	p.heading("Vad som inte berörs, och vad som inte kan bedömas")
	var names []string
	for _, theme := range c.NotAffected {
		names = append(names, strings.ToLower(themeTitles[theme]))
	}
	if len(names) > 0 {
		p.paragraph("Inte berörda teman: " + strings.Join(names, ", ") + ". Där finns objekt och regler, men ingen konflikt.")
	} else {
		p.paragraph("Inget tema med objekt och regler är helt utan konflikter.")
	}
	p.stackUntouched()
	for _, unknown := range c.NotAssessed {
		p.paragraph(fmt.Sprintf("%s kan inte bedömas. %s Det är inte samma sak som ingen konflikt.", themeTitles[unknown.Theme], unknown.Reason.SV))
	}
	if c.NotMeasuredTotal == 0 {
		return
	}
	p.paragraph(fmt.Sprintf("%s par av objekt kunde inte mätas och ingår inte i siffrorna:", thousands(c.NotMeasuredTotal)))
	const shown = 20
	var rows []row
	for _, u := range c.NotMeasured[:min(len(c.NotMeasured), shown)] {
		rows = append(rows, row{cells: []string{u.Rule, refOf(u.Claim), refOf(u.Interest), u.Reason}})
	}
	p.table([]lane{{head: "Regel", width: 30}, {head: "Anspråk", width: 22}, {head: "Intresse", width: 22}, {head: "Skäl", width: 60}}, rows)
	p.more(c.NotMeasuredTotal, len(rows))
}

func (p *press) method() {
	p.heading("Metod")
	texts := conflictMethod
	if stacked(&p.report.Order) {
		texts = stackMethod
	}
	for _, text := range slices.Concat(texts, frozenMethod) {
		p.paragraph(text)
	}
}

// What the figures are, how conflicts are found, and what a report is.
var (
	conflictMethod = []string{
		"En konflikt är ett anspråk på mark och ett intresse som en regel säger inte går ihop: de överlappar varandra, eller ligger närmare varandra än regeln tillåter. Allvaret (låg, kräver anpassning, stark) kommer från regeln. Konflikter rangordnas efter allvar, klass (stopp före anpassning), företräde och storlek.",
		"Ytor, längder, antal punkter och avstånd mäts exakt i SWEREF 99 TM (EPSG:3006) ur objektens egna geometrier och delas upp vid kommungränserna. Överlapp som är mindre än reglernas minsta mått räknas som skarvar mellan datakällor och är inte med.",
	}
	frozenMethod = []string{
		"Siffrorna är frysta: de gäller den revision, det regelverk och de källor som anges här och ändras inte när data eller regler ändras. Ytor är avrundade till en kvadratmeter, längder och avstånd till en decimeter; i tabellerna visas färre decimaler.",
		"Rapporten är ett kunskapsunderlag för samråd och planering. Den är inte bindande och ersätter inte en prövning i det enskilda fallet.",
	}
)

func (p *press) sources() {
	p.heading("Källor")
	p.inputs(p.content.Inputs)
	if len(p.content.FromInputs) > 0 {
		p.subheading("Källor i det första läget, där de skiljer")
		p.inputs(p.content.FromInputs)
	}
}

func (p *press) inputs(list []plan.ReportInput) {
	var rows []row
	for _, i := range list {
		source, licence := i.Source, i.Licence
		if source == "" {
			source = "ej angiven"
		}
		if licence == "" {
			licence = "ej angiven"
		}
		rows = append(rows, row{cells: []string{i.Title.SV, source, licence, day(i.Changed), thousands(int(i.Revision)), thousands(i.Features)}})
	}
	p.table([]lane{{head: "Lager", width: 34}, {head: "Källa", width: 42}, {head: "Licens", width: 26}, {head: "Ändrad", width: 16}, {head: "Revision", width: 12, right: true}, {head: "Objekt", width: 14, right: true}}, rows)
}

func (p *press) legal() {
	if len(p.content.Rules) == 0 {
		return
	}
	p.heading("Regler som gav utslag")
	var rows []row
	for i := range p.content.Rules {
		r := &p.content.Rules[i]
		tone := severity[r.Severity]
		basis := r.Basis
		if status := maturityTitles[r.Status]; status != "" {
			basis += " (" + status + ", säkerhet " + confidenceTitles[r.Confidence] + ")"
		}
		rows = append(rows, row{cells: []string{r.Title.SV, relationOf(r), r.LegalBasis.SV, basis}, colour: &tone})
	}
	p.table([]lane{{head: "Regel", width: 42, mark: true}, {head: "Mått", width: 24}, {head: "Rättslig grund", width: 38}, {head: "Grund för regeln", width: 48}}, rows)
	p.remark("Färgen visar allvaret när inget villkor säger annat.")
}

// trace tells what is needed to find the same figures again.
func (p *press) trace() {
	p.heading("Spårbarhet")
	var rows []row
	for _, f := range facts(p.report, p.content) {
		rows = append(rows, row{cells: []string{f.label, f.value}})
	}
	p.table([]lane{{head: "Uppgift", width: 30}, {head: "Värde", width: 100}}, rows)
	p.remark("Hashvärdet räknas på rapportens innehåll i kanonisk JSON (RFC 8785), som kan hämtas med f=canonical. Samma data och regler ger samma hashvärde.")
}
