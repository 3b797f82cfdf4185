package ogc

import (
	"errors"
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

func parse(t *testing.T, query string) (*ItemsRequest, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return ParseItems(values, "", everything)
}

func TestParseItems(t *testing.T) {
	span := func(from, to string) plan.Expression {
		var interval plan.Interval
		interval.From, _ = time.Parse(time.RFC3339Nano, from)
		interval.To, _ = time.Parse(time.RFC3339Nano, to)
		return everything.Timely(interval)
	}
	en, ne := geo.House, geo.House.WithURIOrder()
	const uri3006 = "http://www.opengis.net/def/crs/EPSG/0/3006"
	check := func(e plan.Expression) plan.Expression {
		e, err := everything.Check(e)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for query, want := range map[string]ItemsRequest{
		"":                                         {},
		"limit=1":                                  {Query: plan.Query{Limit: 1}},
		"limit=10000":                              {Query: plan.Query{Limit: 10000}},
		"limit=10001":                              {Query: plan.Query{Limit: 10000}},
		"limit=99999999999999999999999999":         {Query: plan.Query{Limit: 10000}},
		"revision=7":                               {Query: plan.Query{Revision: 7}},
		"crs=" + uri3006:                           {CRS: ne},
		"crs=urn:ogc:def:crs:EPSG::3006":           {CRS: ne},
		"crs=EPSG:3006":                            {CRS: en},
		"f=html":                                   {Format: HTML},
		"kommunkod=0114&namn=%C3%85m%C3%A5l":       {Query: plan.Query{Filter: plan.And{is("namn", plan.TextValue("Åmål")), is("kommunkod", plan.TextValue("0114"))}}},
		"namn=":                                    {Query: plan.Query{Filter: is("namn", plan.TextValue(""))}},
		"antal=007&areal_ha=1.50":                  {Query: plan.Query{Filter: plan.And{is("antal", plan.IntegerValue(7)), is("areal_ha", plan.NumberValue(1.5))}}},
		"antal=9223372036854775807":                {Query: plan.Query{Filter: is("antal", plan.IntegerValue(math.MaxInt64))}},
		"skyddad=1":                                {Query: plan.Query{Filter: is("skyddad", plan.BooleanValue(true))}},
		"beslut=1990-01-01":                        {Query: plan.Query{Filter: is("beslut", plan.DateValue(7305))}},
		"andrad=2026-11-22T10:00:00%2B01:00":       {Query: plan.Query{Filter: is("andrad", plan.DateTimeValue(1795338000e6))}},
		"bbox=1,2,3,4&bbox-crs=EPSG:3006":          {Query: plan.Query{Filter: inBox(1, 2, 3, 4)}},
		"bbox=2,1,4,3&bbox-crs=" + uri3006:         {Query: plan.Query{Filter: inBox(1, 2, 3, 4)}},
		"bbox=1,2,-9,3,4,9&bbox-crs=EPSG:3006":     {Query: plan.Query{Filter: inBox(1, 2, 3, 4)}},
		"bbox=1e0,%202,3.0,4&bbox-crs=3006":        {Query: plan.Query{Filter: inBox(1, 2, 3, 4)}},
		"bbox-crs=EPSG:3006":                       {},
		"datetime=1990-01-01":                      {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "1990-01-01T23:59:59.999999999Z")}},
		"datetime=1990-01-01T":                     {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "1990-01-01T23:59:59.999999999Z")}},
		"datetime=1990-01-01T12:00:00Z":            {Query: plan.Query{Filter: span("1990-01-01T12:00:00Z", "1990-01-01T12:00:00Z")}},
		"datetime=1990-01-01t12:00:00.5z":          {Query: plan.Query{Filter: span("1990-01-01T12:00:00.5Z", "1990-01-01T12:00:00.5Z")}},
		"datetime=1990-01-01T12:00:00%2B02:00":     {Query: plan.Query{Filter: span("1990-01-01T12:00:00+02:00", "1990-01-01T12:00:00+02:00")}},
		"datetime=1990-01-01T12:00:00":             {Query: plan.Query{Filter: span("1990-01-01T12:00:00Z", "1990-01-01T12:00:00Z")}},
		"datetime=1990-01-01T12Z":                  {Query: plan.Query{Filter: span("1990-01-01T12:00:00Z", "1990-01-01T12:00:00Z")}},
		"datetime=1990-01-01/1990-01-02":           {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "1990-01-02T23:59:59.999999999Z")}},
		"datetime=1990-01-01T/..":                  {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "")}},
		"datetime=1990-01-01/":                     {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "")}},
		"datetime=..%2F1990-01-01":                 {Query: plan.Query{Filter: span("", "1990-01-01T23:59:59.999999999Z")}},
		"datetime=/1990-01-01T00:00:00Z":           {Query: plan.Query{Filter: span("", "1990-01-01T00:00:00Z")}},
		"datetime=1990-01-01/9999-12-31T00:00:00Z": {Query: plan.Query{Filter: span("1990-01-01T00:00:00Z", "9999-12-31T00:00:00Z")}},
		"datetime=../..":                           {},
		"filter=antal>7":                           {Query: plan.Query{Filter: check(plan.Compare{Op: plan.Greater, Left: plan.Property{Name: "antal"}, Right: plan.Literal{Value: plan.IntegerValue(7)}})}},
		"filter-lang=cql-text":                     {},
		"sortby=namn,-antal":                       {Query: plan.Query{Sort: []plan.SortKey{{Property: "namn"}, {Property: "antal", Descending: true}}}},
		"sortby=+namn,%2Bid":                       {Query: plan.Query{Sort: []plan.SortKey{{Property: "namn"}, {Property: "id"}}}},
		"properties=antal,namn":                    {Query: plan.Query{Properties: []string{"antal", "namn", "geometry"}}},
		"properties=antal&skipGeometry=true":       {Query: plan.Query{Properties: []string{"antal"}}},
		"properties=&skipGeometry=true":            {Query: plan.Query{Properties: []string{}}},
	} {
		got, err := parse(t, query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if want.Query.Limit == 0 {
			want.Query.Limit = DefaultLimit
		}
		if want.Format == "" {
			want.Format = JSON
		}
		q, w := got.Query, want.Query
		if q.Layer != everything.ID || q.Limit != w.Limit || q.Revision != w.Revision || q.After != "" || got.CRS != want.CRS || got.Format != want.Format {
			t.Errorf("%s: got %+v", query, got)
		}
		if !reflect.DeepEqual(q.Filter, w.Filter) {
			t.Errorf("%s: the filter is %v, want %v", query, q.Filter, w.Filter)
		}
		if !reflect.DeepEqual(q.Sort, w.Sort) || !reflect.DeepEqual(q.Properties, w.Properties) {
			t.Errorf("%s: sorted by %v, properties %v; want %v, %v", query, q.Sort, q.Properties, w.Sort, w.Properties)
		}
	}
}

func is(name string, value plan.Value) plan.Expression {
	return plan.Compare{Op: plan.Equal, Left: plan.Property{Name: name}, Right: plan.Literal{Value: value}}
}

func inBox(minX, minY, maxX, maxY float64) plan.Expression {
	return plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: "geometry"},
		Right: plan.BoxLiteral{Box: plan.Box{MinX: minX, MinY: minY, MaxX: maxX, MaxY: maxY}}}
}

func TestParseItemsInDegrees(t *testing.T) {
	for query, holds := range map[string]bool{
		"bbox=11.9,57.6,12.1,57.8": true,
		"bbox=57.6,11.9,57.8,12.1&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326": true,
		"bbox=-180,-90,180,90": true,
		"bbox=10,57,9,58":      true, // around the world across the antimeridian
		"bbox=13,57,14,58":     false,
		"bbox=-70,-10,-60,0":   false,
	} {
		r, err := parse(t, query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		gothenburg := plan.Box{MinX: 319000, MinY: 6400000, MaxX: 320000, MaxY: 6401000}
		polygon := r.Query.Filter.(plan.Spatial).Right.(plan.GeometryLiteral).Geometries[0]
		if got := polygon.Box().Intersects(gothenburg); got != holds {
			t.Errorf("%s: holds Gothenburg %v, want %v (%v)", query, got, holds, polygon.Box())
		}
	}
}

func TestParseItemsOfATable(t *testing.T) {
	r, err := ParseItems(url.Values{"bbox": {"1,2,3,4"}}, "", &plan.Layer{ID: "tabell", GeometryType: plan.None})
	if err != nil || r.Query.Filter != nil {
		t.Errorf("a box on a table gave %+v, %v; it must match every row", r, err)
	}
	if _, err := ParseItems(url.Values{"bbox": {"1,2,x,4"}}, "", &plan.Layer{ID: "tabell", GeometryType: plan.None}); err == nil {
		t.Error("a malformed box on a table was accepted")
	}
}

// TestFaults looks for a part of the message, so that each fault says what is wrong.
func TestFaults(t *testing.T) {
	for query, part := range map[string]string{
		"limit=0":                         `"limit" is "0"`,
		"limit=-1":                        `"limit" is "-1"`,
		"limit=NaN":                       `"limit" is "NaN"`,
		"limit=":                          `"limit" is ""`,
		"limit=10.0":                      `"limit" is "10.0"`,
		"limit=1&limit=2":                 "is given 2 times",
		"revision=0":                      "from 1",
		"revision=x":                      "from 1",
		"crs=EPSG:9999":                   "http://www.opengis.net/def/crs/EPSG/0/3006",
		"crs=EPSG:4619":                   "use one of",
		"crs=":                            "use one of",
		"bbox-crs=EPSG:1":                 `"bbox-crs"`,
		"f=xml":                           "use json or html",
		"bbox=":                           "has 1 numbers",
		"bbox=1,2,3":                      "has 3 numbers",
		"bbox=1,2,3,4,5":                  "has 5 numbers",
		"bbox=1,2,3,4,5,6,7,8,9":          "it must have four",
		"bbox=1,2,,4":                     `"" is not a finite number`,
		"bbox=1,2,x,4":                    `"x" is not a finite number`,
		"bbox=1,2,NaN,4":                  `"NaN"`,
		"bbox=1,2,Inf,4":                  `"Inf"`,
		"bbox=1,2,1e999,4":                `"1e999"`,
		"bbox=11,58,12,57":                "lower corner first",
		"bbox=3,2,1,4&bbox-crs=EPSG:3006": "lower corner first",
		"bbox=1,2,9,3,4,8":                "least height",
		"datetime=":                       "is not a time",
		"datetime=..":                     "is not a time",
		"datetime=1990":                   "is not a time",
		"datetime=1990-13-01":             "is not a time",
		"datetime=1990-02-30":             "is not a time",
		"datetime=1990-01-02/1990-01-01":  "begins after it ends",
		"datetime=1990-01-01/1991-01-01/1992-01-01": "is not a time",
		"datetime=1990-01-01T12:00:00+02:00":        "%2B",
		"cursor=":                                   "not one that this service gave",
		"cursor=%C3%A5":                             "not one that this service gave",
		"cursor=AAAAAAAAAAAAAAA":                    "belongs to another request",
		"antal=1.5":                                 "not a whole number",
		"antal=9223372036854775808":                 "not a whole number",
		"areal_ha=NaN":                              "not a finite number",
		"skyddad=ja":                                "neither true nor false",
		"beslut=igår":                               "not a date",
		"andrad=1990-01-01":                         "not an instant",
		"Kommunkod=1490":                            `no parameter "Kommunkod" here; known are at, bbox, bbox-crs, crs, cursor, datetime, f, filter, filter-crs, filter-lang, limit, properties, revision, skipGeometry, sortby, namn, kommunkod`,
		"startIndex=10":                             `no parameter "startIndex"`,
		"%FF=1":                                     "no parameter",
		"filter=":                                   "a property, a constant or a function here, not the end",
		"filter=antal":                              `"antal" is a whole number, but there must be a boolean here`,
		"filter=antal=1&filter-lang=sql":            "use cql2-text or cql2-json",
		"filter=antal=1&filter-crs=EPSG:1":          `"filter-crs"`,
		"filter={&filter-lang=cql2-json":            "no JSON",
		"sortby=geometry":                           "can't be ordered by their geometry",
		"sortby=-nej":                               `no attribute "nej"`,
		"properties=nej":                            `no attribute "nej"`,
		"skipGeometry=x":                            "true or false",
	} {
		_, err := parse(t, query)
		fault, ok := errors.AsType[*plan.Error](err)
		if !ok || fault.Code != plan.Invalid || !strings.Contains(fault.Message, part) || len(fault.Findings) == 0 {
			t.Errorf("%s: got %v, want %q in it", query, err, part)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := parse(t, "limit=0&bbox=1&datetime=x&antal=x&hej=1&crs=x&f=y&cursor=z&revision=q")
	fault, ok := errors.AsType[*plan.Error](err)
	if !ok || len(fault.Findings) != 9 {
		t.Fatalf("got %d findings in %v", len(fault.Findings), err)
	}
	if want := "hej, limit, revision, antal, crs, f, bbox, datetime, cursor"; fault.Locator != want {
		t.Errorf("the locator is %q, want %q", fault.Locator, want)
	}
}

func TestParameterNamedLikeAnAttribute(t *testing.T) {
	layer := &plan.Layer{ID: "x", GeometryType: plan.Point, Attributes: []plan.Attribute{{Name: "limit", Type: plan.String}}}
	r, err := ParseItems(url.Values{"limit": {"5"}}, "", layer)
	if err != nil || r.Query.Limit != 5 || r.Query.Filter != nil {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestParseItemAndDocument(t *testing.T) {
	r, err := ParseItem(url.Values{"crs": {"EPSG:3006"}, "revision": {"2"}}, "text/html")
	if err != nil || r.CRS != geo.House || r.Revision != 2 || r.Format != HTML {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := ParseItem(url.Values{"bbox": {"1,2,3,4"}}, ""); err == nil {
		t.Error("an item took a bbox")
	}
	if f, err := ParseDocument(url.Values{"f": {"json"}}, "text/html"); err != nil || f != JSON {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := ParseDocument(url.Values{"x": {"1"}}, ""); plan.CodeOf(err) != plan.Invalid {
		t.Errorf("an unknown parameter gave %v", err)
	}
}

func TestNegotiation(t *testing.T) {
	for accept, want := range map[string]Format{
		"":                                       JSON,
		"*/*":                                    JSON,
		"application/geo+json, application/json": JSON,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": HTML,
		"text/html;q=0.5, application/json":                               JSON,
		"application/json;q=0.1, text/html;q=0.2":                         HTML,
		"application/vnd.oai.openapi+json;version=3.0, text/html":         JSON,
		"text/csv": JSON,
		";;;":      JSON,
		"application/fg+json, application/geo+json;q=0.8": JSONFG,
		"application/gml+xml;version=3.2":                 GMLFormat,
		"application/flatgeobuf":                          FlatGeobuf,
	} {
		if got := negotiate(accept, itemsFormats); got != want {
			t.Errorf("%q gives %s, want %s", accept, got, want)
		}
	}
	if got := negotiate("application/flatgeobuf", itemFormats); got != JSON {
		t.Errorf("one feature comes as %s", got)
	}
	for accept, want := range map[string]Language{"": Swedish, "sv-SE,sv;q=0.9,en;q=0.8": Swedish, "en-GB": English, "de,en;q=0.5": English, "*": Swedish, "da": Swedish, "x y": Swedish} {
		if got := ParseLanguage(accept); got != want {
			t.Errorf("%q gives %s, want %s", accept, got, want)
		}
	}
}

func FuzzParseItems(f *testing.F) {
	for _, seed := range []string{"", "bbox=11,57,12,58&limit=5", "datetime=1990-01-01/..", "crs=EPSG:3006&bbox-crs=3006&bbox=1,2,3,4,5,6",
		"cursor=AAAAAAAAAAAAAAA&antal=5", "namn=%C3%A5&skyddad=0&f=html&revision=3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		r, err := ParseItems(values, "", everything)
		if err != nil {
			if plan.CodeOf(err) != plan.Invalid {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		if r.Query.Limit < 1 || r.Query.Limit > MaxLimit {
			t.Fatalf("%q: limit %d", query, r.Query.Limit)
		}
		next := r.Links("https://example.org/items", 9, 3, "å:1")[1].Href
		address, err := url.Parse(next)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		again, err := ParseItems(address.Query(), "", everything)
		if err != nil || again.Query.After != "å:1" || again.Query.Revision == 0 {
			t.Fatalf("%q: the next link %s gives %+v, %v", query, next, again, err)
		}
	})
}
