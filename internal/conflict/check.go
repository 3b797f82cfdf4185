package conflict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Limits of a ruleset.
const (
	maxRules      = 500
	maxCategories = 40
)

// Check reports every fault of the ruleset at once, as one Invalid error with a finding a fault. With a view, rules must
// name layers and attributes that are there; of a theme without any layer nothing can be said yet.
func Check(r *plan.Ruleset, view *atlas.View) error {
	check := &rulesetCheck{}
	compiled := check.ruleset(r)
	if view != nil {
		check.names(compiled, view)
	}
	return check.err()
}

// rulesetCheck gathers what is wrong with a ruleset.
type rulesetCheck struct{ faults []plan.Finding }

func (c *rulesetCheck) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	return plan.Errorf(plan.Invalid, "ruleset", "the ruleset has %d fault(s): %s", len(c.faults), c.faults[0].Message.EN).WithFindings(c.faults...)
}

// fault notes what is wrong, in both languages: the same arguments in the same order.
func (c *rulesetCheck) fault(rule, pointer, sv, en string, args ...any) {
	c.tell(rule, pointer, say(sv, en, args...))
}

func (c *rulesetCheck) tell(rule, pointer string, text plan.Text) {
	if rule != "" {
		text = plan.Text{SV: fmt.Sprintf("regeln %q: %s", rule, text.SV), EN: fmt.Sprintf("rule %q: %s", rule, text.EN)}
	}
	c.faults = append(c.faults, plan.Finding{Feature: -1, ID: rule, Rule: "ruleset", Pointer: pointer, Message: text})
}

func say(sv, en string, args ...any) plan.Text {
	return plan.Text{SV: fmt.Sprintf(sv, args...), EN: fmt.Sprintf(en, args...)}
}

func (c *rulesetCheck) ruleset(r *plan.Ruleset) *ruleset {
	if !plan.Named.MatchString(r.ID) || len(r.ID) > plan.MaxName {
		c.fault("", "/id", "regelverkets id %q måste följa %s och ha högst %d tecken", "the ruleset's id %q must match %s and have at most %d characters", r.ID, plan.Named, plan.MaxName)
	}
	if r.Version < 1 {
		c.fault("", "/version", "regelverkets version är %d; versioner räknas från 1", "the ruleset's version is %d; versions count from 1", r.Version)
	}
	c.date("", "/date", r.Date)
	if r.Author == "" {
		c.fault("", "/author", "regelverkets upphov (author) saknas", "the ruleset's author is missing")
	}
	c.text("", "/title", r.Title)
	if len(r.Rules) == 0 && len(r.Matrix) == 0 {
		c.fault("", "/rules", "regelverket har varken regler eller matris", "the ruleset has no rules and no matrix")
	}
	if len(r.Rules) > maxRules || len(r.Categories) > maxCategories {
		c.fault("", "", "regelverket har %d regler och %d kategorier; högst %d och %d tas emot", "the ruleset has %d rules and %d categories; at most %d and %d are taken", len(r.Rules), len(r.Categories), maxRules, maxCategories)
		return &ruleset{Ruleset: r}
	}
	c.categories(r)
	for i := range r.Rules {
		c.rule(r, i)
	}
	c.matrix(r)
	c.closeness(r.Closeness)
	c.precedence(r)
	c.lucis(r)
	c.symphony(r)
	compiled, faults := compile(r)
	c.expressions(r, faults)
	c.distinct(compiled)
	c.goals(r, compiled)
	return compiled
}

// expressions tells the faults of expressions at their places.
func (c *rulesetCheck) expressions(r *plan.Ruleset, faults []exprFault) {
	for _, f := range faults {
		pointer, rule := f.field, ""
		for i := range r.Categories {
			if f.field == "category "+r.Categories[i].ID {
				pointer = fmt.Sprintf("/categories/%d/when", i)
			}
		}
		for i := range r.Rules {
			if strings.HasPrefix(f.field, fmt.Sprintf("/rules/%d/", i)) {
				rule = r.Rules[i].ID
			}
		}
		if strings.HasPrefix(f.field, "/matrix/") {
			continue // it is the fault of a rule that the cell looks at, and told there
		}
		c.tell(rule, pointer, f.message)
	}
}

// expressionFaults is the error of rules that can't be compiled.
func expressionFaults(r *plan.Ruleset, faults []exprFault) error {
	check := &rulesetCheck{}
	check.expressions(r, faults)
	return check.err()
}

// distinct refuses a rule that has the id that a cell of the matrix has.
func (c *rulesetCheck) distinct(compiled *ruleset) {
	seen := map[string]bool{}
	for i, r := range compiled.rules {
		if seen[r.ID] && i >= len(compiled.Rules) {
			c.fault(r.ID, "/matrix", "en cell i matrisen blir också en regel med det id:t; ge regeln ett annat", "a cell of the matrix makes a rule of this id too; give the rule another id")
		}
		seen[r.ID] = true
	}
}

// rule checks one rule, by itself and against the earlier ones.
func (c *rulesetCheck) rule(r *plan.Ruleset, i int) {
	rule, at := &r.Rules[i], fmt.Sprintf("/rules/%d", i)
	name := rule.ID
	if name == "" {
		name = fmt.Sprintf("number %d", i+1)
	}
	if !plan.Named.MatchString(rule.ID) || len(rule.ID) > plan.MaxName {
		c.fault(name, at+"/id", "dess id måste följa %s och ha högst %d tecken", "its id must match %s and have at most %d characters", plan.Named, plan.MaxName)
	}
	c.text(name, at+"/title", rule.Title)
	c.text(name, at+"/legal_basis", rule.LegalBasis)
	c.side(name, at+"/claim", r, rule.Claim)
	c.side(name, at+"/interest", r, rule.Interest)
	c.severity(name, at, rule.Severity, 1, rule.Class)
	for j, s := range rule.Severities {
		c.severity(name, fmt.Sprintf("%s/severities/%d", at, j), s.Severity, 1, s.Class)
	}
	c.provenance(name, at, rule.Provenance)
	c.relation(name, at, rule)
	for j := range r.Rules[:i] {
		switch earlier := &r.Rules[j]; {
		case earlier.ID == rule.ID:
			c.fault(name, at+"/id", "regel nummer %d har samma id", "the id is that of rule number %d too", j+1)
		case contradicts(earlier, rule):
			c.fault(name, at, "den säger detsamma som regeln %q: samma sidor, villkor, relation och avstånd", "it says the same as rule %q: same sides, condition, relation and distance", earlier.ID)
		}
	}
}

func (c *rulesetCheck) severity(name, at string, severity, least int, class plan.Class) {
	if severity < least || severity > 3 {
		c.fault(name, at+"/severity", "severity är %d; det måste vara 1 (låg), 2 (kräver anpassning) eller 3 (stark)", "severity is %d; it must be 1 (low), 2 (needs adaptation) or 3 (strong)", severity)
	}
	if class != "" && class != plan.Stop && class != plan.Adapt {
		c.fault(name, at+"/class", "class är %q; det måste vara stop eller adapt", "class is %q; it must be stop or adapt", class)
	}
}

func (c *rulesetCheck) provenance(name, at string, p plan.Provenance) {
	if p.Basis == "" {
		c.fault(name, at+"/basis", "basis saknas: säg varifrån tröskeln kommer och hur säker den är", "basis is missing: say where the threshold comes from and how sure it is")
	}
	if p.Status != "" && p.Status != plan.Proposal && p.Status != plan.Decided {
		c.fault(name, at+"/status", "status är %q; det måste vara proposal eller decided", "status is %q; it must be proposal or decided", p.Status)
	}
	if p.Confidence != "" && !slices.Contains([]plan.Confidence{plan.High, plan.Medium, plan.Low}, p.Confidence) {
		c.fault(name, at+"/confidence", "confidence är %q; det måste vara high, medium eller low", "confidence is %q; it must be high, medium or low", p.Confidence)
	}
	if p.Date != "" {
		c.date(name, at+"/date", p.Date)
	}
}

func (c *rulesetCheck) date(name, pointer, date string) {
	if _, err := plan.ParseDate(date); err != nil {
		c.fault(name, pointer, "datumet %q är inget datum; skriv det som 2026-06-30", "the date %q is no date; write it as 2026-06-30", date)
	}
}

func (c *rulesetCheck) relation(name, at string, rule *plan.Rule) {
	c.measure(name, at+"/min_area_m2", rule.MinAreaM2)
	c.measure(name, at+"/min_length_m", rule.MinLengthM)
	switch rule.Relation {
	case plan.Overlap:
		if rule.DistanceM != 0 || rule.Distance != "" {
			c.fault(name, at+"/distance_m", "distance_m och distance hör till relationen within, inte till overlap", "distance_m and distance belong to the relation within, not to overlap")
		}
	case plan.Within:
		switch {
		case rule.Distance != "" && rule.DistanceM != 0:
			c.fault(name, at+"/distance", "den har både distance_m och distance; ange ett av dem", "it has both distance_m and distance; give one")
		case rule.Distance == "" && !(rule.DistanceM > 0 && rule.DistanceM <= MaxDistanceM):
			c.fault(name, at+"/distance_m", "distance_m är %v; relationen within kräver ett värde över 0 och högst %d, eller uttrycket distance", "distance_m is %v; the relation within needs one above 0 and at most %d, or the expression distance", rule.DistanceM, MaxDistanceM)
		}
		if rule.MinAreaM2 != 0 || rule.MinLengthM != 0 {
			c.fault(name, at, "min_area_m2 och min_length_m hör till relationen overlap, inte till within", "min_area_m2 and min_length_m belong to the relation overlap, not to within")
		}
	default:
		c.fault(name, at+"/relation", "relation är %q; det måste vara overlap eller within", "relation is %q; it must be overlap or within", rule.Relation)
	}
}

func (c *rulesetCheck) measure(name, pointer string, m float64) {
	if !(m >= 0) || math.IsInf(m, 0) {
		c.fault(name, pointer, "måttet är %v; det måste vara ett ändligt tal som inte är negativt", "the measure is %v; it must be a finite number that is not negative", m)
	}
}

func (c *rulesetCheck) side(name, pointer string, r *plan.Ruleset, side plan.Side) {
	given := 0
	for _, is := range []bool{side.Theme != "", len(side.Themes) > 0, side.Layer != "", side.Category != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		c.fault(name, pointer, "den nämner både ett tema och ett lager eller en kategori; nämn ett av dem", "it names both a theme and a layer or a category; name one")
	case given == 0:
		c.fault(name, pointer, "den nämner varken tema, lager eller kategori", "it names neither a theme nor a layer nor a category")
	case side.Layer != "":
		if !plan.Named.MatchString(side.Layer) || len(side.Layer) > plan.MaxName {
			c.fault(name, pointer+"/layer", "lagrets id %q måste följa %s", "layer id %q must match %s", side.Layer, plan.Named)
		}
	case side.Category != "":
		if !slices.ContainsFunc(r.Categories, func(k plan.Category) bool { return k.ID == side.Category }) {
			c.fault(name, pointer+"/category", "regelverket har ingen kategori %q", "the ruleset has no category %q", side.Category)
		}
	case side.Theme != "":
		c.theme(name, pointer+"/theme", side.Theme)
	}
	for i, theme := range side.Themes {
		c.theme(name, fmt.Sprintf("%s/themes/%d", pointer, i), theme)
	}
}

func (c *rulesetCheck) theme(name, pointer string, theme plan.Theme) {
	switch {
	case !theme.IsInterest():
		c.fault(name, pointer, "temat %s deltar inte i konflikter", "the theme %s takes no part in conflicts", theme)
	case !slices.Contains(plan.Themes, theme):
		c.fault(name, pointer, "temat %q är inte ett av %v", "theme %q is not one of %v", theme, plan.Themes)
	}
}

func (c *rulesetCheck) text(name, pointer string, text plan.Text) {
	if text.SV == "" {
		c.fault(name, pointer+"/sv", "den svenska texten för %s saknas", "the Swedish text of %s is missing", pointer)
	}
	if text.EN == "" {
		c.fault(name, pointer+"/en", "den engelska texten för %s saknas", "the English text of %s is missing", pointer)
	}
}

// contradicts reports whether the two rules answer the same question, so that only one of them can be meant.
func contradicts(a, b *plan.Rule) bool {
	if a.Relation != b.Relation || a.DistanceM != b.DistanceM || a.Distance != b.Distance || a.When != b.When {
		return false
	}
	same := a.Claim.Equal(b.Claim) && a.Interest.Equal(b.Interest)
	turned := a.Claim.Equal(b.Interest) && a.Interest.Equal(b.Claim)
	return same || turned && (a.Symmetric || b.Symmetric)
}
