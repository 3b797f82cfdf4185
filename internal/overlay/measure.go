package overlay

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Measure gives the areas in each of the tiles, by all cores: of every label in every zone. An error only when ctx ends.
func (p *Plane) Measure(ctx context.Context, tiles []Tile) ([][]Sum, error) {
	found := make([][]Sum, len(tiles))
	return found, p.work(ctx, tiles, func(w *worker, i int) error {
		w.tile(tiles[i])
		found[i] = w.take()
		return nil
	})
}

// work does something with each of the tiles.
func (p *Plane) work(ctx context.Context, tiles []Tile, do func(w *worker, i int) error) error {
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), len(tiles)) {
		group.Go(func() error {
			w := p.worker()
			for i := int(next.Add(1)) - 1; i < len(tiles); i = int(next.Add(1)) - 1 {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err := do(w, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func (p *Plane) worker() *worker {
	w := &worker{plane: p}
	if n := len(p.Families); n > 0 {
		w.families = p.Families[n-1] + 1
	}
	w.nothing = slices.Repeat([]int32{never}, w.families)
	w.present, w.pieces, w.events = make([]presence, 1), make([]piece, 1), make([]event, 1)
	w.bits = newBitTable(len(p.Zones), len(p.Families))
	w.labels, w.sums = map[string]int32{}, map[tallyKey]float64{}
	return w
}

func compareSums(a, b Sum) int {
	return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Label, b.Label))
}
