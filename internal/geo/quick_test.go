package geo

import (
	"fmt"
	"math/rand/v2"
	"strukturbild/internal/plan"
	"testing"
	"time"
)

func minTime(n int, f func()) time.Duration {
	best := time.Hour
	for range n {
		s := time.Now()
		f()
		best = min(best, time.Since(s))
	}
	return best
}

func TestQuick(t *testing.T) {
	for _, rough := range []float64{.9, .8, .6, .2} {
		ps := starPairs(11, 250, rough)
		var k Kernel
		d := minTime(1000, func() {
			for i := range ps {
				p := &ps[i]
				k.IntersectionAreaBoxes(p.a, p.b, p.abox, p.bbox)
			}
		})
		fmt.Println("area", rough, d/250)
		d = minTime(1000, func() {
			for i := range ps {
				p := &ps[i]
				w := newWindow(p.abox, p.bbox)
				k.a.gather(p.a, &w)
				k.b.gather(p.b, &w)
			}
		})
		fmt.Println("  gather", rough, d/250)
		d = minTime(1000, func() {
			for i := range ps {
				p := &ps[i]
				w := newWindow(p.abox, p.bbox)
				k.cross(&operand{Geometry: p.a, box: p.abox}, &operand{Geometry: p.b, box: p.bbox}, &w)
			}
		})
		fmt.Println("  cross", rough, d/250)
	}
	y := 1.0
	d := minTime(1000, func() {
		for range 100000 {
			y *= 1.0000001
		}
	})
	fmt.Println("4 cycles in ps:", d.Nanoseconds()/100, y > 0)
	r := rand.New(rand.NewPCG(17, 17))
	polygons := make([]plan.Geometry, 100)
	for i := range polygons {
		polygons[i] = star(r, 300_000, 6_400_000, 200, 0.7, 100)
	}
	d = minTime(1000, func() {
		for _, g := range polygons {
			Validate(g)
		}
	})
	fmt.Println("validate", d/100)
	house := placesIn(3, 1000, 0)
	deg := append([]float64{}, house...)
	CRS84.FromHouse(deg)
	work := make([]float64, 2000)
	d = minTime(1000, func() { copy(work, deg); CRS84.ToHouse(work) })
	fmt.Println("to house", d/1000)
	d = minTime(1000, func() { copy(work, house); CRS84.FromHouse(work) })
	fmt.Println("from house", d/1000)
	for _, n := range []int{100, 5000, 20000} {
		g := star(r, 300_000, 6_400_000, 10000, 0.9, n)
		p := Prepare(g)
		var boxes []plan.Box
		for range 1000 {
			x, y := 288_000+r.Float64()*24000, 6_388_000+r.Float64()*24000
			boxes = append(boxes, plan.Box{MinX: x, MinY: y, MaxX: x + r.Float64()*500, MaxY: y + r.Float64()*500})
		}
		d = minTime(500, func() {
			for i := range boxes {
				p.Locate(boxes[i])
			}
		})
		fmt.Println("locate", n, d/1000, "prepare", minTime(100, func() { Prepare(g) }))
	}
}
