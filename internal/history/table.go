package history

import (
	"iter"
	"strings"

	"strukturbild/internal/plan"
)

// The columns that tell the change. Attribute names begin with a letter, so none is like these.
const (
	columnChange     = "_change"
	columnID         = "_id"
	columnReshaped   = "_geometry_changed"
	columnFields     = "_changed_fields"
	columnDifference = "_difference" // with its unit
)

// Table is a difference as rows of one layer, which opens in a GIS: a changed feature is two rows, before and after.
type Table struct {
	Layer   *plan.Layer // its attributes are the columns
	columns []column
	kind    plan.GeometryType
}

// The values of _change.
const (
	RowAdded         = "added"
	RowRemoved       = "removed"
	RowChangedBefore = "changed_before"
	RowChangedAfter  = "changed_after"
)

// Rows lists them in the order of a legend.
var Rows = []string{RowAdded, RowRemoved, RowChangedBefore, RowChangedAfter}

// Table describes the rows: how each feature changed, and the attributes of both schemas.
func (d *Difference) Table() *Table {
	layer := *d.Is
	layer.Attributes = []plan.Attribute{{Name: columnChange, Type: plan.String}, {Name: columnID, Type: plan.String},
		{Name: columnReshaped, Type: plan.Boolean}, {Name: columnFields, Type: plan.String}}
	switch layer.GeometryType {
	case plan.Polygon:
		layer.Attributes = append(layer.Attributes, plan.Attribute{Name: columnDifference + "_ha", Type: plan.Number, Unit: "ha"})
	case plan.Line:
		layer.Attributes = append(layer.Attributes, plan.Attribute{Name: columnDifference + "_m", Type: plan.Number, Unit: "m"})
	}
	t := &Table{Layer: &layer, columns: columns(d.Was, d.Is), kind: layer.GeometryType}
	for _, c := range t.columns {
		a := c.Attribute
		a.Required, a.Codes = false, nil
		layer.Attributes = append(layer.Attributes, a)
	}
	return t
}

// Rows yields the rows of the changes.
func (t *Table) Rows(changes iter.Seq[Change]) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		for c := range changes {
			switch {
			case c.Kind == Added && !yield(t.row(&c, RowAdded, c.After, true)),
				c.Kind == Removed && !yield(t.row(&c, RowRemoved, c.Before, false)),
				c.Kind == Changed && (!yield(t.row(&c, RowChangedBefore, c.Before, false)) || !yield(t.row(&c, RowChangedAfter, c.After, true))):
				return
			}
		}
	}
}

// Only yields the rows of one kind, under the ids of the features.
func (t *Table) Only(row string, changes iter.Seq[Change]) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		for f := range t.Rows(changes) {
			id, found := strings.CutPrefix(f.ID, row+".")
			if !found {
				continue
			}
			if f.ID = id; !yield(f) {
				return
			}
		}
	}
}

// Counts tells how many rows there are of each kind.
func (d *Difference) Counts() map[string]int {
	counts := map[string]int{}
	for c := range d.Changes("") {
		if c.Kind == Changed {
			counts[RowChangedBefore]++
			counts[RowChangedAfter]++
			continue
		}
		counts[string(c.Kind)]++
	}
	return counts
}

// row gives the feature in one of its states. The id tells the rows of one feature apart.
func (t *Table) row(c *Change, change string, f *plan.Feature, later bool) *plan.Feature {
	row := &plan.Feature{ID: change + "." + c.ID, Since: f.Since, Geometry: f.Geometry}
	row.Values = append(make([]plan.Value, 0, len(t.Layer.Attributes)), plan.TextValue(change), plan.TextValue(c.ID),
		plan.BooleanValue(c.GeometryChanged()), t.changedFields(c))
	if t.kind == plan.Polygon || t.kind == plan.Line {
		row.Values = append(row.Values, plan.NumberValue(t.growth(c)))
	}
	for _, column := range t.columns {
		if later {
			row.Values = append(row.Values, at(f, column.is))
		} else {
			row.Values = append(row.Values, at(f, column.was))
		}
	}
	return row
}

// changedFields names the attributes that differ, of a changed feature.
func (t *Table) changedFields(c *Change) plan.Value {
	if c.Kind != Changed {
		return plan.Value{}
	}
	var names []string
	for _, f := range fields(t.columns, c) {
		names = append(names, f.Name)
	}
	return plan.TextValue(strings.Join(names, ", "))
}

// growth gives by how many hectares or metres the feature grew; below 0 it shrank.
func (t *Table) growth(c *Change) (size float64) {
	if c.After != nil {
		size += sizeOf(c.After.Geometry)
	}
	if c.Before != nil {
		size -= sizeOf(c.Before.Geometry)
	}
	if t.kind == plan.Polygon {
		size /= 10_000
	}
	return size
}
