package atlas

import (
	"container/list"
	"sync"

	"strukturbild/internal/plan"
)

// Shapes keeps geometries that were made when asked for, the last used the longest, within a number of bytes. It serves
// any number of goroutines; the zero value keeps DefaultShapes bytes. A key names all that its geometry follows from.
type Shapes[Key comparable] struct {
	Bytes int // 0: DefaultShapes

	mu    sync.Mutex
	used  int
	known map[Key]*list.Element // of *keptShape[Key]
	order list.List             // the last used first
}

// DefaultShapes is how many bytes of geometries are kept.
const DefaultShapes = 64 << 20

// keptShape is a geometry, or why there is none.
type keptShape[Key comparable] struct {
	key      Key
	geometry plan.Geometry
	err      error
}

// keptCost is about what a shape costs beside its coordinates, in bytes.
const keptCost = 256

func (k *keptShape[Key]) bytes() int {
	return keptCost + 8*len(k.geometry.Coords) + 4*(len(k.geometry.Ends)+len(k.geometry.Parts))
}

// Get gives the geometry of the key, made when it is not at hand. Two who ask at once may both make it.
func (s *Shapes[Key]) Get(key Key, make func() (plan.Geometry, error)) (plan.Geometry, error) {
	if found := s.find(key); found != nil {
		return found.geometry, found.err
	}
	made := &keptShape[Key]{key: key}
	made.geometry, made.err = make()
	s.keep(made)
	return made.geometry, made.err
}

func (s *Shapes[Key]) find(key Key) *keptShape[Key] {
	s.mu.Lock()
	defer s.mu.Unlock()
	element := s.known[key]
	if element == nil {
		return nil
	}
	s.order.MoveToFront(element)
	return element.Value.(*keptShape[Key])
}

// keep drops what was not used for the longest time until the new one fits; one that is larger than all is not kept.
func (s *Shapes[Key]) keep(made *keptShape[Key]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.Bytes
	if most == 0 {
		most = DefaultShapes
	}
	if s.known[made.key] != nil || made.bytes() > most {
		return
	}
	if s.known == nil {
		s.known = map[Key]*list.Element{}
	}
	s.known[made.key] = s.order.PushFront(made)
	for s.used += made.bytes(); s.used > most; {
		oldest := s.order.Remove(s.order.Back()).(*keptShape[Key])
		delete(s.known, oldest.key)
		s.used -= oldest.bytes()
	}
}
