package atlas

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// maxRefused is how many of the features that were left out are told of one by one.
const maxRefused = 10_000

// leaveOut takes those out of the change that overlap what stays in the layer, or what stands before them in the file
// and is not left out itself: the same file always leaves out the same ones. Where one was to replace a feature of the
// layer, that feature stays as it is, and may be in the way of others: the caller looks again.
func (c *comparer) leaveOut(t *tiling, found []overlap) error {
	meets := map[int][]overlap{}
	for _, o := range found {
		meets[o.a] = append(meets[o.a], o)
		if o.b >= 0 {
			meets[o.b] = append(meets[o.b], overlap{a: o.b, b: o.a, area: o.area})
		}
	}
	out := map[int]bool{}
	for _, i := range slices.SortedFunc(maps.Keys(meets), func(a, b int) int { return cmp.Compare(t.number(a), t.number(b)) }) {
		yields := slices.IndexFunc(meets[i], func(o overlap) bool { return o.b < 0 || !out[o.b] && t.number(o.b) < t.number(i) })
		if yields < 0 {
			continue
		}
		out[i] = true
		if c.refused++; c.refused > maxRefused {
			continue
		}
		finding, err := c.describe(t, meets[i][yields])
		if err != nil {
			return err
		}
		c.findings = append(c.findings, finding)
	}
	for i := range out {
		if list, j := t.of(i); list == &t.coming[1] {
			slot, _ := c.snapshot.ByID(list.ids[j])
			c.seen[slot] = false // in mode replace it goes, as all that the file does not bring
		}
	}
	added := c.add.Len()
	c.add = c.add.without(func(j int) bool { return out[j] })
	c.replace = c.replace.without(func(j int) bool { return out[added+j] })
	return nil
}

// without gives those that are not out.
func (c *chosen) without(out func(int) bool) chosen {
	kept := chosen{features: c.features}
	for j := range c.ids {
		if !out(j) {
			kept.take(int(c.numbers[j]), c.ids[j])
		}
	}
	return kept
}

// number gives the place among the features of the file of feature i.
func (t *tiling) number(i int) uint32 {
	list, j := t.of(i)
	return list.numbers[j]
}

// refuseOverlaps says which features overlap, by how much and where.
func (c *comparer) refuseOverlaps(t *tiling, found []overlap) error {
	var findings []plan.Finding
	for _, o := range found[:min(len(found), maxFindings)] {
		finding, err := c.describe(t, o)
		if err != nil {
			return err
		}
		findings = append(findings, finding)
	}
	if more := len(found) - len(findings); more > 0 {
		findings = append(findings, plan.Finding{Feature: -1, Rule: "more_findings", Message: plan.Text{
			SV: fmt.Sprintf("Alla överlapp visas inte: det finns %d till.", more), EN: fmt.Sprintf("Not every overlap is shown: there are %d more.", more)}})
	}
	return plan.Errorf(plan.Invalid, c.snapshot.layer.ID, "features of the layer %q may not overlap, and %d pairs do: %s",
		c.snapshot.layer.ID, len(found), findings[0].Message.EN).WithFindings(findings...)
}

func (c *comparer) describe(t *tiling, o overlap) (finding plan.Finding, err error) {
	var a, b plan.Feature
	list, i := t.of(o.a)
	if err := list.At(i, &a); err != nil {
		return finding, err
	}
	other := plan.Text{}
	if o.b >= 0 {
		list, j := t.of(o.b)
		if err := list.At(j, &b); err != nil {
			return finding, err
		}
		other = plan.Text{SV: fmt.Sprintf("objekt %d i filen", c.number(list, j)), EN: fmt.Sprintf("feature %d of the file", c.number(list, j))}
	} else {
		b = plan.Feature{ID: t.snapshot.ID(o.slot), Geometry: t.snapshot.Geometry(o.slot)}
		other = plan.Text{SV: fmt.Sprintf("objektet %q i lagret", b.ID), EN: fmt.Sprintf("the layer's feature %q", b.ID)}
	}
	area := strconv.FormatFloat(o.area/1e4, 'f', 4, 64)
	finding = plan.Finding{Feature: c.number(list, i), ID: c.features.ID(int(list.numbers[i])), Rule: "overlap", Message: plan.Text{
		SV: fmt.Sprintf("Objektet överlappar %s med %s ha; i lagret får objekt inte överlappa varandra med mer än %v m².", other.SV, strings.Replace(area, ".", ",", 1), tilingTolerance),
		EN: fmt.Sprintf("The feature overlaps %s by %s ha; in the layer features may not overlap by more than %v m².", other.EN, area, tilingTolerance)}}
	if shared, err := geo.Intersection(a.Geometry, b.Geometry); err == nil && !shared.IsEmpty() {
		x, y := geo.PointOnSurface(shared)
		finding.Location = &plan.Location{X: x, Y: y, CRS: geo.House.Name()}
	}
	return finding, nil
}

// numbered are features that some were left out of: the number in the file is not that in the list.
type numbered interface{ Number(i int) int }

// number gives the number in the file of a feature of a list.
func (c *comparer) number(list *chosen, i int) int { return c.numberOf(int(list.numbers[i])) }

// numberOf gives the number in the file of feature i.
func (c *comparer) numberOf(i int) int {
	if file, ok := c.features.(numbered); ok {
		return file.Number(i)
	}
	return i
}
