package geo

import "math"

// transverseMercator is a Gauss conformal projection of GRS 80 in Krüger's series to the sixth order of the third
// flattening: Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011); the same that
// Lantmäteriet publishes to the fourth order. Near the central meridian every angle but one is a small correction of
// another, and near the middle of the region even that one is, so that no library function is called.
type transverseMercator struct {
	meridian     float64 // central meridian, radians
	radius       float64 // rectifying radius times the scale on the meridian, metres
	falseEasting float64 // metres
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

// series is the sum of a[k] sin 2(k+1)x, kept as a polynomial in cos 2x that is to be multiplied by sin 2x: its steps
// don't wait for each other as those of Clenshaw's recurrence do.
type series [6]float64

// newSeries takes the coefficients of the sines: sin 2kx = sin 2x U(cos 2x), with U Chebyshev's polynomial of the
// second kind and degree k-1.
func newSeries(a1, a2, a3, a4, a5, a6 float64) *series {
	return &series{a1 - a3 + a5, 2*a2 - 4*a4 + 6*a6, 4*a3 - 12*a5, 8*a4 - 32*a6, 16 * a5, 32 * a6}
}

var (
	// Karney (35): from the sphere to the ellipsoid's plane.
	alpha = newSeries(
		n1/2-n2*2/3+n3*5/16+n4*41/180-n5*127/288+n6*7891/37800,
		n2*13/48-n3*3/5+n4*557/1440+n5*281/630-n6*1983433/1935360,
		n3*61/240-n4*103/140+n5*15061/26880+n6*167603/181440,
		n4*49561/161280-n5*179/168+n6*6601661/7257600,
		n5*34729/80640-n6*3418889/1995840,
		n6*212378941/319334400,
	)
	// Karney (36): back.
	beta = newSeries(
		n1/2-n2*2/3+n3*37/96-n4/360-n5*81/512+n6*96199/604800,
		n2/48+n3/15-n4*437/1440+n5*46/105-n6*1118711/3870720,
		n3*17/480-n4*37/840-n5*209/4480+n6*5569/90720,
		n4*4397/161280-n5*11/504-n6*830251/7257600,
		n5*4583/161280-n6*108847/3991680,
		n6*20648693/638668800,
	)
	// Engsager and Poder: geodetic to conformal latitude ...
	conformal = newSeries(
		-n1*2+n2*2/3+n3*4/3-n4*82/45+n5*32/45+n6*4642/4725,
		n2*5/3-n3*16/15-n4*13/9+n5*904/315-n6*1522/945,
		-n3*26/15+n4*34/21+n5*8/5-n6*12686/2835,
		n4*1237/630-n5*12/5-n6*24832/14175,
		-n5*734/315+n6*109598/31185,
		n6*444337/155925,
	)
	// ... and back.
	geodetic = newSeries(
		n1*2-n2*2/3-n3*2+n4*116/45+n5*26/45-n6*2854/675,
		n2*7/3-n3*8/5-n4*227/45+n5*2704/315+n6*2323/945,
		n3*56/15-n4*136/35-n5*1262/105+n6*73814/2835,
		n4*4279/630-n5*332/35-n6*399572/14175,
		n5*4174/315-n6*144838/6237,
		n6*601676/22275,
	)
)

// sweref99TM is EPSG:3006.
var sweref99TM = &transverseMercator{15 * degree, 0.9996 * rectifying, 500000}

// zone gives the SWEREF 99 zone with the central meridian in degrees.
func zone(meridian float64) *transverseMercator {
	return &transverseMercator{meridian * degree, rectifying, 150000}
}

// near bounds the angles from the central meridian for which the short forms hold to the last digit; beyond, up to
// far, the library's functions take over, and beyond that there is no answer (NaN).
const (
	near = 0.1 // radians
	far  = 0.8
)

// forward projects longitude and latitude in radians to easting and northing in metres.
func (t *transverseMercator) forward(lon, lat float64) (x, y float64) {
	lon -= t.meridian
	if !(math.Abs(lon) <= far && math.Abs(lat) <= math.Pi/2) {
		return math.NaN(), math.NaN()
	}
	sin, cos := sincos(lat)
	chi := conformal.at(2*sin*cos, (cos-sin)*(cos+sin))
	sin, cos = turn(sin, cos, chi)
	chi += lat
	sinLon, versLon := sineVersine(lon)

	// Gauss-Schreiber: the sphere's transverse Mercator, xi along the meridian, eta across it.
	c, s := cos*(1-versLon), cos*sinLon
	var xi, eta float64
	if math.Abs(lon) <= near {
		xi = chi + small(sin*cos*versLon/(cos*c+sin*sin))
		eta = artanh(s)
	} else {
		xi, eta = math.Atan2(sin, c), math.Atanh(s)
	}
	scale := 1 / (sin*sin + c*c) // 1/h², h = sech eta
	dXi, dEta := alpha.complexAt(2*sin*c*scale, (c-sin)*(c+sin)*scale, 2*s*scale, (1+s*s)*scale)
	return t.falseEasting + t.radius*(eta+dEta), t.radius * (xi + dXi)
}

// inverse gives longitude and latitude in radians of easting and northing in metres.
func (t *transverseMercator) inverse(x, y float64) (lon, lat float64) {
	xi, eta := y/t.radius, (x-t.falseEasting)/t.radius
	if !(math.Abs(eta) <= far && math.Abs(xi) <= math.Pi/2) {
		return math.NaN(), math.NaN()
	}
	sin, cos := sincos(xi)
	sh := sinh(eta)
	dXi, dEta := beta.complexAt(2*sin*cos, (cos-sin)*(cos+sin), 2*sh*math.Sqrt(1+sh*sh), 1+2*sh*sh)
	sin, cos = turn(sin, cos, -dXi)
	sh = sinh(eta - dEta)

	r := math.Sqrt(cos*cos + sh*sh)
	var chi float64
	if math.Abs(sh) <= near*cos {
		chi = xi - dXi - small(sin*sh*sh/((r+cos)*(cos*r+sin*sin)))
		lon = arctan(sh / cos)
	} else {
		chi, lon = math.Atan2(sin, r), math.Atan2(sh, cos)
	}
	scale := 1 / (1 + sh*sh)
	return t.meridian + lon, chi + geodetic.at(2*sin*r*scale, (r-sin)*(r+sin)*scale)
}

// at sums the series at an angle given by the sine and cosine of its double.
func (p *series) at(sin, cos float64) float64 {
	cos2 := cos * cos
	return sin * ((p[0] + p[1]*cos) + cos2*((p[2]+p[3]*cos)+cos2*(p[4]+p[5]*cos)))
}

// complexAt sums the series at the complex angle xi + i eta, given by the circular functions of 2 xi and the
// hyperbolic ones of 2 eta.
func (p *series) complexAt(sin, cos, sinh, cosh float64) (re, im float64) {
	c := complex(cos*cosh, -sin*sinh)
	c2 := times(c, c)
	sum := plus(p[4], p[5], c)
	sum = plus(p[2], p[3], c) + times(c2, sum)
	sum = plus(p[0], p[1], c) + times(c2, sum)
	sum = times(complex(sin*cosh, cos*sinh), sum)
	return real(sum), imag(sum)
}

// times multiplies finite numbers; the operator of the language also cares for infinities.
func times(a, b complex128) complex128 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

// plus gives a + b c.
func plus(a, b float64, c complex128) complex128 { return complex(a+b*real(c), b*imag(c)) }

// The sine and cosine of the latitude that the region lies around.
const middle = 58 * degree

var sinMiddle, cosMiddle = math.Sincos(middle)

// sincos gives the sine and cosine of a latitude, quickly in the region.
func sincos(lat float64) (sin, cos float64) {
	if math.Abs(lat-middle) > near {
		return math.Sincos(lat)
	}
	s, v := sineVersine(lat - middle)
	return sinMiddle + (cosMiddle*s - sinMiddle*v), cosMiddle - (sinMiddle*s + cosMiddle*v)
}

// The functions below are sums of Taylor's series by Horner's rule, written with products since divisions are slow.

// turn gives sine and cosine of an angle turned by d, |d| < 0.004.
func turn(sin, cos, d float64) (float64, float64) {
	d2 := d * d
	sd, vd := d*(1-d2*(1./6-d2*(1./120))), d2*(1./2-d2*(1./24))
	return sin + (cos*sd - sin*vd), cos - (sin*sd + cos*vd)
}

// sineVersine gives sin a and 1 - cos a without loss of digits.
func sineVersine(a float64) (sin, vers float64) {
	if math.Abs(a) > near {
		half := math.Sin(a / 2)
		return math.Sin(a), 2 * half * half
	}
	a2 := a * a
	sin = a * (1 - a2*(1./6-a2*(1./120-a2*(1./5040-a2*(1./362880)))))
	vers = a2 * (1./2 - a2*(1./24-a2*(1./720-a2*(1./40320-a2*(1./3628800)))))
	return sin, vers
}

// arctan and artanh are for arguments up to about near, small for those up to 0.01, sinh for all.

func small(a float64) float64 {
	a2 := a * a
	return a * (1 - a2*(1./3-a2*(1./5-a2*(1./7))))
}

func arctan(a float64) float64 {
	a2 := a * a
	a4 := a2 * a2
	return a * ((1 - a2*(1./3)) + a4*((1./5-a2*(1./7))+a4*((1./9-a2*(1./11))+a4*(1./13-a2*(1./15)))))
}

func artanh(a float64) float64 {
	a2 := a * a
	a4 := a2 * a2
	return a * ((1 + a2*(1./3)) + a4*((1./5+a2*(1./7))+a4*((1./9+a2*(1./11))+a4*(1./13+a2*(1./15)))))
}

func sinh(a float64) float64 {
	if math.Abs(a) > near {
		return math.Sinh(a)
	}
	a2 := a * a
	return a * (1 + a2*(1./6+a2*(1./120+a2*(1./5040+a2*(1./362880)))))
}
