package atlas

import (
	"context"
	"time"

	"strukturbild/internal/plan"
)

// attempts bounds how often a change is prepared anew because others were quicker.
const attempts = 8

// Change is the one way in which anything is written. It prepares a change set from the newest view, makes it a
// revision, and gives back when the atlas shows it, so that a writer reads its own write. When another writer was
// quicker it prepares anew from the newer view. A change set without layers writes nothing.
func (a *Atlas) Change(ctx context.Context, prepare func(*View) (plan.ChangeSet, error)) (applied plan.Applied, err error) {
	for range attempts {
		view := a.View()
		changes, err := prepare(view)
		if err != nil || len(changes.Layers) == 0 {
			return plan.Applied{}, err
		}
		for i := range changes.Layers {
			if err := view.admit(&changes.Layers[i], len(changes.Strukturbilder) > 0); err != nil {
				return plan.Applied{}, err
			}
			view.watch(&changes.Layers[i])
		}
		applied, err = a.archive.Apply(ctx, changes)
		switch {
		case err == nil:
			return applied, a.await(ctx, applied.Record.Revision)
		case plan.CodeOf(err) != plan.Stale:
			return plan.Applied{}, err
		}
		if err := a.Sync(ctx); err != nil {
			return plan.Applied{}, err
		}
	}
	return plan.Applied{}, plan.Errorf(plan.Stale, "", "others changed the layer %d times meanwhile; nothing was written, try again", attempts)
}

// admit refuses a new layer whose id is kept for a derived one, and what only the steps of a strukturbild may do.
func (v *View) admit(change *plan.LayerChange, step bool) error {
	if !step {
		if err := v.holdStrukturbild(change); err != nil {
			return err
		}
	}
	return v.admitID(change)
}

// holdStrukturbild keeps the layers of a strukturbild as its steps have left them: there, and frozen once it is adopted.
func (v *View) holdStrukturbild(change *plan.LayerChange) error {
	known := v.byID[change.Layer]
	if known == nil || known.layer.Strukturbild == "" {
		if change.Define != nil && change.Define.Strukturbild != "" {
			return plan.Errorf(plan.Invalid, change.Layer, "layer %q belongs to strukturbild %q, which is not there; it can't come back by itself", change.Layer, change.Define.Strukturbild)
		}
		return nil
	}
	counts, of := change.Counts(), known.layer.Strukturbild
	switch {
	case known.layer.Frozen && (change.Drop || counts.Added+counts.Changed+counts.Removed > 0):
		return plan.Errorf(plan.Locked, change.Layer, "layer %q belongs to strukturbild %q, which is adopted, so its elements don't change; make a new strukturbild from it", change.Layer, of)
	case change.Drop:
		return plan.Errorf(plan.Invalid, change.Layer, "layer %q belongs to strukturbild %q; delete that", change.Layer, of)
	case change.Define != nil && (change.Define.Strukturbild != of || change.Define.Frozen != known.layer.Frozen || change.Define.Status != known.layer.Status || !change.Define.SameSchema(known.layer)):
		return plan.Errorf(plan.Invalid, change.Layer, "layer %q belongs to strukturbild %q, whose steps say who may see it and what its elements have", change.Layer, of)
	}
	return nil
}

// admitID: layers that a database has already stay as they are.
func (v *View) admitID(change *plan.LayerChange) error {
	if change.Define == nil || v.byID[change.Layer] != nil || !plan.IsDerived(change.Layer) {
		return nil
	}
	return plan.Errorf(plan.Invalid, "/id", "the layer id %q is kept for what the service derives from the layers (conflict, stack and ids that "+
		"begin with conflict_ or stack_); choose another", change.Layer)
}

// showing is how long a change may take to be seen: millions of features are read back, and an archive that is away fails
// sooner by itself.
const showing = 10 * time.Minute

// await brings the atlas to the revision. It is committed: what goes wrong here only delays when it is seen.
func (a *Atlas) await(ctx context.Context, revision plan.Revision) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showing)
	defer cancel()
	for a.View().Revision() < revision {
		if err := a.Sync(ctx); err != nil {
			return plan.Because(err, plan.Unavailable, "", "the change is written, but this node can't show it yet")
		}
	}
	return nil
}
