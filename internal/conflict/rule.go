package conflict

import (
	"encoding/json"
	"fmt"
	"slices"

	"strukturbild/internal/plan"
)

// rule is a rule with its expressions compiled, or a cell of the matrix as a rule. It never changes, and is shared by all
// versions of rulesets that say the same.
type rule struct {
	plan.Rule
	key             string // what it says: equal rules have equal keys
	claims          members
	interests       members
	vars            []variable
	conditions      []*expression // all must hold
	distance        *expression   // nil: DistanceM
	outcomes        []outcome     // the first whose condition holds; the last has none
	reads           roles         // whose attributes the conditions and the distance need
	outcomesRead    roles
	matchesMirrored string // what a rule the other way round must have as mirror
	mirror          string
}

// members are the layers of one side.
type members struct {
	layer  string
	themes []plan.Theme
	part   string // the condition of a category on them
}

func (m members) has(l *plan.Layer) bool {
	if m.layer != "" {
		return m.layer == l.ID
	}
	return slices.Contains(m.themes, l.Theme)
}

// outcome is how severe a conflict is under a condition.
type outcome struct {
	when     *expression // nil: always
	severity int
	class    plan.Class
}

func outcomeOf(when *expression, severity int, class plan.Class) outcome {
	if class == "" {
		class = plan.ClassOf(severity)
	}
	return outcome{when, severity, class}
}

// worst gives the highest severity that the rule can come to.
func (r *rule) worst() (severity int) {
	for _, o := range r.outcomes {
		severity = max(severity, o.severity)
	}
	return severity
}

// even reports whether it makes no difference which of two features is the claim: the rule reads no attributes, or only
// to pick the same category on both sides, and knows one severity.
func (r *rule) even() bool {
	picks := 0
	if r.claims.part != "" {
		picks = 2 // one a side
	}
	return len(r.outcomes) == 1 && (r.reads == 0 || r.mirrors(r) && len(r.conditions) == picks)
}

// exception is a rule that takes pairs from a cell where its condition holds.
type exception struct {
	rule   *plan.Rule
	turned bool // the cell's claim is the rule's interest
}

// compileRule compiles one rule. at is its JSON pointer, for faults; categories are those of its ruleset.
func compileRule(r *plan.Rule, at string, categories map[string]*plan.Category, exceptions []exception) (*rule, []exprFault) {
	c := &compiler{it: sizeRole}
	compiled := &rule{Rule: *r, claims: c.members(r.Claim, categories), interests: c.members(r.Interest, categories)}
	require := func(e *expression) {
		if e != nil && e.truth != nil {
			compiled.conditions = append(compiled.conditions, e)
			compiled.reads |= e.uses
		}
	}
	require(c.category(r.Claim, claimRole, categories))
	require(c.category(r.Interest, interestRole, categories))
	if r.When != "" {
		require(c.condition(at+"/when", r.When))
	}
	for _, x := range exceptions {
		c.turned = x.turned
		if e := c.condition(at, x.rule.When); e != nil {
			e.truth, e.source = not(e.truth), "not ("+e.source+")"
			require(e)
		}
		c.turned = false
	}
	if r.Distance != "" {
		if compiled.distance = c.number(at+"/distance", r.Distance); compiled.distance != nil {
			compiled.reads |= compiled.distance.uses
		}
	}
	c.sizes = true
	for i, s := range r.Severities {
		if when := c.condition(fmt.Sprintf("%s/severities/%d/when", at, i), s.When); when != nil {
			compiled.outcomes = append(compiled.outcomes, outcomeOf(when, s.Severity, s.Class))
			compiled.outcomesRead |= when.uses
		}
	}
	compiled.outcomes = append(compiled.outcomes, outcomeOf(nil, r.Severity, r.Class))
	compiled.vars = c.vars
	compiled.identify()
	return compiled, c.faults
}

// members tells which layers a side means.
func (c *compiler) members(side plan.Side, categories map[string]*plan.Category) members {
	switch category := categories[side.Category]; {
	case category != nil:
		return members{themes: []plan.Theme{category.Theme}, part: category.When}
	case side.Theme != "":
		return members{themes: []plan.Theme{side.Theme}}
	}
	return members{layer: side.Layer, themes: side.Themes}
}

// category compiles the condition that picks the side's category out of its theme; nil when there is none.
func (c *compiler) category(side plan.Side, r role, categories map[string]*plan.Category) *expression {
	category := categories[side.Category]
	if category == nil || category.When == "" {
		return nil
	}
	c.it = r
	defer func() { c.it = sizeRole }()
	return c.condition("category "+category.ID, category.When)
}

// identify writes down what the rule says, for comparisons.
func (r *rule) identify() {
	said := struct {
		Rule              plan.Rule
		Claims, Interests string
		Conditions        []string
	}{Rule: r.Rule, Claims: r.claims.part, Interests: r.interests.part}
	for _, e := range r.conditions {
		said.Conditions = append(said.Conditions, e.source)
	}
	text, _ := json.Marshal(said) // numbers are finite: NaN is refused before, and an empty key is one too
	r.key = string(text)
	if r.When == "" && r.Distance == "" {
		tail := fmt.Sprint(r.Relation, r.DistanceM)
		r.mirror, r.matchesMirrored = r.claims.part+"|"+r.interests.part+"|"+tail, r.interests.part+"|"+r.claims.part+"|"+tail
	}
}

// mirrors reports whether o asks the same question with claim and interest exchanged.
func (r *rule) mirrors(o *rule) bool { return r.mirror != "" && r.matchesMirrored == o.mirror }
