package atlas

import "strukturbild/internal/plan"

// Difference is what two states of a layer do not share, each list in the order of plan.CompareIDs.
type Difference struct {
	Added   []plan.Feature
	Removed []plan.Feature
	Changed []Changed
}

// Changed is one feature before and after.
type Changed struct{ Before, After plan.Feature }

// Diff compares the layer as it was with the layer as it is.
func Diff(was, is *Snapshot) (d Difference) {
	for slot := range is.All("") {
		after := is.Feature(slot)
		before, found := was.ByID(after.ID)
		switch {
		case !found:
			d.Added = append(d.Added, after)
		case was.Since(before) != after.Since && !was.equal(before, &after):
			d.Changed = append(d.Changed, Changed{was.Feature(before), after})
		}
	}
	for slot := range was.All("") {
		if _, found := is.ByID(was.ID(slot)); !found {
			d.Removed = append(d.Removed, was.Feature(slot))
		}
	}
	return d
}
