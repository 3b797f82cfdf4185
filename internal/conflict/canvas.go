package conflict

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// canvas is what a stack is drawn from: every question of the land use, and what the answers can be.
type canvas struct {
	rules     *ruleset
	view      *atlas.View
	partition *division.Partition
	query     plan.StackQuery
	theme     plan.Theme
	questions []question
	kinds     []kind
	families  []int   // of each kind, the question
	kindOf    [][]int // by question and outcome of its rule

	unknown *unknown
}

// unknown keeps what nothing can be said of, and why.
type unknown struct {
	mu      sync.Mutex
	reasons map[nameless]string
}

// kind is one outcome of one question. Of those of a question the worst comes first: it is the one that counts at a place.
type kind struct {
	*question
	outcome
	place int // by precedence
}

// nameless is a feature that nothing can be said of under a question; or the question itself, of nobody.
type nameless struct {
	question int
	slot     atlas.Slot
}

// newCanvas lists the questions. Invalid when the land use is not known, or what the rules must know of it is missing.
func (e *Engine) newCanvas(view *atlas.View, q plan.StackQuery) (*canvas, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	asked := plan.ConflictQuery{Attributes: q.Attributes}
	if err := landUse(view, q.LandUse, &asked); err != nil {
		return nil, err
	}
	if !(q.AreaHa > 0 && q.AreaHa <= mostClaimHa) {
		return nil, plan.Errorf(plan.Invalid, "area_ha", "area_ha is %v; a claim has more than 0 and at most %v hectares", q.AreaHa, mostClaimHa)
	}
	if err := checkAttributes(rules, view, &asked); err != nil {
		return nil, err
	}
	c := &canvas{rules: rules, view: view, partition: view.Partition(), query: q, theme: asked.Theme, unknown: &unknown{reasons: map[nameless]string{}}}
	for _, question := range questions(rules, view, &asked, c.partition) {
		if question.interest.Len() > 0 {
			c.questions = append(c.questions, question)
		}
	}
	if len(c.questions)*mostOutcomes > overlay.MostKinds {
		return nil, plan.Errorf(plan.TooLarge, "ruleset", "the rules ask %d questions of the layers; a stack has at most %d", len(c.questions), overlay.MostKinds/mostOutcomes)
	}
	c.listKinds()
	return c, c.checkClaim()
}

// mostClaimHa bounds the area of a claim: a whole county has a few million hectares.
const mostClaimHa = 1e7

// mostOutcomes bounds the outcomes of a rule: a record counts them in a byte.
const mostOutcomes = 256

// landUse tells the layer and the theme that a land use means.
func landUse(view *atlas.View, name string, asked *plan.ConflictQuery) error {
	if layer, err := view.Layer(name); err == nil && takesPart(layer.Layer()) {
		asked.Layer, asked.Theme = name, layer.Layer().Theme
		return nil
	}
	if theme := plan.Theme(name); theme.IsInterest() && slices.Contains(plan.Themes, theme) {
		asked.Theme = theme
		return nil
	}
	var known []string
	for _, s := range view.Snapshots() {
		if takesPart(s.Layer()) {
			known = append(known, s.Layer().ID)
		}
	}
	for _, theme := range plan.Themes {
		if theme.IsInterest() && !slices.Contains(known, string(theme)) {
			known = append(known, string(theme))
		}
	}
	return plan.Errorf(plan.Invalid, "land_use", "there is no land use %q; give a layer or a theme: %s", name, strings.Join(known, ", "))
}

// listKinds numbers the outcomes of each question, the worst first.
func (c *canvas) listKinds() {
	for f := range c.questions {
		q := &c.questions[f]
		order := make([]int, len(q.rule.outcomes))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return q.rule.outcomes[a].compare(q.rule.outcomes[b]) })
		numbers := make([]int, len(order))
		for _, i := range order {
			numbers[i] = len(c.kinds)
			c.kinds = append(c.kinds, kind{q, q.rule.outcomes[i], c.rules.placeOf(q.theme, q.interest.Layer().Theme)})
			c.families = append(c.families, f)
		}
		c.kindOf = append(c.kindOf, numbers)
	}
}

// compare orders outcomes: what stops comes first, then what is more severe.
func (o outcome) compare(p outcome) int {
	if (o.class == plan.Stop) != (p.class == plan.Stop) {
		if o.class == plan.Stop {
			return -1
		}
		return 1
	}
	return cmp.Compare(p.severity, o.severity)
}

// checkClaim asks each rule what needs only the claim to be told: what is missing there no place could tell.
func (c *canvas) checkClaim() error {
	for f := range c.questions {
		q := &c.questions[f]
		asked, err := c.ask(q)
		if err != nil {
			c.note(f, nobody, err.Error())
			continue
		}
		if _, _, reason := asked.begin(q.interest); reason != "" {
			return plan.Errorf(plan.Invalid, "land_use", "rule %s can't be told for %s: %s; give it as a parameter (total_height=250, or attribute=name:value)",
				q.rule.ID, c.query.LandUse, reason)
		}
	}
	return nil
}

func (c *canvas) ask(q *question) (*asking, error) {
	asked, err := ask(q.rule, q.figure, q.interest)
	if err == nil {
		asked.give(c.query.Attributes)
	}
	return asked, err
}

// note keeps that nothing can be said of a feature.
func (c *canvas) note(question int, slot atlas.Slot, reason string) {
	c.unknown.mu.Lock()
	defer c.unknown.mu.Unlock()
	c.unknown.reasons[nameless{question, slot}] = reason
}

// notMeasured lists what nothing can be said of, in the order of questions and ids.
func (c *canvas) notMeasured() (list []plan.UnknownFeature, total int) {
	keys := slices.SortedFunc(maps.Keys(c.unknown.reasons), func(a, b nameless) int {
		return cmp.Or(cmp.Compare(a.question, b.question), compareFeatures(c.questions[a.question].interest, a.slot, b.slot))
	})
	list = []plan.UnknownFeature{}
	for _, key := range keys[:min(len(keys), plan.MaxUnmeasured)] {
		q := &c.questions[key.question]
		unknown := plan.UnknownFeature{Rule: q.rule.ID, Reason: c.unknown.reasons[key]}
		ref := plan.FeatureRef{Layer: q.interest.Layer().ID, Theme: q.interest.Layer().Theme}
		if key.slot != nobody {
			ref = reference(q.interest, key.slot)
		}
		unknown.Interest = &ref
		list = append(list, unknown)
	}
	return list, len(keys)
}

// flat lists the layers whose features have no area, under rules about overlaps.
func (c *canvas) flat() []plan.FlatLayer {
	list := []plan.FlatLayer{}
	for _, q := range c.questions {
		if layer := q.interest.Layer(); q.flat() {
			list = append(list, plan.FlatLayer{Rule: q.rule.ID, Layer: layer.ID, Features: q.interest.Len()})
		}
	}
	return list
}

func (q *question) flat() bool {
	return q.rule.Relation == plan.Overlap && q.interest.Layer().GeometryType != plan.Polygon
}
