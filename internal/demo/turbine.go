package demo

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"strukturbild/internal/plan"
)

// park is a group of turbines of one make.
type park struct {
	number    int
	x, y      float64
	turbines  int
	total     float64 // height to the tip of the blade, metres
	rotor     float64 // diameter, metres
	angle     float64 // of its rows
	status    string
	built     plan.Value
	kommunkod string
	name      string
}

// statuses of the register (Vindbrukskollen), as common as they are there but for those given up.
var statuses = []string{"Uppfört", "Uppfört", "Uppfört", "Beviljat", "Beviljat", "Handläggs", "Avslag", "Överklagat"}

// turbines makes wind power: parks in the woods and, every third, on the plain, away from settlements, but for every
// seventh, which stands too near one.
func turbines(t *terrain, schema *schema, n int) iter.Seq[plan.Feature] {
	return func(yield func(plan.Feature) bool) {
		random := rand.New(rand.NewPCG(t.seed, 4))
		for number, left, tries := 1, n, 20*n+1000; left > 0 && tries > 0; tries-- {
			x, y, ok := t.parkPlace(random, number)
			if !ok {
				continue
			}
			p := t.describe(random, park{number: number, x: x, y: y})
			standing := 0
			for k := 0; k < p.turbines && left > 0; k++ {
				x, y := p.place(random, k)
				if !t.clear(around(x, y, p.rotor)) {
					continue
				}
				standing++
				left--
				if !yield(p.turbine(schema.row(), standing, x, y)) {
					return
				}
			}
			number++
		}
	}
}

// parkPlace looks for a place for a park; false when there is none among those it tried.
func (t *terrain) parkPlace(random *rand.Rand, number int) (x, y float64, ok bool) {
	if number%7 == 0 && len(t.region.Tatorter) > 0 {
		x, y = t.region.Tatorter[random.IntN(len(t.region.Tatorter))].outskirts(random)
		return x, y, t.clear(around(x, y, 500))
	}
	suits := t.wooded
	if number%3 == 0 {
		suits = t.open
	}
	best := math.Inf(-1)
	for range 40 {
		px := t.box.MinX + random.Float64()*(t.box.MaxX-t.box.MinX)
		py := t.box.MinY + random.Float64()*(t.box.MaxY-t.box.MinY)
		if t.clear(around(px, py, 500)) && t.settled[t.at(px, py)] > 2000 && suits(px, py) > best {
			x, y, best, ok = px, py, suits(px, py), true
		}
	}
	return x, y, ok
}

// outskirts gives a place just outside the settlement.
func (t Tatort) outskirts(random *rand.Rand) (x, y float64) {
	sin, cos := math.Sincos(2 * math.Pi * random.Float64())
	distance := t.radius() + 200 + 500*random.Float64()
	return t.X + distance*cos, t.Y + distance*sin
}

// describe chooses what the park is like.
func (t *terrain) describe(random *rand.Rand, p park) park {
	p.turbines = 1 + random.IntN(7)
	p.total = []float64{150, 180, 200, 220, 240, 250}[random.IntN(6)]
	p.rotor = math.Round(p.total * (0.6 + 0.1*random.Float64()))
	p.angle = math.Pi * random.Float64()
	p.status = statuses[random.IntN(len(statuses))]
	if p.status == "Uppfört" {
		day, _ := plan.ParseDate(fmt.Sprintf("%d-%02d-01", 2008+random.IntN(17), 1+random.IntN(12)))
		p.built = day
	}
	p.kommunkod = t.kommunkod(p.x, p.y)
	p.name = fmt.Sprintf("Vindpark %d", p.number)
	if nearest := t.nearest(p.x, p.y); nearest != "" {
		p.name = "Vindpark " + nearest
	}
	return p
}

// nearest names the settlement next to a place.
func (t *terrain) nearest(x, y float64) string {
	name, least := "", math.Inf(1)
	for _, tatort := range t.region.Tatorter {
		if d := math.Hypot(tatort.X-x, tatort.Y-y); d < least {
			name, least = tatort.Name, d
		}
	}
	return name
}

// place puts turbine k into rows of four, five rotor diameters apart.
func (p park) place(random *rand.Rand, k int) (x, y float64) {
	sin, cos := math.Sincos(p.angle)
	u := 5 * p.rotor * (float64(k%4) - 1.5 + 0.3*random.Float64())
	v := 5 * p.rotor * (float64(k/4) - 0.5 + 0.3*random.Float64())
	return cm(p.x + u*cos - v*sin), cm(p.y + u*sin + v*cos)
}

func (p park) turbine(r row, number int, x, y float64) plan.Feature {
	area := fmt.Sprintf("%s-V-9%03d", p.kommunkod, p.number)
	r.text("verkid", fmt.Sprintf("%s-%03d", area, number))
	r.text("omrid", area)
	r.text("project", p.name)
	r.text("status", p.status)
	r.number("total_height", p.total)
	r.number("rotor_diameter", p.rotor)
	r.number("hub_height", p.total-p.rotor/2)
	r.number("max_power", math.Round(p.rotor*p.rotor/4500*10)/10)
	r.text("operator", "Demokraft AB (påhittat)")
	r.set("built", p.built)
	return r.feature(plan.Geometry{Type: plan.Point, Coords: []float64{x, y}})
}
