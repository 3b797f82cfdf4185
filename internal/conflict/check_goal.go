package conflict

import (
	"fmt"
	"slices"

	"strukturbild/internal/plan"
)

const maxGoals = 60

// goals checks the goals and that what they name is there.
func (c *rulesetCheck) goals(r *plan.Ruleset, compiled *ruleset) {
	if len(r.Goals) > maxGoals {
		c.fault("", "/goals", "regelverket har %d mål; högst %d tas emot", "the ruleset has %d goals; at most %d are taken", len(r.Goals), maxGoals)
		return
	}
	for i := range r.Goals {
		g, at := &r.Goals[i], fmt.Sprintf("/goals/%d", i)
		if !plan.Named.MatchString(g.ID) || len(g.ID) > plan.MaxName {
			c.fault("", at+"/id", "målets id %q måste följa %s och ha högst %d tecken", "the goal's id %q must match %s and have at most %d characters", g.ID, plan.Named, plan.MaxName)
		}
		if slices.ContainsFunc(r.Goals[:i], func(o plan.Goal) bool { return o.ID == g.ID }) {
			c.fault("", at+"/id", "målet %q finns två gånger", "the goal %q is there twice", g.ID)
		}
		c.text("", at+"/title", g.Title)
		c.text("", at+"/strategy", g.Strategy)
		if g.Source == "" {
			c.fault("", at+"/source", "source saknas: säg i vilket dokument målet står, med sida eller avsnitt", "source is missing: say in which document the goal stands, with page or section")
		}
		if !slices.Contains(plan.GoalKinds, g.Kind) {
			c.fault("", at+"/kind", "kind är %q; det måste vara ett av %v", "kind is %q; it must be one of %v", g.Kind, plan.GoalKinds)
		}
		c.provenance("", at, g.Provenance)
		c.tags(r, compiled, g, at)
	}
}

// tags checks what the goal says serves it.
func (c *rulesetCheck) tags(r *plan.Ruleset, compiled *ruleset, g *plan.Goal, at string) {
	for j, theme := range g.Themes {
		c.theme("", fmt.Sprintf("%s/themes/%d", at, j), theme)
	}
	for j, id := range g.Categories {
		if !slices.ContainsFunc(r.Categories, func(k plan.Category) bool { return k.ID == id }) {
			c.fault("", fmt.Sprintf("%s/categories/%d", at, j), "regelverket har ingen kategori %q", "the ruleset has no category %q", id)
		}
	}
	for j, id := range g.Layers {
		if !plan.Named.MatchString(id) || len(id) > plan.MaxName {
			c.fault("", fmt.Sprintf("%s/layers/%d", at, j), "lagrets id %q måste följa %s", "layer id %q must match %s", id, plan.Named)
		}
	}
	for j, id := range g.Rules {
		if compiled.rule(id) == nil {
			c.fault("", fmt.Sprintf("%s/rules/%d", at, j), "regelverket har ingen regel %q", "the ruleset has no rule %q", id)
		}
	}
}
