package conflict

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

func (c *rulesetCheck) categories(r *plan.Ruleset) {
	for i := range r.Categories {
		k, at := &r.Categories[i], fmt.Sprintf("/categories/%d", i)
		if !plan.Named.MatchString(k.ID) || len(k.ID) > 20 {
			c.fault("", at+"/id", "kategorins id %q måste följa %s och ha högst 20 tecken", "the category's id %q must match %s and have at most 20 characters", k.ID, plan.Named)
		}
		if slices.ContainsFunc(r.Categories[:i], func(o plan.Category) bool { return o.ID == k.ID }) {
			c.fault("", at+"/id", "kategorin %q finns två gånger", "the category %q is there twice", k.ID)
		}
		c.text("", at+"/title", k.Title)
		c.text("", at+"/legal_basis", k.LegalBasis)
		c.theme("", at+"/theme", k.Theme)
	}
}

// matrix checks the cells; a matrix with categories has all of them.
func (c *rulesetCheck) matrix(r *plan.Ruleset) {
	c.measure("", "/sliver/min_area_m2", r.Sliver.MinAreaM2)
	c.measure("", "/sliver/min_length_m", r.Sliver.MinLengthM)
	seen := map[[2]string]int{}
	for i := range r.Matrix {
		cell, at := &r.Matrix[i], fmt.Sprintf("/matrix/%d", i)
		for side, id := range map[string]string{"/claim": cell.Claim, "/interest": cell.Interest} {
			if !slices.ContainsFunc(r.Categories, func(k plan.Category) bool { return k.ID == id }) {
				c.fault("", at+side, "regelverket har ingen kategori %q", "the ruleset has no category %q", id)
			}
		}
		key := [2]string{cell.Claim, cell.Interest}
		if earlier, twice := seen[key]; twice {
			c.fault("", at, "cellen %s mot %s finns två gånger: den är också nummer %d", "the cell %s against %s is there twice: it is number %d too", cell.Claim, cell.Interest, earlier+1)
		}
		seen[key] = i
		c.severity("", at, cell.Severity, 0, cell.Class)
		c.provenance("", at, cell.Provenance)
	}
	for _, claim := range r.Categories {
		for _, interest := range r.Categories {
			if _, there := seen[[2]string{claim.ID, interest.ID}]; !there {
				c.fault("", "/matrix", "cellen %s mot %s saknas; 0 är ingen konflikt", "the cell %s against %s is missing; 0 is no conflict", claim.ID, interest.ID)
			}
		}
	}
}

// closeness refuses what is no share, and severities that count less than lower ones.
func (c *rulesetCheck) closeness(k *plan.Closeness) {
	for severity, before := 1, 0.0; k != nil && severity <= 3; severity++ {
		share := k.Of(severity)
		if !(share >= before && share < 1) {
			c.fault("", fmt.Sprintf("/closeness/severity_%d", severity), "närheten (closeness) för allvar %d är %v; den måste vara under 1 och inte under %v", "the closeness of severity %d is %v; it must be below 1 and not below %v", severity, share, before)
			return
		}
		before = share
	}
}

// precedence refuses what can't be followed: a theme before itself, and circles, which it names.
func (c *rulesetCheck) precedence(r *plan.Ruleset) {
	before := map[plan.Theme][]plan.Theme{}
	for i, p := range r.Precedence {
		at := fmt.Sprintf("/precedence/%d", i)
		c.theme("", at+"/first", p.First)
		c.text("", at+"/legal_basis", p.LegalBasis)
		if len(p.Before) == 0 {
			c.fault("", at+"/before", "den måste nämna de teman som %s går före", "it must name the themes that %s goes before", p.First)
		}
		for j, later := range p.Before {
			c.theme("", fmt.Sprintf("%s/before/%d", at, j), later)
			if slices.Contains(before[p.First], later) {
				c.fault("", fmt.Sprintf("%s/before/%d", at, j), "det sägs två gånger att %s går före %s", "it is said twice that %s goes before %s", p.First, later)
			}
			before[p.First] = append(before[p.First], later)
		}
	}
	for i, p := range r.Precedence {
		if circle := circleFrom(before, p.First, nil); circle != nil && circle[0] == p.First {
			c.tell("", fmt.Sprintf("/precedence/%d", i), plan.Text{
				SV: "företrädet går i cirkel: " + strings.Join(circleText(circle), " före "),
				EN: "the precedence goes in a circle: " + strings.Join(circleText(circle), " before ")})
			return
		}
	}
}

// circleFrom gives a way along the precedence from the theme back to one that it has passed; nil when there is none.
func circleFrom(before map[plan.Theme][]plan.Theme, at plan.Theme, way []plan.Theme) []plan.Theme {
	if i := slices.Index(way, at); i >= 0 {
		return append(slices.Clone(way[i:]), at)
	}
	for _, next := range before[at] {
		if circle := circleFrom(before, next, append(slices.Clone(way), at)); circle != nil {
			return circle
		}
	}
	return nil
}

func circleText(circle []plan.Theme) (names []string) {
	for _, theme := range circle {
		names = append(names, string(theme))
	}
	return names
}

// names checks that the layers and attributes that the rules name are there, and of the type that they are taken as.
func (c *rulesetCheck) names(compiled *ruleset, view *atlas.View) {
	for i := range compiled.Rules {
		rule := &compiled.Rules[i]
		for side, layer := range map[string]string{"claim": rule.Claim.Layer, "interest": rule.Interest.Layer} {
			if layer == "" {
				continue
			}
			if _, err := view.Layer(layer); err != nil {
				c.fault(rule.ID, fmt.Sprintf("/rules/%d/%s/layer", i, side), "det finns inget lager %q", "there is no layer %q", layer)
			}
		}
	}
	c.markLayers(compiled.Ruleset, view)
	var faults []exprFault
	for _, rule := range slices.Concat(compiled.rules, compiled.compiledMarks()) {
		for i := range rule.vars {
			if f, wrong := rule.vars[i].against(rule, view); wrong && !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
		}
	}
	c.expressions(compiled.Ruleset, faults)
}

// against tells what is wrong with the variable, given the layers of its side.
func (v *variable) against(r *rule, view *atlas.View) (f exprFault, wrong bool) {
	side := r.claims
	if v.role == interestRole {
		side = r.interests
	}
	if v.role == sizeRole {
		return f, false
	}
	var layers []string
	there := false
	for _, s := range view.Snapshots() {
		layer := s.Layer()
		if !side.has(layer) || !takesPart(layer) {
			continue
		}
		layers = append(layers, layer.ID)
		i := layer.Attribute(v.name)
		if i >= 0 && !suits(v.kind, layer.Attributes[i].Type) {
			return exprFault{v.field, say("kolumn %d: attributet %s i lagret %s är %s; regeln tar det som %s",
				"column %d: attribute %s of layer %s is %s; the rule takes it as %s",
				v.column, v.name, layer.ID, layer.Attributes[i].Type, v.kind)}, true
		}
		there = there || i >= 0
	}
	if there || v.optional || len(layers) == 0 {
		return f, false
	}
	return exprFault{v.field, say("kolumn %d: inget av lagren %s har ett attribut %s; skriv %s om det får saknas",
		"column %d: none of the layers %s has an attribute %s; write %s if it may be missing",
		v.column, strings.Join(layers, ", "), v.name, strings.Replace(v.String(), ".", "?.", 1))}, true
}
