package conflict

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// sweep holds features of one layer against another layer's index, under one rule.
type sweep struct {
	blockKey
	outer, inner *atlas.Snapshot // the smaller layer, and the larger one
	order        []atlas.Slot    // the features of the outer layer that have to be asked

	// Features below these slots have met before, and are not held against each other again; 0: none have.
	outerFrom, innerFrom atlas.Slot
}

func newSweep(key blockKey) *sweep {
	s := &sweep{blockKey: key, outer: key.claim, inner: key.interest}
	if s.outer.Len() > s.inner.Len() {
		s.outer, s.inner = s.inner, s.outer
	}
	return s
}

// join finds all conflicts of one rule between two layers: every feature of the smaller layer is held against the
// larger one's index, in spatial order so that neighbours meet the same memory.
func join(ctx context.Context, key blockKey) ([]*block, error) {
	s := newSweep(key)
	s.order = spatialOrder(s.outer)
	return s.run(ctx)
}

// run asks the features by all cores.
func (s *sweep) run(ctx context.Context) ([]*block, error) {
	workers := make([]worker, min(runtime.GOMAXPROCS(0), 1+len(s.order)/chunk))
	asked := make([]*asking, len(workers))
	for i := range asked {
		var err error
		if asked[i], err = s.ask(s.outer, s.inner); err != nil {
			return unaskable(s.blockKey, s.unit(), err), nil
		}
	}
	var next atomic.Int64
	var large sync.Map
	group, ctx := errgroup.WithContext(ctx)
	for i := range workers {
		w := &workers[i]
		w.Partition, w.large = s.partition, &large
		group.Go(func() error {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= len(s.order) {
					return nil
				}
				if err := w.chunk(ctx, s, asked[i], s.order[from:min(from+chunk, len(s.order))]); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range workers[1:] {
		workers[0].join(workers[i+1].hits)
	}
	return newBlocks(s.blockKey, s.unit(), workers[0].hits), nil
}

func (k *blockKey) unit() unit {
	return unitOf(k.rule.Relation, k.claim.Layer().GeometryType, k.interest.Layer().GeometryType)
}

// chunk is how many features a worker takes at a time.
const chunk = 64

// chunk holds some features of the outer layer against the inner one.
func (w *worker) chunk(ctx context.Context, s *sweep, asked *asking, slots []atlas.Slot) error {
	for _, slot := range slots {
		f := figure{geometry: s.outer.Geometry(slot), box: s.outer.Box(slot)}
		least, except := s.facing(slot)
		asked.tell(s.outer, slot)
		records, failed := len(w.records), len(w.unmeasured)
		if err := w.probe(ctx, asked, &f, s.inner, least, except); err != nil {
			return err
		}
		for i := range w.records[records:] {
			r := &w.records[records+i]
			r.a, r.b = s.orient(s.outer, slot, r.b)
		}
		if slot < s.outerFrom { // what can't be told of the feature itself has been told
			w.unmeasured = append(w.unmeasured[:failed], slices.DeleteFunc(w.unmeasured[failed:],
				func(u unmeasured) bool { return u.b == nobody })...)
		}
		for i := range w.unmeasured[failed:] {
			u := &w.unmeasured[failed+i]
			u.a, u.b = s.orient(s.outer, slot, u.b)
		}
	}
	return nil
}

// facing gives the features of the inner layer that the outer one's is held against: from which slot on, and which not.
func (s *sweep) facing(slot atlas.Slot) (least, except atlas.Slot) {
	if slot < s.outerFrom {
		least = s.innerFrom
	}
	switch {
	case s.outer != s.inner:
		return least, nobody
	case s.rule.even():
		return max(least, slot+1), nobody // each pair once, and none with itself
	}
	return least, slot // attributes tell which of the two is the claim
}

// ask prepares the rule for the features of the outer layer.
func (k *blockKey) ask(outer, inner *atlas.Snapshot) (a *asking, err error) {
	figure := claimRole
	if outer != k.claim {
		figure = interestRole
	}
	if a, err = ask(k.rule, figure, inner); err == nil {
		a.own, err = k.rule.bind(figure, outer.Layer())
	}
	return a, err
}

// tell gives the asking the attributes of the figure that comes next.
func (a *asking) tell(s *atlas.Snapshot, slot atlas.Slot) {
	if len(a.own) > 0 {
		a.row = s.Values(a.row[:0], slot)
		a.own.take(&a.frame, a.row)
	}
}

// unaskable is the block of two layers that the rule can't be asked of.
func unaskable(key blockKey, u unit, why error) []*block {
	return newBlocks(key, u, hits{unmeasured: []unmeasured{{nobody, nobody, why.Error()}}})
}

// orient tells which of the two features is the claim. Within one layer it is the one whose id comes first, when it
// makes no difference to the rule.
func (k *blockKey) orient(outer *atlas.Snapshot, slot, found atlas.Slot) (a, b atlas.Slot) {
	switch {
	case k.claim == k.interest && k.rule.even() && plan.CompareIDs(outer.ID(found), outer.ID(slot)) < 0:
		return found, slot
	case outer != k.claim:
		return found, slot
	}
	return slot, found
}

// spatialOrder gives the features that have a place, neighbours near each other: along a Z-curve of 16 x 16 bits over
// the layer's extent.
func spatialOrder(s *atlas.Snapshot) []atlas.Slot {
	extent := s.Extent()
	side := max(extent.MaxX-extent.MinX, extent.MaxY-extent.MinY, 1)
	keys := make([]uint64, 0, s.Len())
	for slot := range s.All("") {
		box := s.Box(slot)
		if box.IsEmpty() {
			continue
		}
		x := uint64(((box.MinX+box.MaxX)/2 - extent.MinX) / side * math.MaxUint16)
		y := uint64(((box.MinY+box.MaxY)/2 - extent.MinY) / side * math.MaxUint16)
		keys = append(keys, (interleave(x)|interleave(y)<<1)<<32|uint64(slot))
	}
	slices.Sort(keys)
	order := make([]atlas.Slot, len(keys))
	for i, key := range keys {
		order[i] = atlas.Slot(key)
	}
	return order
}

// interleave spreads 16 bits to the even places of 32.
func interleave(v uint64) uint64 {
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return (v | v<<1) & 0x55555555
}
