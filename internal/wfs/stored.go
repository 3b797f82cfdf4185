package wfs

import (
	"fmt"
	"io"
	"strings"

	"strukturbild/internal/plan"
)

// ByID is the stored query that every service has (OGC 09-025r2, 7.9.3.6), as 2.0.0 and 2.0.2 name it.
const ByID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"

var byIDNames = []string{ByID, "http://www.opengis.net/def/query/OGC-WFS/0/GetFeatureById"}

func isByID(id string) bool {
	for _, name := range byIDNames {
		if id == name {
			return true
		}
	}
	return false
}

// stored gives the id of the feature that a stored query asks for, and its type, which the id begins with.
func (q Query) stored() (Query, error) {
	if !isByID(q.Stored) {
		return q, faultf(InvalidParameterValue, "storedQuery_Id", "there is no stored query %q; there is %s", clip(q.Stored), ByID)
	}
	id := q.Parameters["id"]
	if id == "" {
		return q, faultf(MissingParameterValue, "id", "the stored query %s needs the parameter id: the gml:id of a feature", ByID)
	}
	layer, _, _ := strings.Cut(id, ".")
	q.TypeNames, q.IDs = []string{layer}, []string{id}
	return q, nil
}

// ByID gives the one feature's id when the request is for it alone: the answer is then the feature itself.
func (r *Request) ByID() (id string, alone bool) {
	if len(r.Queries) != 1 || !isByID(r.Queries[0].Stored) {
		return "", false
	}
	return r.Queries[0].Parameters["id"], true
}

const storedHead = `<?xml version="1.0" encoding="UTF-8"?>
<wfs:%s xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sb="urn:x-strukturbild:features" xsi:schemaLocation="http://www.opengis.net/wfs/2.0 http://schemas.opengis.net/wfs/2.0/wfs.xsd">
`

// WriteStoredQueries lists the stored queries.
func WriteStoredQueries(w io.Writer, layers []*plan.Layer) error {
	var text strings.Builder
	fmt.Fprintf(&text, storedHead, "ListStoredQueriesResponse")
	fmt.Fprintf(&text, `<wfs:StoredQuery id="%s"><wfs:Title xml:lang="sv">Ett objekt efter dess id</wfs:Title>`, ByID)
	for _, layer := range layers {
		fmt.Fprintf(&text, "<wfs:ReturnFeatureType>sb:%s</wfs:ReturnFeatureType>", layer.ID)
	}
	text.WriteString("</wfs:StoredQuery>\n</wfs:ListStoredQueriesResponse>\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteStoredQueryDescriptions describes the stored queries that the request names; all when it names none.
func (r *Request) WriteStoredQueryDescriptions(w io.Writer, layers []*plan.Layer) error {
	for _, id := range r.StoredQueries {
		if !isByID(id) {
			return faultf(InvalidParameterValue, "storedQuery_Id", "there is no stored query %q; there is %s", clip(id), ByID)
		}
	}
	names := make([]string, len(layers))
	for i, layer := range layers {
		names[i] = "sb:" + layer.ID
	}
	_, err := fmt.Fprintf(w, storedHead+`<wfs:StoredQueryDescription id="%s"><wfs:Title xml:lang="sv">Ett objekt efter dess id</wfs:Title>`+
		`<wfs:Abstract xml:lang="sv">Svaret är objektet självt, inte en samling.</wfs:Abstract><wfs:Parameter name="id" type="xs:string"><wfs:Title xml:lang="sv">Objektets gml:id</wfs:Title></wfs:Parameter>`+
		`<wfs:QueryExpressionText returnFeatureTypes="%s" language="urn:ogc:def:queryLanguage:OGC-WFS::WFS_QueryExpression" isPrivate="true"/></wfs:StoredQueryDescription>`+
		"\n</wfs:DescribeStoredQueriesResponse>\n", "DescribeStoredQueriesResponse", ByID, strings.Join(names, " "))
	return err
}
