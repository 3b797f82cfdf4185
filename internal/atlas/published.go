package atlas

import "strukturbild/internal/plan"

// Published gives the view without the layers that are drafts.
func (v *View) Published() *View {
	v.publishOnce.Do(func() {
		public := &View{revision: v.revision, past: v.past, byID: map[string]*Snapshot{}, partitions: v.partitions}
		for _, s := range v.snapshots {
			if s.layer.Status == plan.Published {
				public.byID[s.layer.ID] = s
				public.snapshots = append(public.snapshots, s)
			}
		}
		public.publishOnce.Do(func() { public.published = public })
		v.published = public
	})
	return v.published
}
