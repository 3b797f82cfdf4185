package conflict

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"strukturbild/internal/plan"
)

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

func BenchmarkCPU(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 0))
	la, lb := layer("a", plan.Wind, plan.Polygon, blobs(r, 100_000, 390)...), layer("b", plan.Nature, plan.Polygon, blobs(r, 60_000, 390)...)
	for _, name := range []string{"kommuner", "plain"} {
		view := countyWorld(b, la, lb)
		if name == "plain" {
			view = newWorld(b).change(la, lb)
		}
		k := key(b, view, overlap, "a", "b")
		for _, n := range []int{4, 8, 16, 1000} {
			prepareFrom = n
			b.Run(name, func(b *testing.B) {
				from := cpu()
				for b.Loop() {
					join(context.Background(), k)
				}
				b.ReportMetric((cpu()-from)/float64(b.N), "cpu-ms")
			})
		}
	}
}
