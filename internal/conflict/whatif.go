package conflict

import (
	"context"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Evaluate answers what a claim on land would touch in the view. Invalid when the figure or what it would be is wrong.
func (e *Engine) Evaluate(ctx context.Context, view *atlas.View, q plan.ConflictQuery) (*plan.Assessment, error) {
	rules, err := e.compiled()
	if err != nil {
		return nil, err
	}
	if err := checkQuery(rules, view, &q); err != nil {
		return nil, err
	}
	w := e.workers.Get().(*worker)
	defer e.workers.Put(w)
	w.Partition = view.Partition()
	claim := &figure{geometry: q.Geometry, box: q.Geometry.Box()}
	blocks, touched, err := w.inquire(ctx, rules, view, &q, claim)
	if err != nil {
		return nil, err
	}
	found := newRanking(w.Partition, blocks)
	a := assess(rules, touched, &found, &q)
	a.Revision = view.Revision()
	a.tellClaim(w, claim)
	a.tellThemes(view, blocks)
	if q.Buffers {
		return &a.Assessment, e.tellInside(ctx, w, view, claim, a.Hits)
	}
	return &a.Assessment, nil
}

// question is a rule that the claim falls under, with a layer that it has to be held against.
type question struct {
	blockKey
	theme  plan.Theme // of the claim
	figure role       // the side of the rule that the claim is on
}

// inquire asks all questions, layer by layer. It gives what was found, and the rules under which something was, in the
// order of the ruleset.
func (w *worker) inquire(ctx context.Context, rules *ruleset, view *atlas.View, q *plan.ConflictQuery, claim *figure) (blocks []*block, touched []*rule, err error) {
	inquiries := open(questions(rules, view, q, w.Partition), claim, q.Attributes)
	byLayer := map[*atlas.Snapshot][]*inquiry{}
	for i := range inquiries {
		if n := &inquiries[i]; n.asking != nil {
			byLayer[n.interest] = append(byLayer[n.interest], n)
		}
	}
	for _, s := range view.Snapshots() {
		if err := w.survey(ctx, s, byLayer[s], claim); err != nil {
			return nil, nil, err
		}
	}
	for i := range inquiries {
		n := &inquiries[i]
		blocks = append(blocks, n.blocks(rules, claim)...)
		if len(n.hits.records) > 0 && (len(touched) == 0 || touched[len(touched)-1] != n.question.rule) {
			touched = append(touched, n.question.rule)
		}
	}
	return blocks, touched, nil
}

// open makes inquiries of the questions. One that can't be asked has no asking.
func open(list []question, claim *figure, attributes map[string]plan.Value) []inquiry {
	inquiries := make([]inquiry, len(list))
	for i, q := range list {
		n := &inquiries[i]
		n.question, n.unit = q, unitOf(q.rule.Relation, claim.geometry.Type, q.interest.Layer().GeometryType)
		asked, err := ask(q.rule, q.figure, q.interest)
		if err != nil {
			n.hits.unmeasured = []unmeasured{{nobody, nobody, err.Error()}}
			continue
		}
		asked.give(attributes)
		n.asking = asked
	}
	return inquiries
}

// blocks ranks and sums what was found.
func (n *inquiry) blocks(rules *ruleset, claim *figure) []*block {
	blocks := newBlocks(n.blockKey, n.unit, n.hits)
	for _, b := range blocks {
		b.asked, b.place = n.asking, rules.placeOf(n.theme, n.interest.Layer().Theme)
		b.claimWhole, _ = whole(claim.geometry, n.unit)
	}
	return blocks
}

// give puts the attributes of the drawn claim into the frame, and keeps them for explanations.
func (a *asking) give(attributes map[string]plan.Value) {
	for i, v := range a.rule.vars {
		if given, found := attributes[v.name]; found && v.role == a.figure && suits(v.kind, given.Kind()) {
			a.frame.values[i] = plainValue(given)
		}
	}
	a.given = slices.Clone(a.frame.values)
}

// checkQuery refuses figures that can't be measured and claims that no rule can be about.
func checkQuery(rules *ruleset, view *atlas.View, q *plan.ConflictQuery) error {
	if q.Layer != "" {
		layer, err := view.Layer(q.Layer)
		if err != nil {
			return err
		}
		if q.Theme == "" {
			q.Theme = layer.Layer().Theme
		}
		if q.Theme != layer.Layer().Theme {
			return plan.Errorf(plan.Invalid, "theme", "theme is %q, but layer %q has the theme %q; leave one of them out", q.Theme, q.Layer, layer.Layer().Theme)
		}
	}
	if !q.Theme.IsInterest() || !slices.Contains(plan.Themes, q.Theme) {
		return plan.Errorf(plan.Invalid, "theme", "theme is %q; say what the figure would be: one of %v", q.Theme,
			slices.DeleteFunc(slices.Clone(plan.Themes), func(t plan.Theme) bool { return !t.IsInterest() }))
	}
	if q.Geometry.Type == plan.None || q.Geometry.IsEmpty() {
		return plan.Errorf(plan.Invalid, "geometry", "the figure is empty; give a point, line or polygon")
	}
	if fault := geo.Validate(q.Geometry); fault != nil {
		return plan.Errorf(plan.Invalid, "geometry", "the figure is not valid: %s", fault.Message.EN).
			WithFindings(plan.Finding{Rule: fault.Rule, Message: fault.Message, Location: &plan.Location{X: fault.X, Y: fault.Y, CRS: geo.House.Name()}})
	}
	return checkAttributes(rules, view, q)
}

// checkAttributes refuses attributes that no layer that the claim could be in has, and that no rule asks for.
func checkAttributes(rules *ruleset, view *atlas.View, q *plan.ConflictQuery) error {
	var faults []plan.Finding
	for name, value := range q.Attributes {
		kinds := rules.kindsOf(name)
		for _, s := range view.Snapshots() {
			if i := s.Layer().Attribute(name); i >= 0 && (q.Layer == s.Layer().ID || q.Layer == "" && q.Theme == s.Layer().Theme) {
				kinds = append(kinds, s.Layer().Attributes[i].Type)
			}
		}
		sentence := ""
		switch {
		case len(kinds) == 0:
			sentence = "no layer of the theme " + string(q.Theme) + " has the attribute " + name + ", and no rule asks for it"
		case !value.IsNull() && !slices.ContainsFunc(kinds, func(k plan.Kind) bool { return suits(k, value.Kind()) || suits(value.Kind(), k) }):
			sentence = "the attribute " + name + " is " + string(value.Kind()) + ", and must be " + string(kinds[0])
		default:
			continue
		}
		faults = append(faults, plan.Finding{Feature: -1, Rule: "claim_attribute", Pointer: "/attributes/" + name, Message: plan.Text{SV: sentence, EN: sentence}})
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b plan.Finding) int { return plan.CompareIDs(a.Pointer, b.Pointer) })
	return plan.Errorf(plan.Invalid, faults[0].Pointer, "%s", faults[0].Message.EN).WithFindings(faults...)
}

// kindsOf lists what the rules take an attribute as.
func (r *ruleset) kindsOf(name string) (kinds []plan.Kind) {
	for _, rule := range r.rules {
		for _, v := range rule.vars {
			if v.role != sizeRole && v.name == name {
				kinds = append(kinds, v.kind)
			}
		}
	}
	return kinds
}

// questions lists every rule that the claim falls under, with each layer that it has to be held against.
func questions(rules *ruleset, view *atlas.View, q *plan.ConflictQuery, partition *division.Partition) (list []question) {
	claim := &plan.Layer{ID: q.Layer, Theme: q.Theme}
	for _, rule := range rules.rules {
		forward, backward := rule.claims.has(claim), rule.Symmetric && rule.interests.has(claim)
		for _, s := range view.Snapshots() {
			key := blockKey{rule: rule, interest: s, partition: partition}
			switch {
			case !takesPart(s.Layer()):
			case forward && rule.interests.has(s.Layer()):
				list = append(list, question{key, q.Theme, claimRole})
			case backward && rule.claims.has(s.Layer()):
				list = append(list, question{key, q.Theme, interestRole})
			}
		}
	}
	return list
}
