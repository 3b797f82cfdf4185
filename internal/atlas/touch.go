package atlas

import (
	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// kommuner lists the municipalities of the view in which the change adds, changes or removes something. The more the
// change has, the sooner there is nothing more to find.
func (v *View) kommuner(change *plan.LayerChange) ([]string, error) {
	touched := division.NewToucher(v.Partition())
	if is := v.byID[change.Layer]; is != nil {
		is.touch(touched, change)
	}
	for _, features := range []plan.Features{change.Add, change.Replace} {
		var f plan.Feature
		for i := 0; i < plan.Count(features) && !touched.Complete(); i++ {
			if err := features.At(i, &f); err != nil {
				return nil, err
			}
			touched.Touch(f.Geometry)
		}
	}
	return touched.Kommuner(), nil
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
