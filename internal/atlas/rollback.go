package atlas

import (
	"slices"

	"strukturbild/internal/plan"
)

// RollBack prepares the change that makes the layer what it was, its schema included; nil when nothing differs.
func (s *Snapshot) RollBack(was *Snapshot) *plan.LayerChange {
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
		return nil
	}
	return change
}
