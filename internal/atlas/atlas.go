package atlas

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"strukturbild/internal/plan"
)

// Atlas keeps the newest View and renews it from the archive.
type Atlas struct {
	archive plan.Archive
	view    atomic.Pointer[View]
	health  atomic.Pointer[Health]

	sync     sync.Mutex // held by the one writer
	builders map[string]*builder
	past     *past
}

// View is the whole region at one revision. It never changes.
type View struct {
	revision   plan.Revision
	snapshots  []*Snapshot // ordered by layer id
	byID       map[string]*Snapshot
	partitions *partitions // of all views of the atlas
	past       bool

	publishOnce sync.Once
	published   *View
}

// Health tells how far the atlas is behind and why.
type Health struct {
	Ready   bool      // the first fill is complete
	Synced  time.Time // when the archive was last heard
	Problem error     // why the last attempt failed; nil when it did not
	Loaded  int       // features read by the first fill, so far
}

// New makes an empty atlas; Fill fills it.
func New(archive plan.Archive) *Atlas {
	a := &Atlas{archive: archive, builders: map[string]*builder{}, past: newPast()}
	a.view.Store(&View{byID: map[string]*Snapshot{}, partitions: new(partitions)})
	a.health.Store(&Health{})
	return a
}

// View gives the newest picture. Never nil; empty before Fill.
func (a *Atlas) View() *View { return a.view.Load() }

// Health gives the state of the connection to the archive.
func (a *Atlas) Health() Health { return *a.health.Load() }

// Revision gives the revision of the view.
func (v *View) Revision() plan.Revision { return v.revision }

// Snapshots gives every layer, ordered by id.
func (v *View) Snapshots() []*Snapshot { return v.snapshots }

// Layer gives the snapshot of a layer that is stored, or NotFound.
func (v *View) Layer(id string) (*Snapshot, error) {
	if s, found := v.byID[id]; found {
		return s, nil
	}
	if plan.IsDerived(id) {
		return nil, plan.Errorf(plan.NotFound, id, "no layer %q is stored here: such layers are derived from the others, and can be read where features are, but not written", id)
	}
	return nil, plan.Errorf(plan.NotFound, id, "there is no layer %q", id)
}

// Snapshot gives the layer as it was at the revision; 0 is now. Earlier states are read from the archive when they are
// not at hand any more. NotFound when the layer was not there then, Invalid for a revision that has not been made.
func (a *Atlas) Snapshot(ctx context.Context, layer string, at plan.Revision) (*Snapshot, error) {
	view := a.View()
	if at > view.revision || at < 0 {
		return nil, noRevision(at, view.revision)
	}
	if current, found := view.byID[layer]; found && (at == 0 || at >= current.revision) {
		return current, nil
	}
	if at == 0 {
		return view.Layer(layer)
	}
	return a.past.snapshot(ctx, a.archive, layer, at)
}
