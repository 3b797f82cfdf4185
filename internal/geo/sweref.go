package geo

import (
	"math"
	"math/cmplx"
)

// transverseMercator is a Gauss conformal projection of GRS 80 in Krüger's series to the sixth order of the third
// flattening: Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011); the same that
// Lantmäteriet publishes to the fourth order.
//
// Both the plane and the pair of isometric latitude and longitude are conformal images of the ellipsoid, so that the way
// between them is one function of a complex number: northing + i easting to latitude + i longitude. In the region that
// is a polynomial (taylor.go), which needs no root, no quotient and no sine.
type transverseMercator struct {
	meridian     float64 // central meridian, degrees
	radius       float64 // rectifying radius times the scale on the meridian, metres
	falseEasting float64 // metres
	northing     float64 // of middle on the meridian, metres
	out, in      *taylor // to isometric latitude and longitude from the meridian, and from them, near middle
}

// Third flattening and rectifying radius of GRS 80 (1/f = 298.257222101).
const (
	flattening = 1 / 298.257222101
	n1         = flattening / (2 - flattening)
	n2         = n1 * n1
	n3         = n2 * n1
	n4         = n3 * n1
	n5         = n4 * n1
	n6         = n5 * n1
	rectifying = semiMajor / (1 + n1) * (1 + n2/4 + n4/64 + n6/256)
)

// series is the sum of a[k] sin 2(k+1)x.
type series [6]float64

var (
	// Karney (35): from the sphere to the ellipsoid's plane.
	alpha = series{
		n1/2 - n2*2/3 + n3*5/16 + n4*41/180 - n5*127/288 + n6*7891/37800,
		n2*13/48 - n3*3/5 + n4*557/1440 + n5*281/630 - n6*1983433/1935360,
		n3*61/240 - n4*103/140 + n5*15061/26880 + n6*167603/181440,
		n4*49561/161280 - n5*179/168 + n6*6601661/7257600,
		n5*34729/80640 - n6*3418889/1995840,
		n6 * 212378941 / 319334400,
	}
	// Karney (36): back.
	beta = series{
		n1/2 - n2*2/3 + n3*37/96 - n4/360 - n5*81/512 + n6*96199/604800,
		n2/48 + n3/15 - n4*437/1440 + n5*46/105 - n6*1118711/3870720,
		n3*17/480 - n4*37/840 - n5*209/4480 + n6*5569/90720,
		n4*4397/161280 - n5*11/504 - n6*830251/7257600,
		n5*4583/161280 - n6*108847/3991680,
		n6 * 20648693 / 638668800,
	}
	// Engsager and Poder: geodetic to conformal latitude ...
	conformal = series{
		-n1*2 + n2*2/3 + n3*4/3 - n4*82/45 + n5*32/45 + n6*4642/4725,
		n2*5/3 - n3*16/15 - n4*13/9 + n5*904/315 - n6*1522/945,
		-n3*26/15 + n4*34/21 + n5*8/5 - n6*12686/2835,
		n4*1237/630 - n5*12/5 - n6*24832/14175,
		-n5*734/315 + n6*109598/31185,
		n6 * 444337 / 155925,
	}
	// ... and back.
	geodetic = series{
		n1*2 - n2*2/3 - n3*2 + n4*116/45 + n5*26/45 - n6*2854/675,
		n2*7/3 - n3*8/5 - n4*227/45 + n5*2704/315 + n6*2323/945,
		n3*56/15 - n4*136/35 - n5*1262/105 + n6*73814/2835,
		n4*4279/630 - n5*332/35 - n6*399572/14175,
		n5*4174/315 - n6*144838/6237,
		n6 * 601676 / 22275,
	}
)

// at sums the series by Clenshaw's recurrence.
func (a *series) at(x complex128) complex128 {
	var sum, before complex128
	twice := 2 * cmplx.Cos(2*x)
	for k := len(a) - 1; k >= 0; k-- {
		sum, before = complex(a[k], 0)+twice*sum-before, sum
	}
	return sum * cmplx.Sin(2*x)
}

// sweref99TM is EPSG:3006.
var sweref99TM = newTransverseMercator(15, 0.9996, 500000)

// zone gives the SWEREF 99 zone with the central meridian in degrees.
func zone(meridian float64) *transverseMercator { return newTransverseMercator(meridian, 1, 150000) }

func newTransverseMercator(meridian, scale, falseEasting float64) *transverseMercator {
	t := &transverseMercator{meridian: meridian, radius: rectifying * scale, falseEasting: falseEasting}
	t.northing = real(t.project(complex(middleIsometric, 0)))
	t.in = newTaylor(t.project, middleIsometric, 10)
	t.out = newTaylor(t.unproject, t.northing, 1_000_000)
	return t
}

// project takes isometric latitude + i longitude from the meridian, in degrees, to northing + i easting from the
// meridian, in metres.
func (t *transverseMercator) project(w complex128) complex128 {
	sphere := cmplx.Atan(cmplx.Sinh(w * degree))
	return complex(t.radius, 0) * (sphere + alpha.at(sphere))
}

// unproject is the way back.
func (t *transverseMercator) unproject(z complex128) complex128 {
	z /= complex(t.radius, 0)
	return cmplx.Asinh(cmplx.Tan(z-beta.at(z))) / degree
}

// far bounds what has an answer at all, in radians from the meridian and from the equator; the rest becomes NaN.
const far = 0.8

// forward takes isometric latitude and longitude in degrees to easting and northing in metres.
func (t *transverseMercator) forward(lon, isometric float64) (x, y float64) {
	lon -= t.meridian
	if d := isometric - middleIsometric; math.Abs(d) <= nearLatitude && math.Abs(lon) <= nearLongitude {
		y, x = t.in.complexAt(d, lon)
	} else if math.Abs(lon) <= far/degree {
		z := t.project(complex(isometric, lon))
		y, x = real(z), imag(z)
	} else {
		return math.NaN(), math.NaN()
	}
	return x + t.falseEasting, y
}

// inverse takes easting and northing in metres to longitude and isometric latitude in degrees.
func (t *transverseMercator) inverse(x, y float64) (lon, isometric float64) {
	x -= t.falseEasting
	if d := y - t.northing; math.Abs(d) <= nearNorthing && math.Abs(x) <= nearEasting {
		isometric, lon = t.out.complexAt(d, x)
	} else if math.Abs(x) <= far*t.radius && math.Abs(y) <= math.Pi/2*t.radius {
		w := t.unproject(complex(y, x))
		isometric, lon = real(w), imag(w)
	} else {
		return math.NaN(), math.NaN()
	}
	return t.meridian + lon, isometric
}

// toIsometric gives the isometric latitude of a geodetic one, fromIsometric the way back; both in degrees.

func toIsometric(lat float64) float64 {
	if d := lat - middle; math.Abs(d) <= nearLatitude {
		return isometrics.at(d)
	}
	if !(math.Abs(lat) <= 90) {
		return math.NaN()
	}
	return real(isometricOf(complex(lat, 0)))
}

func fromIsometric(isometric float64) float64 {
	if d := isometric - middleIsometric; math.Abs(d) <= nearLatitude {
		return latitudes.at(d)
	}
	return real(latitudeOf(complex(isometric, 0)))
}

func isometricOf(lat complex128) complex128 {
	lat *= degree
	return cmplx.Asinh(cmplx.Tan(lat+conformal.at(lat))) / degree
}

func latitudeOf(isometric complex128) complex128 {
	chi := cmplx.Atan(cmplx.Sinh(isometric * degree))
	return (chi + geodetic.at(chi)) / degree
}
