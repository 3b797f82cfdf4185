package conflict

import (
	"slices"
	"strconv"

	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// Grouping is what sums are made by.
type Grouping string

// The groupings.
const (
	ByKommun          Grouping = "kommun"
	ByKommunalforbund Grouping = "kommunalforbund"
	ByRule            Grouping = "rule"
	BySeverity        Grouping = "severity"
	ByGoal            Grouping = "goal"
	ByGoalPair        Grouping = "goal_pair"
)

// Summary adds up the selected conflicts, one row for each kommun, kommunalförbund, rule, severity or goal, also where
// there are none, or for each two goals that conflict; what lies in no municipality has a row when there is something. The filter's After and Limit don't count.
func (s *Standing) Summary(by Grouping, f Filter) ([]plan.ConflictSum, error) {
	selected, err := s.selection(f)
	if err != nil {
		return nil, err
	}
	all := s.narrowed(selected)
	switch by {
	case ByKommun:
		return all.byKommun(selected), nil
	case ByKommunalforbund:
		return all.byForbund(selected), nil
	case ByRule:
		return all.byRule(s.ruleset.rules, selected), nil
	case BySeverity:
		return all.bySeverity(selected), nil
	case ByGoal:
		return all.byGoal(s.ruleset, selected), nil
	case ByGoalPair:
		return all.byGoalPair(s.ruleset, selected), nil
	}
	return nil, plan.Errorf(plan.Invalid, "by", "by is %q; it must be kommun, kommunalforbund, rule, severity, goal or goal_pair", by)
}

// addTo counts a tally of the block's conflicts into a row.
func (b *block) addTo(row *plan.ConflictSum, t tally) {
	row.Conflicts += t.conflicts
	switch b.severity {
	case 1:
		row.Severity1 += t.conflicts
	case 2:
		row.Severity2 += t.conflicts
	default:
		row.Severity3 += t.conflicts
	}
	switch b.unit {
	case squareMetres:
		row.AreaHa += t.size / 10_000
	case metres:
		row.LengthM += t.size
	}
}

// byKommun gives a row for each municipality of the selection; the first is that of no municipality.
func (r *ranking) byKommun(s *selection) []plan.ConflictSum {
	rows := make([]plan.ConflictSum, len(r.partition.Kommuner)+1)
	for i := range rows {
		rows[i].Key, rows[i].Title = r.partition.Name(int16(i) - 1)
	}
	for _, b := range r.blocks {
		if !s.holds(b) {
			continue
		}
		for i, t := range b.byKommun {
			b.addTo(&rows[i], t)
		}
	}
	i := int16(-2)
	rows = slices.DeleteFunc(rows, func(row plan.ConflictSum) bool {
		i++
		return s.kommun != anywhere && i != s.kommun || s.forbund != anywhere && r.partition.ForbundOf(i) != s.forbund ||
			i == division.None && row.Conflicts == 0
	})
	return rows
}

// byForbund gives a row for each kommunalförbund of the selection. A municipality of the filter narrows what counts.
func (r *ranking) byForbund(s *selection) (rows []plan.ConflictSum) {
	outside, name := r.partition.Name(division.None)
	rows = []plan.ConflictSum{}
	all := append([]division.Kommunalforbund{{ID: outside, Namn: name.SV}}, r.partition.Forbunden...)
	for i, forbund := range all {
		if s.forbund != anywhere && int16(i)-1 != s.forbund || s.kommun != anywhere && int16(i)-1 != r.partition.ForbundOf(s.kommun) {
			continue
		}
		row := plan.ConflictSum{Key: forbund.ID, Title: plan.Text{SV: forbund.Namn, EN: forbund.Namn}}
		if i == 0 {
			row.Title = name
		}
		for _, b := range r.blocks {
			switch {
			case !s.holds(b) || len(b.records) == 0:
			case s.kommun != anywhere:
				b.addTo(&row, b.byKommun[s.kommun+1])
			default:
				b.addTo(&row, b.byForbund[i])
			}
		}
		if i > 0 || row.Conflicts > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

func (r *ranking) byRule(rules []*rule, s *selection) []plan.ConflictSum {
	rows := make([]plan.ConflictSum, 0, len(rules))
	for _, rule := range rules {
		row := plan.ConflictSum{Key: rule.ID, Title: rule.Title}
		for _, b := range r.blocks {
			if b.rule.ID == rule.ID && s.holds(b) {
				b.addTo(&row, s.of(b))
				b.tellMissing(&row)
			}
		}
		if s.Rule == "" || s.Rule == rule.ID {
			rows = append(rows, row)
		}
	}
	return rows
}

var severityTitles = []plan.Text{{SV: "Låg", EN: "Low"}, {SV: "Kräver anpassning", EN: "Needs adaptation"}, {SV: "Stark", EN: "Strong"}}

// bySeverity gives the rows 3, 2 and 1.
func (r *ranking) bySeverity(s *selection) (rows []plan.ConflictSum) {
	rows = []plan.ConflictSum{}
	for severity := 3; severity >= max(1, s.MinSeverity); severity-- {
		row := plan.ConflictSum{Key: strconv.Itoa(severity), Title: severityTitles[severity-1]}
		for _, b := range r.blocks {
			if b.severity == severity && s.holds(b) {
				b.addTo(&row, s.of(b))
			}
		}
		rows = append(rows, row)
	}
	return rows
}
