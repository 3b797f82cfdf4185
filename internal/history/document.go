package history

import (
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// Page is a part of a difference, in the order of ids.
type Page struct {
	*Difference
	Changes []Change
	Next    string // id to go on after; "" when this is the last page
}

// Page cuts at most limit features that differ, after the id. Their shapes and texts stay where they are: a page costs
// its rows, not its vertices.
func (d *Difference) Page(after string, limit int) Page {
	page := Page{Difference: d}
	if limit == 0 {
		return page
	}
	for c := range d.Changes(after) {
		if len(page.Changes) == limit {
			page.Next = page.Changes[limit-1].ID
			break
		}
		page.Changes = append(page.Changes, c)
	}
	return page
}

// Document is the difference as JSON.
type Document struct {
	Layer    string
	From, To plan.Revision
	Summary  *plan.DifferenceSummary // nil on later pages
	Page     Page
	CRS      geo.CRS
	Links    []ogc.Link
}

// chunk is how much is gathered before it is written.
const chunk = 32 << 10

// Write streams the document: the summary first, then the features that were added, removed and changed.
func (d *Document) Write(w io.Writer) error {
	out := &writer{Writer: w, before: ogc.NewEncoder(d.Page.Was, d.CRS), after: ogc.NewEncoder(d.Page.Is, d.CRS),
		columns: columns(d.Page.Was, d.Page.Is), kind: d.Page.Is.GeometryType}
	out.member(`{"layer":`, d.Layer)
	out.member(`,"from":`, d.From)
	out.member(`,"to":`, d.To)
	if d.Summary != nil {
		out.member(`,"summary":`, d.Summary)
	}
	out.list(`,"added":[`, d.Page.Changes, Added, func(c *Change) { out.feature(out.after, c.After) })
	out.list(`],"removed":[`, d.Page.Changes, Removed, func(c *Change) { out.feature(out.before, c.Before) })
	out.list(`],"changed":[`, d.Page.Changes, Changed, out.changed)
	out.member(`],"complete":`, d.Page.Next == "")
	out.member(`,"links":`, append([]ogc.Link{}, d.Links...))
	out.text("}\n")
	out.keep(d.Page.Err())
	out.flush()
	return out.err
}

// writer gathers what is written and keeps the first error.
type writer struct {
	io.Writer
	before, after *ogc.Encoder
	columns       []column
	kind          plan.GeometryType
	buffer        []byte
	err           error
}

func (w *writer) text(s string) { w.buffer = append(w.buffer, s...) }

func (w *writer) member(name string, value any) {
	text, err := ogc.Encode(value)
	w.keep(err)
	w.buffer = append(append(w.buffer, name...), text...)
}

func (w *writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) flush() {
	if w.err == nil {
		_, w.err = w.Write(w.buffer)
	}
	w.buffer = w.buffer[:0]
}

func (w *writer) list(begin string, changes []Change, kind Kind, write func(*Change)) {
	w.text(begin)
	first := true
	for i := range changes {
		if changes[i].Kind != kind || w.err != nil {
			continue
		}
		if !first {
			w.text(",\n")
		}
		first = false
		write(&changes[i])
		if len(w.buffer) >= chunk {
			w.flush()
		}
	}
}

func (w *writer) feature(encoder *ogc.Encoder, f *plan.Feature) {
	var err error
	w.buffer, err = encoder.Append(w.buffer, f)
	w.keep(err)
}

// changed writes what differs, field by field, and the feature before and after.
func (w *writer) changed(c *Change) {
	w.member(`{"id":`, c.ID)
	w.member(`,"geometry_changed":`, c.GeometryChanged())
	if difference := plan.NewGrowth(w.kind, sizeOf(c.After.Geometry), sizeOf(c.Before.Geometry)); difference.AreaNetHa != nil {
		w.member(`,"area_difference_ha":`, *difference.AreaNetHa)
	} else if difference.LengthNetM != nil {
		w.member(`,"length_difference_m":`, *difference.LengthNetM)
	}
	w.text(`,"fields":[`)
	for i, field := range fields(w.columns, c) {
		if i > 0 {
			w.text(",")
		}
		w.field(&field)
	}
	w.text(`],"before":`)
	w.feature(w.before, c.Before)
	w.text(`,"after":`)
	w.feature(w.after, c.After)
	w.text("}")
}

func (w *writer) field(f *Field) {
	w.text(`{"name":`)
	w.buffer, _ = jsontext.AppendQuote(w.buffer, f.Name)
	w.text(`,"before":`)
	w.buffer = f.Before.AppendJSON(w.buffer)
	w.text(`,"after":`)
	w.buffer = f.After.AppendJSON(w.buffer)
	w.text("}")
}
