package geo

import "math"

// jitter is how far, in metres, a vertex can end from where it was when a client has read it in degrees with nine
// decimals and sends it back.
const jitter = 1e-4

// Settle moves every vertex that is within the jitter of one of the earlier geometry's to exactly that place, so that an
// edit changes only the vertices that someone moved, and borders shared with neighbours stay shared. coords is changed;
// both are x, y in metres.
func Settle(coords, earlier []float64) {
	places := make(map[[2]int64]int, len(earlier)/2)
	for i := 0; i+1 < len(earlier); i += 2 {
		places[cell(earlier[i], earlier[i+1])] = i
	}
	for i := 0; i+1 < len(coords); i += 2 {
		if j, found := nearest(places, coords[i], coords[i+1], earlier); found {
			coords[i], coords[i+1] = earlier[j], earlier[j+1]
		}
	}
}

// cell numbers the square of twice the jitter's size that the place lies in.
func cell(x, y float64) [2]int64 {
	return [2]int64{int64(math.Floor(x / (2 * jitter))), int64(math.Floor(y / (2 * jitter)))}
}

// nearest looks in the four cells that the jitter around the place can reach.
func nearest(places map[[2]int64]int, x, y float64, earlier []float64) (int, bool) {
	for _, dx := range [2]float64{-jitter, jitter} {
		for _, dy := range [2]float64{-jitter, jitter} {
			i, found := places[cell(x+dx, y+dy)]
			if found && math.Hypot(earlier[i]-x, earlier[i+1]-y) <= jitter {
				return i, true
			}
		}
	}
	return 0, false
}
