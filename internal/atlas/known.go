package atlas

import (
	"cmp"
	"slices"
	"sync"

	"strukturbild/internal/plan"
)

// Known is a snapshot as plan.Stored: what a file is compared with while it is read. Its numbers are the slots. Any number
// of goroutines may ask it.
type Known struct {
	snapshot *Snapshot
	digests  func() digests
}

// Known makes one. Features without ids cost it a walk over the layer when it is first asked for one, and 16 bytes for
// each of the layer's features.
func (s *Snapshot) Known() *Known {
	return &Known{s, sync.OnceValue(s.byDigest)}
}

// Holds looks by the id, or by the content where there is none.
func (k *Known) Holds(f *plan.Feature) (uint32, bool) {
	if f.ID != "" {
		slot, found := k.snapshot.ByID(f.ID)
		return uint32(slot), found && k.snapshot.equal(slot, f)
	}
	for _, d := range k.digests().of(contentDigest(f)) {
		if k.snapshot.equal(d.slot, f) {
			return uint32(d.slot), true
		}
	}
	return 0, false
}

// Copy reads the feature in a slot.
func (k *Known) Copy(slot uint32, f *plan.Feature) {
	is := k.snapshot.Feature(Slot(slot))
	f.ID, f.Since, f.Geometry.Type = is.ID, 0, is.Geometry.Type
	f.Geometry.Coords = append(f.Geometry.Coords[:0], is.Geometry.Coords...)
	f.Geometry.Ends, f.Geometry.Parts = slices.Clone(is.Geometry.Ends), slices.Clone(is.Geometry.Parts)
	f.Values = append(f.Values[:0], is.Values...)
}

// equal reports whether the feature in the slot has exactly the geometry and the values of f.
func (s *Snapshot) equal(slot Slot, f *plan.Feature) bool {
	var values [16]plan.Value
	return s.Geometry(slot).Equal(f.Geometry) && slices.Equal(s.Values(values[:0], slot), f.Values)
}

// digests are the slots of features, ordered by the digests of their content.
type digests []digested

type digested struct {
	digest uint64
	slot   Slot
}

// byDigest gives every feature; of equal ones in the order of their ids.
func (s *Snapshot) byDigest() digests {
	found := make(digests, 0, s.Len())
	for slot := range s.All("") {
		f := s.Feature(slot)
		found = append(found, digested{contentDigest(&f), slot})
	}
	slices.SortStableFunc(found, func(a, b digested) int { return cmp.Compare(a.digest, b.digest) })
	return found
}

// of gives those of a digest.
func (d digests) of(digest uint64) digests {
	from, _ := slices.BinarySearchFunc(d, digest, func(d digested, digest uint64) int { return cmp.Compare(d.digest, digest) })
	n, _ := slices.BinarySearchFunc(d[from:], digest, func(d digested, digest uint64) int {
		if d.digest > digest {
			return 1
		}
		return -1
	})
	return d[from : from+n]
}
