package report

import (
	"context"
	"io"
	"slices"
	"strings"

	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Form is a form that a frozen report is read in.
type Form struct {
	Name      string // as one asks for it
	Extension string // of the file's name
	MediaType string
}

// The forms. JSON is the report with its content; Canonical the content alone, byte for byte as its hash counts it.
var (
	JSON       = Form{"json", ".json", "application/json"}
	Canonical  = Form{"canonical", ".json", "application/json"}
	CSV        = Form{"csv", ".csv", export.CSV.MediaType}
	XLSX       = Form{"xlsx", ".xlsx", export.XLSX.MediaType}
	GeoPackage = Form{"gpkg", ".gpkg", export.GeoPackage.MediaType}
	PDF        = Form{"pdf", ".pdf", "application/pdf"}

	forms = []Form{JSON, Canonical, CSV, XLSX, GeoPackage, PDF}
)

// FormNamed finds a form; JSON for "".
func FormNamed(name string) (Form, error) {
	if name == "" {
		return JSON, nil
	}
	if i := slices.IndexFunc(forms, func(f Form) bool { return f.Name == name }); i >= 0 {
		return forms[i], nil
	}
	var names []string
	for _, f := range forms {
		names = append(names, f.Name)
	}
	return Form{}, plan.Errorf(plan.Invalid, "f", "there is no form %q; the forms are %s", name, strings.Join(names, ", "))
}

// FileName is what the report is called on a disk.
func FileName(r *plan.Report, f Form) string {
	return "rapport-" + r.ID[:min(len(r.ID), 8)] + f.Extension
}

// Thaw gives the content of a report that is done.
func (d *Desk) Thaw(ctx context.Context, r *plan.Report) (*plan.ReportContent, []byte, error) {
	text, err := d.store.ReportContent(ctx, r.ID)
	if err != nil {
		return nil, nil, err
	}
	content, err := thaw(text)
	return content, text, err
}

// File says what is to be written for a form that is a file of tables. For CSV it is the table of that name; "" is the
// first one.
func File(r *plan.Report, c *plan.ReportContent, form Form, table string, style export.Table) (export.File, error) {
	list := tables(r, c)
	switch form {
	case GeoPackage:
		return export.File{Format: export.GeoPackage, CRS: geo.House, Layers: append(shapes(c), list...)}, nil
	case XLSX:
		return export.File{Format: export.XLSX, CRS: geo.House, Layers: list}, nil
	}
	names := []string{}
	for _, layer := range list {
		if table == "" || table == layer.Name {
			return export.File{Format: export.CSV, CRS: geo.House, Layers: []export.Layer{layer}, Table: style}, nil
		}
		names = append(names, layer.Name)
	}
	return export.File{}, plan.Errorf(plan.Invalid, "table", "the report has no table %q; it has %s", table, strings.Join(names, ", "))
}

// Print writes the report as a PDF. The same report gives the same bytes.
func Print(w io.Writer, r *plan.Report, c *plan.ReportContent) error {
	p, err := newPrint(r, c)
	if err != nil {
		return err
	}
	return p.write(w)
}
