package wfs

import (
	"bytes"
	"strings"

	"strukturbild/internal/ogc"
)

// ParseXML reads a request in XML. The request is not nil even when there is an error, which is a Fault.
func ParseXML(body []byte) (*Request, error) {
	r := &Request{Version: V200, parameters: map[string]string{}}
	root, err := ogc.ParseXML(bytes.NewReader(body))
	if err != nil {
		return r, as(OperationParsingFailed, "", err)
	}
	r.parameters["service"] = "WFS" // OGC 04-094, 7.4: optional, since the namespace says it
	for _, a := range root.Attributes {
		name := strings.ToLower(a.Name.Local)
		if alias, known := aliases[name]; known {
			name = alias
		}
		r.parameters[name] = strings.TrimSpace(a.Value)
	}
	r.parameters["request"] = root.Name
	if r.parameters["version"] == "" && root.Space == "http://www.opengis.net/wfs" && root.Name != string(GetCapabilities) {
		r.parameters["version"] = string(V110) // OGC 04-094, 7.3: the newest that the schema knows
	}
	r.parameters["acceptversions"] = strings.Join(texts(root, "AcceptVersions", "Version"), ",")
	if err := r.settle(); err != nil {
		return r, err
	}
	r.TypeNames, r.StoredQueries, r.Sections = texts(root, "TypeName"), texts(root, "StoredQueryId"), texts(root, "Sections", "Section")
	for _, child := range root.Children {
		switch child.Name {
		case "Query", "Lock":
			r.Queries = append(r.Queries, query(child))
		case "StoredQuery":
			r.Queries = append(r.Queries, storedQuery(child))
		}
	}
	if r.Operation == Transaction {
		r.parameters["lockid"] = strings.Join(append(texts(root, "LockId"), list(r.parameters["lockid"])...), "")
		if r.Actions, err = actions(root); err != nil {
			return r, err
		}
	}
	return r, r.settleLock()
}

func query(e *ogc.Element) Query {
	q := Query{SRSName: attribute(e, "srsName"), Properties: texts(e, "PropertyName"), Filter: e.Child("Filter")}
	for _, names := range []string{attribute(e, "typeNames"), attribute(e, "typeName")} {
		for name := range strings.FieldsSeq(names) {
			q.TypeNames = append(q.TypeNames, list(name)...)
		}
	}
	if order := e.Child("SortBy"); order != nil {
		q.SortBy = sortBy(order)
	}
	return q
}

// sortBy gives what key-value pairs would have.
func sortBy(e *ogc.Element) string {
	var keys []string
	for _, property := range e.Children {
		key := strings.Join(append(texts(property, "ValueReference"), texts(property, "PropertyName")...), "")
		keys = append(keys, strings.TrimSpace(key+" "+strings.Join(texts(property, "SortOrder"), "")))
	}
	return strings.Join(keys, ",")
}

func storedQuery(e *ogc.Element) Query {
	q := Query{Stored: attribute(e, "id"), SRSName: attribute(e, "srsName"), Parameters: map[string]string{}}
	for _, child := range e.Children {
		if child.Name == "Parameter" {
			q.Parameters[strings.ToLower(attribute(child, "name"))] = strings.TrimSpace(child.Text)
		}
	}
	return q
}

// attribute gives an attribute by its name in any case: OWSLib writes typenames.
func attribute(e *ogc.Element, name string) string {
	for _, a := range e.Attributes {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}

// texts gives the texts of the descendants at the path.
func texts(e *ogc.Element, path ...string) (found []string) {
	for _, child := range e.Children {
		switch {
		case child.Name != path[0]:
		case len(path) > 1:
			found = append(found, texts(child, path[1:]...)...)
		default:
			found = append(found, strings.TrimSpace(child.Text))
		}
	}
	return found
}
