package demo

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// tiling is a mosaic of which the n cells with the highest score are kept.
type tiling struct {
	terrain *terrain
	mosaic  mosaic
	score   func(x, y float64) float64 // of a cell by its site
	n       int
}

// tile is a kept cell.
type tile struct {
	hash uint64  // random bits of its own
	x, y float64 // its site
	ring []float64
}

// tiles walks the kept cells row by row.
func (t *tiling) tiles(yield func(tile) bool) {
	least, left := t.least(), t.n
	var ring []float64
	for s := range t.mosaic.sites(t.terrain.box) {
		x, y := t.mosaic.metres(s.u, s.v)
		if left == 0 {
			return
		}
		if !t.fits(x, y) || t.score(x, y) < least {
			continue
		}
		left--
		ring = t.mosaic.ring(s, ring[:0])
		if !yield(tile{hash(t.mosaic.seed+1, s.i, s.j), x, y, slices.Clone(ring)}) {
			return
		}
	}
}

// least gives the score that n cells reach.
func (t *tiling) least() float64 {
	var scores []float64
	for s := range t.mosaic.sites(t.terrain.box) {
		if x, y := t.mosaic.metres(s.u, s.v); t.fits(x, y) {
			scores = append(scores, t.score(x, y))
		}
	}
	if len(scores) <= t.n {
		return math.Inf(-1)
	}
	slices.Sort(scores)
	return scores[len(scores)-t.n]
}

// fits reports whether a cell lies in the county and off the settlements.
func (t *tiling) fits(x, y float64) bool {
	place := plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}
	return t.terrain.clear(place.Grow(t.mosaic.reach())) && t.terrain.settled[t.terrain.at(x, y)] > float32(0.5*t.mosaic.spacing)
}

// area gives the size of a cell, in square metres, so that n of them take a share of the county, but none is larger than most.
func (t *terrain) area(n int, share, most float64) float64 {
	land := float64(t.inside[len(t.inside)-1]) * square * square
	return min(most, share*land/float64(max(n, 1)))
}

// fields makes agricultural land: long cells with nearly straight borders on the most open land.
func fields(t *terrain, schema *schema, n int) iter.Seq[plan.Feature] {
	tiling := tiling{terrain: t, n: n, score: t.open,
		mosaic: mosaic{seed: hash(t.seed, 1), spacing: math.Sqrt(t.area(n, 0.2, 300_000)), stretch: 1.7, rough: 0.25}}
	return func(yield func(plan.Feature) bool) {
		for f := range tiling.tiles {
			kategori, agoslag := "Åker", "Åkermark"
			if unit(f.hash) < 0.2-0.2*t.open(f.x, f.y) {
				kategori, agoslag = "Bete", "Betesmark"
			}
			r, g := schema.row(), polygon(f.ring)
			r.text("blockid", fmt.Sprintf("%05.0f%06.0f", f.y/100, f.x))
			r.set("arslager", plan.IntegerValue(2025))
			r.text("kategori", kategori)
			r.text("agoslag", agoslag)
			r.number("areal_ha", hectares(g))
			if !yield(r.feature(g)) {
				return
			}
		}
	}
}

// stands makes forest: round cells with winding borders on the least open land.
func stands(t *terrain, schema *schema, n int) iter.Seq[plan.Feature] {
	tiling := tiling{terrain: t, n: n, score: t.wooded,
		mosaic: mosaic{seed: hash(t.seed, 2), spacing: math.Sqrt(t.area(n, 0.35, 500_000)), stretch: 1.1, rough: 1}}
	types := []string{"Barrskog", "Barrskog", "Barrskog", "Blandskog", "Lövskog", "Ädellövskog"}
	fellings := []string{"Föryngringsavverkning", "Föryngringsavverkning", "Gallring", "Annan avverkning"}
	first, _ := plan.ParseDate("2021-01-01")
	return func(yield func(plan.Feature) bool) {
		for f := range tiling.tiles {
			r, g := schema.row(), polygon(f.ring)
			day := int64(f.hash % (5 * 365))
			r.text("beteckning", fmt.Sprintf("A %d-%d", 1000+f.hash>>20%60_000, 2021+day/365))
			r.text("skogstyp", types[f.hash>>8%uint64(len(types))])
			r.text("avverkningstyp", fellings[f.hash>>16%uint64(len(fellings))])
			r.set("inkomdatum", plan.DateValue(first.Int()+day))
			r.number("areal_ha", hectares(g))
			if !yield(r.feature(g)) {
				return
			}
		}
	}
}

func polygon(ring []float64) plan.Geometry { return plan.Geometry{Type: plan.Polygon, Coords: ring} }

// hectares gives the area to the square decametre.
func hectares(g plan.Geometry) float64 { return math.Round(geo.Area(g)/100) / 100 }
