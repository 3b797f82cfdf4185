package ogc

import (
	"net/url"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Site is where the documents stand and whom they are for.
type Site struct {
	Base       string // absolute address of the landing page, without a slash at the end: https://example.org/ogc
	Stylesheet string // address of Stylesheet, for the pages
	Language   Language
}

// Landing is the landing page (Part 1, 7.2).
type Landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []Link `json:"links"`
}

// Conformance tells what is implemented (Part 1, 7.4).
type Conformance struct {
	ConformsTo []string `json:"conformsTo"`
}

var (
	siteTitle       = plan.Text{SV: "Strukturbild Västra Götaland", EN: "Strukturbild Västra Götaland"}
	siteDescription = plan.Text{
		SV: "Kommuner, kommunalförbund, tätorter och markanvändning i Västra Götaland. Allt innehåll är ett icke bindande kunskapsunderlag för planering.",
		EN: "Municipalities, associations of municipalities, settlements and land use in Västra Götaland. All content is non-binding planning knowledge.",
	}
)

// Landing gives the landing page.
func (s Site) Landing() Landing {
	return Landing{Title: s.Language.of(siteTitle), Description: s.Language.of(siteDescription), Links: append(s.selfLinks(""),
		s.link("/api", "service-desc", MediaAPI, plan.Text{SV: "API-definition", EN: "API definition"}),
		s.link("/api?f=html", "service-doc", mediaHTML, plan.Text{SV: "Beskrivning av API:et", EN: "Description of the API"}),
		s.link("/conformance", "conformance", MediaJSON, plan.Text{SV: "Det som API:et uppfyller", EN: "What the API conforms to"}),
		s.link("/collections", "data", MediaJSON, plan.Text{SV: "Lager", EN: "Layers"}),
		s.link("/tiles", relTilesets, MediaJSON, plan.Text{SV: "Vektorkartrutor", EN: "Vector tiles"}),
		s.link("/tileMatrixSets", relTileGrids, MediaJSON, plan.Text{SV: "Rutnät", EN: "Tile matrix sets"}))}
}

// conformance lists the classes of each standard. What is named here is tested: of CQL2 everything but arrays, which no
// attribute holds, and the announcement of functions.
var conformance = []struct {
	standard string
	classes  []string
}{
	{"ogcapi-features-1/1.0", []string{"core", "oas30", "html", "geojson"}},
	{"ogcapi-features-2/1.0", []string{"crs"}},
	{"ogcapi-features-3/1.0", []string{"queryables", "queryables-query-parameters", "filter", "features-filter"}},
	{"ogcapi-features-4/1.0", []string{"create-replace-delete", "update", "optimistic-locking-etags", "features"}},
	// The drafts of 2026 count what is not about features to another standard.
	{"ogcapi-common-5/1.0", []string{"create-replace-delete", "update", "optimistic-locking-etags", "return-resource-representation-in-response", "handling"}},
	{"ogcapi-features-5/1.0", []string{"schemas", "returnables-and-receivables", "queryables", "sortables"}},
	{"ogcapi-tiles-1/1.0", []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "mvt", "tilejson"}},
	{"tms/2.0", []string{"tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata", "tilematrixsetlimits", "json-tilematrixsetlimits"}},
	{"cql2/1.0", []string{"cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison", "accent-insensitive-comparison",
		"basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "property-property", "arithmetic"}},
}

// Conformance lists the conformance classes.
func (s Site) Conformance() Conformance {
	var c Conformance
	for _, part := range conformance {
		for _, class := range part.classes {
			c.ConformsTo = append(c.ConformsTo, "http://www.opengis.net/spec/"+part.standard+"/conf/"+class)
		}
	}
	return c
}

// ItemsLinks gives the links of a page of features (Part 1, 7.16.4); after is the id to go on after, or "".
func (s Site) ItemsLinks(r *ItemsRequest, revision plan.Revision, matched int, after string) []Link {
	path := s.collection(r.Query.Layer) + "/items"
	links := r.Links(path, revision, matched, after)
	return append(append(links, r.Format.alternates(path, r.values, r.formats)...),
		s.link("/collections/"+r.Query.Layer, "collection", MediaJSON, plan.Text{}))
}

// ItemLinks gives the links of one feature (Part 1, 7.17).
func (s Site) ItemLinks(r *ItemRequest, layer, id string) []Link {
	path := s.collection(layer) + "/items/" + url.PathEscape(id)
	links := []Link{{Href: address(path, r.values), Rel: "self", Type: r.Format.Media()}}
	return append(append(links, r.Format.alternates(path, r.values, itemFormats)...),
		s.link("/collections/"+layer, "collection", MediaJSON, plan.Text{}))
}

// ContentCRS gives the value of the Content-Crs header (Part 2, 6.2.2). The address of a system stands for the
// registry's axis order; easting first, which only the short names ask for, is told by the short name.
func ContentCRS(crs geo.CRS) string {
	if crs == crs.WithURIOrder() {
		return "<" + crs.URI() + ">"
	}
	return "<" + crs.Name() + ">"
}

func (s Site) collection(layer string) string { return s.base() + "/collections/" + layer }

// SchemaAddress gives where the XML schema of the layer's features is.
func (s Site) SchemaAddress(layer string) string { return s.collection(layer) + "/schema.xsd" }

func (s Site) base() string { return strings.TrimRight(s.Base, "/") }

// selfLinks gives the links from a document to itself, as JSON and as a page.
func (s Site) selfLinks(path string) []Link {
	return []Link{
		{Href: s.base() + path, Rel: "self", Type: MediaJSON},
		{Href: s.base() + path + "?f=html", Rel: "alternate", Type: mediaHTML},
	}
}

func (s Site) link(path, rel, media string, title plan.Text) Link {
	return Link{Href: s.base() + path, Rel: rel, Type: media, Title: s.Language.of(title)}
}
