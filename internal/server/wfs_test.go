package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

const wfsLayer = `{"id":"prov","theme":"agriculture","title":{"sv":"Åker & äng <1>"},"description":{"sv":"Provlager"},"geometry_type":"polygon","status":"published",
	"attributes":[{"name":"namn","type":"text","required":true},{"name":"antal","type":"integer"},{"name":"tal","type":"number"},{"name":"sant","type":"boolean"},{"name":"dag","type":"date"},
	{"name":"tid","type":"datetime"},{"name":"slag","type":"text","codes":[{"value":"a&b","title":{"sv":"A < B"}},{"value":"c","title":{"sv":"C"}}]}]}`

// wfsSite is a site with a layer of n squares, the first with every value.
func wfsSite(t *testing.T, n int) *site {
	t.Helper()
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", wfsLayer).want(http.StatusCreated)
	s.squares(0, n)
	return s
}

// squares adds squares, numbered from there.
func (s *site) squares(from, to int) {
	s.Helper()
	var features []string
	for i := from; i < to; i++ {
		properties := fmt.Sprintf(`{"namn":"Yta %d","antal":%d}`, i, 10*i)
		if i == 0 {
			properties = `{"namn":"<Å> & \"ö\"\n'x'","antal":9223372036854775806,"tal":0.1,"sant":true,"dag":"1990-01-01","tid":"2026-11-22T10:00:00.125Z","slag":"a&b"}`
		}
		features = append(features, square(itoa(i+1), 320000+1000*i, 6400000, properties))
	}
	s.upload("mode=append", collection(features...)).want(http.StatusCreated)
}

// wfs asks with key-value pairs.
func (s *site) wfs(role plan.Role, query string) *answer {
	s.Helper()
	return s.ask(role, "GET", "/wfs?service=WFS&"+query, "")
}

const schemas = "../../../shared/data/ogc-schemas/"

// valid holds a document against schemas of the standards, and features against what DescribeFeatureType says of them.
func (a *answer) valid(s *site, version string) *answer {
	a.Helper()
	if _, err := os.Stat(schemas); err != nil {
		a.Skipf("%s is not here: documents are not held against the schemas", schemas)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		a.Skip("xmllint is missing: scripts/setup.sh --test installs libxml2-utils")
	}
	root, err := filepath.Abs(schemas)
	if err != nil {
		a.Fatal(err)
	}
	imports := map[string][]string{
		"2.0.0": {"http://www.opengis.net/wfs/2.0 wfs/2.0/wfs.xsd", "http://www.opengis.net/ows/1.1 ows/1.1.0/owsAll.xsd"},
		"1.1.0": {"http://www.opengis.net/wfs wfs/1.1.0/wfs.xsd", "http://www.opengis.net/ows ows/1.0.0/owsAll.xsd"},
		"1.0.0": {"http://www.opengis.net/wfs wfs/1.0.0/WFS-basic.xsd"},
		"cap":   {"http://www.opengis.net/wfs wfs/1.0.0/WFS-capabilities.xsd"},
		"old":   {"http://www.opengis.net/ogc wfs/1.0.0/OGC-exception.xsd"},
	}[version]
	dir := a.TempDir()
	wrapper := `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">`
	for _, one := range imports {
		space, file, _ := strings.Cut(one, " ")
		wrapper += fmt.Sprintf(`<xs:import namespace="%s" schemaLocation="%s/%s"/>`, space, root, file)
	}
	if strings.Contains(version, ".") {
		described := s.wfs(plan.Admin, "request=DescribeFeatureType&version="+version).want(http.StatusOK)
		write(a.T, dir, "own.xsd", strings.ReplaceAll(string(described.body), "http://schemas.opengis.net", root))
		wrapper += `<xs:import namespace="urn:x-strukturbild:features" schemaLocation="own.xsd"/>`
	}
	write(a.T, dir, "all.xsd", wrapper+"</xs:schema>")
	write(a.T, dir, "answer.xml", regexp.MustCompile(` xsi:schemaLocation="[^"]*"`).ReplaceAllString(string(a.body), ""))
	check := exec.Command("xmllint", "--nonet", "--noout", "--schema", "all.xsd", "answer.xml")
	check.Dir, check.Env = dir, append(os.Environ(), "XML_CATALOG_FILES="+root+"/catalog.xml")
	if out, err := check.CombinedOutput(); err != nil {
		a.Errorf("%s: %.1500s\n%.1500s", version, out, a.body)
	}
	return a
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// has wants every text in the answer.
func (a *answer) has(texts ...string) *answer {
	a.Helper()
	for _, text := range texts {
		if !strings.Contains(string(a.body), text) {
			a.Errorf("the answer lacks %s: %.3000s", text, a.body)
		}
	}
	return a
}

func TestWFSAnswersAreValid(t *testing.T) {
	s := wfsSite(t, 3)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.NewReplacer(`"prov"`, `"tabell"`, `"polygon"`, `"none"`).Replace(wfsLayer)).want(http.StatusCreated)
	for _, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		ask := func(query string) *answer { return s.wfs(plan.Anonymous, "version="+version+"&"+query) }
		capabilities, exceptions := version, version
		if version == "1.0.0" {
			capabilities, exceptions = "cap", "old"
		}
		got := ask("request=GetCapabilities").want(http.StatusOK).valid(s, capabilities)
		got.has("Åker &amp; äng &lt;1&gt;", "sb:conflict_line", `updateSequence="`, s.url+"/wfs?\"")
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the capabilities may be kept: %v", got.header)
		}
		ask("request=DescribeFeatureType&typeName=sb:prov").want(http.StatusOK).has(`value="a&amp;b"`, `type="xs:long"`)
		ask("request=GetFeature&typeName=sb:prov").want(http.StatusOK).valid(s, version).has("9223372036854775806", "<sb:dag>1990-01-01</sb:dag>",
			"&lt;Å&gt; &amp; &#34;ö&#34;&#xA;&#39;x&#39;", "<sb:slag>a&amp;b</sb:slag>")
		ask("request=GetFeature&typeName=sb:tabell").want(http.StatusOK).valid(s, version)
		ask("request=GetFeature&typeName=sb:prov&resultType=hits").want(http.StatusOK).valid(s, version)
		ask("request=GetFeature&typeName=(sb:prov)(tabell)&count=2").want(http.StatusOK).valid(s, version)
		ask("request=GetFeature&typeName=sb:nix").want(http.StatusBadRequest).valid(s, exceptions)
	}
	ask := func(query string) *answer { return s.wfs(plan.Anonymous, "version=2.0.0&"+query).want(http.StatusOK) }
	ask("request=ListStoredQueries").valid(s, "2.0.0").has("sb:prov")
	ask("request=DescribeStoredQueries&storedQuery_Id=urn:ogc:def:query:OGC-WFS::GetFeatureById").valid(s, "2.0.0")
	ask("request=GetCapabilities&sections=FeatureTypeList").valid(s, "2.0.0")
	ask("request=GetFeature&storedQuery_Id=urn:ogc:def:query:OGC-WFS::GetFeatureById&id=prov.1").valid(s, "2.0.0").has(`<sb:prov gml:id="prov.1"`)
	for reference, values := range map[string]int{"namn": 3, "sb:prov/sb:tal": 1, "sb:geometry": 3, "@gml:id": 3} {
		got := ask("request=GetPropertyValue&typeNames=prov&valueReference="+url.QueryEscape(reference)).valid(s, "2.0.0")
		if n := strings.Count(string(got.body), "<wfs:member>"); n != values {
			t.Errorf("%d values of %s, want %d", n, reference, values)
		}
		got.has(fmt.Sprintf(`numberMatched="%d" numberReturned="%d"`, values, values))
	}
}

func TestWFSVersions(t *testing.T) {
	s := wfsSite(t, 1)
	for query, version := range map[string]string{
		"": "2.0.0", "version=2.0.0": "2.0.0", "version=2.0.2": "2.0.0", "version=1.1.0": "1.1.0", "version=1.0.0": "1.0.0", "version=1.5": "1.1.0", "version=0.0.14": "1.0.0",
		"version=9.9.9": "2.0.0", "acceptVersions=1.1.0,2.0.0": "1.1.0", "ACCEPTVERSIONS=9.9.9,1.0.0&version=2.0.0": "1.0.0",
	} {
		s.wfs(plan.Anonymous, "request=GetCapabilities&"+query).want(http.StatusOK).has(`_Capabilities version="` + version + `"`)
	}
}

// ids gives the ids of the features in the answer, in their order.
func (a *answer) ids() (ids []string) {
	for _, found := range regexp.MustCompile(`<sb:\w+ (?:gml:id|fid)="([^"]*)"`).FindAllSubmatch(a.body, -1) {
		ids = append(ids, string(found[1]))
	}
	return ids
}

// TestWFSPages follows next and previous while the layer changes: the pages are of the state that was begun.
func TestWFSPages(t *testing.T) {
	s := wfsSite(t, 25)
	next := "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=prov&count=10"
	var all, last []string
	previous := regexp.MustCompile(` previous="([^"]*)"`)
	following := regexp.MustCompile(` next="([^"]*)"`)
	var body string
	for range 5 {
		got := s.ask(plan.Anonymous, "GET", next, "").want(http.StatusOK).has(`numberMatched="25"`)
		body, last = string(got.body), got.ids()
		all = append(all, last...)
		link := following.FindStringSubmatch(body)
		if link == nil {
			break
		}
		next = strings.TrimPrefix(strings.ReplaceAll(link[1], "&amp;", "&"), s.url)
		if len(all) == 10 {
			s.squares(25, 40)
			s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov/features/12", "").want(http.StatusNoContent)
		}
	}
	if len(all) != 25 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 25 || len(last) != 5 {
		t.Errorf("pages of %v", all)
	}
	link := previous.FindStringSubmatch(body)
	if link == nil {
		t.Fatal("no previous page")
	}
	back := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(strings.ReplaceAll(link[1], "&amp;", "&"), s.url), "").want(http.StatusOK).ids()
	if !slices.Equal(back, all[10:20]) {
		t.Errorf("the previous page is %v, want %v", back, all[10:20])
	}
	s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&resultType=hits").has(`numberMatched="39" numberReturned="0"`)
	s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&startIndex=38").has(`numberReturned="1"`)
	s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&startIndex=39").has(`numberReturned="0"`)
}

// TestWFSQueries asks in both spellings.
func TestWFSQueries(t *testing.T) {
	s := wfsSite(t, 6)
	for _, c := range []struct {
		kvp, xml string // what follows the type; the inside of a Query
		want     string
	}{
		{"&BBOX=6399990,320990,6400010,321110", "", "prov.2"},
		{"&bbox=6399990,320990,6400010,321110,urn:ogc:def:crs:EPSG::3006", "", "prov.2"},
		{"&bbox=320990,6399990,321110,6400010,EPSG:3006", "", "prov.2"},
		{"&bbox=6399990,320990,6400010,321110,http://www.opengis.net/def/crs/EPSG/0/3006", "", "prov.2"},
		{"&resourceId=prov.3,prov.5", "", "prov.3 prov.5"},
		{"&featureId=5", "", "prov.5"},
		{"&sortBy=antal+DESC&count=2", `<fes:SortBy xmlns:fes="http://www.opengis.net/fes/2.0"><fes:SortProperty><fes:ValueReference>sb:antal</fes:ValueReference><fes:SortOrder>DESC</fes:SortOrder></fes:SortProperty></fes:SortBy>`, "prov.1 prov.6"},
		{"&sortBy=antal+D&maxFeatures=2", "", "prov.1 prov.6"},
		{"&filter=" + url.QueryEscape(`<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:PropertyIsGreaterThan><fes:ValueReference>sb:antal</fes:ValueReference><fes:Literal>35</fes:Literal></fes:PropertyIsGreaterThan></fes:Filter>`) + "&count=2",
			`<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:PropertyIsGreaterThan><fes:ValueReference>sb:antal</fes:ValueReference><fes:Literal>35</fes:Literal></fes:PropertyIsGreaterThan></fes:Filter>`, "prov.1 prov.5"},
		{"&filter=" + url.QueryEscape(`<Filter><ResourceId rid="prov.2"/><ResourceId rid="prov.4"/></Filter>`), "", "prov.2 prov.4"},
		{"&filter=" + url.QueryEscape(`<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"><fes:BBOX><fes:ValueReference>sb:geometry</fes:ValueReference><gml:Envelope srsName="urn:ogc:def:crs:EPSG::3006"><gml:lowerCorner>6399990 322990</gml:lowerCorner><gml:upperCorner>6400010 323110</gml:upperCorner></gml:Envelope></fes:BBOX></fes:Filter>`), "", "prov.4"},
		{"&propertyName=sb:namn&count=1", "<wfs:PropertyName>namn</wfs:PropertyName>", "prov.1"},
	} {
		got := s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&TYPENAMES=sb:prov&TYPENAME=sb:prov"+c.kvp).want(http.StatusOK).ids()
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.kvp, got, c.want)
		}
		if c.xml == "" {
			continue
		}
		count := len(strings.Fields(c.want))
		body := fmt.Sprintf(`<wfs:GetFeature service="WFS" version="2.0.0" count="%d" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:sb="urn:x-strukturbild:features"><wfs:Query typenames="sb:prov">%s</wfs:Query></wfs:GetFeature>`, count, c.xml)
		answered := s.ask(plan.Anonymous, "POST", "/wfs", body, "Content-Type", "text/xml").want(http.StatusOK)
		if strings.Join(answered.ids(), " ") != c.want {
			t.Errorf("%s: %v, want %s", c.xml, answered.ids(), c.want)
		}
		if following := regexp.MustCompile(` next="([^"]*)"`).FindSubmatch(answered.body); following != nil { // the pages of a request in XML have addresses too
			s.ask(plan.Anonymous, "GET", strings.TrimPrefix(strings.ReplaceAll(string(following[1]), "&amp;", "&"), s.url), "").want(http.StatusOK)
		}
	}
	narrow := s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&propertyName=antal").want(http.StatusOK).has("<sb:namn>", "<sb:antal>")
	if strings.Contains(string(narrow.body), "geometry") || strings.Contains(string(narrow.body), "sb:tal>") {
		t.Errorf("more than what was asked: %s", narrow.body)
	}
}

// TestWFSAxes: the spelling of the system decides which coordinate comes first.
func TestWFSAxes(t *testing.T) {
	s := wfsSite(t, 1)
	for name, first := range map[string]string{
		"urn:ogc:def:crs:EPSG::3006": "6400000 320000", "http://www.opengis.net/def/crs/EPSG/0/3006": "6400000 320000", "urn:x-ogc:def:crs:EPSG:3006": "6400000 320000",
		"EPSG:3006": "320000 6400000", "http://www.opengis.net/gml/srs/epsg.xml#3006": "320000 6400000", "3006": "320000 6400000", "": "6400000 320000",
		"urn:ogc:def:crs:EPSG::4326": "57.", "EPSG:4326": "11.", "urn:ogc:def:crs:OGC:1.3:CRS84": "11.", "EPSG:3857": "13", "urn:ogc:def:crs:EPSG::3857": "13",
	} {
		got := s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&srsName="+url.QueryEscape(name)).want(http.StatusOK)
		if name != "" && name != "3006" {
			got.has(`srsName="` + name + `"`)
		}
		got.has("<gml:posList>" + first)
	}
	s.wfs(plan.Anonymous, "version=1.1.0&request=GetFeature&typeName=prov").has("<gml:posList>6400000 320000")
	s.wfs(plan.Anonymous, "version=1.0.0&request=GetFeature&typeName=prov").has(`<gml:MultiPolygon srsName="EPSG:3006">`, "<gml:coordinates>320000,6400000")
}

func TestWFSFormats(t *testing.T) {
	s := wfsSite(t, 12)
	got := func(format string) *answer {
		return s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typeNames=prov&count=5&outputFormat="+url.QueryEscape(format)).want(http.StatusOK)
	}
	page := got("application/json").json()
	if page["numberMatched"] != 12.0 || page["numberReturned"] != 5.0 || len(page["links"].([]any)) != 1 {
		t.Errorf("GeoJSON: %v", page)
	}
	first := page["features"].([]any)[0].(map[string]any)
	if first["id"] != "prov.1" || fmt.Sprint(page["crs"]) != "map[properties:map[name:urn:ogc:def:crs:EPSG::3006] type:name]" ||
		!strings.HasPrefix(fmt.Sprint(first["geometry"]), "map[coordinates:[[[[320000 6.4e+06]") {
		t.Errorf("GeoJSON: %v", first)
	}
	if lines := strings.Count(string(got("csv").body), "\r\n"); lines < 6 {
		t.Errorf("CSV has %d lines", lines)
	}
	if flat := got("application/flatgeobuf"); !strings.HasPrefix(string(flat.body), "fgb") {
		t.Errorf("FlatGeobuf begins with %q", flat.body[:8])
	}
	if zip := got("SHAPE-ZIP"); !strings.HasPrefix(string(zip.body), "PK") || zip.header.Get("Content-Type") != "application/zip" {
		t.Errorf("the Shapefile begins with %q", zip.body[:8])
	}
	got("GML2").has("<gml:outerBoundaryIs>", `fid="prov.1"`)
	got("text/xml; subtype=gml/3.1.1").has("<gml:featureMember>", `gml:id="prov.1"`)
}

// TestWFSFaults wants the code and the locator of the standard for everything that is wrong.
func TestWFSFaults(t *testing.T) {
	s := wfsSite(t, 2)
	for query, want := range map[string]string{
		"/wfs": "MissingParameterValue service", "/wfs?service=WMS&request=GetFeature": "InvalidParameterValue service",
		"/wfs?service=WFS": "MissingParameterValue request", "/wfs?service=WFS&request=Dance": "OperationNotSupported request",
		"/wfs?service=WFS&request=GetCapabilities&acceptVersions=9.1":                                  "VersionNegotiationFailed acceptVersions",
		"/wfs?service=WFS&request=GetFeature&version=3.0":                                              "InvalidParameterValue version",
		"/wfs?service=WFS&request=GetFeature":                                                          "MissingParameterValue typeNames",
		"/wfs?service=WFS&request=GetFeature&version=1.1.0":                                            "MissingParameterValue typeName",
		"/wfs?service=WFS&request=GetFeature&typenames=nix":                                            "InvalidParameterValue typeNames",
		"/wfs?service=WFS&request=DescribeFeatureType&version=1.1.0&typename=nix":                      "InvalidParameterValue typeName",
		"/wfs?service=WFS&request=GetFeature&version=2.0.0&typenames=prov,kommun":                      "OptionNotSupported typeNames",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&count=x":                                   "InvalidParameterValue count",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&startindex=-1":                             "InvalidParameterValue startIndex",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&resulttype=all":                            "InvalidParameterValue resultType",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&outputformat=dwg":                          "InvalidParameterValue outputFormat",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&srsname=EPSG:9999999":                      "InvalidParameterValue srsName",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&propertyname=nix":                          "InvalidParameterValue propertyName",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&sortby=nix":                                "InvalidParameterValue sortBy",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&sortby=namn+UP":                            "InvalidParameterValue sortBy",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&bbox=1,2,3":                                "InvalidParameterValue bbox",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&bbox=1,2,3,4,EPSG:77":                      "InvalidParameterValue bbox",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&bbox=320000,6400000,330000,6410000":        "InvalidParameterValue bbox",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&typenames=kommun":                          "InvalidParameterValue typenames",
		"/wfs?service=WFS&request=GetFeature&typenames=(prov)(prov)&sortby=(a)(b)(c)":                  "InvalidParameterValue sortby",
		"/wfs?service=WFS&request=GetFeature&typenames=(prov)(prov)&outputformat=csv":                  "OptionNotSupported outputFormat",
		"/wfs?service=WFS&request=GetFeature&storedquery_id=nix":                                       "InvalidParameterValue storedQuery_Id",
		"/wfs?service=WFS&request=GetFeature&storedquery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById": "MissingParameterValue id",
		"/wfs?service=WFS&request=DescribeStoredQueries&storedquery_id=nix":                            "InvalidParameterValue storedQuery_Id",
		"/wfs?service=WFS&request=ListStoredQueries&version=1.1.0":                                     "OperationNotSupported request",
		"/wfs?service=WFS&request=GetPropertyValue&typenames=prov":                                     "MissingParameterValue valueReference",
		"/wfs?service=WFS&request=GetPropertyValue&typenames=prov&valuereference=":                     "InvalidParameterValue valueReference",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&resourceid=conflict.1480":                  "InvalidParameterValue RESOURCEID",
		"/wfs?service=WFS&request=GetFeature&version=1.1.0&typename=prov&featureid=conflict.1480":      "InvalidParameterValue FEATUREID",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&filter=%3CFilter%3E%3CPropertyIsLessThan%3E%3CLiteral/%3E%3CValueReference%3Egml:boundedBy%3C/ValueReference%3E%3C/PropertyIsLessThan%3E%3C/Filter%3E": "OperationProcessingFailed filter",
		"/wfs?service=WFS&request=GetPropertyValue&typenames=prov&valuereference=nix":                                                                                          "InvalidParameterValue valueReference",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&revision=99":                                                                                                       "InvalidParameterValue revision",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&filter=%3CFilter":                                                                                                  "OperationParsingFailed filter",
		"/wfs?service=WFS&request=GetFeature&typenames=prov&filter=%3CFilter%3E%3CPropertyIsNull%3E%3CPropertyName%3Enix%3C/PropertyName%3E%3C/PropertyIsNull%3E%3C/Filter%3E": "InvalidParameterValue filter",
		"/wfs?service=WFS&request=GetFeature&%zz":                                                                                                                              "OperationParsingFailed ",
	} {
		got := s.ask(plan.Anonymous, "GET", query, "").want(http.StatusBadRequest)
		exception, locator, _ := strings.Cut(want, " ")
		got.has(`exceptionCode="`+exception+`"`, "<ExceptionText>")
		if locator != "" {
			got.has(`locator="` + locator + `"`)
		}
	}
	s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&typenames=prov&resourceid=nix.1,prov.99").want(http.StatusOK).has(`numberMatched="0"`) // of no layer, and of no feature
	missing := s.wfs(plan.Anonymous, "version=2.0.0&request=GetFeature&storedQuery_Id=urn:ogc:def:query:OGC-WFS::GetFeatureById&id=prov.99").want(http.StatusNotFound)
	missing.has(`exceptionCode="NotFound"`)
	for body, want := range map[string]string{
		"": "OperationParsingFailed", "<a": "OperationParsingFailed", "<GetFeature/>": "MissingParameterValue", `<Dance service="WFS"/>`: "OperationNotSupported",
		`<!DOCTYPE x [<!ENTITY a "b">]><GetFeature service="WFS" version="2.0.0"/>`:                                                                                           "OperationParsingFailed",
		`<GetFeature service="WFS" version="2.0.0"><Query typeNames="prov"><Filter><ResourceId rid="prov.1"/><ResourceId rid="conflict.1480"/></Filter></Query></GetFeature>`: "RESOURCEID",
		`<GetFeature service="WMS" version="2.0.0"/>`:                                                                                                                         "InvalidParameterValue",
		`<GetFeature service="WFS" version="2.0.0"><Query typeNames="nix"/></GetFeature>`:                                                                                     "InvalidParameterValue",
	} {
		s.ask(plan.Anonymous, "POST", "/wfs", body, "Content-Type", "text/xml").want(http.StatusBadRequest).has(want)
	}
	s.ask(plan.Anonymous, "POST", "/wfs", strings.Repeat("<a>", 1000), "Content-Type", "text/xml").want(http.StatusRequestEntityTooLarge).has("OperationProcessingFailed")
	s.ask(plan.Anonymous, "DELETE", "/wfs?service=WFS&version=1.1.0", "").want(http.StatusMethodNotAllowed).has("ExceptionReport")
}

// TestWFSAccess: drafts are there for those who have a token, however they send it, and for nobody else.
func TestWFSAccess(t *testing.T) {
	s := wfsSite(t, 2)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"status":"draft"}`).want(http.StatusOK)
	for _, version := range []string{"2.0.0", "1.1.0", "1.0.0"} {
		query := "/wfs?service=WFS&version=" + version + "&request="
		if open := s.ask(plan.Anonymous, "GET", query+"GetCapabilities", "").want(http.StatusOK); strings.Contains(string(open.body), "sb:prov<") {
			t.Errorf("%s: a draft is listed for everyone", version)
		}
		s.ask(plan.Anonymous, "GET", query+"DescribeFeatureType&typeName=prov", "").want(http.StatusBadRequest)
		s.ask(plan.Anonymous, "GET", query+"GetFeature&typeName=prov", "").want(http.StatusBadRequest)
		s.ask(plan.Viewer, "GET", query+"GetCapabilities", "").want(http.StatusOK).has("sb:prov<")
		keyed := s.ask(plan.Anonymous, "GET", "/key/"+s.tokens[plan.Viewer]+query+"GetCapabilities", "").want(http.StatusOK)
		keyed.has("sb:prov<", s.url+"/key/"+s.tokens[plan.Viewer]+"/wfs?")
		s.ask(plan.Anonymous, "GET", "/key/"+s.tokens[plan.Viewer]+query+"GetFeature&typeName=prov", "").want(http.StatusOK).has("prov.1")
		refused := s.ask(plan.Anonymous, "GET", "/key/strb_fel"+query+"GetFeature&typeName=prov", "").want(http.StatusUnauthorized)
		refused.has("Exception")
		if refused.header.Get("WWW-Authenticate") == "" || strings.Contains(string(refused.body), "strb_fel") {
			t.Errorf("%s: refused with %v: %s", version, refused.header, refused.body)
		}
	}
	basic := s.ask(plan.Anonymous, "GET", "/wfs?service=WFS&request=GetFeature&typenames=prov", "", "Authorization", "Basic "+base64Of("qgis:"+s.tokens[plan.Viewer]))
	basic.want(http.StatusOK).has("prov.1")
	s.ask(plan.Anonymous, "GET", "/key/"+s.tokens[plan.Viewer]+"/ogc/collections/prov", "").want(http.StatusOK).has("/key/")
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
