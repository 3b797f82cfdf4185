package conflict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// Report tells what has become of the conflicts from one state to the other, municipality by municipality.
func (c *Comparison) Report() *plan.ConflictReport {
	version := c.After.ruleset.Ref()
	report := &plan.ConflictReport{Known: true, Ruleset: &version, Total: &plan.ConflictTurn{}}
	by := map[string]*plan.KommunConflicts{}
	for i := range c.changes {
		x := &c.changes[i]
		before, after := x.before.hectares(), x.after.hectares()
		count(report.Total, x.became, sum(before), sum(after))
		for _, key := range x.keys(ByKommun) {
			if by[key] == nil {
				by[key] = &plan.KommunConflicts{Kommun: key, Namn: x.nameOf(key)}
			}
			count(&by[key].ConflictTurn, x.became, before[key], after[key])
		}
	}
	for _, row := range by {
		row.Sentence = sentence(row)
		report.Kommuner = append(report.Kommuner, *row)
	}
	slices.SortFunc(report.Kommuner, func(a, b plan.KommunConflicts) int { return strings.Compare(a.Kommun, b.Kommun) })
	report.Summary = summaryOf(report.Kommuner)
	return report
}

// hectares gives the area of the conflict in each municipality, by its key; nothing of one that has no area.
func (p pick) hectares() map[string]float64 {
	if p.block == nil || p.block.unit != squareMetres {
		return nil
	}
	parts := map[string]float64{}
	for _, part := range p.block.parts(p.record) {
		key, _ := p.block.partition.Name(part.Kommun)
		parts[key] += part.Size / 10_000
	}
	return parts
}

func sum(parts map[string]float64) (all float64) {
	for _, part := range parts {
		all += part
	}
	return all
}

// nameOf gives the name of a municipality that the conflict lies or lay in.
func (c *change) nameOf(key string) string {
	partition := c.now().block.partition
	_, name := partition.Name(partition.KommunIndex(key))
	return name.SV
}

func count(t *plan.ConflictTurn, became plan.Became, before, after float64) {
	t.Count(became)
	switch became {
	case plan.ConflictNew:
		t.NewHa += after
	case plan.ConflictGone:
		t.GoneHa += before
	case plan.ConflictGrown:
		t.GrownHa += after - before
	case plan.ConflictShrunk:
		t.ShrunkHa += before - after
	}
}

// sentence tells it of one municipality in words.
func sentence(k *plan.KommunConflicts) plan.Text {
	sv, en := []string{}, []string{}
	add := func(n int, ha float64, swedish, english string) {
		if n > 0 {
			sv = append(sv, fmt.Sprintf(swedish, n, noun(n, "konflikt", "konflikter"), hectares(ha, ",")))
			en = append(en, fmt.Sprintf(english, n, noun(n, "conflict", "conflicts"), hectares(ha, ".")))
		}
	}
	add(k.New, k.NewHa, "skapade %d %s%s", "created %d %s%s")
	add(k.Gone, k.GoneHa, "löste %d %s%s", "resolved %d %s%s")
	add(k.Grown, k.GrownHa, "förstorade %d %s%s", "enlarged %d %s%s")
	add(k.Shrunk, k.ShrunkHa, "minskade %d %s%s", "reduced %d %s%s")
	add(k.Revalued, 0, "ändrade allvaret för %d %s%s", "changed the severity of %d %s%s")
	return plan.Text{SV: "Ändringen " + list(sv, "och") + " i " + k.Namn + ".", EN: "This change " + list(en, "and") + " in " + k.Namn + "."}
}

func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// hectares gives an area in parentheses; nothing for none.
func hectares(ha float64, point string) string {
	if math.Abs(ha) < 0.0001 {
		return ""
	}
	text := fmt.Sprintf("%.4g", ha)
	if math.Abs(ha) >= 1000 {
		text = fmt.Sprintf("%.0f", ha)
	}
	return " (" + strings.Replace(text, ".", point, 1) + " ha)"
}

func list(parts []string, and string) string {
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " " + and + " " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// summaryKommuner is how many municipalities the summary tells of by sentences.
const summaryKommuner = 5

func summaryOf(rows []plan.KommunConflicts) plan.Text {
	if len(rows) == 0 {
		return plan.Text{SV: "Ändringen rörde inga konflikter.", EN: "This change did not affect any conflicts."}
	}
	var sv, en []string
	for _, row := range rows[:min(len(rows), summaryKommuner)] {
		sv, en = append(sv, row.Sentence.SV), append(en, row.Sentence.EN)
	}
	if more := len(rows) - summaryKommuner; more > 0 {
		sv, en = append(sv, fmt.Sprintf("Och %d kommuner till.", more)), append(en, fmt.Sprintf("And %d more municipalities.", more))
	}
	return plan.Text{SV: strings.Join(sv, " "), EN: strings.Join(en, " ")}
}
