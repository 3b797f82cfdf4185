package ingest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// check makes sure that a geometry in the house's coordinates is valid, repairs it where that is asked for, tells what is
// odd about it, and turns its rings the house's way round.
func (d *decoder) check(f *draft, crs geo.CRS, closed int) {
	g := &f.feature.Geometry
	fault := geo.Validate(*g)
	var odd []geo.Oddity
	if fault == nil {
		if geo.Normalize(g) && !d.columns.loose { // the other formats have their rings either way
			d.turned++
		}
		odd = geo.Oddities(*g, d.layer.Sliver())
	}
	mend := fault != nil || closed > 0 || slices.ContainsFunc(odd, mendable)
	switch {
	case mend && d.checks.Repair:
		d.repair(f, crs, fault, odd, closed)
	case fault != nil:
		d.refuse(f, crs, fault)
	default:
		d.tellOdd(f, crs, odd)
	}
}

// mendable reports whether a repair does away with the oddity. A sliver stays: nothing is wrong with it but its size.
func mendable(o geo.Oddity) bool { return o.Rule != sliver.name }

// repair puts the proposal in place of the geometry, or refuses the feature when that would change too much.
func (d *decoder) repair(f *draft, crs geo.CRS, fault *geo.Fault, odd []geo.Oddity, closed int) {
	g := &f.feature.Geometry
	proposal, found := geo.Mend(*g)
	if !found || !d.checks.allow(proposal.Change(), proposal.Before) {
		if fault == nil { // it is odd, and stays so
			d.tellOdd(f, crs, odd)
			return
		}
		d.refuse(f, crs, fault)
		return
	}
	why, path, vertex := cause(fault, odd, closed)
	f.repaired = true
	d.tell(f, crs, path, vertex, repaired, both(why, placeText(*g, path, vertex)), effect(&proposal))
	*g = proposal.Geometry
	d.tellOdd(f, crs, slices.DeleteFunc(geo.Oddities(*g, d.layer.Sliver()), mendable))
}

// cause says why a geometry was repaired, and where: the fault, or else what is odd, or that rings were open.
func cause(fault *geo.Fault, odd []geo.Oddity, closed int) (why plan.Text, path, vertex int) {
	if fault != nil {
		return fault.Message, fault.Path, fault.Vertex
	}
	if i := slices.IndexFunc(odd, mendable); i >= 0 {
		o := odd[i]
		if o.Rule == narrowSpike.name {
			return plan.Text{SV: fmt.Sprintf("%d smala spetsar", o.Count), EN: fmt.Sprintf("%d narrow spikes", o.Count)}, o.Path, o.Vertex
		}
		return plan.Text{SV: fmt.Sprintf("%d upprepade hörn", o.Count), EN: fmt.Sprintf("%d repeated vertices", o.Count)}, o.Path, o.Vertex
	}
	return plan.Text{SV: fmt.Sprintf("%d öppna ringar slöts", closed), EN: fmt.Sprintf("%d open rings were closed", closed)}, 0, 0
}

// effect says what a repair did to the area and the parts of a polygon.
func effect(r *geo.Repair) plan.Text {
	if r.Geometry.Type != plan.Polygon {
		return plan.Text{}
	}
	before, after, change := hectares(r.Before), hectares(r.After), signedHectares(r.Change())
	text := plan.Text{SV: fmt.Sprintf(". Area %s blir %s (%s)", before.SV, after.SV, change.SV),
		EN: fmt.Sprintf(". Area %s becomes %s (%s)", before.EN, after.EN, change.EN)}
	if after := r.Geometry.NumParts(); after != r.Parts {
		text.SV += fmt.Sprintf("; delar: %d blev %d", r.Parts, after)
		text.EN += fmt.Sprintf("; parts: %d became %d", r.Parts, after)
	}
	return text
}

// refuse reports a fault of validity where it is in the file's coordinates, and what a repair would do about it.
func (d *decoder) refuse(f *draft, crs geo.CRS, fault *geo.Fault) {
	if *f.budget <= 0 {
		f.more++
		return
	}
	g := f.feature.Geometry
	finding := plan.Finding{Rule: fault.Rule, Message: sentences(both(both(fault.Message, placeText(g, fault.Path, fault.Vertex)), d.offer(g)))}
	finding.Location = locate(crs, fault.X, fault.Y)
	f.add(finding, 0, f.pointer+vertexPointer(g, f.depth, fault.Path, fault.Vertex))
}

// offer says what a repair would do, and why it was not done.
func (d *decoder) offer(g plan.Geometry) plan.Text {
	proposal, found := geo.Mend(g)
	switch would := effect(&proposal); {
	case !found:
		return plan.Text{SV: ". Den kan inte lagas automatiskt", EN: ". It can't be repaired automatically"}
	case !d.checks.allow(proposal.Change(), proposal.Before):
		return plan.Text{
			SV: fmt.Sprintf(". En lagning ändrar mer än vad som tillåts (%s ha och %s %%)%s", comma(d.checks.MaxHa), comma(d.checks.MaxPercent), would.SV),
			EN: fmt.Sprintf(". A repair changes more than is allowed (%v ha and %v %%)%s", d.checks.MaxHa, d.checks.MaxPercent, would.EN)}
	default:
		return plan.Text{SV: ". Med repair=true lagas den" + would.SV, EN: ". With repair=true it is repaired" + would.EN}
	}
}

// tellOdd notes what is odd about a geometry that is taken.
func (d *decoder) tellOdd(f *draft, crs geo.CRS, odd []geo.Oddity) {
	for _, o := range odd {
		said := []any{o.Count, placeText(f.feature.Geometry, o.Path, o.Vertex)}
		if width := d.layer.Sliver(); o.Rule == sliver.name {
			said = append([]any{plan.Text{SV: comma(width), EN: fmt.Sprint(width)}}, said...)
		}
		d.tell(f, crs, o.Path, o.Vertex, oddTexts[o.Rule], said...)
	}
}

// tell notes something at a vertex that is no fault. Of each rule as many are put in words as the report will show.
func (d *decoder) tell(f *draft, crs geo.CRS, path, vertex int, r rule, args ...any) {
	if d.told[r.name]++; d.told[r.name] > d.limits.MaxFindings {
		f.notices = append(f.notices, plan.Finding{Rule: r.name})
		return
	}
	g := f.feature.Geometry
	notice := r.notice(args...)
	at := g.Path(path)[2*vertex:]
	notice.Location = locate(crs, at[0], at[1])
	notice.Pointer = f.pointer + vertexPointer(g, f.depth, path, vertex)
	f.notices = append(f.notices, notice)
}

// locate gives a place of the house in the file's coordinates; nil where it has none.
func locate(crs geo.CRS, x, y float64) *plan.Location {
	at := [2]float64{x, y}
	if crs.FromHouse(at[:]) != nil {
		return nil
	}
	return &plan.Location{X: at[0], Y: at[1]}
}

// vertexPointer gives the JSON pointer of a vertex of a line or ring.
func vertexPointer(g plan.Geometry, depth, path, vertex int) string {
	pointer := pathPointer(g, depth, path)
	if g.Type == plan.Point {
		return pointer
	}
	return pointer + "/" + strconv.Itoa(vertex)
}

// placeText names a vertex as the pointer does, in words.
func placeText(g plan.Geometry, path, vertex int) plan.Text {
	if g.Type == plan.Line {
		return plan.Text{SV: fmt.Sprintf(" (linje %d, hörn %d)", path, vertex), EN: fmt.Sprintf(" (line %d, vertex %d)", path, vertex)}
	}
	part, ring := partOf(g, path)
	if g.NumParts() == 1 {
		return plan.Text{SV: fmt.Sprintf(" (ring %d, hörn %d)", ring, vertex), EN: fmt.Sprintf(" (ring %d, vertex %d)", ring, vertex)}
	}
	return plan.Text{SV: fmt.Sprintf(" (del %d, ring %d, hörn %d)", part, ring, vertex), EN: fmt.Sprintf(" (part %d, ring %d, vertex %d)", part, ring, vertex)}
}

// partOf gives the part that a ring belongs to, and its number in it.
func partOf(g plan.Geometry, path int) (part, ring int) {
	for part = range g.NumParts() {
		if from, to := g.PartPaths(part); path < to {
			return part, path - from
		}
	}
	return part, 0
}

func both(a, b plan.Text) plan.Text { return plan.Text{SV: a.SV + b.SV, EN: a.EN + b.EN} }

// hectares writes an area of square metres, to the square metre.
func hectares(area float64) plan.Text {
	text := strconv.FormatFloat(area/1e4, 'f', 4, 64) + " ha"
	return plan.Text{SV: comma(text), EN: text}
}

// signedHectares writes a change of area with its sign, to a hundredth of a square metre.
func signedHectares(change float64) plan.Text {
	text := fmt.Sprintf("%+.6f ha", math.Round(change*100)/1e6+0) // no -0
	return plan.Text{SV: comma(text), EN: text}
}

// comma writes a number as Swedes do.
func comma(number any) string { return strings.Replace(fmt.Sprint(number), ".", ",", 1) }
