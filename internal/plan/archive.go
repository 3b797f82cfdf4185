package plan

import "context"

// Archive is where an atlas reads from and writes to. It stands here because the store that answers and the atlas that
// asks are siblings, which do not import each other.
type Archive interface {
	// Apply makes the change set the next revision, all of it or nothing. Stale: a layer has moved on from its base.
	Apply(ctx context.Context, changes ChangeSet) (Applied, error)
	// Latest gives the newest revision.
	Latest(ctx context.Context) (Revision, error)
	// Picture opens a consistent view of the newest state. The caller closes it.
	Picture(ctx context.Context) (Picture, error)
}

// Picture is one consistent state of the database: what is read from it belongs to the one revision.
type Picture interface {
	Revision() Revision
	// Layers gives the layers of this state, ordered by id.
	Layers() []Layer
	// Ended yields the ids of the layer's features that have a version which ended after the revision since.
	Ended(ctx context.Context, layer string, since Revision, yield func(id string) error) error
	// Features yields the current features of the layer whose version began after the revision since, in any order. The
	// feature's slices are reused: yield copies what it keeps.
	Features(ctx context.Context, layer *Layer, since Revision, yield func(*Feature) error) error
	// LayersAt names the layers that there were at the revision.
	LayersAt(ctx context.Context, at Revision) ([]string, error)
	// LayerAt gives the definition of the layer as it was at the revision, and until which revision that holds
	// (exclusive; 0 when it still does). NotFound when there was no such layer then.
	LayerAt(ctx context.Context, layer string, at Revision) (was *Layer, until Revision, err error)
	// FeaturesAt yields the features of the layer as they were at the revision.
	FeaturesAt(ctx context.Context, layer *Layer, at Revision, yield func(*Feature) error) error
	Close(ctx context.Context)
}
