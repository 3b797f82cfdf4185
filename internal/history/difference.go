package history

import (
	"iter"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// Kind says what became of a feature.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Change is one feature that two states do not share.
type Change struct {
	Kind   Kind
	ID     string
	Before *plan.Feature // nil when it was added
	After  *plan.Feature // nil when it was removed
}

// GeometryChanged reports whether a changed feature has another shape than before.
func (c *Change) GeometryChanged() bool {
	return c.Kind == Changed && !c.Before.Geometry.Equal(c.After.Geometry)
}

// Difference is what two states of a layer do not share. It holds no features: they are read from the states, as often
// as it is asked. It belongs to one goroutine.
type Difference struct {
	Was, Is  *plan.Layer // the definitions, which may differ too
	features int         // of the later state
	changes  func(after string) iter.Seq[Change]
	err      error
}

// Changes yields the features that differ, in the order of plan.CompareIDs, from the first id after the given one. It
// ends early when a feature can't be read; Err then says why.
func (d *Difference) Changes(after string) iter.Seq[Change] { return d.changes(after) }

// Err gives the reason why Changes ended early, or nil.
func (d *Difference) Err() error { return d.err }

// Between compares the layer as it was with the layer as it is.
func Between(was, is *atlas.Snapshot) *Difference {
	d := &Difference{Was: was.Layer(), Is: is.Layer(), features: is.Len()}
	same := sameContent(d.Was, d.Is)
	d.changes = func(after string) iter.Seq[Change] {
		return func(yield func(Change) bool) {
			if was != is {
				merge(was, is, after, same, yield)
			}
		}
	}
	return d
}

// merge walks both states at once. A version that both have is not looked into, unless the schemas read it differently.
func merge(was, is *atlas.Snapshot, after string, same func(before, after *plan.Feature) bool, yield func(Change) bool) {
	versions := sameColumns(was.Layer(), is.Layer())
	next, stop := iter.Pull(was.All(after))
	defer stop()
	old, more := next()
	for slot := range is.All(after) {
		id := is.ID(slot)
		for more && plan.CompareIDs(was.ID(old), id) < 0 {
			if !yield(removed(was, old)) {
				return
			}
			old, more = next()
		}
		if !more || was.ID(old) != id {
			now := is.Feature(slot)
			if !yield(Change{Kind: Added, ID: id, After: &now}) {
				return
			}
			continue
		}
		if was.Since(old) != is.Since(slot) || !versions {
			before, now := was.Feature(old), is.Feature(slot)
			if !same(&before, &now) && !yield(Change{Changed, id, &before, &now}) {
				return
			}
		}
		old, more = next()
	}
	for ; more; old, more = next() {
		if !yield(removed(was, old)) {
			return
		}
	}
}

func removed(was *atlas.Snapshot, slot atlas.Slot) Change {
	before := was.Feature(slot)
	return Change{Kind: Removed, ID: before.ID, Before: &before}
}

// Of tells what the change would do to the layer as it is.
func Of(is *atlas.Snapshot, change *plan.LayerChange) *Difference {
	d := &Difference{Was: is.Layer(), Is: is.Layer(), features: is.Len() + plan.Count(change.Add) - len(change.Remove)}
	if change.Define != nil {
		d.Is = change.Define
	}
	same, entries := sameContent(d.Was, d.Is), pending(change)
	d.changes = func(after string) iter.Seq[Change] {
		from, found := slices.BinarySearchFunc(entries, after, func(e entry, id string) int { return plan.CompareIDs(e.id, id) })
		if found {
			from++
		}
		return func(yield func(Change) bool) {
			for _, e := range entries[from:] {
				c, err := e.read(is)
				if err != nil {
					d.err = err
					return
				}
				if (c.Kind != Changed || !same(c.Before, c.After)) && !yield(c) {
					return
				}
			}
		}
	}
	return d
}

// entry is one feature of a change that has not been made: a few bytes, wherever the feature lies.
type entry struct {
	id       string
	kind     Kind
	features plan.Features // nil for what is removed
	number   int
}

// pending lists what the change says, in the order of ids.
func pending(change *plan.LayerChange) []entry {
	entries := make([]entry, 0, plan.Count(change.Add)+plan.Count(change.Replace)+len(change.Remove))
	for i := range plan.Count(change.Add) {
		entries = append(entries, entry{change.Add.ID(i), Added, change.Add, i})
	}
	for i := range plan.Count(change.Replace) {
		entries = append(entries, entry{change.Replace.ID(i), Changed, change.Replace, i})
	}
	for _, id := range change.Remove {
		entries = append(entries, entry{id: id, kind: Removed})
	}
	slices.SortFunc(entries, func(a, b entry) int { return plan.CompareIDs(a.id, b.id) })
	return entries
}

// read gives the feature as it is and as it would be.
func (e *entry) read(is *atlas.Snapshot) (Change, error) {
	c := Change{Kind: e.kind, ID: e.id}
	if slot, found := is.ByID(e.id); found {
		before := is.Feature(slot)
		c.Before = &before
	}
	if e.features != nil {
		c.After = new(plan.Feature)
		if err := e.features.At(e.number, c.After); err != nil {
			return c, err
		}
	}
	return c, nil
}
