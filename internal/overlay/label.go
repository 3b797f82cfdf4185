package overlay

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Label is a set of kinds: what is present at a place. Two bytes a kind, in ascending order.
type Label string

// Kinds lists the kinds.
func (l Label) Kinds() []int {
	kinds := make([]int, 0, len(l)/2)
	for i := 0; i+1 < len(l); i += 2 {
		kinds = append(kinds, int(l[i])<<8|int(l[i+1]))
	}
	return kinds
}

// MostKinds is how many kinds a Plane may have.
const MostKinds = 1 << 16

// Sum is the area in a zone in which a label, and nothing else, is present.
type Sum struct {
	Zone  int
	Label Label
	Area  float64 // square metres
}

// tally adds up the areas of a tile.
type tally struct {
	labels map[string]int32
	names  []Label
	sums   map[tallyKey]float64
	zones  []int16 // scratch: of the label at hand
	kinds  []int32
	name   []byte
}

type tallyKey struct {
	zone  int16
	label int32
}

// labelOf gives the label of a mask in a cell, and leaves the zones of it in w.zones.
func (w *worker) labelOf(c *cell, m mask) int32 {
	w.zones, w.kinds = w.zones[:0], w.kinds[:0]
	for _, kind := range c.best {
		if kind < never {
			w.kinds = append(w.kinds, kind)
		}
	}
	for i, word := range m {
		for ; word != 0; word &= word - 1 {
			if kind := w.bits.kinds[i<<6+bits.TrailingZeros64(word)]; kind < 0 {
				w.zones = append(w.zones, zoneOf(kind))
			} else {
				w.kinds = append(w.kinds, kind)
			}
		}
	}
	return w.intern()
}

// intern gives the number of the label of w.kinds.
func (w *worker) intern() int32 {
	insertionSort(w.kinds, func(a, b int32) bool { return a < b })
	w.name = w.name[:0]
	family := -1
	for _, kind := range w.kinds {
		if of := w.plane.Families[kind]; of != family {
			family = of
			w.name = binary.BigEndian.AppendUint16(w.name, uint16(kind))
		}
	}
	id, known := w.labels[string(w.name)]
	if !known {
		id = int32(len(w.names))
		w.names = append(w.names, Label(w.name))
		w.labels[string(w.names[id])] = id
	}
	return id
}

// count adds an area to the label in each of w.zones.
func (w *worker) count(label int32, area float64) {
	for _, zone := range w.zones {
		w.sums[tallyKey{zone, label}] += area
	}
}

// take gives the sums of the tile and clears them. What is less than rounding makes of nothing is nothing.
func (w *worker) take() []Sum {
	list := make([]Sum, 0, len(w.sums))
	for key, area := range w.sums {
		list = append(list, Sum{int(key.zone), w.names[key.label], area})
	}
	clear(w.sums)
	slices.SortFunc(list, compareSums)
	return list
}
