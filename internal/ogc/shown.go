package ogc

import (
	"net/url"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Shown says how a list that is no collection is narrowed to a place, and in which system it is written.
type Shown struct {
	Place plan.Expression // of bbox, a constant geometry; nil when it was not sent
	CRS   geo.CRS
}

// ParseShown reads bbox, bbox-crs and crs. usual is the system when none is named. The error is a plan.Error, Invalid,
// with one finding for every fault.
func ParseShown(values url.Values, usual geo.CRS) (*Shown, error) {
	p := parameters{values: values}
	shown := &Shown{CRS: usual}
	if values.Has("crs") {
		shown.CRS = p.crs("crs")
	}
	crs := p.crs("bbox-crs")
	if text, sent := p.take("bbox"); sent {
		var err error
		if shown.Place, err = ParseBox(text, crs); err != nil {
			p.refuse("bbox", err)
		}
	}
	return shown, p.err()
}
