package wfs

import (
	"net/url"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// Address gives the request as an address of the service, from another feature on, in the state that the revision names: so
// pages never skip or repeat, whatever is written meanwhile. A request in XML has such addresses too.
func (r *Request) Address(service string, startIndex int, revision plan.Revision) string {
	values := url.Values{"service": {"WFS"}, "version": {string(r.Version)}, "request": {string(r.Operation)},
		"startIndex": {strconv.Itoa(startIndex)}, "revision": {strconv.FormatInt(int64(revision), 10)}}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	if r.Count != NoCount {
		set("count", strconv.Itoa(r.Count))
	}
	set("outputFormat", r.OutputFormat)
	set("valueReference", r.ValueReference)
	set(r.Version.typeNames(), r.each(func(q Query) string { return strings.Join(q.TypeNames, ",") }))
	set("srsName", r.each(func(q Query) string { return q.SRSName }))
	set("propertyName", r.each(func(q Query) string { return strings.Join(q.Properties, ",") }))
	set("resourceId", r.each(func(q Query) string { return strings.Join(q.IDs, ",") }))
	set("filter", r.each(Query.filterText))
	set("sortBy", r.each(func(q Query) string { return q.SortBy }))
	if len(r.Queries) > 0 {
		set("bbox", r.Queries[0].BBox)
		set("storedQuery_Id", r.Queries[0].Stored)
		set("id", r.Queries[0].Parameters["id"])
	}
	return service + "?" + values.Encode()
}

// each gives a part of the queries: in parentheses when there are several, and nothing when none has it.
func (r *Request) each(part func(Query) string) string {
	if len(r.Queries) == 1 {
		return part(r.Queries[0])
	}
	var text strings.Builder
	some := false
	for _, q := range r.Queries {
		one := part(q)
		some = some || one != ""
		text.WriteString("(" + one + ")")
	}
	if !some {
		return ""
	}
	return text.String()
}

func (q Query) filterText() string {
	if q.Filter == nil {
		return ""
	}
	return q.Filter.XML()
}
