package ogc

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// widest is room for a number in any of the short ways below, and for the words that they write at once.
const widest = 32

// room gives dst with room for a number behind its end, and that room.
func room(dst []byte) ([]byte, *[widest]byte) {
	if cap(dst)-len(dst) < widest {
		dst = slices.Grow(dst, widest)
	}
	return dst, (*[widest]byte)(dst[len(dst):cap(dst)])
}

// Degrees have nine decimals, 0.1 mm: what PostGIS writes by itself, and enough for coordinates in whole millimetres to
// be the same millimetres when they come back.
const (
	degreeDecimals = 9
	degreeScale    = 1e9
	mostDegrees    = 360
)

// appendDegrees appends v rounded to nine decimals, trailing zeros cut: the digits of strconv's 'f' with precision 9.
func appendDegrees(dst []byte, v float64) []byte {
	if !(v >= 0 && v < mostDegrees) {
		return cutZeros(strconv.AppendFloat(dst, v, 'f', degreeDecimals, 64), len(dst))
	}
	dst, text := room(dst)
	n := scaled(v)
	tenths := n / 1e8
	rest := n - 1e8*tenths
	first := &heads[tenths]
	binary.LittleEndian.PutUint64(text[:], first.text)
	digits := eightDigits(rest)
	binary.LittleEndian.PutUint64(text[first.length&7:], digits)
	end := int(first.length) + 8 - trailing(digits)
	if rest == 0 && first.whole {
		end -= len(".0")
	}
	return dst[:len(dst)+end]
}

// head is a number of degrees with one decimal, as the bytes of a word.
type head struct {
	text   uint64
	length uint8
	whole  bool // the decimal is 0
}

var heads = func() (h [10*mostDegrees + 1]head) {
	for tenths := range h {
		var text [8]byte
		number := strconv.AppendFloat(text[:0], float64(tenths)/10, 'f', 1, 64)
		h[tenths] = head{binary.LittleEndian.Uint64(text[:]), uint8(len(number)), tenths%10 == 0}
	}
	return h
}()

// cutZeros cuts the zeros that end the number that begins at from, which has decimals.
func cutZeros(dst []byte, from int) []byte {
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	if dst[end-1] == '.' {
		end--
	}
	if string(dst[from:end]) == "-0" {
		return append(dst[:from], '0')
	}
	return dst[:end]
}

// magic is so large that a sum with it is rounded to a whole number, halfway to the even one, in its lowest bits.
const magic = 3 << 51

// scaled gives v in units of the last decimal, rounded as decimals are. The product must stay below 2^51.
func scaled(v float64) uint64 {
	product := v * degreeScale
	sum := product + magic
	if math.Abs(product-(sum-magic)) == 0.5 {
		return scaledHalfway(v)
	}
	return math.Float64bits(sum) - math.Float64bits(magic)
}

// scaledHalfway is scaled where the product is halfway between two, but perhaps only because it was rounded itself.
func scaledHalfway(v float64) uint64 {
	product := v * degreeScale
	switch rest := math.FMA(v, degreeScale, -product); {
	case rest > 0:
		return uint64(math.Ceil(product))
	case rest < 0:
		return uint64(math.Floor(product))
	}
	return uint64(math.RoundToEven(product))
}

// Metres that were measured have few decimals; up to eight of them have a short way, as long as there are at most 15
// digits: such a decimal that reads back as v is the only one, and so the shortest.
const (
	metreScale = 1e8
	mostMetres = 1e7
)

// appendMetres appends the shortest decimal that reads back as v.
func appendMetres(dst []byte, v float64) []byte {
	if !(v >= 1 && v < mostMetres) {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	n := math.RoundToEven(v * metreScale)
	if n/metreScale != v {
		return appendShortest(dst, v)
	}
	dst, text := room(dst)
	whole := uint64(n) / metreScale
	part := uint64(n) - metreScale*whole
	end := putWhole(text, eightDigits(whole))
	if part > 0 {
		digits := eightDigits(part)
		text[end] = '.'
		binary.LittleEndian.PutUint64(text[end+1:], digits)
		end += 9 - trailing(digits)
	}
	return dst[:len(dst)+end]
}

// appendShortest is appendMetres for numbers with more than eight decimals, as a projection makes them: 16 or 17 digits.
// v is m / 2^e exactly; the decimal n / 10^d reads back as v when it is within half a unit of m, that is when
// |n 2^e - m 10^d| < 10^d / 2.
func appendShortest(dst []byte, v float64) []byte {
	const mantissa = 1 << 52
	word := math.Float64bits(v)
	m, e := word&(mantissa-1)|mantissa, 1075-int(word>>52)
	if m == mantissa { // a power of two: the unit below is half as large
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	power := uint64(metreScale)
	for d := 9; ; d++ {
		power *= 10
		high, low := bits.Mul64(m, power)
		n := high<<(64-e) | low>>e
		off := low & (1<<e - 1)
		if off > 1<<(e-1) {
			n, off = n+1, 1<<e-off
		}
		if 2*off < power { // never equal: that would need a factor 2^e in 10^d, and e >= 30
			return appendDecimals(dst, n/power, n%power*to16[d-9], d)
		}
	}
}

// to16 fills 9 to 16 decimals up to 16.
var to16 = [...]uint64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1}

// appendDecimals appends the whole and the first d of 16 decimals.
func appendDecimals(dst []byte, whole, decimals uint64, d int) []byte {
	dst, text := room(dst)
	end := putWhole(text, eightDigits(whole))
	text[end] = '.'
	binary.LittleEndian.PutUint64(text[end+1:], eightDigits(decimals/1e8))
	binary.LittleEndian.PutUint64(text[end+9:], eightDigits(decimals%1e8))
	return dst[:len(dst)+end+1+d]
}

// putWhole writes eight digits without the zeros before the first other one, and gives how many are left.
func putWhole(text *[widest]byte, digits uint64) int {
	zeros := bits.TrailingZeros64(digits^allZeros) / 8
	binary.LittleEndian.PutUint64(text[:], digits>>(8*zeros))
	return (8 - zeros) & 15
}

const allZeros = 0x3030303030303030 // "00000000"

// trailing counts the zeros that end eight digits.
func trailing(digits uint64) int { return bits.LeadingZeros64(digits^allZeros) / 8 }

// eightDigits gives the digits of n < 10^8 as text, the first one in the lowest byte: halves, pairs and single digits
// are parted side by side in one word, the quotients by 100 and 10 taken as products with 5243 / 2^19 and 103 / 2^10.
func eightDigits(n uint64) uint64 {
	const pairMask, digitMask = 0x7f_0000_007f, 0x000f_000f_000f_000f
	high := n / 1e4
	halves := high | (n-1e4*high)<<32
	high = halves * 5243 >> 19 & pairMask
	pairs := high | (halves-100*high)<<16
	high = pairs * 103 >> 10 & digitMask
	return high | (pairs-10*high)<<8 | allZeros
}
