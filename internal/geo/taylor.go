package geo

import (
	"math"
	"math/cmplx"
)

// taylor is a polynomial that a function is near a point on its real axis, where its values are real.
type taylor [order + 1]float64

// order leaves less than rounding does, within the bounds that follow.
const order = 12

// The polynomials hold around a point on the parallel that runs through the middle of the region, as far from a
// meridian as the region goes; geo.Window lies in that.
const (
	middle        = 58.25 // degrees
	nearNorthing  = 145_000.0
	nearEasting   = 265_000.0
	nearLatitude  = 2.5 // isometric ones, which are nearly twice as small
	nearLongitude = 4.7
)

var (
	middleIsometric = real(isometricOf(middle))
	isometrics      = newTaylor(isometricOf, middle, 10)
	latitudes       = newTaylor(latitudeOf, middleIsometric, 20)
)

// newTaylor takes the coefficients from values on a circle around the centre, in which the function must be analytic:
// Cauchy's integral by the rule of trapezoids, of which the error falls as a power of the number of places.
func newTaylor(f func(complex128) complex128, centre, radius float64) *taylor {
	const places = 64
	p := new(taylor)
	for i := range places {
		turn := 2 * math.Pi * float64(i) / places
		value := f(complex(centre, 0) + cmplx.Rect(radius, turn))
		for k := range p {
			p[k] += real(value*cmplx.Rect(1, -turn*float64(k))) / places / math.Pow(radius, float64(k))
		}
	}
	return p
}

// at gives the value at x from the centre.
func (p *taylor) at(x float64) float64 {
	x2 := x * x
	x4 := x2 * x2
	return ((p[0] + p[1]*x) + x2*(p[2]+p[3]*x)) +
		x4*(((p[4]+p[5]*x)+x2*(p[6]+p[7]*x))+x4*((p[8]+p[9]*x)+x2*(p[10]+p[11]*x)+x4*p[12]))
}

// complexAt gives the value at x + iy from the centre: Knuth, The Art of Computer Programming 2, 4.6.4 (3), with half the
// products of Horner's rule.
func (p *taylor) complexAt(x, y float64) (re, im float64) {
	twice, square := x+x, x*x+y*y
	b1, b2 := p[order], 0.0
	for k := order - 1; k > 0; k-- {
		b1, b2 = (p[k]-square*b2)+twice*b1, b1
	}
	return (p[0] - square*b2) + x*b1, y * b1
}
