package plan

import "time"

// Revision numbers the states of the whole service. It only grows; 0 is the empty state before the first change.
type Revision int64

// RevisionRecord tells what one revision was: who, when, why and how much.
type RevisionRecord struct {
	Revision Revision      `json:"revision"`
	Time     time.Time     `json:"time"`
	Author   string        `json:"author"`
	Kind     ChangeKind    `json:"kind"`
	Note     string        `json:"note"`
	Source   *Source       `json:"source,omitempty"` // of an upload
	Layers   []LayerCounts `json:"layers"`
}

// Source is the file that a revision was made from.
type Source struct {
	Filename string     `json:"filename"` // as the sender named it; may be empty
	SHA256   string     `json:"sha256"`   // of the file as it was sent, in hex
	Bytes    int64      `json:"bytes"`
	Mode     UploadMode `json:"mode"`
}

// LayerCounts tells what a revision did to one layer.
type LayerCounts struct {
	Layer    string   `json:"layer"`
	Added    int      `json:"added"`
	Changed  int      `json:"changed"`
	Removed  int      `json:"removed"`
	Defined  bool     `json:"defined"`  // the definition of the layer was made, changed or removed
	Kommuner []string `json:"kommuner"` // kommunkoder where features were added, changed or removed; nil: not noted
	// Collisions are edits that wrote over what somebody else had written since their author read the feature.
	Collisions []Collision `json:"collisions,omitempty"`
}

// ChangeKind says which way a change came in.
type ChangeKind string

// The kinds of change.
const (
	ChangeEdit     ChangeKind = "edit"     // single features, over REST or another protocol
	ChangeUpload   ChangeKind = "upload"   // a file
	ChangeLayer    ChangeKind = "layer"    // a layer's definition
	ChangeRollback ChangeKind = "rollback" // an earlier state made current again
	ChangeDemo     ChangeKind = "demo"     // synthetic data loaded or removed
	ChangeRegion   ChangeKind = "region"   // the region's own data, loaded at first start
	ChangeStep     ChangeKind = "step"     // a strukturbild made, or taken to another status
)

// ChangeSet is everything that becomes one revision: applied in one transaction, or not at all.
type ChangeSet struct {
	Author string
	Kind   ChangeKind
	Note   string
	Source *Source // the file that it comes from, or nil
	Key    IdempotencyKey
	Result []byte // kept with Key and given back when the request is repeated; may be empty
	Layers []LayerChange
	// Strukturbilder are changed in the same transaction.
	Strukturbilder []StrukturbildChange
	// Unlock is the lock that the author opens for the change; nil where the author's own locks do not hinder.
	Unlock *Unlock
}

// LayerChange is the part of a change set that concerns one layer.
type LayerChange struct {
	Layer string
	// Base is the layer's revision that the change was prepared against, 0 for a layer that is not there yet. Apply
	// answers Stale when the layer has moved on.
	Base    Revision
	Define  *Layer   // the new definition, or nil
	Drop    bool     // remove the layer with its features; history stays
	Add     Features // features with ids that the layer does not have; Since is ignored
	Replace Features // new versions of features that it has
	Remove  []string // ids of features that end
	// Collisions are what the change writes over of what its author has not seen; they are kept and told.
	Collisions []Collision
	// Kommuner tells where all of these lie, before or after; it is asked when Add and Replace have been read. Whoever
	// writes through an atlas leaves it to that; nil: nobody knows.
	Kommuner func() []string
}

// Counts tells how many features the change adds, changes and removes.
func (c *LayerChange) Counts() LayerCounts {
	return LayerCounts{Layer: c.Layer, Added: Count(c.Add), Changed: Count(c.Replace), Removed: len(c.Remove),
		Defined: c.Define != nil || c.Drop, Collisions: c.Collisions}
}

// IdempotencyKey lets a client repeat a write safely: the same key with the same fingerprint is the same revision.
type IdempotencyKey struct {
	Key         string // as the client sent it; "" for none
	Fingerprint string // SHA-256 of what was asked, in hex
}

// Applied tells what Apply did.
type Applied struct {
	Record   RevisionRecord
	Result   []byte // ChangeSet.Result of the request that made the revision
	Replayed bool   // the idempotency key had been used: this is the revision that it made then
}

// UploadMode says what becomes of the features that the layer has already.
type UploadMode string

// The upload modes.
const (
	UploadReplace UploadMode = "replace" // the file is the whole layer: what is not in it is removed
	UploadAppend  UploadMode = "append"  // the file's features are new
	UploadUpsert  UploadMode = "upsert"  // features with a known id are replaced, others are new
)
