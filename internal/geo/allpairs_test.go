package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

func TestAllPairs(t *testing.T) {
	workers := 2
	if os.Getenv("ONE") != "" {
		workers = 1
	}
	for _, rough := range []float64{0.8} {
		r := rand.New(rand.NewPCG(1, 1))
		mk := func(n int) (gs []plan.Geometry, bs []plan.Box) {
			for range n {
				g := star(r, 250_000+r.Float64()*230_000, 6_330_000+r.Float64()*240_000, 150+r.Float64()*600, rough, 30+r.IntN(121))
				gs = append(gs, g)
				bs = append(bs, g.Box())
			}
			return
		}
		as, ab := mk(100_000)
		bs, bb := mk(60_000)
		// candidates by a coarse grid
		const cell = 2000.0
		type key struct{ x, y int }
		idx := map[key][]int32{}
		for j := range bb {
			for x := int(bb[j].MinX / cell); x <= int(bb[j].MaxX/cell); x++ {
				for y := int(bb[j].MinY / cell); y <= int(bb[j].MaxY/cell); y++ {
					idx[key{x, y}] = append(idx[key{x, y}], int32(j))
				}
			}
		}
		type cand struct{ a, b int32 }
		var cands []cand
		for i := range ab {
			seen := map[int32]bool{}
			for x := int(ab[i].MinX / cell); x <= int(ab[i].MaxX/cell); x++ {
				for y := int(ab[i].MinY / cell); y <= int(ab[i].MaxY/cell); y++ {
					for _, j := range idx[key{x, y}] {
						if !seen[j] && ab[i].Intersects(bb[j]) {
							seen[j] = true
							cands = append(cands, cand{int32(i), j})
						}
					}
				}
			}
		}
		sort.Slice(cands, func(i, j int) bool { return cands[i].a < cands[j].a })
		for range 3 {
			var next, hits, cput, calib atomic.Int64
			var total float64
			var mu sync.Mutex
			start := time.Now()
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					var k Kernel
					runtime.LockOSThread()
					c0 := cpu()
					defer func() { cput.Add(int64(cpu() - c0)) }()
					sum, n := 0.0, 0
					for {
						i := int(next.Add(1024)) - 1024
						if i >= len(cands) {
							break
						}
						c1 := cpu()
						y := 1.0
						for range 20000 {
							y *= 1.0000001
						}
						sinkf = y
						calib.Add(int64(cpu() - c1))
						for _, c := range cands[i:min(i+1024, len(cands))] {
							if a := k.IntersectionAreaBoxes(as[c.a], bs[c.b], ab[c.a], bb[c.b]); a > 0 {
								sum += a
								n++
							}
						}
					}
					hits.Add(int64(n))
					mu.Lock()
					total += sum
					mu.Unlock()
				})
			}
			wg.Wait()
			d := time.Since(start)
			fmt.Println(rough, len(cands), hits.Load(), math.Round(total), d, "normalised", time.Duration(float64(cput.Load()-calib.Load())/float64(len(cands))*1.93/(float64(calib.Load())/(20000*math.Ceil(float64(len(cands))/1024)))), "per candidate and core", time.Duration(cput.Load())/time.Duration(len(cands)))
		}
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(1, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var sinkf float64
