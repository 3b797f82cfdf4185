package geo

import (
	"math/big"

	"strukturbild/internal/plan"
)

// exactArea gives the area that two polygons share in rational arithmetic: the sum over all pairs of edges of what lies
// under both. It is the last word where GEOS, whose overlay rounds and snaps, is not exact itself.
func exactArea(a, b plan.Geometry) float64 {
	sum := new(big.Rat)
	base := rat(min(a.Box().MinY, b.Box().MinY))
	for _, e := range exactEdges(a, base) {
		for _, f := range exactEdges(b, base) {
			if area := exactUnder(e, f); e.right == f.right {
				sum.Add(sum, area)
			} else {
				sum.Sub(sum, area)
			}
		}
	}
	area, _ := sum.Float64()
	return area
}

// exactEdge is an edge from left to right, in heights above a base.
type exactEdge struct {
	x0, y0, x1, y1 *big.Rat
	right          bool // it ran so in its ring
}

func exactEdges(g plan.Geometry, base *big.Rat) (edges []exactEdge) {
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			e := exactEdge{rat(ring[j]), sub(rat(ring[j+1]), base), rat(ring[j+2]), sub(rat(ring[j+3]), base), ring[j] < ring[j+2]}
			if !e.right {
				e.x0, e.y0, e.x1, e.y1 = e.x1, e.y1, e.x0, e.y0
			}
			if ring[j] != ring[j+2] {
				edges = append(edges, e)
			}
		}
	}
	return edges
}

func (e exactEdge) at(x *big.Rat) *big.Rat {
	slope := quo(sub(e.y1, e.y0), sub(e.x1, e.x0))
	return new(big.Rat).Add(e.y0, mul(slope, sub(x, e.x0)))
}

// exactUnder integrates the lower of two edges over their common range.
func exactUnder(e, f exactEdge) *big.Rat {
	left, right := e.x0, e.x1
	if f.x0.Cmp(left) > 0 {
		left = f.x0
	}
	if f.x1.Cmp(right) < 0 {
		right = f.x1
	}
	if left.Cmp(right) >= 0 {
		return new(big.Rat)
	}
	l, r := sub(e.at(left), f.at(left)), sub(e.at(right), f.at(right))
	if l.Sign()*r.Sign() >= 0 {
		if l.Sign() > 0 || r.Sign() > 0 {
			e = f
		}
		return exactTrapezoid(e, left, right)
	}
	middle := new(big.Rat).Add(left, mul(sub(right, left), quo(l, sub(l, r))))
	if l.Sign() > 0 {
		e, f = f, e
	}
	return new(big.Rat).Add(exactTrapezoid(e, left, middle), exactTrapezoid(f, middle, right))
}

func exactTrapezoid(e exactEdge, left, right *big.Rat) *big.Rat {
	return mul(mul(sub(right, left), new(big.Rat).Add(e.at(left), e.at(right))), big.NewRat(1, 2))
}

func rat(v float64) *big.Rat     { return new(big.Rat).SetFloat64(v) }
func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func mul(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func quo(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }
