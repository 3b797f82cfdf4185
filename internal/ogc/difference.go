package ogc

import (
	"mime"
	"net/url"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// The further formats of a difference.
const (
	GeoJSON    Format = "geojson"
	GeoPackage Format = "gpkg"
)

// MediaGeoPackage is the media type of GeoPackage files (OGC 12-128r19, annex F).
const MediaGeoPackage = "application/geopackage+sqlite3"

// differencePage is how many features that differ a JSON document has when the request does not say.
const differencePage = 1000

// DifferenceRequest is a parsed request for what two states of a layer do not share.
type DifferenceRequest struct {
	From, To plan.Revision // 0 when not given
	CRS      geo.CRS
	Format   Format
	After    string // id to go on after
	Limit    int    // features; 0: only the summary; -1: no limit
	values   url.Values
}

// ParseDifference reads the parameters of a request for the difference of two revisions of the layer.
func ParseDifference(values url.Values, accept, layer string) (*DifferenceRequest, error) {
	p := parameters{values: values}
	p.onlyKnown([]string{"from", "to", "crs", "cursor", "f", "limit"})
	r := &DifferenceRequest{From: p.revisionNamed("from", 0), To: p.revisionNamed("to", 1), CRS: p.crs("crs"), values: values}
	r.Format = p.differenceFormat(accept)
	if _, asked := p.take("crs"); r.Format == GeoPackage && !asked {
		r.CRS = geo.House
	}
	r.Limit = p.differenceLimit(r.Format)
	if text, sent := p.take("cursor"); sent {
		c, err := parseCursor(text, r.filters(layer, r.From))
		if err != nil || c.revision != r.To {
			p.refuse("cursor", errNoCursor)
		}
		r.After = c.after
	}
	return r, p.err()
}

// filters binds a cursor to the layer and the earlier revision; it names the later one itself.
func (r *DifferenceRequest) filters(layer string, from plan.Revision) string {
	return "diff " + layer + " " + strconv.FormatInt(int64(from), 10)
}

// Links gives self and, when there are more features after the id, next. Both name the two revisions, so that pages
// belong together.
func (r *DifferenceRequest) Links(path, layer string, from, to plan.Revision, after string) []Link {
	pinned := with(with(r.values, "from", strconv.FormatInt(int64(from), 10)), "to", strconv.FormatInt(int64(to), 10))
	media := r.Format.difference()
	links := []Link{{Href: address(path, pinned), Rel: "self", Type: media}}
	if after != "" {
		next := with(pinned, "cursor", cursor{revision: to, after: after}.text(r.filters(layer, from)))
		links = append(links, Link{Href: address(path, next), Rel: "next", Type: media})
	}
	return links
}

func (f Format) difference() string {
	return map[Format]string{GeoJSON: MediaGeoJSON, GeoPackage: MediaGeoPackage}[f]
}

func (p *parameters) differenceFormat(accept string) Format {
	text, sent := p.take("f")
	if !sent {
		return negotiateDifference(accept)
	}
	format := Format(text)
	if format != JSON && format != GeoJSON && format != GeoPackage {
		p.fault("f", "is %q; use json, geojson or gpkg", clip(text))
	}
	return format
}

func negotiateDifference(accept string) Format {
	for part := range strings.SplitSeq(accept, ",") {
		switch media, _, _ := mime.ParseMediaType(part); media {
		case MediaJSON:
			return JSON
		case MediaGeoJSON:
			return GeoJSON
		case MediaGeoPackage:
			return GeoPackage
		}
	}
	return JSON
}

// differenceLimit reads the size of a page. Without one a JSON document is cut, a file for a GIS is whole.
func (p *parameters) differenceLimit(format Format) int {
	text, sent := p.take("limit")
	switch limit, err := strconv.Atoi(text); {
	case sent && format == GeoPackage:
		p.fault("limit", "has no meaning for a GeoPackage, which is always whole")
		return 0
	case !sent && format == JSON:
		return differencePage
	case !sent:
		return -1
	case err != nil || limit < 0:
		p.fault("limit", "is %q; it must be a whole number from 0 (only the summary)", clip(text))
		return 0
	default:
		return min(limit, MaxLimit)
	}
}
