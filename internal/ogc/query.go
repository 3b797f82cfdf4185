package ogc

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Page sizes. QGIS and GDAL take the default from the API document and page by it.
const (
	DefaultLimit = 1000
	MaxLimit     = 10_000
)

// itemsParameters are known for every layer; attributes come on top. An attribute of the same name can't be asked for.
var itemsParameters = []string{"at", "bbox", "bbox-crs", "crs", "cursor", "datetime", "f", "filter", "filter-crs", "filter-lang", "limit", "properties",
	"revision", "skipGeometry", "sortby"}

// ItemsRequest is a parsed request for features.
type ItemsRequest struct {
	Query   plan.Query
	CRS     geo.CRS // of the answer
	Format  Format
	values  url.Values // as sent
	filters string
	formats []Format // that there are
}

// Links gives the links of the page at the address without parameters: self and, when there are more features after
// the id, next, which names the state that this page was cut from and how many features match in it. Both carry every parameter, percent-encoded.
func (r *ItemsRequest) Links(path string, revision plan.Revision, matched int, after string) []Link {
	links := []Link{{Href: address(path, r.values), Rel: "self", Type: r.Format.Media()}}
	if after == "" {
		return links
	}
	if r.Query.Revision != 0 {
		revision = r.Query.Revision
	}
	next := with(r.values, "cursor", cursor{revision, matched, after}.text(r.filters))
	return append(links, Link{Href: address(path, next), Rel: "next", Type: r.Format.Media()})
}

// ItemRequest is a parsed request for one feature.
type ItemRequest struct {
	Revision plan.Revision // 0: now
	CRS      geo.CRS       // of the answer
	Format   Format
	values   url.Values
}

// ParseItems reads the parameters of a request for features of the layer (Part 1, 7.15; Part 2, 6.2 and 6.3; Part
// 3, 8). The error is a plan.Error, Invalid, with one finding for every fault.
func ParseItems(values url.Values, accept string, layer *plan.Layer) (*ItemsRequest, error) {
	p := parameters{values: values}
	p.onlyKnown(knownParameters(layer))
	r := &ItemsRequest{values: values, filters: filters(layer.ID, values)}
	r.Query = plan.Query{Layer: layer.ID, Limit: p.limit(), Revision: p.revision()}
	p.equal(&r.Query, layer)
	r.CRS = p.crs("crs")
	r.formats = formatsOf(layer)
	r.Format = p.format(accept, r.formats)
	p.box(&r.Query, layer)
	p.interval(&r.Query, layer)
	p.filter(&r.Query, layer)
	p.sort(&r.Query, layer)
	p.properties(&r.Query, layer)
	p.cursor(r)
	if err := p.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// ParseItem reads the parameters of a request for one feature.
func ParseItem(values url.Values, accept string) (*ItemRequest, error) {
	p := parameters{values: values}
	p.onlyKnown([]string{"at", "crs", "f", "revision"})
	r := &ItemRequest{Revision: p.revision(), CRS: p.crs("crs"), Format: p.format(accept, itemFormats), values: values}
	if err := p.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// Moment is the parameters that say which state is wanted; the caller knows what they mean.
var Moment = []string{"revision", "at"}

// ParseDocument reads the parameters of a request for any other document, which can choose its format. Further ones are
// let through.
func ParseDocument(values url.Values, accept string, further ...string) (Format, error) {
	p := parameters{values: values}
	p.onlyKnown(append([]string{"f"}, further...))
	format := p.format(accept, documentFormats)
	return format, p.err()
}

// Known gives the parameters that mean something in a request for features of the layer, for clients that would rather
// have the others passed over than refused.
func Known(values url.Values, layer *plan.Layer) url.Values {
	known := url.Values{}
	for _, name := range knownParameters(layer) {
		if list, sent := values[name]; sent {
			known[name] = list
		}
	}
	return known
}

func knownParameters(layer *plan.Layer) []string {
	known := slices.Clone(itemsParameters)
	for _, a := range layer.Attributes {
		if !slices.Contains(known, a.Name) {
			known = append(known, a.Name)
		}
	}
	return known
}

// limit is clamped, never refused for being large (Part 1, 7.15.2).
func (p *parameters) limit() int {
	text, sent := p.take("limit")
	if !sent {
		return DefaultLimit
	}
	limit, err := strconv.Atoi(text)
	if isDigits(text) && (err != nil || limit > MaxLimit) {
		return MaxLimit
	}
	if err != nil || limit < 1 {
		p.fault("limit", "is %q; it must be a whole number from 1 (more than %d is taken as %d)", clip(text), MaxLimit, MaxLimit)
		return DefaultLimit
	}
	return limit
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (p *parameters) revision() plan.Revision { return p.revisionNamed("revision", 1) }

func (p *parameters) revisionNamed(name string, least int64) plan.Revision {
	text, sent := p.take(name)
	if !sent {
		return 0
	}
	revision, err := strconv.ParseInt(text, 10, 64)
	if err != nil || revision < least {
		p.fault(name, "is %q; it must be the number of a revision, from %d", clip(text), least)
	}
	return plan.Revision(revision)
}

// crs reads a coordinate system that the collections list; CRS84 when none is named (Part 2, 6.2.2).
func (p *parameters) crs(name string) geo.CRS {
	text, sent := p.take(name)
	if !sent {
		return geo.CRS84
	}
	crs, err := geo.ParseCRS(text)
	if err != nil || !slices.Contains(geo.Supported, crs.WithURIOrder()) {
		p.fault(name, "is %q; use one of %s", clip(text), strings.Join(SystemURIs(), ", "))
		return geo.CRS84
	}
	return crs
}

// SystemURIs lists the supported systems, the storage system first.
func SystemURIs() []string {
	uris := make([]string, len(geo.Supported))
	for i, crs := range geo.Supported {
		uris[i] = crs.URI()
	}
	return uris
}

func (p *parameters) box(q *plan.Query, layer *plan.Layer) {
	crs := p.crs("bbox-crs")
	text, sent := p.take("bbox")
	if !sent {
		return
	}
	box, err := ParseBox(text, crs)
	switch {
	case err != nil:
		p.refuse("bbox", err)
	case layer.GeometryType != plan.None: // Part 1, 7.15.3: a box matches features without geometry too
		q.Where(plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: plan.GeometryProperty}, Right: box})
	}
}

func (p *parameters) interval(q *plan.Query, layer *plan.Layer) {
	text, sent := p.take("datetime")
	if !sent {
		return
	}
	interval, err := parseInterval(text)
	switch {
	case err != nil:
		p.refuse("datetime", err)
	case interval != plan.Interval{}:
		q.Where(layer.Timely(interval))
	}
}

// equal reads the attributes that must have a value (Part 1, 7.15.5).
func (p *parameters) equal(q *plan.Query, layer *plan.Layer) {
	for _, a := range layer.Attributes {
		if slices.Contains(itemsParameters, a.Name) {
			continue
		}
		text, sent := p.take(a.Name)
		if !sent {
			continue
		}
		value, err := a.Parse(text)
		if err != nil {
			p.refuse(a.Name, err)
			continue
		}
		q.Where(plan.Compare{Op: plan.Equal, Left: plan.Property{Name: a.Name}, Right: plan.Literal{Value: value}})
	}
}

func (p *parameters) cursor(r *ItemsRequest) {
	text, sent := p.take("cursor")
	if !sent {
		return
	}
	c, err := parseCursor(text, r.filters)
	switch {
	case err != nil:
		p.refuse("cursor", err)
	case r.Query.Revision != 0 && r.Query.Revision != c.revision:
		p.fault("revision", "is %d, but the cursor belongs to revision %d", r.Query.Revision, c.revision)
	default:
		r.Query.Revision, r.Query.Matched, r.Query.After = c.revision, c.matched, c.after
	}
}
