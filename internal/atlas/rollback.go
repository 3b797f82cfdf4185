package atlas

import "strukturbild/internal/plan"

// RollBack prepares the change that makes the layer what it was, its schema included, also when it has been deleted
// since; nil when nothing differs. Invalid when the layer had another geometry type.
func (v *View) RollBack(was *Snapshot) (*plan.LayerChange, error) {
	if is, found := v.byID[was.layer.ID]; found {
		return is.RollBack(was)
	}
	change := &plan.LayerChange{Layer: was.layer.ID, Define: was.layer}
	add := slots{snapshot: was}
	for slot := range was.All("") {
		add.list = append(add.list, slot)
	}
	change.Add = add
	return change, nil
}

// RollBack prepares the change that makes the layer what it was, its schema included; nil when nothing differs. Invalid
// when the layer had another geometry type: it was another layer of the same name.
func (s *Snapshot) RollBack(was *Snapshot) (*plan.LayerChange, error) {
	if s.layer.GeometryType != was.layer.GeometryType {
		return nil, plan.Errorf(plan.Invalid, "to", "at revision %d layer %q held geometries of the type %s, now it holds %s; make a layer of that type and load them there",
			was.revision, s.layer.ID, was.layer.GeometryType, s.layer.GeometryType)
	}
	change := &plan.LayerChange{Layer: s.layer.ID, Base: s.revision}
	sameSchema := s.layer.SameSchema(was.layer)
	if !sameSchema {
		define := *s.layer
		define.Attributes = was.layer.Attributes
		change.Define = &define
	}
	add, replace := slots{snapshot: was}, slots{snapshot: was}
	for slot := range was.All("") {
		before := was.Feature(slot)
		now, found := s.ByID(before.ID)
		switch {
		case !found:
			add.list = append(add.list, slot)
		case !sameSchema || (s.Since(now) != before.Since && !s.equal(now, &before)):
			replace.list = append(replace.list, slot)
		}
	}
	change.Add, change.Replace = add, replace
	for slot := range s.All("") {
		if _, found := was.ByID(s.ID(slot)); !found {
			change.Remove = append(change.Remove, s.ID(slot))
		}
	}
	if sameSchema && len(add.list)+len(replace.list)+len(change.Remove) == 0 {
		return nil, nil
	}
	return change, nil
}

// slots are some of the features of a snapshot.
type slots struct {
	snapshot *Snapshot
	list     []Slot
}

func (s slots) Len() int { return len(s.list) }

func (s slots) ID(i int) string { return s.snapshot.ID(s.list[i]) }

func (s slots) At(i int, f *plan.Feature) error {
	*f = s.snapshot.Feature(s.list[i])
	return nil
}
