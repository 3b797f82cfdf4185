package server_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// randomEdit is one edit of a feature, in the words of WFS and of REST.
type randomEdit struct {
	xml          string
	method, path string
	body         string
}

// editor makes random edits of features that are there.
type editor struct {
	*rand.Rand
	version string
	ids     []string
	at      int // of the next place
}

// values gives random values as properties of JSON, nasty texts and nulls among them.
func (e *editor) values(all bool) map[string]any {
	choices := map[string][]any{"namn": {"Åmål & <Ö>", "", "a]]>b\n\"c\"", "'"}, "antal": {nil, json.Number("-9223372036854775808"), json.Number("9007199254740993"), 0},
		"tal": {nil, 0.1, -1e-7, 1.7976931348623157e308}, "sant": {true, false, nil}, "dag": {"1632-11-06", nil}, "tid": {"1999-12-31T23:59:59.125Z", nil}, "slag": {"a&b", nil}}
	values := map[string]any{}
	for name, some := range choices {
		if all || e.IntN(3) == 0 {
			values[name] = some[e.IntN(len(some))]
		}
	}
	return values
}

func (e *editor) place() (x, y int) {
	e.at++
	return 300000 + 200*(e.at%500), 6400000 + 200*(e.at/500)
}

func xmlText(v any) string {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(fmt.Sprint(v)))
	return text.String()
}

// element writes a value as a property of an inserted feature.
func (e *editor) element(name string, v any) string {
	switch {
	case v == nil && e.IntN(2) == 0:
		return ""
	case v == nil:
		return `<sb:` + name + ` xsi:nil="true"/>`
	}
	return "<sb:" + name + ">" + xmlText(v) + "</sb:" + name + ">"
}

func (e *editor) edit() randomEdit {
	id := e.ids[e.IntN(len(e.ids))]
	x, y := e.place()
	json := func(values map[string]any, geometry bool) string {
		if geometry {
			return square("", x, y, string(mustJSON(values)))
		}
		return `{"properties":` + string(mustJSON(values)) + `}`
	}
	feature := func(values map[string]any) string {
		text := `<sb:prov><sb:geometry>` + polygonGML(e.version, x, y) + `</sb:geometry>`
		for name, v := range values {
			text += e.element(name, v)
		}
		return text + "</sb:prov>"
	}
	switch kind := e.IntN(10); {
	case kind < 3:
		values := e.values(true)
		return randomEdit{"<wfs:Insert>" + feature(values) + "</wfs:Insert>", "POST", "", strings.Replace(json(values, true), `"id":"",`, "", 1)}
	case kind == 3 && e.version == "2.0.0":
		values := e.values(true)
		return randomEdit{"<wfs:Replace>" + feature(values) + byID(e.version, "prov."+id) + "</wfs:Replace>", "PUT", "/" + id, strings.Replace(json(values, true), `"id":"",`, "", 1)}
	case kind == 4 && len(e.ids) > 5:
		e.ids = without(e.ids, id)
		return randomEdit{deleteXML(e.version, "prov."+id), "DELETE", "/" + id, ""}
	}
	moved := e.IntN(2) == 0
	values := e.values(false)
	if len(values) == 0 {
		moved = true
	}
	reference := map[bool]string{true: "ValueReference", false: "Name"}[e.version == "2.0.0"]
	text := `<wfs:Update typeName="sb:prov">`
	property := func(name, value string) {
		text += fmt.Sprintf(`<wfs:Property><wfs:%s>%s</wfs:%s>%s</wfs:Property>`, reference, name, reference, value)
	}
	for name, v := range values {
		if v == nil {
			property(name, []string{"", "<wfs:Value/>", `<wfs:Value xsi:nil="true"/>`}[e.IntN(2)*e.IntN(3)])
		} else {
			property(name, "<wfs:Value>"+xmlText(v)+"</wfs:Value>")
		}
	}
	patch := json(values, false)
	if moved {
		property("geometry", "<wfs:Value>"+polygonGML(e.version, x, y)+"</wfs:Value>")
		patch = strings.Replace(json(values, true), `"id":"",`, "", 1)
	}
	return randomEdit{text + byID(e.version, "prov."+id) + "</wfs:Update>", "PATCH", "/" + id, patch}
}

func without(ids []string, id string) (kept []string) {
	for _, other := range ids {
		if other != id {
			kept = append(kept, other)
		}
	}
	return kept
}

// TestTransactionsAreTheirEdits makes random transactions in one layer, and the same edits one by one through REST in its twin: both
// end with the same features, and every transaction is one revision.
func TestTransactionsAreTheirEdits(t *testing.T) {
	s := wfsSite(t, 12)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(wfsLayer, `"prov"`, `"tvilling"`, 1)).want(http.StatusCreated)
	all := func(layer string) string {
		return string(s.ask(plan.Anonymous, "GET", "/ogc/collections/"+layer+"/items?limit=1000&crs=EPSG:3006", "").want(http.StatusOK).body)
	}
	features := func(layer string) any {
		var page struct{ Features []any }
		decoder := json.NewDecoder(strings.NewReader(all(layer)))
		decoder.UseNumber()
		if err := decoder.Decode(&page); err != nil {
			t.Fatal(err)
		}
		return page.Features
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers/tvilling/uploads?mode=append&crs=EPSG:3006", all("prov"), "Content-Type", geoJSON).want(http.StatusCreated)
	e := &editor{Rand: rand.New(rand.NewPCG(91, 92))}
	for i := range 12 {
		e.ids = append(e.ids, itoa(i+1))
	}
	for range 25 {
		e.version = []string{"2.0.0", "1.1.0", "1.0.0"}[e.IntN(3)]
		var actions strings.Builder
		var edits []randomEdit
		for range 1 + e.IntN(8) {
			edit := e.edit()
			edits = append(edits, edit)
			actions.WriteString(edit.xml)
		}
		before := s.atlas.View().Revision()
		s.transaction(plan.Officer, e.version, "", actions.String()).want(http.StatusOK).has("Response")
		if made := s.atlas.View().Revision() - before; made > 1 {
			t.Fatalf("%d revisions of one transaction", made)
		}
		for _, edit := range edits {
			path := "/api/v1/layers/tvilling/features" + edit.path
			if edit.body != "" {
				path += "?crs=EPSG:3006"
			}
			if answer := s.ask(plan.Officer, edit.method, path, edit.body); answer.status >= 300 {
				t.Fatalf("%+v answers %d: %s", edit, answer.status, answer.body)
			}
		}
		if one, two := string(mustJSON(features("prov"))), string(mustJSON(features("tvilling"))); one != two {
			t.Fatalf("%s\ngives\n%s\nwant\n%s", actions.String(), one, two)
		}
	}
}
