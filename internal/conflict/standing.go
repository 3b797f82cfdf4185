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
	ruleset  *ruleset
	view     *atlas.View
	shared   *shared
	layers   func() map[string]*derivation // made once, at the first question

	unfinished []string // rules whose conflicts are not all here; see Engine.Within
}

// Revision gives the revision of the view that the conflicts stand in.
func (s *Standing) Revision() plan.Revision { return s.revision }

// Ruleset gives the rules that they were found by.
func (s *Standing) Ruleset() *plan.Ruleset { return s.ruleset.Ruleset }

// State names the view and the rules.
func (s *Standing) State() plan.ConflictState {
	return plan.ConflictState{Revision: s.revision, Ruleset: s.ruleset.Ref()}
}

func (r *ruleset) rule(id string) *rule {
	i := slices.IndexFunc(r.rules, func(r *rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return r.rules[i]
}

// NotMeasured lists the pairs that could not be measured, with the reasons.
func (s *Standing) NotMeasured() (list []plan.UnknownFeature, total int) {
	return s.ranking.notMeasured()
}

// notMeasured lists the first plan.MaxUnmeasured pairs and counts all.
func (r *ranking) notMeasured() (list []plan.UnknownFeature, total int) {
	list = []plan.UnknownFeature{}
	for _, b := range r.blocks {
		total += len(b.unmeasured)
		for _, u := range b.unmeasured[:min(len(b.unmeasured), plan.MaxUnmeasured-len(list))] {
			list = append(list, b.unknown(u))
		}
	}
	return list, total
}

func (b *block) unknown(u unmeasured) plan.UnknownFeature {
	unknown := plan.UnknownFeature{Rule: b.rule.ID, Reason: u.reason}
	if u.b != nobody {
		interest := reference(b.interest, u.b)
		unknown.Interest = &interest
	}
	if b.claim != nil && u.a != nobody {
		claim := reference(b.claim, u.a)
		unknown.Claim = &claim
	}
	return unknown
}

// takesPart reports whether the layer's features can conflict: the region's own division can't.
func takesPart(l *plan.Layer) bool {
	return l.Theme.IsInterest() && l.GeometryType != plan.None
}

// pairings lists what has to be joined: every rule between every two layers that it names.
func pairings(rules *ruleset, view *atlas.View, partition *division.Partition) (keys []blockKey) {
	for _, rule := range rules.standing {
		for _, claim := range view.Snapshots() {
			for _, interest := range view.Snapshots() {
				if takesPart(claim.Layer()) && takesPart(interest.Layer()) &&
					rule.claims.has(claim.Layer()) && rule.interests.has(interest.Layer()) {
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
	own := slices.Index(all, k)
	return slices.ContainsFunc(all, func(o blockKey) bool {
		if o == k || o.claim != k.interest || o.interest != k.claim || !o.rule.mirrors(k.rule) {
			return false
		}
		worst := k.rule.worst()
		return o.rule.worst() > worst || o.rule.worst() == worst && slices.Index(all, o) < own
	})
}
