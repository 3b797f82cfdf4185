package portray

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/sync/singleflight"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// DefaultCache is how many bytes of tiles are kept.
const DefaultCache = 128 << 20

// Drawn is a layer's part of a tile.
type Drawn struct {
	Body []byte
	Sum  uint64 // of the body: the same tile has the same sum on every node
}

// Cache draws tiles and keeps them, the last used the longest, within a number of bytes. What a revision has not touched
// stays. It serves any number of goroutines.
type Cache struct {
	most int

	mu     sync.Mutex
	used   int
	layers map[string]*cachedLayer
	order  list.List // of *cachedTile, the last used first
	flight singleflight.Group
	drawn  atomic.Int64
}

// NewCache makes a cache of so many bytes.
func NewCache(most int) *Cache { return &Cache{most: most, layers: map[string]*cachedLayer{}} }

// cachedLayer is the tiles of a layer, all of one state.
type cachedLayer struct {
	snapshot *atlas.Snapshot
	tiles    map[tileKey]*list.Element
}

// tileKey is what is asked for of a layer.
type tileKey struct {
	tile       geo.Tile
	attributes string
	anchors    bool
}

type cachedTile struct {
	layer string
	key   tileKey
	reach plan.Box // what shows in it
	Drawn
}

// tileCost is about what a tile costs beside its bytes.
const tileCost = 400

func (t *cachedTile) bytes() int { return tileCost + len(t.Body) }

// Tile gives the layer's part of a tile, drawn when it is not at hand. Several who ask at once have it drawn once. A
// state of the layer that is older than what is kept is drawn anew each time.
func (c *Cache) Tile(ctx context.Context, layer *atlas.Snapshot, tile geo.Tile, choice Choice) (Drawn, error) {
	key := tileKey{tile, strings.Join(choice.Attributes, ","), choice.Anchors}
	if choice.Attributes != nil {
		key.attributes = "only " + key.attributes
	}
	id := layer.Layer().ID
	if found := c.find(layer, key); found != nil {
		return found.Drawn, nil
	}
	// The snapshot is part of the flight's name, or a later reader would be given an earlier state.
	name := fmt.Sprintf("%s %p %v %d %d %d", id, layer, key.anchors, tile.Zoom, tile.Row, tile.Column) + tile.Grid.ID + key.attributes
	made, err, _ := c.flight.Do(name, func() (any, error) {
		c.drawn.Add(1)
		body, err := Draw(context.WithoutCancel(ctx), layer, tile, choice) // others wait for it too
		if err != nil {
			return nil, err
		}
		reach, err := tile.HouseBox(float64(margin) / Extent)
		if err != nil {
			return nil, err
		}
		drawn := &cachedTile{layer: id, key: key, reach: reach, Drawn: Drawn{body, xxhash.Sum64(body)}}
		c.keep(layer, drawn)
		return drawn.Drawn, nil
	})
	if err != nil {
		return Drawn{}, err
	}
	return made.(Drawn), nil
}

// Drawn tells how many tiles have been drawn.
func (c *Cache) Drawn() int64 { return c.drawn.Load() }

// Bytes tells how many bytes are kept.
func (c *Cache) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}

// find gives a tile that is kept, after bringing what is kept of the layer to the state asked for.
func (c *Cache) find(layer *atlas.Snapshot, key tileKey) *cachedTile {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.layers[layer.Layer().ID]
	if known == nil {
		return nil
	}
	if known.snapshot != layer {
		if layer.Revision() < known.snapshot.Revision() {
			return nil
		}
		c.advance(known, layer)
	}
	element := known.tiles[key]
	if element == nil {
		return nil
	}
	c.order.MoveToFront(element)
	return element.Value.(*cachedTile)
}

// mostChanges is how many changes are looked at one by one before all tiles of a layer go.
const mostChanges = 10_000

// advance drops the tiles that differ between the two states.
func (c *Cache) advance(known *cachedLayer, layer *atlas.Snapshot) {
	step, told := layer.StepFrom(known.snapshot)
	if !told || len(step.Come)+len(step.Gone) > mostChanges || !sameAttributes(known.snapshot.Layer(), layer.Layer()) {
		c.drop(known, func(*cachedTile) bool { return true })
	} else {
		var boxes []plan.Box
		for _, slot := range step.Come {
			boxes = append(boxes, layer.Box(slot))
		}
		for _, slot := range step.Gone {
			boxes = append(boxes, known.snapshot.Box(slot))
		}
		c.drop(known, func(t *cachedTile) bool { return slices.ContainsFunc(boxes, t.reach.Intersects) })
	}
	known.snapshot = layer
}

func sameAttributes(a, b *plan.Layer) bool {
	return a.GeometryType == b.GeometryType && slices.EqualFunc(a.Attributes, b.Attributes, func(x, y plan.Attribute) bool { return x.Name == y.Name && x.Type == y.Type })
}

func (c *Cache) drop(known *cachedLayer, which func(*cachedTile) bool) {
	for _, element := range known.tiles {
		if tile := element.Value.(*cachedTile); which(tile) {
			c.remove(element)
		}
	}
}

func (c *Cache) remove(element *list.Element) {
	tile := c.order.Remove(element).(*cachedTile)
	c.used -= tile.bytes()
	if known := c.layers[tile.layer]; known != nil {
		delete(known.tiles, tile.key)
	}
}

// keep takes in a tile of the newest state, and drops what was not used for the longest time until it fits.
func (c *Cache) keep(layer *atlas.Snapshot, drawn *cachedTile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.layers[drawn.layer]
	if known == nil {
		known = &cachedLayer{snapshot: layer, tiles: map[tileKey]*list.Element{}}
		c.layers[drawn.layer] = known
	}
	if known.snapshot != layer || known.tiles[drawn.key] != nil || drawn.bytes() > c.most {
		return
	}
	known.tiles[drawn.key] = c.order.PushFront(drawn)
	for c.used += drawn.bytes(); c.used > c.most; {
		c.remove(c.order.Back())
	}
}
