package atlas

import (
	"slices"

	"strukturbild/internal/plan"
)

// RollBack prepares the change that makes the layer what it was, its schema included; nil when nothing differs. Invalid
// when the layer had another geometry type: it was another layer of the same name.
func (s *Snapshot) RollBack(was *Snapshot) (*plan.LayerChange, error) {
	if s.layer.GeometryType != was.layer.GeometryType {
		return nil, plan.Errorf(plan.Invalid, "to", "at revision %d layer %q held geometries of the type %s, now it holds %s; make a layer of that type and load them there",
			was.revision, s.layer.ID, was.layer.GeometryType, s.layer.GeometryType)
	}
	change := &plan.LayerChange{Layer: s.layer.ID, Base: s.revision}
	sameSchema := slices.EqualFunc(s.layer.Attributes, was.layer.Attributes, sameColumn)
	if !sameSchema {
		define := *s.layer
		define.Attributes = was.layer.Attributes
		change.Define = &define
	}
	for slot := range was.All("") {
		before := was.Feature(slot)
		now, found := s.ByID(before.ID)
		switch {
		case !found:
			change.Add = append(change.Add, before)
		case !sameSchema || (s.Since(now) != before.Since && !s.equal(now, &before)):
			change.Replace = append(change.Replace, before)
		}
	}
	for slot := range s.All("") {
		if _, found := was.ByID(s.ID(slot)); !found {
			change.Remove = append(change.Remove, s.ID(slot))
		}
	}
	if sameSchema && len(change.Add)+len(change.Replace)+len(change.Remove) == 0 {
		return nil, nil
	}
	return change, nil
}
