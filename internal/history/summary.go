package history

import (
	"slices"

	"strukturbild/internal/division"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Summary counts the difference, and measures what came and went in each municipality of the partition: exactly, by the
// area kernel, and by GEOS where a feature that changed its shape crosses a municipal border.
func (d *Difference) Summary(partition *division.Partition) (*plan.DifferenceSummary, error) {
	m := measure{Divider: division.Divider{Partition: partition}, kommuner: make([]tally, len(partition.Kommuner)+1), unmeasured: []plan.UnmeasuredChange{}}
	box := plan.EmptyBox
	for c := range d.Changes("") {
		for _, f := range []*plan.Feature{c.Before, c.After} {
			if f != nil {
				box = box.Union(f.Geometry.Box())
			}
		}
		m.add(&c)
	}
	if d.Err() != nil {
		return nil, d.Err()
	}
	s := &plan.DifferenceSummary{Added: m.total.added, Removed: m.total.removed, Changed: m.total.changed, GeometryChanged: m.reshaped,
		Unchanged: d.features - m.total.added - m.total.changed, Growth: plan.NewGrowth(d.Is.GeometryType, m.total.came, m.total.went)}
	s.AttributesAdded, s.AttributesRemoved = newNames(d.Was, d.Is), newNames(d.Is, d.Was)
	s.Kommuner, s.NotMeasured = m.rows(d.Is.GeometryType), m.unmeasured
	if !box.IsEmpty() {
		b, err := geo.TransformBox(box, geo.House, geo.CRS84)
		if err != nil {
			return nil, err
		}
		s.BBox = &[4]float64{b.MinX, b.MinY, b.MaxX, b.MaxY}
	}
	return s, nil
}

// newNames lists the attributes that only the second layer has.
func newNames(was, is *plan.Layer) []string {
	names := []string{}
	for _, a := range is.Attributes {
		if was.Attribute(a.Name) < 0 {
			names = append(names, a.Name)
		}
	}
	return names
}

// tally is what changed in one place.
type tally struct {
	added, removed, changed int
	came, went              float64 // square metres, metres or points
}

func (t *tally) count(kind Kind) {
	switch kind {
	case Added:
		t.added++
	case Removed:
		t.removed++
	case Changed:
		t.changed++
	}
}

// measure adds up the changes of one difference.
type measure struct {
	division.Divider
	total    tally
	kommuner []tally // [0] outside, [k+1] kommun k
	reshaped int
	touched  []int16 // scratch: the municipalities of one change

	unmeasured []plan.UnmeasuredChange
}

func (m *measure) add(c *Change) {
	m.total.count(c.Kind)
	m.touched = m.touched[:0]
	switch {
	case c.Kind == Added:
		m.total.came += m.spread(c.After.Geometry, func(t *tally, part float64) { t.came += part })
	case c.Kind == Removed:
		m.total.went += m.spread(c.Before.Geometry, func(t *tally, part float64) { t.went += part })
	case c.GeometryChanged():
		m.reshaped++
		if err := m.reshape(c.Before.Geometry, c.After.Geometry); err != nil { // one figure that GEOS refuses must not hide the others
			m.spread(c.Before.Geometry, func(*tally, float64) {})
			m.spread(c.After.Geometry, func(*tally, float64) {})
			m.unmeasured = append(m.unmeasured, plan.UnmeasuredChange{ID: c.ID, Reason: err.Error()})
		}
	default:
		m.spread(c.After.Geometry, func(*tally, float64) {})
	}
	for _, k := range m.touched {
		m.kommuner[k+1].count(c.Kind)
	}
}

// spread gives the size of the figure, and its part to each municipality.
func (m *measure) spread(g plan.Geometry, give func(t *tally, part float64)) (size float64) {
	if g.IsEmpty() {
		return 0
	}
	size = sizeOf(g)
	for _, part := range m.Divide(g, g.Box(), size) {
		m.touch(part.Kommun)
		give(&m.kommuner[part.Kommun+1], part.Size)
	}
	return size
}

func (m *measure) touch(k int16) {
	if !slices.Contains(m.touched, k) {
		m.touched = append(m.touched, k)
	}
}

// reshape measures what the later figure has that the earlier one had not, and the other way round: each one's size
// without what they share.
func (m *measure) reshape(before, after plan.Geometry) error {
	if before.Type == plan.Polygon && !before.IsEmpty() && !after.IsEmpty() {
		if only, settled, _ := m.Partition.Locate(m.Crossing, before.Box().Union(after.Box())); settled {
			shared := m.Kernel.IntersectionAreaBoxes(before, after, before.Box(), after.Box())
			came, went := leave(geo.Area(after), shared), leave(geo.Area(before), shared)
			m.touch(only)
			m.move(only, came, went)
			m.total.came, m.total.went = m.total.came+came, m.total.went+went
			return nil
		}
	}
	return m.reshapeAcross(before, after)
}

// reshapeAcross divides the two figures and what they share along the borders.
func (m *measure) reshapeAcross(before, after plan.Geometry) error {
	shared := plan.Geometry{Type: before.Type}
	if !before.IsEmpty() && !after.IsEmpty() && before.Type != plan.Point {
		var err error
		if shared, err = geo.Intersection(before, after); err != nil {
			return err
		}
	}
	parts := map[int16]*tally{}
	take := func(g plan.Geometry, sign func(t *tally, size float64)) (whole float64) {
		if g.IsEmpty() {
			return 0
		}
		whole = sizeOf(g)
		for _, part := range m.Divide(g, g.Box(), whole) {
			if parts[part.Kommun] == nil {
				parts[part.Kommun] = &tally{}
			}
			sign(parts[part.Kommun], part.Size)
		}
		return whole
	}
	came := take(after, func(t *tally, size float64) { t.came += size })
	went := take(before, func(t *tally, size float64) { t.went += size })
	both := take(shared, func(t *tally, size float64) { t.came, t.went = t.came-size, t.went-size })
	for k, t := range parts {
		m.touch(k)
		m.move(k, leave(t.came, 0), leave(t.went, 0))
	}
	m.total.came, m.total.went = m.total.came+leave(came, both), m.total.went+leave(went, both)
	return nil
}

func (m *measure) move(k int16, came, went float64) {
	t := &m.kommuner[k+1]
	t.came, t.went = t.came+came, t.went+went
}

// leave gives what is left of a whole without a part; rounding makes no debts.
func leave(whole, part float64) float64 { return max(whole-part, 0) }

// rows lists the municipalities where anything happened, by kommunkod; what lies in none comes last.
func (m *measure) rows(kind plan.GeometryType) []plan.KommunDifference {
	rows := []plan.KommunDifference{}
	for i := range m.kommuner {
		k := int16(i)
		if i == len(m.kommuner)-1 {
			k = division.None
		}
		t := &m.kommuner[k+1]
		if t.added+t.removed+t.changed == 0 {
			continue
		}
		kod, namn := m.Partition.Name(k)
		rows = append(rows, plan.KommunDifference{Kommun: kod, Namn: namn.SV, Added: t.added, Removed: t.removed, Changed: t.changed,
			Growth: plan.NewGrowth(kind, t.came, t.went)})
	}
	return rows
}

// sizeOf gives square metres, metres or the number of points.
func sizeOf(g plan.Geometry) float64 {
	switch g.Type {
	case plan.Polygon:
		return geo.Area(g)
	case plan.Line:
		return geo.Length(g)
	}
	return float64(g.NumVertices())
}
