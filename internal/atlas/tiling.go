package atlas

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
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

// checkTiling refuses features that overlap where they may not. Overlaps between features that stay are not new.
func (c *comparer) checkTiling() error {
	if !c.snapshot.layer.Tiling {
		return nil
	}
	replaced := make(map[Slot]bool, len(c.replace.ids))
	for _, id := range c.replace.ids {
		slot, _ := c.snapshot.ByID(id)
		replaced[slot] = true
	}
	t := &tiling{snapshot: c.snapshot, coming: []chosen{c.add, c.replace}, stays: func(slot Slot) bool {
		return !replaced[slot] && (c.mode != plan.UploadReplace || c.seen[slot])
	}}
	if err := t.index(); err != nil {
		return err
	}
	found, err := t.find()
	if err != nil || len(found) == 0 {
		return err
	}
	return c.refuseOverlaps(t, found)
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

// refuseOverlaps says which features overlap, by how much and where.
func (c *comparer) refuseOverlaps(t *tiling, found []overlap) error {
	var findings []plan.Finding
	for _, o := range found[:min(len(found), maxFindings)] {
		finding, err := c.describe(t, o)
		if err != nil {
			return err
		}
		findings = append(findings, finding)
	}
	if more := len(found) - len(findings); more > 0 {
		findings = append(findings, plan.Finding{Feature: -1, Rule: "more_findings", Message: plan.Text{
			SV: fmt.Sprintf("Alla överlapp visas inte: det finns %d till.", more), EN: fmt.Sprintf("Not every overlap is shown: there are %d more.", more)}})
	}
	return plan.Errorf(plan.Invalid, c.snapshot.layer.ID, "features of the layer %q may not overlap, and %d pairs do: %s",
		c.snapshot.layer.ID, len(found), findings[0].Message.EN).WithFindings(findings...)
}

func (c *comparer) describe(t *tiling, o overlap) (finding plan.Finding, err error) {
	var a, b plan.Feature
	list, i := t.of(o.a)
	if err := list.At(i, &a); err != nil {
		return finding, err
	}
	other := plan.Text{}
	if o.b >= 0 {
		list, j := t.of(o.b)
		if err := list.At(j, &b); err != nil {
			return finding, err
		}
		other = plan.Text{SV: fmt.Sprintf("objekt %d i filen", c.number(list, j)), EN: fmt.Sprintf("feature %d of the file", c.number(list, j))}
	} else {
		b = plan.Feature{ID: t.snapshot.ID(o.slot), Geometry: t.snapshot.Geometry(o.slot)}
		other = plan.Text{SV: fmt.Sprintf("objektet %q i lagret", b.ID), EN: fmt.Sprintf("the layer's feature %q", b.ID)}
	}
	area := strconv.FormatFloat(o.area/1e4, 'f', 4, 64)
	finding = plan.Finding{Feature: c.number(list, i), ID: c.features.ID(int(list.numbers[i])), Rule: "overlap", Message: plan.Text{
		SV: fmt.Sprintf("Objektet överlappar %s med %s ha; i lagret får objekt inte överlappa varandra med mer än %v m².", other.SV, strings.Replace(area, ".", ",", 1), tilingTolerance),
		EN: fmt.Sprintf("The feature overlaps %s by %s ha; in the layer features may not overlap by more than %v m².", other.EN, area, tilingTolerance)}}
	if shared, err := geo.Intersection(a.Geometry, b.Geometry); err == nil && !shared.IsEmpty() {
		x, y := geo.PointOnSurface(shared)
		finding.Location = &plan.Location{X: x, Y: y, CRS: geo.House.Name()}
	}
	return finding, nil
}

// numbered are features that some were left out of: the number in the file is not that in the list.
type numbered interface{ Number(i int) int }

// number gives the number in the file of a feature of a list.
func (c *comparer) number(list *chosen, i int) int { return c.numberOf(int(list.numbers[i])) }

// numberOf gives the number in the file of feature i.
func (c *comparer) numberOf(i int) int {
	if file, ok := c.features.(numbered); ok {
		return file.Number(i)
	}
	return i
}
