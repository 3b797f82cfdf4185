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
			if err := view.admit(&changes.Layers[i]); err != nil {
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

// admit refuses a new layer whose id is kept for a derived one. Those that a database has already stay as they are.
func (v *View) admit(change *plan.LayerChange) error {
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
