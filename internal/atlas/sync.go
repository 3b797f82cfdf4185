package atlas

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"strukturbild/internal/plan"
)

// Fill reads the whole region, several layers at a time. progress, if not nil, is told how many features are read.
func (a *Atlas) Fill(ctx context.Context, parallel int, progress func(features int)) error {
	a.sync.Lock()
	defer a.sync.Unlock()
	layers, err := a.listLayers(ctx)
	if err != nil {
		return a.unwell(ctx, err)
	}
	loaded := make(chan int)
	built := make([]*builder, len(layers))
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	go func() {
		for i := range layers {
			group.Go(func() (err error) {
				built[i], err = a.readLayer(reading, layers[i].ID, loaded)
				return err
			})
		}
		err = group.Wait()
		close(loaded)
	}()
	total := 0
	for n := range loaded {
		total += n
		a.health.Store(&Health{Loaded: total})
		if progress != nil {
			progress(total)
		}
	}
	if err != nil {
		return a.unwell(ctx, err)
	}
	for i, b := range built {
		if b != nil {
			a.builders[layers[i].ID] = b
		}
	}
	// The layers were read in transactions of their own: catch up to one revision, and publish that.
	return a.catchUp(ctx)
}

func (a *Atlas) listLayers(ctx context.Context) ([]plan.Layer, error) {
	picture, err := a.archive.Picture(ctx)
	if err != nil {
		return nil, err
	}
	defer picture.Close(ctx)
	return picture.Layers(), nil
}

// readLayer reads one layer in a picture of its own; nil when the layer is gone by then.
func (a *Atlas) readLayer(ctx context.Context, id string, loaded chan<- int) (*builder, error) {
	picture, err := a.archive.Picture(ctx)
	if err != nil {
		return nil, err
	}
	defer picture.Close(ctx)
	layers := picture.Layers()
	i := slices.IndexFunc(layers, func(l plan.Layer) bool { return l.ID == id })
	if i < 0 {
		return nil, nil
	}
	return build(&layers[i], func(yield func(*plan.Feature) error) error {
		return picture.Features(ctx, &layers[i], 0, yield)
	}, loaded)
}

// build makes a builder from all the features that read yields.
func build(layer *plan.Layer, read func(yield func(*plan.Feature) error) error, loaded chan<- int) (*builder, error) {
	b := newBuilder(layer)
	b.next.revision = layer.Revision
	unreported := 0
	err := read(func(f *plan.Feature) error {
		b.put(f)
		if unreported++; unreported == 10_000 && loaded != nil {
			loaded <- unreported
			unreported = 0
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading layer %s: %w", layer.ID, err)
	}
	if loaded != nil {
		loaded <- unreported
	}
	return b, nil
}

// patience is how long the archive may take to name its newest revision before it counts as away.
const patience = 5 * time.Second

// Sync brings the atlas to the archive's newest revision and publishes it. A writer calls it before it answers.
func (a *Atlas) Sync(ctx context.Context) error {
	a.sync.Lock()
	defer a.sync.Unlock()
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	latest, err := a.archive.Latest(asking)
	if err != nil {
		return a.unwell(ctx, err)
	}
	if latest == a.View().revision && a.Health().Ready {
		a.well()
		return nil
	}
	return a.catchUp(ctx)
}

// catchUp applies what has changed since each layer was last read, all from one picture.
func (a *Atlas) catchUp(ctx context.Context) error {
	picture, err := a.archive.Picture(ctx)
	if err != nil {
		return a.unwell(ctx, err)
	}
	defer picture.Close(ctx)
	old, next := a.View(), &View{revision: picture.Revision(), byID: map[string]*Snapshot{}, partitions: a.view.Load().partitions}
	for _, layer := range picture.Layers() {
		snapshot, err := a.renew(ctx, picture, &layer, old.byID[layer.ID])
		if err != nil {
			return a.unwell(ctx, err)
		}
		next.byID[layer.ID] = snapshot
		next.snapshots = append(next.snapshots, snapshot)
	}
	slices.SortFunc(next.snapshots, func(x, y *Snapshot) int { return strings.Compare(x.layer.ID, y.layer.ID) })
	for id := range a.builders {
		if next.byID[id] == nil {
			delete(a.builders, id)
		}
	}
	a.past.keep(old, next)
	a.view.Store(next)
	a.well()
	return nil
}

// renew gives the layer's snapshot in the picture: the old one when nothing has changed.
func (a *Atlas) renew(ctx context.Context, picture plan.Picture, layer *plan.Layer, old *Snapshot) (*Snapshot, error) {
	b := a.builders[layer.ID]
	if old != nil && b != nil && old.revision == layer.Revision {
		return old, nil
	}
	if b == nil || !b.next.layer.SameSchema(layer) {
		fresh, err := build(layer, func(yield func(*plan.Feature) error) error {
			return picture.Features(ctx, layer, 0, yield)
		}, nil)
		if err != nil {
			return nil, err
		}
		a.builders[layer.ID] = fresh
		return fresh.publish(layer), nil
	}
	if b.next.revision == layer.Revision {
		return b.publish(layer), nil
	}
	if err := b.apply(ctx, picture, layer); err != nil {
		delete(a.builders, layer.ID) // half-applied: the next attempt reads the layer anew
		return nil, err
	}
	if b.wasteful() {
		b = b.rebuilt()
		a.builders[layer.ID] = b
	}
	return b.publish(layer), nil
}

// apply brings the builder from its revision to the picture's.
func (b *builder) apply(ctx context.Context, picture plan.Picture, layer *plan.Layer) error {
	since := b.next.revision
	err := picture.Ended(ctx, layer.ID, since, func(id string) error {
		b.remove(id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what ended in layer %s: %w", layer.ID, err)
	}
	err = picture.Features(ctx, layer, since, func(f *plan.Feature) error {
		b.put(f)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what changed in layer %s: %w", layer.ID, err)
	}
	return nil
}

// Run keeps the atlas in step until ctx ends: a hint brings it up at once, and every interval it asks the archive,
// because hints get lost and the revision is the truth.
func (a *Atlas) Run(ctx context.Context, hints <-chan struct{}, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
		case <-ticker.C:
		}
		_ = a.Sync(ctx) // kept in Health, where readyz and the metrics find it
	}
}

// well notes that the archive has been heard.
func (a *Atlas) well() {
	health := a.Health()
	a.health.Store(&Health{Ready: true, Synced: time.Now(), Loaded: health.Loaded})
}

// unwell notes why the atlas can't be renewed and gives the error back. That someone did not want to wait says nothing
// of the archive.
func (a *Atlas) unwell(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	health := a.Health()
	health.Problem = err
	a.health.Store(&health)
	return err
}
