package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/atlas"
	"strukturbild/internal/ogc"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/plantest"
)

// newFiltered is a site with random features in the layer prov, and the same in a table of PostGIS.
func newFiltered(t *testing.T, n int) (*site, *pgx.Conn) {
	s := newSite(t)
	layer := plantest.Layer("prov", plan.Polygon)
	features := plantest.Features(rand.New(rand.NewPCG(81, 82)), layer, n)
	if _, err := s.atlas.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Author: "prov", Kind: plan.ChangeEdit, Layers: []plan.LayerChange{{Layer: "prov", Define: layer, Add: features}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, s.schema)
	if _, err := conn.Exec(t.Context(), plantest.Table(features)); err != nil {
		t.Fatal(err)
	}
	return s, conn
}

// TestOneQueryManyTongues asks the same random question in every language over HTTP, pages through the answers, and holds them
// against PostGIS: the same features in the same order.
func TestOneQueryManyTongues(t *testing.T) {
	s, conn := newFiltered(t, 150)
	filter := plantest.Filter{Rand: rand.New(rand.NewPCG(83, 84)), Spatial: true, Tongue: plantest.CQL2}
	for range 40 {
		e, keys := filter.Make(3), filter.SortKeys()
		rows, err := conn.Query(t.Context(), "SELECT id FROM prov WHERE "+plantest.SQL(e)+" "+plantest.OrderBy(keys))
		if err != nil {
			t.Fatal(err)
		}
		want, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for language, text := range map[string]string{"cql2-text": plantest.Text(e), "cql2-json": plantest.JSON(e)} {
			query := url.Values{"filter": {text}, "filter-lang": {language}, "filter-crs": {"EPSG:3006"}, "limit": {"37"}, "skipGeometry": {"true"}}
			if sortby := sortBy(keys); sortby != "" {
				query.Set("sortby", sortby)
			}
			if got := s.pages("/ogc/collections/prov/items?" + query.Encode()); !slices.Equal(got, want) {
				t.Fatalf("%s:\n%s\ngives %v\nwant  %v", language, text, got, want)
			}
		}
	}
}

// TestOneQueryEveryTongue writes what all languages can say in every one, as key-value pairs and as XML, in every version of WFS and
// in OGC API: the same features in the same order.
func TestOneQueryEveryTongue(t *testing.T) {
	s, conn := newFiltered(t, 120)
	filter := plantest.Filter{Rand: rand.New(rand.NewPCG(85, 86)), Spatial: true,
		Tongue: plantest.Tongue{NoArithmetic: true, NoFolding: true, NoIn: true, NoRelations: true, NoTime: true, NoWholeQuotient: true, NoDistance: true}}
	for range 25 {
		e, keys := filter.Make(3), filter.SortKeys()
		rows, err := conn.Query(t.Context(), "SELECT id FROM prov WHERE "+plantest.SQL(e)+" "+plantest.OrderBy(keys))
		if err != nil {
			t.Fatal(err)
		}
		want, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		query := url.Values{"filter": {plantest.Text(e)}, "filter-lang": {"cql2-text"}, "filter-crs": {"EPSG:3006"}, "limit": {"37"}, "skipGeometry": {"true"}}
		if len(keys) > 0 {
			query.Set("sortby", sortBy(keys))
		}
		if got := s.pages("/ogc/collections/prov/items?" + query.Encode()); !slices.Equal(got, want) {
			t.Fatalf("CQL2:\n%s\ngives %v\nwant  %v", plantest.Text(e), got, want)
		}
		for version, fes := range map[string]plantest.XML{"2.0.0": plantest.FES20, "1.1.0": plantest.FES11, "1.0.0": plantest.FES10} {
			said := fes.Filter(e)
			pairs := url.Values{"service": {"WFS"}, "version": {version}, "request": {"GetFeature"}, "typeNames": {"sb:prov"}, "count": {"37"},
				"propertyName": {"antal"}, "outputFormat": {"application/geo+json"}, "filter": {said}}
			if len(keys) > 0 {
				pairs.Set("sortBy", sortByKVP(keys))
			}
			for how, first := range map[string]string{"pairs": s.wfsPage("GET", "/wfs?"+pairs.Encode(), ""), "XML": s.wfsPage("POST", "/wfs", getFeatureXML(version, said, keys))} {
				if got := s.wfsPages(first); !slices.Equal(got, want) {
					t.Fatalf("%s, %s:\n%s\ngives %v\nwant  %v", version, how, said, got, want)
				}
			}
		}
	}
}

func sortByKVP(keys []plan.SortKey) string {
	var parts []string
	for _, key := range keys {
		parts = append(parts, key.Property+map[bool]string{true: " DESC", false: " ASC"}[key.Descending])
	}
	return strings.Join(parts, ",")
}

// getFeatureXML asks for a page in XML; the order stands in the request as each version has it.
func getFeatureXML(version, filter string, keys []plan.SortKey) string {
	names, count, property := "typeName", "maxFeatures", "PropertyName"
	if version == "2.0.0" {
		names, count, property = "typeNames", "count", "ValueReference"
	}
	order := ""
	for _, key := range keys {
		order += "<SortProperty><" + property + ">" + key.Property + "</" + property + "><SortOrder>" + map[bool]string{true: "DESC", false: "ASC"}[key.Descending] + "</SortOrder></SortProperty>"
	}
	if order != "" {
		order = "<SortBy>" + order + "</SortBy>"
	}
	return `<GetFeature service="WFS" version="` + version + `" ` + count + `="37" outputFormat="application/geo+json"><Query ` + names + `="sb:prov"><PropertyName>antal</PropertyName>` + filter + order + `</Query></GetFeature>`
}

func (s *site) wfsPage(method, path, body string) string {
	s.Helper()
	return string(s.ask(plan.Anonymous, method, path, body).want(http.StatusOK).body)
}

// wfsPages follows the next links from a first page and gives the ids.
func (s *site) wfsPages(text string) (ids []string) {
	s.Helper()
	for text != "" {
		var page struct {
			Features []struct{ ID string }
			Links    []struct{ Rel, Href string }
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			s.Fatal(err)
		}
		text = ""
		for _, f := range page.Features {
			ids = append(ids, ogc.FeatureIDs("prov", f.ID)[len(ogc.FeatureIDs("prov", f.ID))-1])
		}
		for _, link := range page.Links {
			if link.Rel == "next" {
				text = s.wfsPage("GET", strings.TrimPrefix(link.Href, s.url), "")
			}
		}
	}
	return ids
}

func sortBy(keys []plan.SortKey) string {
	var parts []string
	for _, key := range keys {
		sign := "+"
		if key.Descending {
			sign = "-"
		}
		parts = append(parts, sign+key.Property)
	}
	return strings.Join(parts, ",")
}

// pages follows the next links and gives the ids.
func (s *site) pages(path string) (ids []string) {
	s.Helper()
	for path != "" {
		var page struct {
			Matched  int `json:"numberMatched"`
			Features []struct {
				ID       json.Number     `json:"id"`
				Geometry json.RawMessage `json:"geometry"`
			} `json:"features"`
			Links []struct{ Rel, Href string } `json:"links"`
		}
		body := s.ask(plan.Anonymous, "GET", path, "").want(http.StatusOK).body
		if err := json.Unmarshal(body, &page); err != nil {
			s.Fatal(err)
		}
		for _, f := range page.Features {
			ids = append(ids, f.ID.String())
			if string(f.Geometry) != "null" {
				s.Errorf("the geometry is %s", f.Geometry)
			}
		}
		path = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				path = strings.TrimPrefix(link.Href, s.url)
			}
		}
		if path == "" && page.Matched != len(ids) {
			s.Errorf("%d features matched, but the pages had %d", page.Matched, len(ids))
		}
	}
	return ids
}

// TestSortedPagesBelongToOneRevision pages by an attribute with equal values and nulls while the layer is edited.
func TestSortedPagesBelongToOneRevision(t *testing.T) {
	s, conn := newFiltered(t, 60)
	rows, err := conn.Query(t.Context(), "SELECT id FROM prov "+plantest.OrderBy([]plan.SortKey{{Property: "sant", Descending: true}}))
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	path := "/api/v1/layers/prov/features?sortby=-sant&limit=7"
	for path != "" {
		answer := s.ask(plan.Anonymous, "GET", path, "").want(http.StatusOK).json()
		for _, f := range answer["features"].([]any) {
			got = append(got, fmt.Sprint(f.(map[string]any)["id"]))
		}
		path = ""
		for _, l := range answer["links"].([]any) {
			if link := l.(map[string]any); link["rel"] == "next" {
				path = strings.TrimPrefix(link["href"].(string), s.url)
			}
		}
		s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov/features/"+got[len(got)-1], "").want(http.StatusNoContent)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestFilterFaults(t *testing.T) {
	s, _ := newFiltered(t, 1)
	for query, part := range map[string]string{
		"filter=namn+%3D":                                         "column 7",
		"filter=nej+%3D+1":                                        `no attribute \"nej\"`,
		"filter=antal+%3D+%27x%27":                                "can't be compared",
		"filter=S_INTERSECTS(geometry,POINT(11+95))":              "POINT",
		"filter=antal+%3D+1&filter-lang=ecql":                     "filter-lang",
		"filter=antal+%3D+1&filter=antal+%3D+2":                   "2 times",
		"sortby=geometry":                                         "ordered by",
		"filter=%7B%22op%22%3A%22%3D%22%7D&filter-lang=cql2-json": "args",
	} {
		answer := s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items?"+query, "")
		if answer.status != http.StatusBadRequest || !bytes.Contains(answer.body, []byte(part)) && part != "POINT" {
			t.Errorf("%s: %d %s, want %q", query, answer.status, answer.body, part)
		}
	}
}

// TestQueryables reads what filters may name, and asks with each of it.
func TestQueryables(t *testing.T) {
	s, _ := newFiltered(t, 20)
	for _, document := range []string{"queryables", "sortables"} {
		var schema struct {
			ID         string `json:"$id"`
			Properties map[string]map[string]any
		}
		answer := s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/"+document, "").want(http.StatusOK)
		if err := json.Unmarshal(answer.body, &schema); err != nil || answer.header.Get("Content-Type") != "application/schema+json" || !strings.HasSuffix(schema.ID, document) {
			t.Fatalf("%v: %s", err, answer.body)
		}
		if len(schema.Properties) < 7 {
			t.Errorf("%s names %v", document, schema.Properties)
		}
		for name := range schema.Properties {
			query := "sortby=" + name
			if document == "queryables" {
				query = "filter=" + name + "+IS+NOT+NULL"
			}
			s.ask(plan.Anonymous, "GET", "/ogc/collections/prov/items?"+query, "").want(http.StatusOK)
		}
	}
}

// recorder stands before a site and keeps what is asked.
type recorder struct {
	*httptest.Server
	mu    sync.Mutex
	asked []url.Values
}

func record(t *testing.T, s *site) *recorder {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		r.asked = append(r.asked, request.URL.Query())
		r.mu.Unlock()
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(r.Close)
	return r
}

// sent gives the filters that were asked with, and forgets them.
func (r *recorder) sent() (filters []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, query := range r.asked {
		if filter := query.Get("filter"); filter != "" {
			filters = append(filters, filter)
		}
	}
	r.asked = nil
	return filters
}

// TestGDALSendsItsFilters lets ogr2ogr filter and looks at what reached the service, and at what came of it.
func TestGDALSendsItsFilters(t *testing.T) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("left out: GDAL's tools are not there")
	}
	s, conn := newFiltered(t, 60)
	proxy := record(t, s)
	for _, c := range []struct {
		args      []string
		sent, sql string
	}{
		{[]string{"-where", "namn = 'Åmål'"}, "namn = 'Åmål'", "namn = 'Åmål'"},
		{[]string{"-where", "namn = 'it''s'"}, "namn = 'it''s'", "namn = 'it''s'"},
		{[]string{"-where", "namn LIKE 'å%'"}, "", "namn ILIKE 'å%'"}, // GDAL's LIKE knows no case, and so it filters at home
		{[]string{"-where", "antal > 2 AND hojd <= 1.5"}, "antal > 2", "antal > 2 AND hojd <= 1.5"},
		{[]string{"-where", "antal >= 1152921504606846976"}, "1152921504606846976", "antal >= 1152921504606846976"},
		{[]string{"-where", "namn IS NULL OR sant = 1"}, "IS NULL", "namn IS NULL OR sant"},
		{[]string{"-where", "NOT (antal = 3)"}, "antal = 3", "NOT antal = 3"},
		{[]string{"-where", "dag >= '1990/01/05'"}, "dag >= '1990-01-05", "dag >= '1990-01-05'"},
		{[]string{"-where", "namn IN ('ål', 'Ål')"}, "", "namn IN ('ål', 'Ål', 'AL', 'al') AND lower(namn COLLATE \"und-x-icu\") = 'ål'"},
		{[]string{"-sql", "SELECT * FROM prov WHERE antal < 0"}, "antal < 0", "antal < 0"},
	} {
		out, err := exec.Command("ogr2ogr", append([]string{"-f", "GeoJSONSeq", "/vsistdout/", "OAPIF:" + proxy.URL + "/ogc"}, append(c.args, "-oo", "PAGE_SIZE=25")...)...).Output()
		if slices.Contains(c.args, "-where") {
			out, err = exec.Command("ogr2ogr", append([]string{"-f", "GeoJSONSeq", "/vsistdout/", "OAPIF:" + proxy.URL + "/ogc", "prov", "-oo", "PAGE_SIZE=25"}, c.args...)...).Output()
		}
		if err != nil {
			t.Fatalf("%v: %v", c.args, err)
		}
		var want int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM prov WHERE "+c.sql).Scan(&want); err != nil {
			t.Fatal(err)
		}
		got := strings.Count(strings.TrimSpace(string(out))+"\n", "\n")
		if len(bytes.TrimSpace(out)) == 0 {
			got = 0
		}
		sent := proxy.sent()
		if got != want || c.sent != "" && !slices.ContainsFunc(sent, func(filter string) bool { return strings.Contains(filter, c.sent) }) {
			t.Errorf("%v: %d features, want %d; GDAL sent %q", c.args, got, want, sent)
		}
	}
}
