package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// transaction sends a transaction of a version; its actions are written with the prefixes wfs, filter (of the version's filters),
// gml and sb.
func (s *site) transaction(role plan.Role, version, attributes, actions string) *answer {
	s.Helper()
	return s.ask(role, "POST", "/wfs", transactionXML(version, attributes, actions))
}

func transactionXML(version, attributes, actions string) string {
	spaces := map[string]string{
		"2.0.0": `xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:filter="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"`,
		"1.1.0": `xmlns:wfs="http://www.opengis.net/wfs" xmlns:filter="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"`,
		"1.0.0": `xmlns:wfs="http://www.opengis.net/wfs" xmlns:filter="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"`,
	}[version]
	return fmt.Sprintf(`<wfs:Transaction service="WFS" version="%s" %s xmlns:sb="urn:x-strukturbild:features" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" %s>%s</wfs:Transaction>`,
		version, spaces, attributes, actions)
}

// byID is a filter for one feature in the words of the version.
func byID(version, id string) string {
	if version == "2.0.0" {
		return `<filter:Filter><filter:ResourceId rid="` + id + `"/></filter:Filter>`
	}
	return `<filter:Filter><filter:FeatureId fid="` + id + `"/></filter:Filter>`
}

// polygonGML is a square as a client of the version writes it: QGIS in 1.0.0 with easting first under a name that says otherwise.
func polygonGML(version string, x, y int) string {
	corners := [][2]int{{x, y}, {x + 100, y}, {x + 100, y + 100}, {x, y + 100}, {x, y}}
	var text []string
	for _, c := range corners {
		if version == "1.0.0" {
			text = append(text, fmt.Sprintf("%d,%d", c[0], c[1]))
		} else {
			text = append(text, fmt.Sprintf("%d %d", c[1], c[0]))
		}
	}
	list := strings.Join(text, " ")
	switch version {
	case "1.0.0":
		return `<gml:Polygon srsName="urn:ogc:def:crs:EPSG::3006"><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>` + list + `</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>`
	case "1.1.0":
		return `<gml:MultiPolygon srsName="urn:ogc:def:crs:EPSG::3006"><gml:polygonMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>` + list + `</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:polygonMember></gml:MultiPolygon>`
	}
	return `<gml:MultiSurface gml:id="a" srsName="http://www.opengis.net/def/crs/EPSG/0/3006"><gml:surfaceMember><gml:Polygon gml:id="b"><gml:exterior><gml:LinearRing><gml:posList>` + list + `</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface>`
}

func insertXML(version, handle string, x, y int, values string) string {
	return `<wfs:Insert handle="` + handle + `"><sb:prov><sb:geometry>` + polygonGML(version, x, y) + `</sb:geometry>` + values + `</sb:prov></wfs:Insert>`
}

// changeXML is an Update of a property; without a value it becomes null.
func changeXML(version, id, name string, value ...string) string {
	reference := "wfs:Name"
	if version == "2.0.0" {
		reference = "wfs:ValueReference"
	}
	text := ""
	for _, v := range value {
		text = "<wfs:Value>" + v + "</wfs:Value>"
	}
	return fmt.Sprintf(`<wfs:Update typeName="sb:prov"><wfs:Property><%s>sb:%s</%s>%s</wfs:Property>%s</wfs:Update>`, reference, name, reference, text, byID(version, id))
}

func deleteXML(version, id string) string {
	return `<wfs:Delete typeName="sb:prov">` + byID(version, id) + `</wfs:Delete>`
}

type provFeature struct {
	ID         any
	Properties map[string]any
	Geometry   struct{ Coordinates [][][][2]float64 }
}

// prov gives a feature of the layer with easting first.
func (s *site) prov(id string) (f provFeature) {
	s.Helper()
	body := s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items/"+id+"?crs=EPSG:3006", "").want(http.StatusOK).body
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if err := decoder.Decode(&f); err != nil {
		s.Fatal(err)
	}
	return f
}

const nastyValues = `<sb:namn>&lt;Å&gt; &amp; "ö"
'x' </sb:namn><sb:antal>9223372036854775806</sb:antal><sb:tal>0.1</sb:tal><sb:sant>true</sb:sant><sb:dag>1990-01-01</sb:dag><sb:tid>2026-11-22T10:00:00.125</sb:tid><sb:slag>a&amp;b</sb:slag>`

func TestTransactions(t *testing.T) {
	s := wfsSite(t, 3)
	for i, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		before := s.atlas.View().Revision()
		x := 330000 + 1000*i
		answer := s.transaction(plan.Officer, version, "", insertXML(version, "ett", x, 6410000, nastyValues)+
			strings.Replace(insertXML(version, "två", x+300, 6410000, `<sb:namn></sb:namn><sb:antal/><sb:tal xsi:nil="true"/>`), "</wfs:Insert>",
				`<sb:prov><sb:geometry>`+polygonGML(version, x+600, 6410000)+`</sb:geometry><sb:namn>tre</sb:namn></sb:prov></wfs:Insert>`, 1)+
			changeXML(version, "prov.1", "antal")+changeXML(version, "prov.2", "namn", "Ny &amp; å")+changeXML(version, "prov.2", "geometry", polygonGML(version, x, 6420000))+
			`<wfs:Native vendorId="x" safeToIgnore="true"/>`).want(http.StatusOK).valid(s, version)
		if now := s.atlas.View().Revision(); now != before+1 {
			t.Errorf("%s: %d revisions instead of one", version, now-before)
		}
		record, err := s.store.Revision(t.Context(), before+1)
		if err != nil || record.Author != "officer" || record.Layers[0].Added != 3 || record.Layers[0].Changed < 1 {
			t.Errorf("%s: the revision is %+v (%v)", version, record, err)
		}
		ids := regexp.MustCompile(`[rf]id="prov\.(\d+)"`).FindAllStringSubmatch(string(answer.body), -1)
		if len(ids) < 3 {
			t.Fatalf("%s: no ids in %s", version, answer.body)
		}
		made := s.prov(ids[0][1])
		want := map[string]any{"namn": "<Å> & \"ö\"\n'x' ", "antal": json.Number("9223372036854775806"), "tal": json.Number("0.1"), "sant": true, "dag": "1990-01-01", "tid": "2026-11-22T10:00:00.125Z", "slag": "a&b"}
		if fmt.Sprint(made.Properties) != fmt.Sprint(want) {
			t.Errorf("%s: %v\nwant %v", version, made.Properties, want)
		}
		if at := made.Geometry.Coordinates[0][0][0]; at != [2]float64{float64(x), 6410000} {
			t.Errorf("%s: it lies at %v", version, at)
		}
		second := s.prov(ids[1][1])
		if second.Properties["namn"] != "" || second.Properties["antal"] != nil || second.Properties["tal"] != nil || s.prov(ids[2][1]).Properties["namn"] != "tre" {
			t.Errorf("%s: empty values are %v", version, second.Properties)
		}
		if f := s.prov("1"); f.Properties["antal"] != nil || f.Properties["namn"] == nil {
			t.Errorf("%s: %v", version, f.Properties)
		}
		if f := s.prov("2"); f.Properties["namn"] != "Ny & å" || f.Geometry.Coordinates[0][0][0] != [2]float64{float64(x), 6420000} {
			t.Errorf("%s: %v %v", version, f.Properties, f.Geometry)
		}
		answer = s.transaction(plan.Officer, version, "", deleteXML(version, "prov."+ids[0][1])+deleteXML(version, "prov.none")).want(http.StatusOK).valid(s, version)
		if version != "1.0.0" {
			answer.has("totalDeleted>1<")
		}
		s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items/"+ids[0][1], "").want(http.StatusNotFound)
	}
}

func TestTransactionFaults(t *testing.T) {
	s := wfsSite(t, 3)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.NewReplacer(`"prov"`, `"tabell"`, `"polygon"`, `"none"`).Replace(wfsLayer)).want(http.StatusCreated)
	before := s.atlas.View().Revision()
	good := insertXML("2.0.0", "bra", 330000, 6410000, `<sb:namn>bra</sb:namn>`)
	for _, fault := range []struct {
		name, attributes, actions string
		status                    int
		says                      []string
	}{
		{"one bad among good", "", good + changeXML("2.0.0", "prov.1", "antal", "tre") + good, 400, []string{`"InvalidValue"`, `locator="antal"`, ">action 2 (Update, line 1): The attribute"}},
		{"several bad ones", "", changeXML("2.0.0", "prov.1", "antal", "tre") + good + changeXML("2.0.0", "prov.1", "dag", "igår") + deleteXML("2.0.0", "prov.2"), 400, []string{"2 actions", "action 1", "antal", "action 3", "dag"}},
		{"a handle", "", insertXML("2.0.0", "H7", 330000, 6410000, ""), 400, []string{`locator="H7"`, "namn"}},
		{"null where a value must be", "", changeXML("2.0.0", "prov.1", "namn"), 400, []string{`"InvalidValue"`, "namn"}},
		{"unknown property", "", changeXML("2.0.0", "prov.1", "finnsej", "1"), 400, []string{`"InvalidParameterValue"`, "finnsej"}},
		{"unknown property of an insert", "", insertXML("2.0.0", "", 330000, 6410000, `<sb:namn>x</sb:namn><sb:finnsej>1</sb:finnsej>`), 400, []string{`"InvalidValue"`, "finnsej"}},
		{"unknown type of an insert", "", strings.ReplaceAll(good, "sb:prov", "sb:ingen"), 400, []string{`"InvalidValue"`, "ingen"}},
		{"bounds", "", strings.ReplaceAll(changeXML("2.0.0", "prov.1", "boundedBy", "<gml:Envelope/>"), "sb:boundedBy", "gml:boundedBy"), 400, []string{`"InvalidValue"`, "bounds"}},
		{"the id", "", changeXML("2.0.0", "prov.1", "id", "1"), 400, []string{`"InvalidParameterValue"`}},
		{"unknown layer", "", strings.ReplaceAll(changeXML("2.0.0", "prov.1", "antal", "1"), "sb:prov", "sb:ingen"), 400, []string{`"InvalidParameterValue"`, "ingen"}},
		{"derived layer", "", strings.ReplaceAll(changeXML("2.0.0", "conflict.1", "antal", "1"), "sb:prov", "sb:conflict"), 400, []string{`"InvalidParameterValue"`, "conflict"}},
		{"a feature that is gone", "", changeXML("2.0.0", "prov.99", "antal", "1"), 400, []string{`"OperationProcessingFailed"`, "99"}},
		{"changed after its delete", "", deleteXML("2.0.0", "prov.1") + changeXML("2.0.0", "prov.1", "antal", "1"), 400, []string{`"OperationProcessingFailed"`, "action 2"}},
		{"axes the other way round", "", strings.Replace(good, "http://www.opengis.net/def/crs/EPSG/0/3006", "EPSG:3006", 1), 400, []string{`"InvalidValue"`, "EPSG:3006 (E, N)", "EPSG:3006 (N, E)"}},
		{"outside the region", "", insertXML("2.0.0", "", 630000, 6410000, `<sb:namn>bra</sb:namn>`), 400, []string{`"InvalidValue"`, "region"}},
		{"an open ring", "", strings.Replace(good, " 6410000 330000</gml:posList>", "</gml:posList>", 1), 400, []string{`"InvalidValue"`, "ring"}},
		{"a bow tie", "", strings.Replace(good, "6410000 330100 6410100 330100 6410100 330000", "6410100 330100 6410000 330100 6410100 330000", 1), 400, []string{`"InvalidValue"`}},
		{"a point in a layer of polygons", "", `<wfs:Insert><sb:prov><sb:namn>x</sb:namn><sb:geometry><gml:Point><gml:pos>6410000 330000</gml:pos></gml:Point></sb:geometry></sb:prov></wfs:Insert>`, 400, []string{`"InvalidValue"`, "MultiPoint"}},
		{"no geometry", "", `<wfs:Insert><sb:prov><sb:namn>x</sb:namn></sb:prov></wfs:Insert>`, 400, []string{`"InvalidValue"`, "geometry"}},
		{"geometry taken away", "", changeXML("2.0.0", "prov.1", "geometry"), 400, []string{`"InvalidValue"`, "geometry"}},
		{"geometry of a table", "", strings.ReplaceAll(good, "sb:prov", "sb:tabell"), 400, []string{`"InvalidValue"`, "tabell"}},
		{"not in the code list", "", changeXML("2.0.0", "prov.1", "slag", "z"), 400, []string{`"InvalidValue"`, "slag"}},
		{"native", "", `<wfs:Native vendorId="acme" safeToIgnore="false">x</wfs:Native>`, 400, []string{`"InvalidParameterValue"`, "vendorId", "acme"}},
		{"unknown action", "", `<wfs:Upsert/>`, 400, []string{`"OperationParsingFailed"`, "Upsert"}},
		{"delete everything by mistake", "", `<wfs:Delete typeName="sb:prov"/>`, 400, []string{`"MissingParameterValue"`, "filter"}},
		{"unknown system", `srsName="EPSG:99"`, good + `<wfs:Insert srsName="EPSG:77"><sb:prov/></wfs:Insert>`, 400, []string{`"InvalidParameterValue"`, "EPSG:"}},
		{"another format", "", `<wfs:Insert inputFormat="application/json"><sb:prov/></wfs:Insert>`, 400, []string{`"InvalidParameterValue"`, "inputFormat"}},
		{"releaseAction", `releaseAction="FEW"`, good, 400, []string{`"InvalidParameterValue"`, "releaseAction"}},
		{"no such lock", `lockId="nej"`, good, 400, []string{`"InvalidLockId"`, "lockId"}},
		{"a DTD", "", "", 400, nil},
	} {
		body := transactionXML("2.0.0", fault.attributes, fault.actions)
		if fault.name == "a DTD" {
			body = `<!DOCTYPE x [<!ENTITY a "aaaa">]>` + body
		}
		t.Run(fault.name, func(t *testing.T) {
			s.ask(plan.Officer, "POST", "/wfs", body).want(fault.status).has(fault.says...).valid(s, "2.0.0")
		})
	}
	s.transaction(plan.Anonymous, "2.0.0", "", good).want(http.StatusUnauthorized)
	s.transaction(plan.Planner, "2.0.0", "", good).want(http.StatusForbidden).has("officer")
	s.transaction(plan.Anonymous, "1.1.0", "", insertXML("1.1.0", "", 330000, 6410000, "")).want(http.StatusUnauthorized)
	s.wfs(plan.Officer, "version=1.1.0&request=Transaction&operation=Delete&typename=prov").want(http.StatusBadRequest).has("OperationNotSupported")
	for version, schema := range map[string]string{"1.1.0": "1.1.0", "1.0.0": "old"} { // QGIS shows the text only with 200
		s.transaction(plan.Officer, version, "", insertXML(version, "", 330000, 6410000, "")).want(http.StatusOK).has("Exception", "namn").valid(s, schema)
		s.transaction(plan.Planner, version, "", insertXML(version, "", 330000, 6410000, "")).want(http.StatusOK).has("officer").valid(s, schema)
	}
	if now := s.atlas.View().Revision(); now != before {
		t.Errorf("%d revisions were made", now-before)
	}
}

// TestTransactionsSeeTheirOwnActions: an action finds what those before it have made of the layer.
func TestTransactionsSeeTheirOwnActions(t *testing.T) {
	s := wfsSite(t, 4)
	where := func(name, value string) string {
		return `<filter:Filter><filter:PropertyIsEqualTo><filter:ValueReference>` + name + `</filter:ValueReference><filter:Literal>` + value + `</filter:Literal></filter:PropertyIsEqualTo></filter:Filter>`
	}
	update := func(name, value, filter string) string {
		return `<wfs:Update typeName="sb:prov"><wfs:Property><wfs:ValueReference>` + name + `</wfs:ValueReference><wfs:Value>` + value + `</wfs:Value></wfs:Property>` + filter + `</wfs:Update>`
	}
	s.transaction(plan.Officer, "2.0.0", "", insertXML("2.0.0", "", 330000, 6410000, `<sb:namn>ny</sb:namn><sb:antal>77</sb:antal>`)+
		update("antal", "88", where("antal", "77"))+update("namn", "nyare", where("antal", "88"))+
		update("tal", "1.5", "")+`<wfs:Delete typeName="sb:prov">`+where("namn", "Yta 3")+`</wfs:Delete>`).want(http.StatusOK).valid(s, "2.0.0").
		has("totalInserted>1<", "totalUpdated>7<", "totalDeleted>1<")
	if f := s.prov("5"); f.Properties["namn"] != "nyare" || fmt.Sprintf("%v %v", f.Properties["antal"], f.Properties["tal"]) != "88 1.5" {
		t.Errorf("%v", f.Properties)
	}
	s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items/4", "").want(http.StatusNotFound)
	replace := `<wfs:Replace handle="byt"><sb:prov gml:id="prov.1"><sb:geometry>` + polygonGML("2.0.0", 340000, 6410000) + `</sb:geometry><sb:namn>utbytt</sb:namn></sb:prov>` + byID("2.0.0", "prov.1") + `</wfs:Replace>`
	s.transaction(plan.Officer, "2.0.0", "", replace).want(http.StatusOK).valid(s, "2.0.0").has("totalReplaced>1<", `handle="byt"`, `rid="prov.1"`)
	if f := s.prov("1"); f.Properties["namn"] != "utbytt" || f.Properties["antal"] != nil || f.Geometry.Coordinates[0][0][0][0] != 340000 {
		t.Errorf("%v", f)
	}
	idgen := func(rule, id string) string {
		return strings.NewReplacer("<wfs:Insert", `<wfs:Insert idgen="`+rule+`"`, "<sb:prov>", `<sb:prov gml:id="prov.`+id+`">`).Replace(insertXML("1.1.0", "", 350000, 6410000, "<sb:namn>x</sb:namn>"))
	}
	s.transaction(plan.Officer, "1.1.0", "", idgen("UseExisting", "egen")+idgen("ReplaceDuplicate", "1")+idgen("GenerateNew", "egen")).want(http.StatusOK).valid(s, "1.1.0").
		has(`fid="prov.egen"`, `fid="prov.6"`, `fid="prov.7"`)
	s.transaction(plan.Officer, "1.1.0", "", idgen("UseExisting", "egen")).want(http.StatusOK).has("Exception", "egen")
}

// TestTransactionsMerge: two users who change different attributes lose nothing, and who change the same are told.
func TestTransactionsMerge(t *testing.T) {
	s := wfsSite(t, 3)
	s.wfs(plan.Admin, "request=GetFeature&typenames=prov").want(http.StatusOK)
	s.transaction(plan.Officer, "1.1.0", "", changeXML("1.1.0", "prov.2", "tal", "5")+changeXML("1.1.0", "prov.2", "antal", "5")).want(http.StatusOK)
	answer := s.transaction(plan.Admin, "1.1.0", "", changeXML("1.1.0", "prov.2", "namn", "admins")+changeXML("1.1.0", "prov.2", "antal", "6")).want(http.StatusOK)
	if f := s.prov("2"); fmt.Sprintf("%v %v %v", f.Properties["namn"], f.Properties["antal"], f.Properties["tal"]) != "admins 6 5.0" {
		t.Errorf("%v", f.Properties)
	}
	if told := answer.header.Get("Strukturbild-Collision"); !strings.Contains(told, "fields=antal") {
		t.Errorf("the collision is told as %q", told)
	}
	s.transaction(plan.Officer, "1.1.0", "", deleteXML("1.1.0", "prov.2")).want(http.StatusOK)
	s.transaction(plan.Admin, "1.1.0", "", changeXML("1.1.0", "prov.2", "namn", "för sent")).want(http.StatusOK).has("ExceptionReport", "OperationProcessingFailed", "not any more")
}

// TestLocks: what one has locked nobody else changes, through no entrance, until the lock ends.
func TestLocks(t *testing.T) {
	s := wfsSite(t, 5)
	order := func(version, attributes, ids string) string {
		if version == "2.0.0" {
			return `<wfs:LockFeature service="WFS" version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:fes="http://www.opengis.net/fes/2.0" ` + attributes + `><wfs:Query typeNames="prov"><fes:Filter>` + ids + `</fes:Filter></wfs:Query></wfs:LockFeature>`
		}
		return `<LockFeature service="WFS" version="` + version + `" xmlns="http://www.opengis.net/wfs" xmlns:ogc="http://www.opengis.net/ogc" ` + attributes + `><Lock typeName="prov"><ogc:Filter>` + ids + `</ogc:Filter></Lock></LockFeature>`
	}
	one := `<fes:ResourceId rid="prov.1"/>`
	s.ask(plan.Anonymous, "POST", "/wfs", order("2.0.0", "", one)).want(http.StatusUnauthorized)
	taken := s.ask(plan.Admin, "POST", "/wfs", order("2.0.0", `expiry="600"`, one+`<fes:ResourceId rid="prov.2"/>`)).want(http.StatusOK).valid(s, "2.0.0").has(`rid="prov.1"`, `rid="prov.2"`)
	id := regexp.MustCompile(`lockId="(\w+)"`).FindStringSubmatch(string(taken.body))[1]
	for _, way := range []func() *answer{
		func() *answer {
			return s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":1}}`)
		},
		func() *answer { return s.ask(plan.Officer, "DELETE", "/ogc/collections/prov/items/2", "") },
		func() *answer { return s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov", "") },
		func() *answer { return s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback", `{"to":1}`) },
	} {
		way().want(http.StatusLocked).has("locked", "admin", "until")
	}
	s.upload("mode=upsert", collection(square("1", 320000, 6400000, `{"namn":"ny"}`))).want(http.StatusLocked).has("admin")
	s.transaction(plan.Officer, "2.0.0", "", changeXML("2.0.0", "prov.1", "antal", "1")).want(http.StatusBadRequest).has("MissingParameterValue", "lockId", "admin")
	s.transaction(plan.Officer, "2.0.0", `lockId="`+id+`"`, changeXML("2.0.0", "prov.1", "antal", "1")).want(http.StatusBadRequest).has("InvalidLockId")
	s.transaction(plan.Officer, "1.1.0", "", changeXML("1.1.0", "prov.1", "antal", "1")).want(http.StatusOK).has("Exception", "locked")
	s.transaction(plan.Officer, "2.0.0", "", changeXML("2.0.0", "prov.3", "antal", "1")).want(http.StatusOK)
	s.ask(plan.Officer, "POST", "/wfs", order("2.0.0", "", one+`<fes:ResourceId rid="prov.3"/>`)).want(http.StatusBadRequest).has("CannotLockAllFeatures").valid(s, "2.0.0")
	some := s.ask(plan.Officer, "POST", "/wfs", order("1.1.0", `lockAction="SOME" expiry="1"`, `<ogc:FeatureId fid="prov.1"/><ogc:FeatureId fid="prov.3"/>`)).want(http.StatusOK).valid(s, "1.1.0").
		has("FeaturesLocked", "FeaturesNotLocked")
	theirs := regexp.MustCompile(`<LockId>(\w+)<`).FindStringSubmatch(string(some.body))[1]

	s.transaction(plan.Admin, "2.0.0", "", changeXML("2.0.0", "prov.1", "antal", "1")).want(http.StatusBadRequest).has("MissingParameterValue") // with locks one says so
	s.ask(plan.Admin, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":10}}`).want(http.StatusOK)
	s.transaction(plan.Admin, "2.0.0", `releaseAction="SOME" lockId="`+id+`"`, changeXML("2.0.0", "prov.1", "antal", "11")).want(http.StatusOK)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":12}}`).want(http.StatusOK)
	s.ask(plan.Officer, "DELETE", "/ogc/collections/prov/items/2", "").want(http.StatusLocked)
	s.wfs(plan.Admin, "request=LockFeature&expiry=700&lockId="+id).want(http.StatusOK).valid(s, "2.0.0").has(`rid="prov.2"`)
	s.transaction(plan.Admin, "2.0.0", `lockId="`+id+`"`, "").want(http.StatusOK).valid(s, "2.0.0")
	s.transaction(plan.Officer, "1.1.0", "", "<wfs:LockId>"+theirs+"</wfs:LockId>"+changeXML("1.1.0", "prov.3", "antal", "3")).want(http.StatusOK).has("totalUpdated>1<")

	for _, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		found := s.wfs(plan.Admin, "request=GetFeatureWithLock&typenames=prov&count=1&expiry=1&version="+version).want(http.StatusOK).valid(s, version)
		id := regexp.MustCompile(`lockId="(\w+)"`).FindStringSubmatch(string(found.body))[1]
		if version != "2.0.0" {
			s.transaction(plan.Admin, version, "", "<wfs:LockId>"+id+"</wfs:LockId>").want(http.StatusOK)
			continue
		}
		s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":13}}`).want(http.StatusLocked)
		time.Sleep(1100 * time.Millisecond)
		s.transaction(plan.Admin, version, `lockId="`+id+`"`, "").want(http.StatusForbidden).has("LockHasExpired")
		s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":13}}`).want(http.StatusOK)
	}
	s.wfs(plan.Admin, "request=GetFeatureWithLock&typenames=prov&resultType=hits").want(http.StatusBadRequest).has("resultType")
	s.wfs(plan.Admin, "request=GetFeatureWithLock&typenames=prov&outputFormat=csv").want(http.StatusBadRequest).has("outputFormat")
	s.wfs(plan.Admin, "request=LockFeature&typenames=prov&lockId=nej").want(http.StatusForbidden).has("LockHasExpired")
	s.wfs(plan.Admin, "request=LockFeature&typenames=prov&expiry=0").want(http.StatusBadRequest).has("expiry")
	s.wfs(plan.Admin, "request=LockFeature").want(http.StatusBadRequest).has("MissingParameterValue")
}

// TestCapabilitiesTellWhatTheTokenMayDo: who may not write is offered nothing to write with.
func TestCapabilitiesTellWhatTheTokenMayDo(t *testing.T) {
	s := wfsSite(t, 1)
	for version, schema := range map[string]string{"2.0.0": "2.0.0", "1.1.0": "1.1.0", "1.0.0": "cap"} {
		reads := s.wfs(plan.Planner, "request=GetCapabilities&version="+version).want(http.StatusOK)
		writes := s.wfs(plan.Officer, "request=GetCapabilities&version="+version).want(http.StatusOK).valid(s, schema).has("Transaction", "LockFeature", "GetFeatureWithLock")
		if strings.Contains(string(reads.body), "LockFeature") || strings.Contains(string(reads.body), "Insert") {
			t.Errorf("%s offers writing to a token that reads", version)
		}
		if version == "2.0.0" {
			writes.has(`ImplementsLockingWFS"><ows:NoValues/><ows:DefaultValue>TRUE`)
			reads.has(`ImplementsLockingWFS"><ows:NoValues/><ows:DefaultValue>FALSE`)
			continue
		}
		layer := func(name string) string {
			_, rest, _ := strings.Cut(string(writes.body), "Name>sb:"+name+"<")
			one, _, _ := strings.Cut(rest, "FeatureType>")
			return one
		}
		if !strings.Contains(layer("prov"), "Insert") || strings.Contains(layer("conflict"), "Insert") {
			t.Errorf("%s: prov %s\nconflict %s", version, layer("prov"), layer("conflict"))
		}
	}
	s.ask(plan.Anonymous, "GET", "/key/"+s.tokens[plan.Officer]+"/wfs?service=WFS&request=GetCapabilities", "").want(http.StatusOK).has("/key/" + s.tokens[plan.Officer] + "/wfs?")
}
