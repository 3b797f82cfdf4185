package export

import (
	"iter"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// File says what is to be written.
type File struct {
	Format *Format
	CRS    geo.CRS // of the coordinates; the axis order is the format's own
	Layers []Layer // one; any number in a GeoPackage and in Excel
	Table  Table   // for CSV and Excel
}

// Layer is one layer of a file.
type Layer struct {
	Name       string // in the file
	Definition *plan.Layer
	Features   iter.Seq[*plan.Feature] // with values as the definition says; may be walked several times, and reuse the feature
	Count      int
}

// Table says how a file without geometries of its own looks.
type Table struct {
	Geometry  TableGeometry
	Semicolon bool // CSV as Excel wants it in Sweden: ; between the columns and a decimal comma
	Mark      bool // a byte order mark at the beginning of CSV, by which Excel knows UTF-8
}

// TableGeometry is the way in which a table shows where a feature lies.
type TableGeometry string

// The ways. Auto is XY for a layer of single points; for others WKT in CSV, and None in Excel, whose cells are too
// small.
const (
	Auto       TableGeometry = ""
	XY         TableGeometry = "xy"
	WKT        TableGeometry = "wkt"
	NoGeometry TableGeometry = "none"
)

// Select gives the layer with only the named attributes, in the order of the names.
func (l Layer) Select(names []string) (Layer, error) {
	definition := *l.Definition
	definition.Attributes = nil
	var indexes []int
	for _, name := range names {
		i := l.Definition.Attribute(name)
		if i < 0 {
			return l, plan.Errorf(plan.Invalid, "attributes", "layer %q has no attribute %q", l.Definition.ID, name)
		}
		if definition.Attribute(name) >= 0 {
			return l, plan.Errorf(plan.Invalid, "attributes", "attribute %q is named twice", name)
		}
		indexes = append(indexes, i)
		definition.Attributes = append(definition.Attributes, l.Definition.Attributes[i])
	}
	all := l.Features
	l.Definition = &definition
	l.Features = func(yield func(*plan.Feature) bool) {
		var chosen plan.Feature
		values := make([]plan.Value, len(indexes))
		for f := range all {
			chosen = *f
			chosen.Values = values
			for i, index := range indexes {
				values[i] = f.Values[index]
			}
			if !yield(&chosen) {
				return
			}
		}
	}
	return l, nil
}

// withID gives the layer with the id of the features as its first attribute.
func (l Layer) withID() Layer {
	definition := *l.Definition
	id := plan.Attribute{Name: "id", Type: plan.String, Title: plan.Text{SV: "Id", EN: "Id"}, Required: true}
	definition.Attributes = append([]plan.Attribute{id}, definition.Attributes...)
	all := l.Features
	l.Definition = &definition
	l.Features = func(yield func(*plan.Feature) bool) {
		var extended plan.Feature
		var values []plan.Value
		for f := range all {
			values = append(append(values[:0], plan.TextValue(f.ID)), f.Values...)
			extended = *f
			extended.Values = values
			if !yield(&extended) {
				return
			}
		}
	}
	return l
}

// check refuses what the format can't be, before anything is written.
func (f *File) check() error {
	if len(f.Layers) != 1 && !f.Format.several {
		return plan.Errorf(plan.Invalid, "f", "a %s file holds one layer, not %d", f.Format.Name, len(f.Layers))
	}
	if (f.Format == FlatGeobuf || f.Format == Shapefile) && f.Layers[0].Definition.GeometryType == plan.None {
		return plan.Errorf(plan.Invalid, "f", "layer %q has no geometry, and %s is for geometries: take gpkg, csv or xlsx", f.Layers[0].Definition.ID, f.Format.Name)
	}
	if f.Table != (Table{}) && f.Format != CSV && f.Format != XLSX {
		return plan.Errorf(plan.Invalid, "f", "geometry, separator and bom are for tables (csv, xlsx), not for %s", f.Format.Name)
	}
	if f.Format == XLSX && (f.Table.Semicolon || f.Table.Mark) {
		return plan.Errorf(plan.Invalid, "f", "separator and bom are for csv, not for xlsx")
	}
	return nil
}
