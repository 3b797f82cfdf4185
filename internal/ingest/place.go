package ingest

import (
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// place takes the geometry of a feature into the house: to EPSG:3006, into the region's window, valid, and with rings
// the house's way round.
func (d *decoder) place(f *draft, crs geo.CRS) {
	f.budget = &d.budget
	if f.crs != nil && !d.ignoreCRS {
		f.compareCRS(crs)
	}
	g := &f.feature.Geometry
	if g.IsEmpty() {
		return
	}
	closed := 0
	if d.checks.Repair {
		closed = geo.CloseRings(g)
	}
	d.coords = append(d.coords[:0], g.Coords...)
	if err := crs.ToHouse(g.Coords); err != nil || !geo.Window.Contains(g.Box()) {
		f.outside(crs, d.coords)
		return
	}
	d.check(f, crs, closed)
}

// compareCRS refuses a feature that says another coordinate system than the one that the file is read in.
func (f *draft) compareCRS(crs geo.CRS) {
	own, err := readCRS(f.crs)
	switch {
	case err != nil:
		finding := err.finding
		f.add(finding, 0, "/crs")
	case own != nil && !sameSystem(*own, crs):
		f.fault(0, "/crs", crsFeature, own.Name(), crs.Name())
	}
}

// outside tells which vertex is the first outside the world or the region, and what the coordinates look like.
func (f *draft) outside(crs geo.CRS, coords []float64) {
	if *f.budget <= 0 {
		f.more++
		return
	}
	hint := geo.Diagnose(crs, coords)
	if hint.EN != "" {
		hint = plan.Text{SV: ": " + hint.SV, EN: ": " + hint.EN}
	}
	for i := 0; i+1 < len(coords); i += 2 {
		x, y := coords[i], coords[i+1]
		at := [2]float64{x, y}
		r := outsideRegion
		if crs.ToHouse(at[:]) != nil {
			r = outsideWorld
		} else if geo.Window.Contains(plan.Box{MinX: at[0], MinY: at[1], MaxX: at[0], MaxY: at[1]}) {
			continue
		}
		finding := r.finding(xy(x, y), crs.Name(), hint)
		finding.Location = &plan.Location{X: x, Y: y}
		g := f.feature.Geometry
		path := g.PathOf(i / 2)
		f.add(finding, 0, f.pointer+vertexPointer(g, f.depth, path, i/2-g.FirstVertex(path)))
		return
	}
}
