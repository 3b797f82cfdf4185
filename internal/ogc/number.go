package ogc

import (
	"math"
	"math/bits"
	"strconv"
)

// scale is the fixed point of the coordinates: eight decimals, 1 mm of a degree and far less of a metre.
const scale = 1e8

// mostDegrees bounds what appendDegrees scales: the product must stay below 2^52, where halves are exact.
const mostDegrees = 1e7

// appendDegrees appends v rounded to eight decimals, trailing zeros cut: the digits of strconv's 'f' with precision 8.
func appendDegrees(dst []byte, v float64) []byte {
	if !(math.Abs(v) < mostDegrees) {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	product := v * scale
	rest := math.FMA(v, scale, -product) // what the multiplication rounded away
	whole := math.Floor(product)
	n := int64(whole)
	// The distance to the half is exact and, unless 0, larger than rest: rest decides ties only.
	switch half := product - whole - 0.5; {
	case half > 0, half == 0 && rest > 0, half == 0 && rest == 0 && n&1 == 1:
		n++
	}
	return appendScaled(dst, n)
}

// mostMetres bounds the short ways of appendMetres: a decimal of at most 15 digits that reads back as v is the only one,
// and so the shortest.
const mostMetres = 1e7

// appendMetres appends the shortest decimal that reads back as v. Coordinates that were measured have few decimals;
// those that a projection made have 16 or 17 digits.
func appendMetres(dst []byte, v float64) []byte {
	if math.Abs(v) < mostMetres {
		n := math.RoundToEven(v * scale)
		if n/scale == v {
			return appendScaled(dst, int64(n))
		}
		if v >= 1 {
			return appendShortest(dst, v)
		}
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// appendShortest is appendMetres for 1 <= v < 10^7 with more than eight decimals. v is m / 2^e exactly; the decimal
// n / 10^d reads back as v when it is within half a unit of m, that is when |n 2^e - m 10^d| < 10^d / 2.
func appendShortest(dst []byte, v float64) []byte {
	const mantissa = 1 << 52
	word := math.Float64bits(v)
	m, e := word&(mantissa-1)|mantissa, 1075-int(word>>52)
	if m == mantissa { // a power of two: the unit below is half as large
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	power := uint64(scale)
	for d := 9; ; d++ {
		power *= 10
		high, low := bits.Mul64(m, power)
		n := high<<(64-e) | low>>e
		off := low & (1<<e - 1)
		if off > 1<<(e-1) {
			n, off = n+1, 1<<e-off
		}
		if 2*off < power { // never equal: that would need a factor 2^e in 10^d, and e >= 30
			return appendDecimal(dst, n, power, d)
		}
	}
}

// appendDecimal appends n / power with all d decimals.
func appendDecimal(dst []byte, n, power uint64, d int) []byte {
	dst = append(appendWhole(dst, n/power), '.')
	part := n % power
	var digits [20]byte
	at := len(digits)
	for i := 0; i < d; i += 2 {
		at -= 2
		k := 2 * (part % 100)
		digits[at], digits[at+1] = pairs[k], pairs[k+1]
		part /= 100
	}
	return append(dst, digits[len(digits)-d:]...)
}

// appendScaled appends n / 10^8 without trailing zeros.
func appendScaled(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	whole, part := uint64(n)/scale, uint64(n)%scale
	dst = appendWhole(dst, whole)
	if part == 0 {
		return dst
	}
	high, low := part/1e4, part%1e4
	i, k := 2*(high/100), 2*(high%100)
	dst = append(dst, '.', pairs[i], pairs[i+1], pairs[k], pairs[k+1])
	if low != 0 {
		i, k = 2*(low/100), 2*(low%100)
		dst = append(dst, pairs[i], pairs[i+1], pairs[k], pairs[k+1])
	}
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	return dst[:end]
}

// appendWhole appends a number in decimal; of degrees and metres, it has at most seven digits.
func appendWhole(dst []byte, n uint64) []byte {
	if n >= 1e8 {
		return strconv.AppendUint(dst, n, 10)
	}
	start, width := len(dst), 1
	for bound := uint64(10); n >= bound; bound *= 10 {
		width++
	}
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)[:start+width]
	digits := dst[start:]
	at := width
	for at >= 2 {
		at -= 2
		i := 2 * (n % 100)
		digits[at], digits[at+1] = pairs[i], pairs[i+1]
		n /= 100
	}
	if at == 1 {
		digits[0] = byte('0' + n)
	}
	return dst
}

// pairs holds 00, 01 ... 99.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
