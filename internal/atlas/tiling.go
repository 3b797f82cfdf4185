package atlas

import (
	"cmp"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/tidwall/rtree"
	"golang.org/x/sync/errgroup"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Features of a layer that tiles may share no more than tilingTolerance, in square metres: what two of them share with a
// common border that is rounded otherwise in each.
const tilingTolerance = 1.0

// overlap is two features that share too much ground: feature number a of those that come, and another of them (b >= 0)
// or one that stays.
type overlap struct {
	a, b int
	slot Slot
	area float64 // square metres
}

// tiling looks for overlaps among the features that come and with those that stay.
type tiling struct {
	snapshot *Snapshot
	coming   []chosen
	stays    func(Slot) bool
	boxes    []plan.Box
	tree     rtree.RTreeGN[float32, int]
}

// checkTiling refuses, or leaves out, features that overlap where they may not. Overlaps between features that stay are
// not new.
func (c *comparer) checkTiling() error {
	if !c.snapshot.layer.Tiling {
		return nil
	}
	for {
		t, err := c.lay()
		if err != nil {
			return err
		}
		found, err := t.find()
		if err != nil || len(found) == 0 {
			c.tiling = t
			return err
		}
		if !c.skip {
			return c.refuseOverlaps(t, found)
		}
		if err := c.leaveOut(t, found); err != nil {
			return err
		}
	}
}

// lay puts what comes beside what stays.
func (c *comparer) lay() (*tiling, error) {
	replaced := make(map[Slot]bool, len(c.replace.ids))
	for _, id := range c.replace.ids {
		slot, _ := c.snapshot.ByID(id)
		replaced[slot] = true
	}
	t := &tiling{snapshot: c.snapshot, coming: []chosen{c.add, c.replace}, stays: func(slot Slot) bool {
		return !replaced[slot] && !c.removed[slot] && (c.mode != plan.UploadReplace || c.seen[slot])
	}}
	return t, t.index()
}

func (t *tiling) len() int { return t.coming[0].Len() + t.coming[1].Len() }

// of gives the list that feature i is in, and its place there.
func (t *tiling) of(i int) (*chosen, int) {
	if n := t.coming[0].Len(); i >= n {
		return &t.coming[1], i - n
	}
	return &t.coming[0], i
}

func (t *tiling) at(i int, f *plan.Feature) error {
	list, j := t.of(i)
	return list.At(j, f)
}

// index puts the boxes of what comes into a tree.
func (t *tiling) index() error {
	t.boxes = make([]plan.Box, t.len())
	var f plan.Feature
	for i := range t.boxes {
		if err := t.at(i, &f); err != nil {
			return err
		}
		t.boxes[i] = f.Geometry.Box()
		lo, hi := bounds32(t.boxes[i])
		t.tree.Insert(lo, hi, i)
	}
	return nil
}

// find measures, on all cores, what each feature that comes shares with those that come after it and those that stay.
func (t *tiling) find() ([]overlap, error) {
	var group errgroup.Group
	var next atomic.Int64
	found := make([][]overlap, runtime.GOMAXPROCS(0))
	for worker := range found {
		group.Go(func() (err error) {
			w := tiler{tiling: t}
			for i := int(next.Add(1)) - 1; i < t.len() && err == nil; i = int(next.Add(1)) - 1 {
				err = w.measure(i)
			}
			found[worker] = w.found
			return err
		})
	}
	err := group.Wait()
	all := slices.Concat(found...)
	slices.SortFunc(all, func(a, b overlap) int {
		return cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b), cmp.Compare(a.slot, b.slot))
	})
	return all, err
}

// tiler is one goroutine's part of the search.
type tiler struct {
	*tiling
	kernel   geo.Kernel
	one, two plan.Feature
	found    []overlap
}

func (w *tiler) measure(i int) (err error) {
	if err := w.at(i, &w.one); err != nil {
		return err
	}
	box := w.boxes[i]
	lo, hi := bounds32(box)
	w.tree.Search(lo, hi, func(_, _ [2]float32, j int) bool {
		if j > i && w.boxes[j].Intersects(box) {
			if err = w.at(j, &w.two); err == nil {
				w.compare(overlap{a: i, b: j}, w.two.Geometry, w.boxes[j])
			}
		}
		return err == nil
	})
	w.snapshot.Search(box, func(slot Slot) bool {
		if w.stays(slot) {
			w.compare(overlap{a: i, b: -1, slot: slot}, w.snapshot.Geometry(slot), w.snapshot.Box(slot))
		}
		return true
	})
	return err
}

func (w *tiler) compare(o overlap, other plan.Geometry, box plan.Box) {
	if o.area = w.kernel.IntersectionAreaBoxes(w.one.Geometry, other, w.boxes[o.a], box); o.area > tilingTolerance {
		w.found = append(w.found, o)
	}
}
