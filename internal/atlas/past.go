package atlas

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"strukturbild/internal/plan"
)

// past keeps a few earlier snapshots, so that a client that pages through a layer finishes what it began although the
// layer has moved on, and reads others from the archive.
type past struct {
	sync.Mutex
	kept    []pastSnapshot // oldest use first
	views   []*View        // oldest first
	reading sync.Mutex     // one layer at a time is read from the archive: that bounds the memory of those under way
}

type pastSnapshot struct {
	*Snapshot
	until plan.Revision // the first revision for which the snapshot does not hold
	alone bool          // its pages are its own, not shared with the current snapshot
}

// The bounds of what is kept. A superseded snapshot costs little while it shares its pages with its successor.
const (
	pastKept  = 16
	pastAlone = 1_000_000 // features in snapshots that share nothing
)

func newPast() *past { return &past{} }

// keep remembers the snapshots of the old view that the next one supersedes.
func (p *past) keep(old, next *View) {
	p.Lock()
	defer p.Unlock()
	for _, s := range old.snapshots {
		successor := next.byID[s.layer.ID]
		if successor == s {
			continue
		}
		until := next.revision
		if successor != nil {
			until = min(until, successor.revision)
		}
		if until == next.revision && old.revision+1 != next.revision {
			continue // several revisions at once: which of them ended it is not known here
		}
		if successor == nil || !s.shares(successor) {
			continue // it would pin as much memory as the layer has; the archive knows it too
		}
		p.add(pastSnapshot{s, until, false})
	}
}

func (p *past) add(s pastSnapshot) {
	p.kept = append(p.kept, s)
	for len(p.kept) > 1 && (len(p.kept) > pastKept || p.alone() > pastAlone) {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
}

func (p *past) alone() (features int) {
	for _, s := range p.kept {
		if s.alone {
			features += s.Len()
		}
	}
	return features
}

// shares reports whether the two snapshots lie in the same pages.
func (s *Snapshot) shares(o *Snapshot) bool {
	return len(s.records.list) > 0 && len(o.records.list) > 0 && &s.records.list[0][0] == &o.records.list[0][0]
}

// find gives the kept snapshot that holds for the revision, and makes it the most recently used.
func (p *past) find(layer string, at plan.Revision) (*Snapshot, bool) {
	p.Lock()
	defer p.Unlock()
	for i, s := range p.kept {
		if s.layer.ID == layer && s.revision <= at && at < s.until {
			p.kept = append(slices.Delete(p.kept, i, i+1), s)
			return s.Snapshot, true
		}
	}
	return nil, false
}

// snapshot gives the layer as it was at the revision.
func (p *past) snapshot(ctx context.Context, archive plan.Archive, layer string, at plan.Revision) (*Snapshot, error) {
	if s, found := p.find(layer, at); found {
		return s, nil
	}
	p.reading.Lock()
	defer p.reading.Unlock()
	if s, found := p.find(layer, at); found { // another one has read it meanwhile
		return s, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	picture, err := archive.Picture(ctx)
	if err != nil {
		return nil, err
	}
	defer picture.Close(ctx)
	was, until, err := picture.LayerAt(ctx, layer, at)
	if err != nil {
		return nil, err
	}
	b, err := build(was, func(yield func(*plan.Feature) error) error {
		return picture.FeaturesAt(ctx, was, at, yield)
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("reading layer %s at revision %d: %w", layer, at, err)
	}
	s := b.publish(was)
	if until != 0 {
		p.Lock()
		p.add(pastSnapshot{s, until, true})
		p.Unlock()
	}
	return s, nil
}
