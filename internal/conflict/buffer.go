package conflict

import (
	"context"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// bufferVertices bounds the buffers that are kept, all together.
const bufferVertices = 4_000_000

// bufferKey is what a buffer depends on: a version of a feature, and a distance.
type bufferKey struct {
	layer, id string
	since     plan.Revision
	metres    float64
}

// buffers keeps the places within a distance of features, drawn by GEOS, the last made the longest.
type buffers struct {
	mu       sync.Mutex
	kept     map[bufferKey]*geo.Prepared
	order    []bufferKey
	size     map[bufferKey]int
	vertices int
}

// get gives the buffer, made when it is not at hand. It lies inside the true one, by at most geo.Sagitta.
func (b *buffers) get(layer *atlas.Snapshot, slot atlas.Slot, metres float64) (*geo.Prepared, error) {
	key := bufferKey{layer.Layer().ID, layer.ID(slot), layer.Since(slot), metres}
	b.mu.Lock()
	found := b.kept[key]
	b.mu.Unlock()
	if found != nil {
		return found, nil
	}
	shape, err := geo.Buffer(layer.Geometry(slot), metres)
	if err != nil {
		return nil, err
	}
	made := geo.Prepare(shape)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keep(key, made, shape.NumVertices())
	return made, nil
}

func (b *buffers) keep(key bufferKey, made *geo.Prepared, vertices int) {
	if b.kept == nil {
		b.kept, b.size = map[bufferKey]*geo.Prepared{}, map[bufferKey]int{}
	}
	if b.kept[key] != nil {
		return
	}
	b.kept[key], b.size[key] = made, vertices
	b.order = append(b.order, key)
	b.vertices += vertices
	for b.vertices > bufferVertices && len(b.order) > 1 {
		oldest := b.order[0]
		b.vertices -= b.size[oldest]
		delete(b.kept, oldest)
		delete(b.size, oldest)
		b.order = b.order[1:]
	}
}

// tellInside tells for each listed hit of a within rule how much of the claim lies within the threshold.
func (e *Engine) tellInside(ctx context.Context, w *worker, view *atlas.View, claim *figure, hits []plan.Conflict) error {
	for i := range hits {
		hit := &hits[i]
		if hit.Clear == nil {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		layer, err := view.Layer(hit.Interest.Layer)
		if err != nil {
			return err
		}
		slot, _ := layer.ByID(hit.Interest.ID)
		buffer, err := e.buffers.get(layer, slot, hit.Clear.ThresholdM)
		if err != nil {
			return err
		}
		inside := w.inside(claim, buffer)
		hit.Inside = &inside
	}
	return nil
}

// inside measures what of the figure lies in the shape.
func (w *worker) inside(f *figure, shape *geo.Prepared) plan.Extent {
	switch f.geometry.Type {
	case plan.Polygon:
		return extent(squareMetres, shape.IntersectionArea(&w.Kernel, f.geometry, f.box))
	case plan.Line:
		return extent(metres, shape.IntersectionLength(&w.Kernel, f.geometry, f.box))
	}
	count := 0.0
	for i := 0; i+1 < len(f.geometry.Coords); i += 2 {
		if shape.ContainsPoint(f.geometry.Coords[i], f.geometry.Coords[i+1]) {
			count++
		}
	}
	return extent(points, count)
}
