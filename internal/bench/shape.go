package main

import (
	"math"
	"math/rand/v2"

	"strukturbild/internal/plan"
)

// The county's bounds, in which all shapes lie.
const minX, minY, maxX, maxY = 266_646, 6_335_191, 484_897, 6_573_986

// blob is a star-shaped polygon with a natural looking border of 30 to 150 vertices.
func blob(random *rand.Rand, id string, radius float64) plan.Feature {
	x, y := minX+random.Float64()*(maxX-minX), minY+random.Float64()*(maxY-minY)
	g := star(random, x, y, radius*(0.5+random.Float64()), 30+random.IntN(121))
	return plan.Feature{ID: id, Geometry: g, Values: []plan.Value{plan.TextValue("Område " + id), plan.NumberValue(radius)}}
}

// millimetres rounds as registers do.
func millimetres(x float64) float64 { return math.Round(x*1000) / 1000 }

func star(random *rand.Rand, x, y, radius float64, vertices int) plan.Geometry {
	g := plan.Geometry{Type: plan.Polygon, Coords: make([]float64, 0, 2*vertices+2)}
	var waves [4][2]float64
	for k := range waves {
		waves[k] = [2]float64{0.35 * random.Float64() / float64(k+1), 2 * math.Pi * random.Float64()}
	}
	for i := range vertices {
		angle := 2 * math.Pi * float64(i) / float64(vertices)
		r := 1.0 + 0.05*random.Float64()
		for k, wave := range waves {
			r += wave[0] * math.Sin(float64(k+2)*angle+wave[1])
		}
		g.Coords = append(g.Coords, millimetres(x+radius*max(r, 0.2)*math.Cos(angle)), millimetres(y+radius*max(r, 0.2)*math.Sin(angle)))
	}
	g.Coords = append(g.Coords, g.Coords[0], g.Coords[1])
	return g
}
