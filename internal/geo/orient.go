package geo

import "math"

// Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates" (1997): a determinant
// that is larger than this share of the sum of its terms has the right sign.
const (
	roundoff   = 1.0 / (1 << 53)
	orientSafe = (3 + 16*roundoff) * roundoff
)

// orient tells on which side of the line from a to b the point c lies: 1 left, -1 right, 0 on it. It is exact for all
// coordinates whose products neither overflow nor underflow.
func orient(ax, ay, bx, by, cx, cy float64) int {
	left, right := (ax-cx)*(by-cy), (ay-cy)*(bx-cx)
	if det := left - right; math.Abs(det) > orientSafe*(math.Abs(left)+math.Abs(right)) {
		return sign(det)
	}
	return orientExact(ax, ay, bx, by, cx, cy)
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// orientExact computes the determinant without rounding. Two vertices that are the same, as on a shared border, need no
// arithmetic; coordinates that are near each other have exact differences, and then two products are enough.
func orientExact(ax, ay, bx, by, cx, cy float64) int {
	if cx == ax && cy == ay || cx == bx && cy == by {
		return 0
	}
	var e expansion
	acx, bcx, acy, bcy := ax-cx, bx-cx, ay-cy, by-cy
	if exactDifference(ax, cx, acx) && exactDifference(bx, cx, bcx) && exactDifference(ay, cy, acy) && exactDifference(by, cy, bcy) {
		e.addProduct(acx, bcy)
		e.addProduct(-acy, bcx)
		return e.sign()
	}
	e.addProduct(ax, by)
	e.addProduct(-ax, cy)
	e.addProduct(-cx, by)
	e.addProduct(-ay, bx)
	e.addProduct(ay, cx)
	e.addProduct(cy, bx)
	return e.sign()
}

// exactDifference reports whether d, the rounded a - b, is not rounded at all (Dekker's Two-Diff).
func exactDifference(a, b, d float64) bool {
	virtual := a - d
	return a-(d+virtual) == 0 && virtual-b == 0
}

// expansion is an exact sum: parts of growing size that don't overlap. Twelve hold six products.
type expansion struct {
	parts [12]float64
	n     int
}

// addProduct adds a*b exactly: the product and its rounding error.
func (e *expansion) addProduct(a, b float64) {
	product := a * b
	e.add(math.FMA(a, b, -product))
	e.add(product)
}

// add grows the expansion by one number (Shewchuk's Grow-Expansion), leaving out zeros.
func (e *expansion) add(v float64) {
	n := 0
	for _, part := range e.parts[:e.n] {
		sum := v + part
		share := sum - v
		if rest := (v - (sum - share)) + (part - share); rest != 0 {
			e.parts[n] = rest
			n++
		}
		v = sum
	}
	if v != 0 {
		e.parts[n] = v
		n++
	}
	e.n = n
}

// sign gives the sign of the sum, which is that of its largest part.
func (e *expansion) sign() int {
	if e.n == 0 {
		return 0
	}
	return sign(e.parts[e.n-1])
}
