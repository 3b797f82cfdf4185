package wfs

import (
	"net/url"
	"strings"

	"strukturbild/internal/ogc"
)

// aliases are other names of parameters, of older versions and of clients that mix them.
var aliases = map[string]string{"typename": "typenames", "maxfeatures": "count", "featureid": "resourceid", "storedqueryid": "storedquery_id"}

// ParseKVP reads a request as key-value pairs: names in any case, and those that no version knows let be (OGC 06-121r3,
// 11.5.2). The request is not nil even when there is an error, which is a Fault: it has the version to answer in.
func ParseKVP(rawQuery string) (*Request, error) {
	r := &Request{Version: V200, parameters: map[string]string{}}
	values, err := url.ParseQuery(strings.ReplaceAll(rawQuery, ";", "%3B")) // in media types, which few clients encode
	if err != nil {
		return r, faultf(OperationParsingFailed, "", "the query string can't be read: %w", err)
	}
	if err := r.read(values); err != nil {
		return r, err
	}
	if err := r.settle(); err != nil {
		return r, err
	}
	r.Sections = list(r.parameters["sections"])
	switch r.Operation {
	case DescribeFeatureType:
		r.TypeNames = list(strings.NewReplacer(")(", ",", "(", "", ")", "").Replace(r.parameters["typenames"]))
	case DescribeStoredQueries:
		r.StoredQueries = list(r.parameters["storedquery_id"])
	case GetFeature, GetPropertyValue, GetFeatureWithLock, LockFeature:
		if r.Queries, err = r.queries(); err == nil {
			err = r.settleLock()
		}
	case Transaction:
		err = faultf(OperationNotSupported, "request", "a transaction is sent as XML, by POST")
	}
	return r, err
}

// read takes the parameters by their names in lower case. What is sent under two names has that of the standard before the others.
func (r *Request) read(values url.Values) error {
	for name, sent := range values {
		name = strings.ToLower(name)
		for _, value := range sent {
			if before, twice := r.parameters[name]; twice && before != value {
				return faultf(InvalidParameterValue, name, "%s is given twice, as %q and %q; give it once", clip(name), clip(before), clip(value))
			}
			r.parameters[name] = value
		}
	}
	for alias, name := range aliases {
		if r.parameters[name] == "" && r.parameters[alias] != "" {
			r.parameters[name] = r.parameters[alias]
		}
	}
	return nil
}

// queries makes a query of each type, or group of types, that is named.
func (r *Request) queries() ([]Query, error) {
	if id := r.parameters["storedquery_id"]; id != "" {
		return []Query{{Stored: id, SRSName: r.parameters["srsname"], Parameters: r.parameters}}, nil
	}
	queries := r.typed()
	for _, of := range []struct {
		name string
		set  func(q *Query, text string) error
	}{
		{"srsname", func(q *Query, text string) error { q.SRSName = text; return nil }},
		{"propertyname", func(q *Query, text string) error { q.Properties = list(text); return nil }},
		{"resourceid", func(q *Query, text string) error { q.IDs = list(text); return nil }},
		{"bbox", func(q *Query, text string) error { q.BBox = text; return nil }},
		{"sortby", func(q *Query, text string) error { q.SortBy = text; return nil }},
		{"filter", (*Query).setFilter},
	} {
		parts := groups(r.parameters[of.name])
		if len(parts) > 1 && len(parts) != len(queries) {
			return nil, faultf(InvalidParameterValue, of.name, "%s has %d groups for %d queries; there must be one for each, or one for all", of.name, len(parts), len(queries))
		}
		for i := range queries {
			if len(parts) == 0 {
				continue
			}
			if err := of.set(&queries[i], parts[min(i, len(parts)-1)]); err != nil {
				return nil, err
			}
		}
	}
	return queries, nil
}

// setFilter reads the XML of a filter; of several queries some may have none.
func (q *Query) setFilter(text string) (err error) {
	if strings.TrimSpace(text) != "" {
		q.Filter, err = ogc.ParseXML(strings.NewReader(text))
	}
	return as(OperationParsingFailed, "filter", err)
}

// typed makes queries of the types. When only ids are given, they name the types (OGC 09-025r2, 7.9.2.5.4.1).
func (r *Request) typed() (queries []Query) {
	names := r.parameters["typenames"]
	switch {
	case names == "":
		for _, id := range list(strings.NewReplacer(")(", ",", "(", "", ")", "").Replace(r.parameters["resourceid"])) {
			layer, _, _ := strings.Cut(id, ".")
			if len(queries) == 0 || queries[len(queries)-1].TypeNames[0] != layer {
				queries = append(queries, Query{TypeNames: []string{layer}})
			}
		}
	case r.Version == V200 || strings.HasPrefix(names, "("):
		for _, group := range groups(names) {
			queries = append(queries, Query{TypeNames: list(group)})
		}
	default:
		for _, name := range list(names) {
			queries = append(queries, Query{TypeNames: []string{name}})
		}
	}
	return queries
}

// groups parts (a)(b), which is how a parameter is given for several queries; text without parentheses is one group.
func groups(text string) []string {
	if text == "" {
		return nil
	}
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		return strings.Split(text[1:len(text)-1], ")(")
	}
	return []string{text}
}
