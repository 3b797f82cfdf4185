package plan

import "time"

// Lock keeps others than its owner from changing some features, until it ends or is released.
type Lock struct {
	ID    string
	Owner string // the token's name
	Until time.Time
	Held  []LockedFeature // what it holds
	Not   []LockedFeature // what it was asked to hold, but another lock does
}

// LockedFeature names a feature by its layer and id.
type LockedFeature struct{ Layer, ID string }

// LockOrder is what somebody wants locked.
type LockOrder struct {
	Owner    string
	For      time.Duration
	Features []LockedFeature
	Some     bool // what others hold is left out, instead of refusing all
}

// Unlock says which lock a change opens.
type Unlock struct {
	ID   string // "" for none: then the author's own locks hinder too
	Some bool   // what is not changed stays locked; otherwise the lock is released
}

// Bounds of a lock.
const (
	MaxLocked   = 100_000
	MaxLockTime = 24 * time.Hour
)
