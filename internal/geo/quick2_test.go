package geo

import (
	"fmt"
	"strukturbild/internal/plan"
	"testing"
	"time"
)

func TestQuick2(t *testing.T) {
	ks := realLayer(t, "kommuner_250k")
	ns := realLayer(t, "naturreservat")
	var bx []plan.Box
	for _, n := range ns {
		bx = append(bx, n.Box())
	}
	var k Kernel
	nv := 0
	for _, g := range ks {
		nv += g.NumVertices()
	}
	var ps []*Prepared
	fmt.Println("prepare all", nv, minTime(5, func() {
		ps = nil
		for _, g := range ks {
			ps = append(ps, Prepare(g))
		}
	}))
	var hit, in, cr int
	d := minTime(5, func() {
		hit, in, cr = 0, 0, 0
		for _, p := range ps {
			for j := range ns {
				if p.box.Intersects(bx[j]) {
					hit++
					switch p.Locate(bx[j]) {
					case Inside:
						in++
					case Crossing:
						cr++
					}
				}
			}
		}
	})
	fmt.Println("locate", hit, in, cr, d/time.Duration(hit))
	d = minTime(5, func() {
		for _, p := range ps {
			for j := range ns {
				if p.box.Intersects(bx[j]) {
					if p.Locate(bx[j]) == Crossing {
						p.IntersectionArea(&k, ns[j], bx[j])
					}
				}
			}
		}
	})
	fmt.Println("area of crossing ones", d/time.Duration(cr))
	vs := 0
	for _, p := range ps {
		for j := range ns {
			if p.box.Intersects(bx[j]) {
				if p.Locate(bx[j]) == Crossing {
					vs += ns[j].NumVertices()
				}
			}
		}
	}
	fmt.Println("mean vertices", vs/cr)
	d = minTime(3, func() {
		for _, p := range ps {
			for _, q := range ps {
				if p != q && p.box.Intersects(q.box) {
					k.area(&p.operand, &q.operand)
				}
			}
		}
	})
	n := 0
	for _, p := range ps {
		for _, q := range ps {
			if p != q && p.box.Intersects(q.box) {
				n++
			}
		}
	}
	fmt.Println("kommun x kommun", n, d/time.Duration(n))
	big := realLayer(t, "distrikt_detailed")
	vs = 0
	for _, g := range big {
		vs += g.NumVertices()
	}
	fmt.Println("distrikt", len(big), vs)
	var db []plan.Box
	for _, n := range big {
		db = append(db, n.Box())
	}
	n = 0
	d = minTime(1, func() {
		n = 0
		for i := range big {
			for j := range big {
				if i != j && db[i].Intersects(db[j]) {
					n++
					k.IntersectionAreaBoxes(big[i], big[j], db[i], db[j])
				}
			}
		}
	})
	fmt.Println("distrikt x distrikt", n, d/time.Duration(n))
	n = 0
	d = minTime(1, func() {
		n = 0
		for i := range ks {
			for j := range big {
				if ps[i].box.Intersects(db[j]) {
					n++
					ps[i].IntersectionArea(&k, big[j], db[j])
				}
			}
		}
	})
	fmt.Println("kommun x distrikt", n, d/time.Duration(n))
	v := 0
	d = minTime(1, func() {
		for i := range big {
			if Validate(big[i]) == nil {
				v++
			}
		}
	})
	fmt.Println("validate distrikt", v, d/time.Duration(len(big)))
	for _, g := range big {
		if provenValid(g) {
			v++
		}
	}
	fmt.Println("proven", v-len(big))
}
