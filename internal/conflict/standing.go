package conflict

import (
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// Standing is every conflict between the features of one view. It never changes and serves any number of goroutines.
type Standing struct {
	ranking
	revision plan.Revision
	ruleset  *plan.Ruleset
	view     *atlas.View
}

// Revision gives the revision of the view that the conflicts stand in.
func (s *Standing) Revision() plan.Revision { return s.revision }

// Ruleset gives the rules that they were found by.
func (s *Standing) Ruleset() *plan.Ruleset { return s.ruleset }

func (s *Standing) rule(id string) *plan.Rule {
	i := slices.IndexFunc(s.ruleset.Rules, func(r plan.Rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &s.ruleset.Rules[i]
}

// NotMeasured lists the pairs that could not be measured, with the reasons.
func (s *Standing) NotMeasured() []plan.UnknownFeature { return s.ranking.notMeasured() }

func (r *ranking) notMeasured() []plan.UnknownFeature {
	list := []plan.UnknownFeature{}
	for _, b := range r.blocks {
		for _, u := range b.unmeasured {
			unknown := plan.UnknownFeature{Rule: b.rule.ID, Interest: reference(b.interest, u.b), Reason: u.reason}
			if b.claim != nil {
				claim := reference(b.claim, u.a)
				unknown.Claim = &claim
			}
			list = append(list, unknown)
		}
	}
	return list
}

// takesPart reports whether the layer's features can conflict: the region's own division can't.
func takesPart(l *plan.Layer) bool {
	return l.Theme != plan.Administrative && l.GeometryType != plan.None
}

// pairings lists what has to be joined: every rule between every two layers that it names.
func pairings(rules *plan.Ruleset, view *atlas.View, partition *division.Partition) (keys []blockKey) {
	for _, rule := range rules.Rules {
		for _, claim := range view.Snapshots() {
			for _, interest := range view.Snapshots() {
				if takesPart(claim.Layer()) && takesPart(interest.Layer()) &&
					rule.Claim.Matches(claim.Layer()) && rule.Interest.Matches(interest.Layer()) {
					keys = append(keys, blockKey{rule, claim, interest, partition})
				}
			}
		}
	}
	all := slices.Clone(keys)
	return slices.DeleteFunc(keys, func(k blockKey) bool { return outdone(k, all) })
}

// outdone reports whether the same pairs are told already, with claim and interest exchanged. Among what stands there is
// no newcomer: where rules hold both ways, the more severe one tells the conflict, else the earlier one.
func outdone(k blockKey, all []blockKey) bool {
	if k.claim == k.interest {
		return false
	}
	own := slices.Index(all, k)
	return slices.ContainsFunc(all, func(o blockKey) bool {
		if o.claim != k.interest || o.interest != k.claim || o.rule.Relation != k.rule.Relation || o.rule.DistanceM != k.rule.DistanceM {
			return false
		}
		return o.rule.Severity > k.rule.Severity || o.rule.Severity == k.rule.Severity && slices.Index(all, o) < own
	})
}
