package server

import (
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// sheet gathers what a transaction does to one layer, action by action: each sees what those before it have done.
type sheet struct {
	snapshot *atlas.Snapshot
	touched  map[string]*touchedFeature
	order    []string // of the touched ones
	next     int64    // the number that the next id is sought from
}

// touchedFeature is a feature that actions have changed.
type touchedFeature struct {
	feature plan.Feature // what it has become
	edit    plan.Edit    // what was done to one that the layer has
	whole   bool         // the edit names everything, because it replaced the feature
	stored  bool         // the layer has it
	gone    bool
}

// sheetMost bounds the features that one transaction touches in a layer, which are held in memory.
const sheetMost = 50_000

func newSheet(snapshot *atlas.Snapshot) *sheet {
	return &sheet{snapshot: snapshot, touched: map[string]*touchedFeature{}}
}

// has reports whether there is the feature now.
func (s *sheet) has(id string) bool {
	if t, touched := s.touched[id]; touched {
		return !t.gone
	}
	_, found := s.snapshot.ByID(id)
	return found
}

// find gives the features that the condition keeps, as they are now; nil keeps all.
func (s *sheet) find(where plan.Expression) (ids []string, err error) {
	q := plan.Query{Layer: s.snapshot.Layer().ID, Properties: []string{}, Filter: where}
	var changed []*plan.Feature
	for _, id := range s.order {
		if t := s.touched[id]; !t.gone {
			changed = append(changed, &t.feature)
		}
	}
	for _, in := range []*atlas.Snapshot{s.snapshot, atlas.Of(s.snapshot.Layer(), changed...)} {
		page, err := in.Find(q)
		if err != nil {
			return nil, err
		}
		for _, slot := range page.Slots {
			id := in.ID(slot)
			if _, touched := s.touched[id]; in != s.snapshot || !touched {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// touch gives the feature to change.
func (s *sheet) touch(id string) (*touchedFeature, error) {
	if t, touched := s.touched[id]; touched {
		return t, nil
	}
	if len(s.touched) == sheetMost {
		return nil, plan.Errorf(plan.TooLarge, "", "the transaction changes more than %d features of the layer %q, which is the limit; send it in parts", sheetMost, s.snapshot.Layer().ID)
	}
	t := &touchedFeature{edit: plan.Edit{Values: make([]plan.Value, len(s.snapshot.Layer().Attributes)), Given: make([]bool, len(s.snapshot.Layer().Attributes))}}
	if slot, found := s.snapshot.ByID(id); found {
		t.feature, t.stored = s.snapshot.Feature(slot), true
	}
	s.touched[id], s.order = t, append(s.order, id)
	return t, nil
}

// insert adds a feature under the id, or under a new one when that is "".
func (s *sheet) insert(id string, edit plan.Edit) (string, error) {
	if id == "" {
		id, s.next = s.snapshot.NewID(s.next, func(id string) bool { return s.touched[id] != nil })
	}
	t, err := s.touch(id)
	if err != nil {
		return "", err
	}
	t.gone = false
	t.apply(edit, true)
	t.feature.ID = id
	return id, nil
}

// edit changes a feature that there is.
func (s *sheet) edit(id string, edit plan.Edit, whole bool) error {
	t, err := s.touch(id)
	if err == nil {
		t.apply(edit, whole)
	}
	return err
}

func (t *touchedFeature) apply(edit plan.Edit, whole bool) {
	if t.feature.Values == nil {
		t.feature.Values = make([]plan.Value, len(edit.Values))
	}
	t.feature, t.edit, t.whole = edit.Apply(t.feature), t.edit.Then(edit), t.whole || whole
}

// remove ends a feature that there is.
func (s *sheet) remove(id string) error {
	t, err := s.touch(id)
	if err == nil {
		t.gone = true
	}
	return err
}

// merger brings an edit into what a feature has become since its author read it, and tells what it writes over; without an edit the
// feature is removed.
type merger func(snapshot *atlas.Snapshot, slot atlas.Slot, edit *plan.Edit, whole bool) (plan.Feature, []plan.Collision, error)

// change gives what all of it comes to; nil when that is nothing.
func (s *sheet) change(merge merger) (*plan.LayerChange, error) {
	var features plan.List
	var removed []string
	var collisions []plan.Collision
	for _, id := range s.order {
		t := s.touched[id]
		switch {
		case !t.stored && t.gone:
			continue
		case !t.stored:
			features = append(features, t.feature)
			continue
		}
		edit := &t.edit
		if t.gone {
			edit, removed = nil, append(removed, id)
		}
		slot, _ := s.snapshot.ByID(id)
		feature, overwrote, err := merge(s.snapshot, slot, edit, t.whole)
		if err != nil {
			return nil, err
		}
		if collisions = append(collisions, overwrote...); edit != nil {
			features = append(features, feature)
		}
	}
	slices.SortFunc(removed, plan.CompareIDs)
	compared, err := s.snapshot.Compose(features, removed)
	if err != nil || compared.IsEmpty() {
		return nil, err
	}
	compared.Change.Collisions = collisions
	return &compared.Change, nil
}
