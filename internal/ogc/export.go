package ogc

import (
	"net/url"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// exportParameters are those of a request for a file; what the format is and how it looks is for others to read.
var exportParameters = []string{"at", "attributes", "bbox", "bbox-crs", "bom", "crs", "datetime", "f", "geometry", "limit", "revision", "separator"}

// ExportRequest is a parsed request for features in a file.
type ExportRequest struct {
	Query      plan.Query
	CRS        geo.CRS  // of the coordinates, x first
	Attributes []string // in their order; nil is all
}

// ParseExport reads the parameters of a request for a file of the layer. usual is the system when none is named. The
// error is a plan.Error, Invalid, with one finding for every fault.
func ParseExport(values url.Values, layer *plan.Layer, usual geo.CRS) (*ExportRequest, error) {
	p := parameters{values: values}
	p.onlyKnown(exportParameters)
	r := &ExportRequest{Query: plan.Query{Layer: layer.ID, Revision: p.revision()}, CRS: usual}
	if values.Has("crs") {
		r.CRS = p.crs("crs").WithXYOrder()
	}
	p.box(&r.Query, layer)
	p.interval(&r.Query, layer)
	if text, sent := p.take("limit"); sent {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			p.fault("limit", "is %q; it must be a whole number from 1", clip(text))
		}
		r.Query.Limit = limit
	}
	if text, sent := p.take("attributes"); sent {
		r.Attributes = []string{}
		if text != "" {
			r.Attributes = strings.Split(text, ",")
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return r, nil
}
