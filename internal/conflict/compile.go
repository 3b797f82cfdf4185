package conflict

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// ruleset is a version of the rules, compiled.
type ruleset struct {
	*plan.Ruleset
	rules      []*rule // of a claim that comes: its own, then those of the matrix
	standing   []*rule // among what stands there is no newcomer: a cell also yields to rules about the pair turned round
	precedence map[plan.Theme]int
	lucis      *lucis
	symphony   *symphony
}

// compile compiles the rules and the matrix. The faults are those of the expressions, each once.
func compile(r *plan.Ruleset) (*ruleset, []exprFault) {
	categories := categoriesOf(r)
	compiled := &ruleset{Ruleset: r, precedence: precedence(r)}
	var faults []exprFault
	keep := func(list *[]*rule, c *rule, found []exprFault) {
		*list = append(*list, c)
		for _, f := range found {
			if !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
		}
	}
	for i := range r.Rules {
		c, found := compileRule(&r.Rules[i], fmt.Sprintf("/rules/%d", i), categories, nil)
		keep(&compiled.rules, c, found)
		keep(&compiled.standing, c, nil)
	}
	for i := range r.Matrix {
		claim, interest := categories[r.Matrix[i].Claim], categories[r.Matrix[i].Interest]
		if claim == nil || interest == nil || r.Matrix[i].Severity < 1 {
			continue
		}
		made, at := cellRule(&r.Matrix[i], claim, interest, r.Sliver), fmt.Sprintf("/matrix/%d", i)
		for bothWays, list := range map[bool]*[]*rule{false: &compiled.rules, true: &compiled.standing} {
			if exceptions, covered := exceptionsOf(r.Rules, claim, interest, bothWays); !covered {
				c, found := compileRule(&made, at, categories, exceptions)
				keep(list, c, found)
			}
		}
	}
	for _, found := range [][]exprFault{compiled.mark(categories, r.Lucis), compiled.tune(categories, r.Symphony)} {
		faults = append(faults, found...)
	}
	return compiled, faults
}

// mark compiles the preferences, or when there are none those of the rules that the service is born with.
func (r *ruleset) mark(categories map[string]*plan.Category, list []plan.Preference) (faults []exprFault) {
	if len(list) == 0 {
		list, categories = born().Lucis, categoriesOf(born())
	}
	r.lucis, faults = compileLucis(list, categories)
	return faults
}

// tune likewise compiles what the sum is made of.
func (r *ruleset) tune(categories map[string]*plan.Category, s *plan.Symphony) (faults []exprFault) {
	if s == nil {
		s, categories = born().Symphony, categoriesOf(born())
	}
	if s == nil {
		s = &plan.Symphony{}
	}
	r.symphony, faults = compileSymphony(s, categories)
	return faults
}

// compiledMarks gives the rules of all marks that the ruleset itself speaks of.
func (r *ruleset) compiledMarks() (list []*rule) {
	if r.lucis != nil && len(r.Lucis) > 0 {
		list = append(list, r.lucis.rules...)
	}
	if r.symphony != nil && r.Symphony != nil {
		list = append(list, r.symphony.rules...)
	}
	return list
}

// categoriesOf gives the categories of a ruleset by id.
func categoriesOf(r *plan.Ruleset) map[string]*plan.Category {
	categories := map[string]*plan.Category{}
	for i := range r.Categories {
		categories[r.Categories[i].ID] = &r.Categories[i]
	}
	return categories
}

// cellRule says what a cell of the matrix does: its severity, where an interest is overlapped.
func cellRule(cell *plan.Cell, claim, interest *plan.Category, sliver plan.Sliver) plan.Rule {
	return plan.Rule{ID: cell.Claim + "_" + cell.Interest + "_overlap", Relation: plan.Overlap,
		Title: plan.Text{SV: claim.Title.SV + " överlappar " + lowered(interest.Title.SV),
			EN: claim.Title.EN + " overlaps " + lowered(interest.Title.EN)},
		Claim: plan.Side{Category: cell.Claim}, Interest: plan.Side{Category: cell.Interest},
		MinAreaM2: sliver.MinAreaM2, MinLengthM: sliver.MinLengthM, Severity: cell.Severity, Class: cell.Class,
		LegalBasis: interest.LegalBasis, Provenance: cell.Provenance}
}

func lowered(title string) string {
	if title == "" {
		return title
	}
	first := []rune(title)[0]
	return strings.ToLower(string(first)) + title[len(string(first)):]
}

// exceptionsOf finds the rules that speak of the cell's pairs, or with bothWays of these turned round. A rule without a
// condition of its own covers the cell: it then says nothing.
func exceptionsOf(rules []plan.Rule, claim, interest *plan.Category, bothWays bool) (found []exception, covered bool) {
	for i := range rules {
		r := &rules[i]
		forward := includes(r.Claim, claim) && includes(r.Interest, interest)
		if !forward && !((r.Symmetric || bothWays) && includes(r.Claim, interest) && includes(r.Interest, claim)) {
			continue
		}
		if r.When == "" {
			return nil, true
		}
		found = append(found, exception{r, !forward})
	}
	return found, false
}

// includes reports whether a side of a rule means all of the category.
func includes(side plan.Side, category *plan.Category) bool {
	return side.Category == category.ID || side.Theme == category.Theme || slices.Contains(side.Themes, category.Theme)
}

// precedence gives each theme its place: 0 goes before 1. Themes that nothing is said of come last of all.
func precedence(r *plan.Ruleset) map[plan.Theme]int {
	place := map[plan.Theme]int{}
	for range r.Precedence { // a chain is at most as long as there are statements
		for _, p := range r.Precedence {
			for _, later := range p.Before {
				place[later] = max(place[later], place[p.First]+1)
			}
		}
	}
	last := 0
	for _, n := range place {
		last = max(last, n)
	}
	for _, theme := range plan.Themes {
		first := slices.ContainsFunc(r.Precedence, func(p plan.Precedence) bool { return p.First == theme })
		if _, named := place[theme]; !named && !first {
			place[theme] = last
		}
	}
	return place
}

// of gives the place of a conflict between the two themes.
func (r *ruleset) placeOf(a, b plan.Theme) int { return min(r.precedence[a], r.precedence[b]) }
