package source

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// FuzzCollect: whatever a publisher gives, what comes out is features on a line each, with ids that may be ids, and the
// tally adds up.
func FuzzCollect(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3006"}},"features":[
		{"type":"Feature","properties":{"ID":"å 1","H":"1 234,5","D":"20171001","S":"Uppförda"},"geometry":{"type":"Point","coordinates":[400000,6400000]}},
		{"type":"Feature","properties":{"ID":2,"H":null,"D":1506816000000},"geometry":{"type":"Polygon","coordinates":[[[0,0],[0,0]]]}}]}`))
	f.Add([]byte(`{"type":"Feature","properties":{"ID":7},"geometry":{"type":"Point","coordinates":[400000,6400000,3]}}` + "\n{}"))
	f.Add([]byte(`{"error":{"code":400}}`))
	f.Add([]byte(`{"features":[{"properties":{"ID":"..-"},"geometry":{"coordinates":[[[]]]}}]}`))
	layer := &plan.Layer{ID: "a", GeometryType: plan.Point, Attributes: []plan.Attribute{{Name: "h", Type: plan.Number}, {Name: "d", Type: plan.Date},
		{Name: "s", Type: plan.String}, {Name: "n", Type: plan.Integer}, {Name: "b", Type: plan.Boolean}}}
	s := &Source{ID: "a", CRS: "EPSG:3006", Key: []string{"ID"}, Map: map[string]Column{"h": {From: []string{"H"}, Scale: 0.1}, "d": {From: []string{"D"}, Earliest: "1900-01-01"},
		"s": {From: []string{"S"}, Codes: map[string]string{"Uppförda": "Uppfört"}}, "n": {From: []string{"H", "ID"}}, "b": {From: []string{"B"}}},
		Filter: []Condition{{Column: []string{"S"}, Prefix: []string{"Uppf"}, Absent: true}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		var out bytes.Buffer
		tr, err := newTranslator(s, layer, &out)
		if err != nil {
			t.Fatal(err)
		}
		err = tr.collect(bytes.NewReader(body))
		if _, ours := err.(*plan.Error); err != nil && !ours {
			t.Errorf("%T %v", err, err)
		}
		if err != nil {
			return
		}
		lines := 0
		for line := range strings.Lines(out.String()) {
			lines++
			var read struct {
				Type, ID   string
				Properties map[string]any
			}
			if err := json.Unmarshal([]byte(line), &read); err != nil || read.Type != "Feature" || !plan.FeatureID.MatchString(read.ID) || len(read.Properties) != 5 {
				t.Errorf("%q: %v", line, err)
			}
		}
		tally := tr.tally
		if lines != tally.Kept || tally.Seen != tally.Kept+tally.Outside+tally.NoPlace+tally.Other+tally.Keyless {
			t.Errorf("%d lines, %+v", lines, tally)
		}
	})
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		kind   plan.Kind
		column Column
		was    any
		want   any
	}{
		{plan.Number, Column{}, "12,5", 12.5},
		{plan.Number, Column{}, "1\u00a0234,5", 1234.5},
		{plan.Number, Column{Scale: 0.0001}, json.Number("25000"), 2.5},
		{plan.Number, Column{}, "ca 100", "ca 100"}, // refused later, with its id
		{plan.Number, Column{Null: []string{"0"}}, json.Number("0"), nil},
		{plan.Integer, Column{}, "7,0", int64(7)},
		{plan.Integer, Column{}, "7.5", 7.5},
		{plan.Date, Column{}, "20171001", "2017-10-01"},
		{plan.Date, Column{}, "2017/10/01 00:00:00", "2017-10-01"},
		{plan.Date, Column{}, "2017-10-01T00:00:00Z", "2017-10-01"},
		{plan.Date, Column{}, json.Number("1506816000000"), "2017-10-01"},
		{plan.Date, Column{}, "0000-00-00", nil},
		{plan.Date, Column{}, "00010101", nil},
		{plan.Date, Column{Null: []string{"19000101"}}, "19000101", nil},
		{plan.Date, Column{Earliest: "1970-01-01"}, "1969-12-31", nil},
		{plan.Date, Column{}, "20171301", "20171301"},
		{plan.Boolean, Column{}, "Ja", true},
		{plan.Boolean, Column{}, "0", false},
		{plan.String, Column{Codes: map[string]string{"1": "ett"}}, json.Number("1"), "ett"},
		{plan.String, Column{}, "  x\u00a0", "x"},
		{plan.String, Column{}, "", nil},
		{plan.String, Column{Value: "road"}, "annat", "road"},
	} {
		if c.column.Value == "" {
			c.column.From = []string{"kolumn", "X"}
		}
		w := wantedColumn{plan.Attribute{Name: "a", Type: c.kind}, c.column}
		if got := w.value(map[string]any{"x": c.was}); got != c.want {
			t.Errorf("%s %v: %v (%T), want %v", c.kind, c.was, got, got, c.want)
		}
	}
}
