package ogc

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

var (
	table   = &plan.Layer{ID: "tabell", GeometryType: plan.None, Title: plan.Text{SV: "Tabell"}, Attributes: everything.Attributes[:1]}
	made    = &plan.Layer{ID: "pahittat", GeometryType: plan.Point, Synthetic: true, Title: plan.Text{SV: "Påhittat", EN: "Made up"}}
	content = Content{Layer: everything, Count: 3, Extent: plan.Box{MinX: 320000, MinY: 6400000, MaxX: 400000, MaxY: 6500000},
		Interval: plan.Interval{From: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)}}
	contents = []Content{content, {Layer: table, Count: 1, Extent: plan.EmptyBox}, {Layer: made, Extent: plan.EmptyBox}}
	layers   = []*plan.Layer{everything, table, made}
)

func encoded(t *testing.T, document any, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	return indented(t, text)
}

func TestGoldenDocuments(t *testing.T) {
	golden(t, "landing.json", encoded(t, testSite.Landing(), nil))
	golden(t, "conformance.json", encoded(t, testSite.Conformance(), nil))
	golden(t, "schema.json", encoded(t, testSite.Schema(everything), nil))
	collections, err := testSite.Collections(contents)
	golden(t, "collections.json", encoded(t, collections, err))
	xsd, err := GML32.XSD(everything)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schema.xsd", xsd)
	english := testSite
	english.Language = English
	if got := english.Schema(everything).Title; got != "All sorts" {
		t.Errorf("the English title is %q", got)
	}
}

// TestCollection tests what QGIS and GDAL need (OAPIF: the storage system first, repeated in each collection).
func TestCollection(t *testing.T) {
	c, err := testSite.Collection(content)
	if err != nil {
		t.Fatal(err)
	}
	if c.CRS[0] != "http://www.opengis.net/def/crs/EPSG/0/3006" || c.StorageCRS != c.CRS[0] || !slices.Contains(c.CRS, geo.CRS84.URI()) {
		t.Errorf("crs %v, storageCrs %s", c.CRS, c.StorageCRS)
	}
	for _, link := range c.Links {
		if link.Rel == "items" && link.Type == MediaGeoJSON && link.Href != "https://example.org/ogc/collections/allt_mojligt/items" {
			t.Errorf("the items link is %s; GDAL appends /id to it", link.Href)
		}
	}
	box := c.Extent.Spatial.Box[0]
	corners := content.Extent
	edges := []float64{corners.MinX, corners.MinY, corners.MaxX, corners.MinY, corners.MaxX, corners.MaxY, corners.MinX, corners.MaxY,
		360000, corners.MinY, 360000, corners.MaxY, corners.MinX, 6450000, corners.MaxX, 6450000}
	if err := geo.CRS84.FromHouse(edges); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(edges); i += 2 {
		if edges[i] < box[0] || edges[i] > box[2] || edges[i+1] < box[1] || edges[i+1] > box[3] {
			t.Errorf("%v, %v on the edge lies outside the extent %v", edges[i], edges[i+1], box)
		}
	}
	if tableOf, err := testSite.Collection(contents[1]); err != nil || tableOf.Extent != nil || tableOf.CRS != nil || tableOf.StorageCRS != "" {
		t.Errorf("a table has %+v, %v", tableOf, err)
	}
}

func TestAPIDocument(t *testing.T) {
	api, err := testSite.API(layers)
	text := encoded(t, api, err)
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	limit := document.Components.Parameters["limit"].Value.Schema.Value
	if *limit.Max != MaxLimit || *limit.Min != 1 || limit.Default.(float64) != DefaultLimit {
		t.Errorf("limit is declared as %+v", limit)
	}
	items := document.Paths.Find("/collections/allt_mojligt/items").Get
	for _, name := range knownParameters(everything) {
		if items.Parameters.GetByInAndName("query", name) == nil {
			t.Errorf("the parameter %s is known but not declared", name)
		}
	}
	for _, p := range items.Parameters {
		if !slices.Contains(knownParameters(everything), p.Value.Name) {
			t.Errorf("the parameter %s is declared but not known", p.Value.Name)
		}
	}
	if p := items.Parameters.GetByInAndName("query", "areal_ha"); p.Style != "" {
		t.Errorf("the number areal_ha has style %q: QGIS would send it with six digits", p.Style)
	}
	if languages := items.Parameters.GetByInAndName("query", "filter-lang").Schema.Value.Enum; !slices.Contains(languages, any(CQL2TextGDAL)) {
		t.Errorf("the languages of filters are %v, and so GDAL sends none", languages)
	}
	// The schema that the document has for a page holds for a page.
	var page bytes.Buffer
	if err := WriteItems(&page, Items{everything, geo.CRS84, each(someFeatures()[:2]), 2, nil, noon, ""}); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(page.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	if err := items.Responses.Status(200).Value.Content["application/geo+json"].Schema.Value.VisitJSON(value); err != nil {
		t.Error(err)
	}
}

// TestSchemaHoldsForFeatures compares the kinds of the schema with what is written.
func TestSchemaHoldsForFeatures(t *testing.T) {
	schema := testSite.Schema(everything)
	text, err := NewEncoder(everything, geo.CRS84).Append(nil, &someFeatures()[0])
	if err != nil {
		t.Fatal(err)
	}
	var feature struct{ Properties map[string]any }
	if err := json.Unmarshal(text, &feature); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]func(any) bool{
		"string":  func(v any) bool { _, ok := v.(string); return ok },
		"integer": func(v any) bool { _, ok := v.(float64); return ok },
		"number":  func(v any) bool { _, ok := v.(float64); return ok },
		"boolean": func(v any) bool { _, ok := v.(bool); return ok },
	}
	for name, v := range feature.Properties {
		if !kinds[schema.Properties[name].Type](v) {
			t.Errorf("%s is %T, the schema says %s", name, v, schema.Properties[name].Type)
		}
	}
	if len(feature.Properties) != len(schema.Properties)-1 { // the geometry
		t.Errorf("%d properties, %d in the schema", len(feature.Properties), len(schema.Properties))
	}
}

// TestPages reads every page as a browser would and looks for what assistive technology needs.
func TestPages(t *testing.T) {
	feature := someFeatures()[0]
	links := []Link{{Href: "https://example.org/n?a=1&b=2", Rel: "next"}, {Href: "https://example.org/j?a=1&b=2", Rel: "alternate"}}
	writers := map[string]func(Site, io.Writer) error{
		"landing":     Site.WriteLandingHTML,
		"conformance": Site.WriteConformanceHTML,
		"collections": func(s Site, w io.Writer) error { return s.WriteCollectionsHTML(w, contents) },
		"collection":  func(s Site, w io.Writer) error { return s.WriteCollectionHTML(w, content) },
		"items": func(s Site, w io.Writer) error {
			return s.WriteItemsHTML(w, Items{everything, geo.CRS84, each(someFeatures()), 17, links, noon, ""})
		},
		"item": func(s Site, w io.Writer) error { return s.WriteItemHTML(w, everything, &feature, links) },
		"api":  func(s Site, w io.Writer) error { return s.WriteAPIHTML(w, layers) },
	}
	wanted := map[string]string{
		"collections": "Allt möjligt", "collection": "Länsstyrelsen", "landing": "https://example.org/ogc/collections?f=html",
		"items": "&lt;b&gt;", "item": "Ängs&#34;mark&#34;", "api": "/collections/allt_mojligt/items", "conformance": "conf/crs",
	}
	for name, write := range writers {
		for _, language := range []Language{Swedish, English} {
			site := testSite
			site.Language = language
			var text bytes.Buffer
			if err := write(site, &text); err != nil {
				t.Fatal(err)
			}
			if part := wanted[name]; language == Swedish && !strings.Contains(text.String(), part) {
				t.Errorf("page %s lacks %q:\n%s", name, part, text.String())
			}
			checkPage(t, name, language, text.String())
		}
	}
}

func checkPage(t *testing.T, name string, language Language, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		count[node.Data]++
		attributes := map[string]string{}
		for _, a := range node.Attr {
			attributes[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("page %s has an inline %s", name, a.Key)
			}
		}
		switch {
		case node.Data == "html" && attributes["lang"] != string(language):
			t.Errorf("page %s has lang %q", name, attributes["lang"])
		case node.Data == "th" && attributes["scope"] == "":
			t.Errorf("page %s has a heading cell without scope", name)
		case node.Data == "a" && (attributes["href"] == "" || node.FirstChild == nil):
			t.Errorf("page %s has an empty link", name)
		case slices.Contains([]string{"script", "style", "img", "iframe", "object"}, node.Data):
			t.Errorf("page %s has a %s", name, node.Data)
		}
	}
	if count["h1"] != 1 || count["main"] != 1 || count["title"] != 1 || count["link"] != 1 || count["nav"] == 0 {
		t.Errorf("page %s has %v", name, count)
	}
}

func TestItemsPageGoesOn(t *testing.T) {
	var text bytes.Buffer
	links := []Link{{Href: "https://example.org/n?a=1&b=2", Rel: "next"}}
	if err := testSite.WriteItemsHTML(&text, Items{everything, geo.CRS84, each(someFeatures()), 17, links, noon, ""}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `href="https://example.org/n?a=1&amp;b=2" rel="next"`) || !strings.Contains(text.String(), "3 av 17") {
		t.Errorf("no next link or count in\n%s", text.String())
	}
}
