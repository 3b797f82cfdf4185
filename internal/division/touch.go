package division

import (
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Toucher finds the municipalities that figures lie in. The more it has found the less it has to look: a million
// figures cost a look into the grid each.
type Toucher struct {
	partition *Partition
	kernel    geo.Kernel
	touched   []bool // [0] outside, [k+1] kommun k
	scratch   []int16
}

// NewToucher makes one that has found nothing yet.
func NewToucher(p *Partition) *Toucher {
	return &Toucher{partition: p, touched: make([]bool, len(p.Kommuner)+1)}
}

// Touch takes one more figure. One that lies partly outside all municipalities counts with those that it touches only.
func (t *Toucher) Touch(g plan.Geometry) {
	if g.IsEmpty() {
		return
	}
	box := g.Box()
	only, settled, crossing := t.partition.Locate(t.scratch, box)
	if settled {
		t.touched[only+1] = true
		return
	}
	t.scratch = crossing
	hit := false
	for _, k := range crossing {
		if t.touched[k+1] && (hit || t.touched[0]) {
			continue // nothing more to learn from this one
		}
		if t.partition.Kommuner[k].Shape.Intersects(&t.kernel, g, box) {
			t.touched[k+1], hit = true, true
		}
	}
	t.touched[0] = t.touched[0] || !hit
}

// Complete reports whether every municipality is found: then more figures need not be looked at.
func (t *Toucher) Complete() bool { return !slices.Contains(t.touched[1:], false) }

// Kommuner lists the kommunkoder, in order, and plan.OutsideKommun last; none when the partition has no municipalities.
func (t *Toucher) Kommuner() []string {
	codes := []string{}
	for k := range t.partition.Kommuner {
		if t.touched[k+1] {
			codes = append(codes, t.partition.Kommuner[k].Kod)
		}
	}
	if t.touched[0] && len(codes) < len(t.partition.Kommuner) {
		codes = append(codes, plan.OutsideKommun)
	}
	return codes
}
