package ogc

import (
	"strings"

	"strukturbild/internal/plan"
)

// The languages of filters (Part 3, 19-079r2, 8.2). The last is the name that GDAL knows the text by.
const (
	CQL2Text     = "cql2-text"
	CQL2JSON     = "cql2-json"
	CQL2TextGDAL = "cql-text"
)

// filter reads filter, filter-lang and filter-crs.
func (p *parameters) filter(q *plan.Query, layer *plan.Layer) {
	reader := CQL2{CRS: p.crs("filter-crs")}
	read := reader.ParseText
	switch language, _ := p.take("filter-lang"); language {
	case "", CQL2Text, CQL2TextGDAL:
	case CQL2JSON:
		read = reader.ParseJSON
	default:
		p.fault("filter-lang", "is %q; use %s or %s", clip(language), CQL2Text, CQL2JSON)
		return
	}
	text, sent := p.take("filter")
	if !sent {
		return
	}
	e, err := read(text)
	if err == nil {
		e, err = layer.Check(e)
	}
	if err != nil {
		p.refuse("filter", err)
		return
	}
	q.Where(e)
}

// sort reads sortby: properties, each with a sign or none, + for ascending. (A + in an address is a space.)
func (p *parameters) sort(q *plan.Query, layer *plan.Layer) {
	text, sent := p.take("sortby")
	if !sent {
		return
	}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		key := plan.SortKey{Property: strings.TrimLeft(name, "+-"), Descending: strings.HasPrefix(name, "-")}
		q.Sort = append(q.Sort, key)
	}
	if _, err := layer.CheckQuery(plan.Query{Sort: q.Sort}); err != nil {
		p.refuse("sortby", err)
	}
}

// properties reads which attributes are wanted, and whether the geometry is.
func (p *parameters) properties(q *plan.Query, layer *plan.Layer) {
	text, chosen := p.take("properties")
	without, _ := p.take("skipGeometry")
	if without != "" && without != "true" && without != "false" {
		p.fault("skipGeometry", "is %q; it must be true or false", clip(without))
	}
	if !chosen && without != "true" {
		return
	}
	q.Properties = []string{}
	switch {
	case !chosen:
		for _, a := range layer.Attributes {
			q.Properties = append(q.Properties, a.Name)
		}
	case text != "":
		q.Properties = strings.Split(text, ",")
	}
	if _, err := layer.CheckQuery(plan.Query{Properties: q.Properties}); err != nil {
		p.refuse("properties", err)
	}
	if without != "true" && layer.GeometryType != plan.None {
		q.Properties = append(q.Properties, plan.GeometryProperty)
	}
}
