package geo

import (
	"fmt"
	"sync"

	proj "github.com/twpayne/go-proj/v11"
)

// projSystem converts by PROJ, which is the truth for every system that has no short way here.
//
// A PROJ context serves one goroutine at a time. Contexts are lent from a list that never shrinks: its length is the
// most that ever ran at once, and nothing is left to finalizers, which would free a context before its operations.
type projSystem struct {
	name string
	mu   sync.Mutex
	idle []*proj.PJ
}

func (p *projSystem) toHouse(coords []float64) error   { return p.transform(proj.DirectionFwd, coords) }
func (p *projSystem) fromHouse(coords []float64) error { return p.transform(proj.DirectionInv, coords) }

// transform hands the axes over swapped: the registry has the northing first on both sides, the house has it second.
func (p *projSystem) transform(direction proj.Direction, coords []float64) error {
	n := len(coords) / 2
	if n == 0 {
		return nil
	}
	operation, err := p.borrow()
	if err != nil {
		return err
	}
	defer p.giveBack(operation)
	const stride = 16 // bytes
	// PROJ reports the last failure only; the failed points are infinite, and ToHouse and FromHouse name the first.
	_ = operation.TransGeneric(direction, &coords[1], stride, n, &coords[0], stride, n, nil, 0, 0, nil, 0, 0)
	return nil
}

func (p *projSystem) borrow() (*proj.PJ, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		operation := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return operation, nil
	}
	operation, err := proj.NewContext().NewCRSToCRS(p.name, "EPSG:3006", nil)
	if err != nil {
		return nil, fmt.Errorf("PROJ has no way from %s to EPSG:3006 (is its database installed?): %w", p.name, err)
	}
	return operation, nil
}

func (p *projSystem) giveBack(operation *proj.PJ) {
	p.mu.Lock()
	p.idle = append(p.idle, operation)
	p.mu.Unlock()
}
