package wfs_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"strukturbild/internal/plan"
	"strukturbild/internal/wfs"
)

var layer = &plan.Layer{ID: "prov", GeometryType: plan.Polygon, Attributes: []plan.Attribute{{Name: "namn", Type: plan.String, Required: true}, {Name: "antal", Type: plan.Integer}}}

// check plans what was read: a request is either a query that fits or a Fault with a code and a sentence.
func check(t *testing.T, r *wfs.Request, err error) {
	t.Helper()
	if r == nil {
		t.Fatal("no request, and so no version to answer in")
	}
	for i := 0; err == nil && i < len(r.Queries); i++ {
		var format wfs.Format
		if format, err = r.Format(); err == nil {
			_, _, err = r.Queries[i].Plan(r.Version, layer, format)
		}
	}
	for _, action := range r.Actions {
		var refused error
		if action.Kind != wfs.Delete {
			_, refused = action.Content(r.Version, layer)
		}
		if refused == nil {
			_, refused = action.Where(r.Version, layer)
		}
		if action.Named(); refused != nil {
			err = action.Fault(refused)
		}
	}
	if err == nil {
		_ = r.Address("http://x/wfs", 1, 2)
		return
	}
	if known, ok := errors.AsType[*plan.Error](err); !ok || known.Message == "" || wfs.ExceptionOf(err, known.Code) == "" {
		t.Errorf("%v is no fault that a client can read", err)
	}
}

func FuzzParseKVP(f *testing.F) {
	for _, query := range []string{
		"SERVICE=WFS&REQUEST=GetFeature&VERSION=2.0.0&TYPENAMES=sb:prov&STARTINDEX=0&COUNT=1000&SRSNAME=urn:ogc:def:crs:EPSG::3006&BBOX=6400000,340000,6460000,420000,urn:ogc:def:crs:EPSG::3006",
		"service=WFS&version=1.1.0&request=GetFeature&typename=(prov)(kommun)&propertyname=(namn)(*)&sortby=(namn+D)(antal)&featureid=prov.1",
		"service=wfs&request=GetCapabilities&acceptversions=1.0.0,2.0.0&sections=All", "service=WFS&request=GetFeature&storedquery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById&id=prov.1",
		"service=WFS&request=GetPropertyValue&typenames=prov&valuereference=@gml:id&filter=<Filter><PropertyIsNull><PropertyName>namn</PropertyName></PropertyIsNull></Filter>",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r, err := wfs.ParseKVP(query)
		check(t, r, err)
	})
}

func FuzzParseRequestXML(f *testing.F) {
	for _, body := range []string{
		`<wfs:GetFeature service="WFS" version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0"><wfs:Query typeNames="prov"><fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:ResourceId rid="prov.1"/></fes:Filter></wfs:Query></wfs:GetFeature>`,
		`<GetFeature xmlns="http://www.opengis.net/wfs" version="1.1.0" maxFeatures="2"><Query typeName="prov" srsName="EPSG:3006"><PropertyName>namn</PropertyName><SortBy><SortProperty><PropertyName>antal</PropertyName><SortOrder>DESC</SortOrder></SortProperty></SortBy></Query></GetFeature>`,
		`<DescribeFeatureType service="WFS" version="1.0.0"><TypeName>prov</TypeName></DescribeFeatureType>`, `<GetCapabilities service="WFS"><AcceptVersions><Version>1.1.0</Version></AcceptVersions></GetCapabilities>`,
		`<wfs:Transaction service="WFS" version="1.0.0" xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" releaseAction="SOME"><wfs:LockId>a</wfs:LockId><wfs:Insert handle="h"><prov><geometry><gml:Polygon srsName="urn:ogc:def:crs:EPSG::3006"><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>320000,6400000 320100,6400000 320100,6400100 320000,6400000</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon></geometry><namn>&lt;å&gt;</namn></prov></wfs:Insert></wfs:Transaction>`,
		`<Transaction service="WFS" version="2.0.0" xmlns="http://www.opengis.net/wfs/2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Update typeName="prov" srsName="EPSG:3006"><Property><ValueReference action="remove">antal</ValueReference><Value xsi:nil="true"/></Property><Filter><ResourceId rid="prov.1"/></Filter></Update><Delete typeName="prov"><Filter><PropertyIsNull><ValueReference>antal</ValueReference></PropertyIsNull></Filter></Delete></Transaction>`,
		`<Transaction service="WFS" version="2.0.0"><Replace><prov><geometry><MultiSurface srsName="EPSG:4326"><surfaceMember><Polygon><exterior><LinearRing><posList>12 58 12.1 58 12.1 58.1 12 58</posList></LinearRing></exterior></Polygon></surfaceMember></MultiSurface></geometry></prov><Filter><ResourceId rid="prov.1"/></Filter></Replace><Native vendorId="x" safeToIgnore="true"/></Transaction>`,
		`<LockFeature service="WFS" version="1.1.0" expiry="5" lockAction="SOME"><Lock typeName="prov"/></LockFeature>`,
		`<GetFeature service="WFS" version="2.0.0"><StoredQuery id="urn:ogc:def:query:OGC-WFS::GetFeatureById"><Parameter name="ID">prov.1</Parameter></StoredQuery></GetFeature>`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r, err := wfs.ParseXML([]byte(body))
		check(t, r, err)
	})
}

// TestAddressIsTheRequest: the address of a request asks the same, whatever spelling it was made from.
func TestAddressIsTheRequest(t *testing.T) {
	body := `<GetFeature service="WFS" version="2.0.0" count="7" outputFormat="application/geo+json"><Query typeNames="sb:prov" srsName="EPSG:4326"><PropertyName>antal</PropertyName>` +
		`<Filter><PropertyIsEqualTo><ValueReference>namn</ValueReference><Literal>a &amp; "b" &lt;c&gt;</Literal></PropertyIsEqualTo></Filter>` +
		`<SortBy><SortProperty><ValueReference>antal</ValueReference><SortOrder>DESC</SortOrder></SortProperty></SortBy></Query></GetFeature>`
	sent, err := wfs.ParseXML([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(sent.Address("http://x/wfs", 14, 3))
	if err != nil {
		t.Fatal(err)
	}
	again, err := wfs.ParseKVP(address.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	if again.StartIndex != 14 || again.Count != 7 || address.Query().Get("revision") != "3" {
		t.Errorf("from %d, %d at a time: %s", again.StartIndex, again.Count, address)
	}
	first, system, err := sent.Queries[0].Plan(sent.Version, layer, wfs.Format{})
	if err != nil {
		t.Fatal(err)
	}
	second, same, err := again.Queries[0].Plan(again.Version, layer, wfs.Format{})
	if err != nil || system != same || !equal(first, second) {
		t.Errorf("%+v\n%+v: %v", first, second, err)
	}
	if _, err := wfs.ParseKVP(strings.ToUpper("service=wfs") + "&REQUEST=getfeature&TypeNames=prov"); err != nil {
		t.Errorf("names in any case: %v", err)
	}
}

func equal(a, b plan.Query) bool { return reflect.DeepEqual(a, b) }
