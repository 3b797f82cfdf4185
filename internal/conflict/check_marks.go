package conflict

import (
	"fmt"
	"math"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Limits of what a ruleset says of LUCIS and of the sum of impacts.
const (
	maxPreferences = 200
	maxComponents  = 60 // of pressures, and of values
	maxLevels      = 20 // of a component
	maxClasses     = 20
)

// lucis checks the preferences.
func (c *rulesetCheck) lucis(r *plan.Ruleset) {
	if len(r.Lucis) > maxPreferences {
		c.fault("", "/lucis", "regelverket har %d preferenser; högst %d tas emot", "the ruleset has %d preferences; at most %d are taken", len(r.Lucis), maxPreferences)
	}
	for i := range r.Lucis {
		p, at := &r.Lucis[i], fmt.Sprintf("/lucis/%d", i)
		c.identity(at, p.ID, slices.ContainsFunc(r.Lucis[:i], func(o plan.Preference) bool { return o.ID == p.ID }))
		c.text("", at+"/title", p.Title)
		c.mark(at, r, p.Mark)
		c.provenance("", at, p.Provenance)
		switch {
		case p.Use == plan.FixedUse && p.Strength != 0:
			c.fault("", at+"/strength", "det som inte ändras (fixed) har ingen strength", "what does not change (fixed) has no strength")
		case p.Use != plan.FixedUse && !slices.Contains(plan.Uses, p.Use):
			c.fault("", at+"/use", "use är %q; det måste vara ett av %v, eller fixed", "use is %q; it must be one of %v, or fixed", p.Use, plan.Uses)
		case p.Use != plan.FixedUse && (p.Strength < 1 || p.Strength > 3):
			c.fault("", at+"/strength", "strength är %d; det måste vara 1 (låg), 2 (medel) eller 3 (hög)", "strength is %d; it must be 1 (low), 2 (medium) or 3 (high)", p.Strength)
		}
	}
}

func (c *rulesetCheck) identity(at, id string, twice bool) {
	if !plan.Named.MatchString(id) || len(id) > plan.MaxName {
		c.fault("", at+"/id", "id %q måste följa %s och ha högst %d tecken", "the id %q must match %s and have at most %d characters", id, plan.Named, plan.MaxName)
	}
	if twice {
		c.fault("", at+"/id", "id %q finns två gånger", "the id %q is there twice", id)
	}
}

// mark checks where something is.
func (c *rulesetCheck) mark(at string, r *plan.Ruleset, m plan.Mark) {
	c.side("", at, r, m.Side)
	if !(m.WithinM >= 0 && m.WithinM <= MaxDistanceM) {
		c.fault("", at+"/within_m", "within_m är %v; det måste vara från 0 till %d meter", "within_m is %v; it must be from 0 to %d metres", m.WithinM, MaxDistanceM)
	}
}

// symphony checks the parts of the sum; a sensitivity is there for every pair.
func (c *rulesetCheck) symphony(r *plan.Ruleset) {
	s := r.Symphony
	if s == nil {
		return
	}
	c.components("/symphony/pressures", r, s.Pressures)
	c.components("/symphony/values", r, s.Values)
	seen := map[[2]string]int{}
	for i := range s.Sensitivity {
		k, at := &s.Sensitivity[i], fmt.Sprintf("/symphony/sensitivity/%d", i)
		for _, side := range []struct {
			name, id string
			list     []plan.Component
		}{{"pressure", k.Pressure, s.Pressures}, {"value", k.Value, s.Values}} {
			if componentIndex(side.list, side.id) < 0 {
				c.fault("", at+"/"+side.name, "det finns ingen %s %q", "there is no %s %q", side.name, side.id)
			}
		}
		if earlier, twice := seen[[2]string{k.Pressure, k.Value}]; twice {
			c.fault("", at, "känsligheten för %s mot %s finns två gånger: den är också nummer %d", "the sensitivity of %s against %s is there twice: it is number %d too", k.Pressure, k.Value, earlier+1)
		}
		seen[[2]string{k.Pressure, k.Value}] = i
		if !(k.Sensitivity >= 0 && k.Sensitivity <= 1) {
			c.fault("", at+"/sensitivity", "känsligheten är %v; den måste vara från 0 till 1", "the sensitivity is %v; it must be from 0 to 1", k.Sensitivity)
		}
		c.provenance("", at, k.Provenance)
	}
	for _, p := range s.Pressures {
		for _, v := range s.Values {
			if _, there := seen[[2]string{p.ID, v.ID}]; !there {
				c.fault("", "/symphony/sensitivity", "känsligheten för %s mot %s saknas; 0 är ingen", "the sensitivity of %s against %s is missing; 0 is none", p.ID, v.ID)
			}
		}
	}
	c.classes(s.Classes)
}

func componentIndex(list []plan.Component, id string) int {
	return slices.IndexFunc(list, func(o plan.Component) bool { return o.ID == id })
}

func (c *rulesetCheck) components(at string, r *plan.Ruleset, list []plan.Component) {
	if len(list) == 0 || len(list) > maxComponents {
		c.fault("", at, "det finns %d; det måste finnas minst ett och högst %d", "there are %d; there must be at least one and at most %d", len(list), maxComponents)
		return
	}
	for i := range list {
		k, at := &list[i], fmt.Sprintf("%s/%d", at, i)
		c.identity(at, k.ID, componentIndex(list[:i], k.ID) >= 0)
		c.text("", at+"/title", k.Title)
		c.provenance("", at, k.Provenance)
		if len(k.Levels) == 0 || len(k.Levels) > maxLevels {
			c.fault("", at+"/levels", "det finns %d nivåer; det måste finnas minst en och högst %d", "there are %d levels; there must be at least one and at most %d", len(k.Levels), maxLevels)
		}
		for j := range k.Levels {
			at := fmt.Sprintf("%s/levels/%d", at, j)
			c.mark(at, r, k.Levels[j].Mark)
			if level := k.Levels[j].Level; !(level >= 0 && level <= 100) {
				c.fault("", at+"/level", "level är %v; det måste vara från 0 till 100", "level is %v; it must be from 0 to 100", level)
			}
		}
	}
}

func (c *rulesetCheck) classes(bounds []float64) {
	if len(bounds) > maxClasses {
		c.fault("", "/symphony/classes", "det finns %d gränser; högst %d tas emot", "there are %d bounds; at most %d are taken", len(bounds), maxClasses)
	}
	before := 0.0
	for i, bound := range bounds {
		if !(bound > before) || math.IsInf(bound, 0) {
			c.fault("", fmt.Sprintf("/symphony/classes/%d", i), "gränsen är %v; den måste vara över %v", "the bound is %v; it must be above %v", bound, before)
			return
		}
		before = bound
	}
}

// markLayers checks that the layers that marks name are there.
func (c *rulesetCheck) markLayers(r *plan.Ruleset, view *atlas.View) {
	known := func(at string, m plan.Mark) {
		if m.Layer == "" {
			return
		}
		if _, err := view.Layer(m.Layer); err != nil {
			c.fault("", at+"/layer", "det finns inget lager %q", "there is no layer %q", m.Layer)
		}
	}
	for i := range r.Lucis {
		known(fmt.Sprintf("/lucis/%d", i), r.Lucis[i].Mark)
	}
	if r.Symphony == nil {
		return
	}
	for side, list := range map[string][]plan.Component{"pressures": r.Symphony.Pressures, "values": r.Symphony.Values} {
		for i := range list {
			for j := range list[i].Levels {
				known(fmt.Sprintf("/symphony/%s/%d/levels/%d", side, i, j), list[i].Levels[j].Mark)
			}
		}
	}
}
