package conflict

import (
	"fmt"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// marks are places that a ruleset speaks of, in families of which the first that is there counts: each mark a rule that
// every claim falls under, and one kind of an overlay.
type marks struct {
	name     string // tells them apart among stacks
	rules    []*rule
	families []int // of each mark
}

// add compiles a mark into a family, which is that of the last one or the next.
func (m *marks) add(id string, title plan.Text, mark plan.Mark, from plan.Provenance, family int, at string, categories map[string]*plan.Category) []exprFault {
	c := &compiler{it: interestRole}
	made := plan.Rule{ID: id, Title: title, Relation: plan.Overlap, Interest: mark.Side, When: mark.When, Severity: 1, Provenance: from}
	if mark.WithinM > 0 {
		made.Relation, made.DistanceM = plan.Within, mark.WithinM
	}
	compiled := &rule{Rule: made, interests: c.members(mark.Side, categories), outcomes: []outcome{outcomeOf(nil, 1, "")}}
	conditions := []*expression{c.category(mark.Side, interestRole, categories)}
	if c.it = interestRole; mark.When != "" {
		conditions = append(conditions, c.condition(at+"/when", mark.When))
	}
	for _, e := range conditions {
		if e != nil && e.truth != nil {
			compiled.conditions = append(compiled.conditions, e)
			compiled.reads |= e.uses
		}
	}
	if compiled.reads.has(claimRole) {
		c.faults = append(c.faults, exprFault{at + "/when", say("det finns inget anspråk här; skriv it.x för objektets attribut", "there is no claim here; write it.x for the feature's attribute")})
	}
	compiled.vars = c.vars
	m.rules, m.families = append(m.rules, compiled), append(m.families, family)
	return c.faults
}

// compileLucis compiles the preferences, by use: first what is fixed, then the three.
func compileLucis(list []plan.Preference, categories map[string]*plan.Category) (*lucis, []exprFault) {
	l := &lucis{marks: marks{name: "lucis"}}
	var faults []exprFault
	for family, use := range append([]plan.Use{plan.FixedUse}, plan.Uses...) {
		for i := range list {
			if p := &list[i]; p.Use == use {
				l.preferences = append(l.preferences, p)
				faults = append(faults, l.add(p.ID, p.Title, p.Mark, p.Provenance, family, fmt.Sprintf("/lucis/%d", i), categories)...)
			}
		}
	}
	return l, faults
}

// compileSymphony compiles the levels: first those of the pressures, then those of the values.
func compileSymphony(s *plan.Symphony, categories map[string]*plan.Category) (*symphony, []exprFault) {
	made := &symphony{marks: marks{name: "symphony"}, Symphony: s}
	var faults []exprFault
	for side, list := range [][]plan.Component{s.Pressures, s.Values} {
		for i := range list {
			c := &list[i]
			for j := range c.Levels {
				at := fmt.Sprintf("/symphony/%s/%d/levels/%d", [2]string{"pressures", "values"}[side], i, j)
				made.levels = append(made.levels, symphonyLevel{side == 0, i, c, &c.Levels[j]})
				faults = append(faults, made.add(c.ID, c.Title, c.Levels[j].Mark, c.Provenance, side*len(s.Pressures)+i, at, categories)...)
			}
		}
	}
	return made, faults
}

// canvasOf lays marks over the region.
func (r *ruleset) canvasOf(m *marks, view *atlas.View) *canvas {
	c := &canvas{rules: r, view: view, partition: view.Partition(), query: plan.StackQuery{LandUse: m.name, AreaHa: claimOfMarks},
		families: m.families, unknown: &unknown{reasons: map[nameless]string{}}}
	for number, rule := range m.rules {
		for _, s := range view.Snapshots() {
			if takesPart(s.Layer()) && rule.interests.has(s.Layer()) && s.Len() > 0 {
				c.questions = append(c.questions, question{blockKey{rule: rule, interest: s, partition: c.partition}, s.Layer().Theme, claimRole})
				c.kindOf = append(c.kindOf, []int{number})
			}
		}
	}
	c.kinds = make([]kind, len(m.rules))
	for f := range c.questions {
		if k := &c.kinds[c.kindOf[f][0]]; k.question == nil {
			*k = kind{question: &c.questions[f], outcome: c.questions[f].rule.outcomes[0]}
		}
	}
	return c
}

// claimOfMarks is the area that overlaps count as; marks ask of none.
const claimOfMarks = 1

// held is a mark that holds at a point, by one layer.
type held struct {
	number   int // of the mark
	counts   bool
	features []plan.FeatureRef
}

// heldAt lists the marks that hold at a point, with the features that they hold by; and in which municipality it lies.
func (e *Engine) heldAt(c *canvas, x, y float64) (kommun string, namn string, list []held) {
	w := e.workers.Get().(*worker)
	defer e.workers.Put(w)
	w.Partition = c.partition
	point := plan.Geometry{Type: plan.Point, Coords: []float64{x, y}}
	p := plumb{c, w, &figure{geometry: point, box: point.Box()}}
	home := w.Divide(point, p.figure.box, 1)[0].Kommun
	kod, title := c.partition.Name(home)
	decided := map[int]int{}
	for f := range c.questions {
		blocks, worst := p.question(f, home)
		if worst < 0 {
			continue
		}
		h := held{number: worst, features: []plan.FeatureRef{}}
		for _, b := range blocks {
			for i := range b.records[:min(len(b.records), mostHits)] {
				h.features = append(h.features, reference(b.interest, b.records[i].b))
			}
		}
		if first, known := decided[c.families[worst]]; !known || worst < first {
			decided[c.families[worst]] = worst
		}
		list = append(list, h)
	}
	list = mergeHeld(list)
	for i := range list {
		list[i].counts = decided[c.families[list[i].number]] == list[i].number
	}
	return kod, title.SV, list
}

// mergeHeld puts the layers of one mark together.
func mergeHeld(list []held) (merged []held) {
	for _, h := range list {
		if i := slices.IndexFunc(merged, func(o held) bool { return o.number == h.number }); i >= 0 {
			merged[i].features = append(merged[i].features, h.features...)
		} else {
			merged = append(merged, h)
		}
	}
	return merged
}
