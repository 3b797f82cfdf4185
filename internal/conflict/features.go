package conflict

import (
	"iter"

	"strukturbild/internal/plan"
)

// Features is a page of the ranked list of conflicts as features of Layers, which have the same attributes and differ in
// the type of the shape.
type Features struct {
	Matched int    // on all pages together
	Next    string // cursor for Filter.After; "" on the last page

	standing *Standing
	picked   []pick
}

// Features gives a page of the conflicts as features. Invalid for a name that is not known, TooLarge when they are too
// many to be layers.
func (s *Standing) Features(f Filter) (*Features, error) {
	if _, err := s.Layer(areaLayer.ID); err != nil {
		return nil, err
	}
	found, err := s.cut(f)
	if err != nil {
		return nil, err
	}
	return &Features{found.matched, found.next, s, found.picked}, nil
}

// Len counts the features of the page with shapes of the type; plan.None counts all.
func (f *Features) Len(kind plan.GeometryType) (n int) {
	for _, p := range f.picked {
		if kind == plan.None || p.shapeType() == kind {
			n++
		}
	}
	return n
}

// Of yields the features of the page with shapes of the type, in their order; plan.None all of them. The feature is good
// until the next step.
func (f *Features) Of(kind plan.GeometryType) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		for _, p := range f.picked {
			if kind != plan.None && p.shapeType() != kind {
				continue
			}
			feature := f.standing.feature(p)
			if !yield(&feature) {
				return
			}
		}
	}
}

// feature gives the conflict as a feature of its layer.
func (s *Standing) feature(p pick) plan.Feature {
	for _, layer := range Layers() {
		if layer.GeometryType == p.shapeType() {
			snapshot := s.layers()[layer.ID].snapshot
			slot, _ := snapshot.ByID(p.id())
			return snapshot.Feature(slot)
		}
	}
	return plan.Feature{}
}

// Told is one conflict with its shape.
type Told struct {
	plan.Conflict
	Shape plan.Geometry
	Fault string // why the shape can't be made; "" when it can
}

// Conflict gives the conflict of the id in full. Of a pair that could not be measured it tells that instead. NotFound
// when the two don't conflict under the rule.
func (s *Standing) Conflict(id string) (*Told, *plan.UnknownFeature, error) {
	named, ok := parseID(id)
	if !ok {
		return nil, nil, plan.Errorf(plan.Invalid, "id", "%.200q is no id of a conflict: these are rule:layer.feature:layer.feature, the claim first, and what is neither "+
			"a letter of a to z, a digit nor one of - _ . is written ~XX", id)
	}
	for _, b := range s.blocks {
		if seamOf(b) != (seam{named.rule, named.claim.Layer, named.interest.Layer}) {
			continue
		}
		a, foundA := b.claim.ByID(named.claim.ID)
		i, foundB := b.interest.ByID(named.interest.ID)
		if !foundA || !foundB {
			continue
		}
		for j := range b.records {
			if r := &b.records[j]; r.a == a && r.b == i {
				return s.tell(pick{b, r}), nil, nil
			}
		}
		for _, u := range b.unmeasured {
			if u.a == a && u.b == i {
				unknown := b.unknown(u)
				return nil, &unknown, nil
			}
		}
	}
	return nil, nil, plan.Errorf(plan.NotFound, "id", "there is no conflict %q at revision %d by ruleset %s version %d", id, s.revision, s.ruleset.ID, s.ruleset.Version)
}

func (s *Standing) tell(p pick) *Told {
	told := &Told{Conflict: s.ruleset.teller().conflict(p)}
	var err error
	if told.Shape, err = s.shared.shape(p); err != nil {
		told.Shape, told.Fault = plan.Geometry{Type: p.shapeType()}, err.Error()
	}
	return told
}
