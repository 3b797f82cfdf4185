package demo

import "math"

// hash mixes a seed with numbers into 64 random bits: the same for the same numbers, so that a place can be looked at
// in any order (SplitMix64's finaliser, Steele et al. 2014).
func hash(seed uint64, numbers ...int64) uint64 {
	h := seed
	for _, n := range numbers {
		h = mix(h ^ uint64(n)*0x9e3779b97f4a7c15)
	}
	return h
}

func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// unit makes a number in [0, 1) of random bits.
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// signed makes a number in [-1, 1) of random bits.
func signed(h uint64) float64 { return 2*unit(h) - 1 }

// noise gives a smooth random field with values in [-1, 1] and features of the given size in metres.
func noise(seed uint64, x, y, size float64) float64 {
	x, y = x/size, y/size
	i, j := math.Floor(x), math.Floor(y)
	u, v := smooth(x-i), smooth(y-j)
	at := func(di, dj int64) float64 { return signed(hash(seed, int64(i)+di, int64(j)+dj)) }
	low := at(0, 0) + u*(at(1, 0)-at(0, 0))
	high := at(0, 1) + u*(at(1, 1)-at(0, 1))
	return low + v*(high-low)
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }
