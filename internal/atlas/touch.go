package atlas

import (
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// watch has the change tell in which municipalities of the view it adds, changes or removes something. New features are
// looked at while they are written: they need not be read once more.
func (v *View) watch(change *plan.LayerChange) {
	touched := division.NewToucher(v.Partition())
	if is := v.byID[change.Layer]; is != nil {
		is.touch(touched, change)
	}
	change.Add, change.Replace = watched(change.Add, touched), watched(change.Replace, touched)
	change.Kommuner = touched.Kommuner
}

// touch takes the places that features have before the change.
func (s *Snapshot) touch(touched *division.Toucher, change *plan.LayerChange) {
	touch := func(id string) {
		if slot, found := s.ByID(id); found && !touched.Complete() {
			touched.Touch(s.Geometry(slot))
		}
	}
	for _, id := range change.Remove {
		touch(id)
	}
	for i := range plan.Count(change.Replace) {
		touch(change.Replace.ID(i))
	}
}

// watching are features whose places are noted as they are read, by one reader at a time.
type watching struct {
	plan.Features
	touched *division.Toucher
}

func watched(features plan.Features, touched *division.Toucher) plan.Features {
	if features == nil {
		return nil
	}
	return watching{features, touched}
}

// At reads feature i.
func (w watching) At(i int, f *plan.Feature) error {
	err := w.Features.At(i, f)
	if err == nil && !w.touched.Complete() {
		w.touched.Touch(f.Geometry)
	}
	return err
}
