package history

import (
	"bytes"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// The bounds of the features that a trial tells of one by one; its summary is of all.
const (
	trialFeatures = 100
	trialVertices = 50_000
)

// Trial tells what a change that is not made would do to the layer as it is in the view: the document of the difference,
// from the view's revision to none.
func Trial(is *atlas.Snapshot, change *plan.LayerChange, view *atlas.View) ([]byte, error) {
	difference := Of(is, change)
	summary, err := difference.Summary(view.Partition())
	if err != nil {
		return nil, err
	}
	document := Document{Layer: change.Layer, From: view.Revision(), Summary: summary, Page: difference.sample(), CRS: geo.CRS84}
	var text bytes.Buffer
	if err := document.Write(&text); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// sample gives the first changes, as many as are small enough to be told.
func (d *Difference) sample() Page {
	page, vertices := Page{Difference: d}, 0
	for c := range d.Changes("") {
		for _, f := range []*plan.Feature{c.Before, c.After} {
			if f != nil {
				vertices += f.Geometry.NumVertices()
			}
		}
		if len(page.Changes) == trialFeatures || vertices > trialVertices {
			page.Next = c.ID // there are more
			break
		}
		page.Changes = append(page.Changes, c)
	}
	return page
}
