package wfs

import (
	"encoding/xml"

	"strukturbild/internal/ogc"
)

// Outcome is what a transaction has done: features in the order of the actions.
type Outcome struct {
	Inserted []Done `json:"inserted,omitempty"`
	Updated  []Done `json:"updated,omitempty"`
	Replaced []Done `json:"replaced,omitempty"`
	Deleted  int    `json:"deleted"`
}

// Done is what one action has done, to features named as in GML.
type Done struct {
	Number int      `json:"number"`
	Handle string   `json:"handle,omitempty"`
	IDs    []string `json:"ids"`
}

// Note notes what an action has done to features of its layer.
func (o *Outcome) Note(a Action, ids ...string) {
	list := map[ActionKind]*[]Done{Insert: &o.Inserted, Update: &o.Updated, Replace: &o.Replaced}[a.Kind]
	if list == nil {
		o.Deleted += len(ids)
		return
	}
	n := len(*list)
	if n == 0 || (*list)[n-1].Number != a.Number {
		*list = append(*list, Done{Number: a.Number, Handle: a.Handle})
		n++
	}
	for _, id := range ids {
		(*list)[n-1].IDs = append((*list)[n-1].IDs, ogc.GMLID(a.Layer, id))
	}
}

// Document gives the answer to the transaction.
func (o *Outcome) Document(version Version) []byte {
	switch version {
	case V200:
		return encoded(o.response(version, spaceWFS20))
	case V110:
		return encoded(o.response(version, spaceWFS))
	}
	answer := oldResponse{Version: version, Inserted: results(version, o.Inserted)}
	return encoded(answer)
}

// oldResponse is of 1.0.0 (02-058, 11.3), and is only for what went well: a report is shown by QGIS, FAILED is not.
type oldResponse struct {
	XMLName  xml.Name `xml:"http://www.opengis.net/wfs WFS_TransactionResponse"`
	Version  Version  `xml:"version,attr"`
	Inserted []result `xml:"InsertResult"`
	Success  struct{} `xml:"TransactionResult>Status>SUCCESS"`
}

type response struct {
	XMLName  xml.Name
	Version  Version `xml:"version,attr"`
	Summary  summary `xml:"TransactionSummary"`
	Inserted *done   `xml:"InsertResults,omitempty"`
	Updated  *done   `xml:"UpdateResults,omitempty"`
	Replaced *done   `xml:"ReplaceResults,omitempty"`
}

type summary struct {
	Inserted int  `xml:"totalInserted"`
	Updated  int  `xml:"totalUpdated"`
	Replaced *int `xml:"totalReplaced,omitempty"`
	Deleted  int  `xml:"totalDeleted"`
}

type done struct {
	List []result `xml:"Feature"`
}

type result struct {
	Handle string `xml:"handle,attr,omitempty"`
	IDs    []resourceName
}

// response is of 1.1.0 (04-094, 12.3) and 2.0.0 (09-025r2, 15.3.3), which also tells what was changed.
func (o *Outcome) response(version Version, space string) response {
	r := response{XMLName: xml.Name{Space: space, Local: "TransactionResponse"}, Version: version,
		Summary: summary{Inserted: count(o.Inserted), Updated: count(o.Updated), Deleted: o.Deleted}, Inserted: doneOf(version, o.Inserted)}
	if version == V200 {
		replaced := count(o.Replaced)
		r.Summary.Replaced = &replaced
		r.Updated, r.Replaced = doneOf(version, o.Updated), doneOf(version, o.Replaced)
	}
	return r
}

func doneOf(version Version, list []Done) *done {
	if count(list) == 0 {
		return nil
	}
	return &done{results(version, list)}
}

func results(version Version, list []Done) (all []result) {
	for _, d := range list {
		one := result{Handle: d.Handle}
		for _, id := range d.IDs {
			one.IDs = append(one.IDs, version.resource(id))
		}
		if len(one.IDs) > 0 {
			all = append(all, one)
		}
	}
	return all
}

func count(list []Done) (n int) {
	for _, d := range list {
		n += len(d.IDs)
	}
	return n
}
