package atlas

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

const (
	// gapTolerance, in square metres, is the size under which gaps are only counted: what remains between a border and
	// a corner of the neighbour that was rounded onto it.
	gapTolerance = 0.01
	// maxGaps is how many are told of one by one, the largest first.
	maxGaps = 1_000
	// maxGapEdges and maxLooseEdges bound the search: eight bytes an edge, and about 600 for each that no neighbour shares.
	maxGapEdges, maxLooseEdges = 20_000_000, 1_000_000
)

// Gaps finds what the features enclose and none of them covers, in the layer as the change leaves it, and tells of it in
// notices; nothing of a layer that need not tile.
//
// An edge that two features share, corner by corner, has no gap beside it. The others are cut where they cross, and the
// faces between them that no feature covers are the gaps. So the cost is one sort of all edges, and an overlay of
// those alone that no neighbour shares: the outline, where the features fit.
func (c *Comparison) Gaps() ([]plan.Finding, error) {
	if c.tiling == nil {
		return nil, nil
	}
	lines, searched, err := c.tiling.loose()
	if err != nil {
		return nil, err
	}
	if !searched {
		return []plan.Finding{notice("gaps_not_searched", plan.Text{
			SV: fmt.Sprintf("Glapp letades inte: lagret har fler än %d kanter, eller fler än %d som ingen granne delar.", maxGapEdges, maxLooseEdges),
			EN: fmt.Sprintf("Gaps were not looked for: the layer has more than %d edges, or more than %d that no neighbour shares.", maxGapEdges, maxLooseEdges)})}, nil
	}
	faces, err := geo.Faces(lines)
	if err != nil {
		return []plan.Finding{notice("gaps_not_searched", plan.Text{SV: "Glapp kunde inte letas: " + err.Error(), EN: "Gaps could not be looked for: " + err.Error()})}, nil
	}
	return c.tiling.gaps(faces)
}

func notice(rule string, message plan.Text) plan.Finding {
	return plan.Finding{Feature: -1, Rule: rule, Notice: true, Message: message}
}

// loose gives the edges that no two features share, as lines; searched is false when there are too many.
func (t *tiling) loose() (lines plan.Geometry, searched bool, err error) {
	var keys []uint64
	err = t.each(func(g plan.Geometry) {
		if len(keys) <= maxGapEdges {
			edges(g, func(edge []float64) { keys = append(keys, edgeKey(edge)) })
		}
	})
	if err != nil || len(keys) > maxGapEdges {
		return lines, false, err
	}
	single := singles(keys)
	if len(single) > maxLooseEdges {
		return lines, false, nil
	}
	lines.Type = plan.Line
	err = t.each(func(g plan.Geometry) {
		var last []float64 // edge, when it is a loose one
		edges(g, func(edge []float64) {
			if _, alone := slices.BinarySearch(single, edgeKey(edge)); !alone {
				last = nil
				return
			}
			if last == nil || &edge[0] != &last[2] { // it does not go on where the last one ended
				lines.Ends = append(lines.Ends, uint32(lines.NumVertices()))
				lines.Coords = append(lines.Coords, edge[0], edge[1])
			}
			lines.Coords, last = append(lines.Coords, edge[2], edge[3]), edge
		})
	})
	if len(lines.Ends) > 0 {
		lines.Ends = append(lines.Ends[1:], uint32(lines.NumVertices())) // where each ends, not where it begins
	}
	return lines, true, err
}

// each gives the features that the layer will have.
func (t *tiling) each(yield func(plan.Geometry)) error {
	for slot := range t.snapshot.All("") {
		if t.stays(slot) {
			yield(t.snapshot.Geometry(slot))
		}
	}
	var f plan.Feature
	for i := range t.len() {
		if err := t.at(i, &f); err != nil {
			return err
		}
		yield(f.Geometry)
	}
	return nil
}

// edges gives the edges of all rings, each as four numbers of its ring.
func edges(g plan.Geometry, yield func(edge []float64)) {
	for i := range g.NumPaths() {
		ring := g.Path(i)
		for j := 0; j+3 < len(ring); j += 2 {
			yield(ring[j : j+4])
		}
	}
}

// edgeKey is the same for an edge in both directions. Among the most that are looked at, the chance that any two others have
// the same is one in a hundred thousand; then a gap beside them may be missed.
func edgeKey(e []float64) uint64 {
	point := func(x, y float64) uint64 {
		hi, lo := bits.Mul64(math.Float64bits(x)^0x9e3779b97f4a7c15, math.Float64bits(y)^0xbf58476d1ce4e5b9)
		return hi ^ lo
	}
	a, b := point(e[0], e[1]), point(e[2], e[3])
	hi, lo := bits.Mul64(min(a, b)^0x94d049bb133111eb, max(a, b)^0xd6e8feb86659fd93)
	return hi ^ lo
}

// singles sorts the keys, and gives those that are there once.
func singles(keys []uint64) []uint64 {
	slices.Sort(keys)
	kept := keys[:0]
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j] == keys[i] {
			j++
		}
		if j == i+1 {
			kept = append(kept, keys[i])
		}
		i = j
	}
	return kept
}

// gap is a face that no feature covers.
type gap struct {
	area, width, x, y float64 // width is 2 area / circumference
}

// gaps tells of the faces that no feature covers.
func (t *tiling) gaps(faces []plan.Geometry) (findings []plan.Finding, err error) {
	var found []gap
	tiny := 0
	for _, face := range faces {
		x, y := geo.PointOnSurface(face)
		covered, err := t.covers(x, y)
		if err != nil {
			return nil, err
		}
		switch area := geo.Area(face); {
		case covered:
		case area < gapTolerance:
			tiny++
		default:
			found = append(found, gap{area, 2 * area / geo.Length(face), x, y})
		}
	}
	slices.SortFunc(found, func(a, b gap) int {
		return cmp.Or(cmp.Compare(b.area, a.area), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y))
	})
	for _, g := range found[:min(len(found), maxGaps)] {
		findings = append(findings, g.finding(t.snapshot.layer.Sliver()))
	}
	if more := len(found) - len(findings); more > 0 {
		findings = append(findings, notice("more_notices", plan.Text{
			SV: fmt.Sprintf("Alla glapp visas inte: det finns %d mindre till.", more), EN: fmt.Sprintf("Not every gap is shown: there are %d smaller ones.", more)}))
	}
	if tiny > 0 {
		findings = append(findings, notice("gaps_tiny", plan.Text{
			SV: fmt.Sprintf("%d glapp är mindre än 0,01 m² och visas inte.", tiny), EN: fmt.Sprintf("%d gaps are smaller than 0.01 m² and are not shown.", tiny)}))
	}
	return findings, nil
}

// covers reports whether a feature that the layer will have covers the point.
func (t *tiling) covers(x, y float64) (covered bool, err error) {
	box := plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}
	t.snapshot.Search(box, func(slot Slot) bool {
		covered = t.stays(slot) && geo.ContainsPoint(t.snapshot.Geometry(slot), x, y)
		return !covered
	})
	lo, hi := bounds32(box)
	t.tree.Search(lo, hi, func(_, _ [2]float32, i int) bool {
		var f plan.Feature
		if covered || !t.boxes[i].Intersects(box) {
			return !covered
		}
		if err = t.at(i, &f); err == nil {
			covered = geo.ContainsPoint(f.Geometry, x, y)
		}
		return err == nil && !covered
	})
	return covered, err
}

// finding tells of a gap; one that is narrower than sliver, in metres, is called so.
func (g gap) finding(sliver float64) plan.Finding {
	f := notice("gap", plan.Text{})
	kind := plan.Text{SV: "Ett glapp", EN: "A gap"}
	area, width := strconv.FormatFloat(g.area/1e4, 'g', 4, 64), strconv.FormatFloat(g.width, 'g', 2, 64)
	if g.width >= 10 {
		width = strconv.FormatFloat(g.width, 'f', 0, 64)
	}
	comma := func(s string) string { return strings.Replace(s, ".", ",", 1) }
	if g.width < sliver {
		limit := strconv.FormatFloat(sliver, 'g', -1, 64)
		kind = plan.Text{SV: "En flisa (smalare än " + comma(limit) + " m)", EN: "A sliver (narrower than " + limit + " m)"}
	}
	f.Message = plan.Text{
		SV: fmt.Sprintf("%s på %s ha, i medeltal %s m bred, omges av objekt men täcks inte av något.", kind.SV, comma(area), comma(width)),
		EN: fmt.Sprintf("%s of %s ha, %s m wide on average, is enclosed by features and covered by none.", kind.EN, area, width)}
	f.Location = &plan.Location{X: g.x, Y: g.y, CRS: geo.House.Name()}
	return f
}
