package ogc

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// Stylesheet is the style of every page. The pages have no scripts and load nothing else.
//
//go:embed style.css
var Stylesheet []byte

//go:embed templates
var templates embed.FS

// pages holds one template a page, each within the same layout.
var pages = parsePages("landing", "conformance", "collections", "collection", "items", "item", "api")

func parsePages(names ...string) map[string]*template.Template {
	parsed := map[string]*template.Template{}
	for _, name := range names {
		parsed[name] = template.Must(template.ParseFS(templates, "templates/layout.html", "templates/"+name+".html"))
	}
	return parsed
}

// page is what the layout and the templates see.
type page struct {
	Site
	Title string
	Path  []Link      // to the pages above this one
	JSON  string      // address of the same content as JSON
	Layer *plan.Layer // on the pages of a layer
	Body  any
}

// T gives the sentence in the language of the page.
func (p page) T(sv, en string) string { return p.Language.of(plan.Text{SV: sv, EN: en}) }

// Text gives the text in the language of the page.
func (p page) Text(t plan.Text) string { return p.Language.of(t) }

// Home gives the title of the landing page.
func (p page) Home() string { return p.Language.of(siteTitle) }

// write renders the page as a whole before it writes, so that a failure leaves nothing half-written.
func (p page) write(w io.Writer, name string) error {
	var text bytes.Buffer
	if err := pages[name].ExecuteTemplate(&text, "layout", p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// page makes a page that stands under the first depth of these: the landing page, the list of layers, the layer, the
// layer's features.
func (s Site) page(depth int, layer *plan.Layer, title plan.Text, address string, body any) page {
	s.Base = s.base()
	p := page{Site: s, Title: s.Language.of(title), JSON: s.Base + address + "?f=json", Layer: layer, Body: body}
	above := []Link{{Href: "", Title: p.Text(siteTitle)}, {Href: "/collections", Title: p.Text(titleLayers)}}
	if layer != nil {
		above = append(above, Link{Href: "/collections/" + layer.ID, Title: p.Text(layer.Title)},
			Link{Href: "/collections/" + layer.ID + "/items", Title: p.Text(titleFeatures)})
	}
	for _, link := range above[:depth] {
		p.Path = append(p.Path, Link{Href: s.Base + link.Href + "?f=html", Title: link.Title})
	}
	return p
}

var (
	titleLayers      = plan.Text{SV: "Lager", EN: "Layers"}
	titleFeatures    = plan.Text{SV: "Objekt", EN: "Features"}
	titleConformance = plan.Text{SV: "Det som API:et uppfyller", EN: "What the API conforms to"}
	titleAPI         = plan.Text{SV: "Beskrivning av API:et", EN: "Description of the API"}
)

// WriteLandingHTML writes the landing page.
func (s Site) WriteLandingHTML(w io.Writer) error {
	landing := s.Landing()
	for i, link := range landing.Links {
		if link.Rel == "data" || link.Rel == "conformance" {
			landing.Links[i].Href += "?f=html"
		}
	}
	return s.page(0, nil, siteTitle, "", landing).write(w, "landing")
}

// WriteConformanceHTML writes the page of conformance classes.
func (s Site) WriteConformanceHTML(w io.Writer) error {
	return s.page(1, nil, titleConformance, "/conformance", s.Conformance()).write(w, "conformance")
}

// WriteCollectionsHTML writes the page of all layers.
func (s Site) WriteCollectionsHTML(w io.Writer, contents []Content) error {
	collections, err := s.Collections(contents)
	if err != nil {
		return err
	}
	return s.page(1, nil, titleLayers, "/collections", collections).write(w, "collections")
}

// WriteCollectionHTML writes the page of one layer.
func (s Site) WriteCollectionHTML(w io.Writer, content Content) error {
	collection, err := s.Collection(content)
	if err != nil {
		return err
	}
	layer := content.Layer
	return s.page(2, layer, layer.Title, "/collections/"+layer.ID, collection).write(w, "collection")
}

// row is one feature in a table.
type row struct {
	ID, Href string
	Values   []string
}

// WriteItemsHTML writes a page of features as a table.
func (s Site) WriteItemsHTML(w io.Writer, items Items) error {
	address := "/collections/" + items.Layer.ID + "/items"
	body := struct {
		Rows    []row
		Matched int
		Next    string
	}{Matched: items.Matched}
	for f := range items.Features {
		body.Rows = append(body.Rows, row{f.ID, s.base() + address + "/" + url.PathEscape(f.ID) + "?f=html", s.texts(items.Layer, f)})
	}
	title := plan.Text{SV: items.Layer.Title.SV + ": objekt", EN: s.Language.of(items.Layer.Title) + ": features"}
	p := s.page(3, items.Layer, title, address, nil)
	for _, link := range items.Links {
		switch link.Rel {
		case "next":
			body.Next = link.Href
		case "alternate":
			p.JSON = link.Href
		}
	}
	p.Body = body
	return p.write(w, "items")
}

// WriteItemHTML writes the page of one feature.
func (s Site) WriteItemHTML(w io.Writer, layer *plan.Layer, f *plan.Feature, links []Link) error {
	body := struct {
		Values   []string
		Geometry *plan.Geometry
	}{Values: s.texts(layer, f)}
	if !f.Geometry.IsEmpty() {
		body.Geometry = &f.Geometry
	}
	p := s.page(4, layer, plan.Text{SV: "Objekt " + f.ID, EN: "Feature " + f.ID}, "/collections/"+layer.ID+"/items/"+url.PathEscape(f.ID), body)
	for _, link := range links {
		if link.Rel == "alternate" {
			p.JSON = link.Href
		}
	}
	return p.write(w, "item")
}

// texts gives the values of a feature for people.
func (s Site) texts(layer *plan.Layer, f *plan.Feature) []string {
	texts := make([]string, len(layer.Attributes))
	for i, a := range layer.Attributes {
		texts[i] = s.text(a, f.Values[i])
	}
	return texts
}

func (s Site) text(a plan.Attribute, v plan.Value) string {
	switch {
	case v.IsNull():
		return "–"
	case v.Kind() == plan.Boolean && v.Bool():
		return s.Language.of(plan.Text{SV: "ja", EN: "yes"})
	case v.Kind() == plan.Boolean:
		return s.Language.of(plan.Text{SV: "nej", EN: "no"})
	}
	for _, code := range a.Codes {
		if code.Value == v.Text() {
			return s.Language.of(code.Title)
		}
	}
	return v.String()
}

// apiRow is one address on the page that describes the API.
type apiRow struct {
	Method, Path, Summary string
	Parameters            []string
}

// WriteAPIHTML writes the page that describes the API.
func (s Site) WriteAPIHTML(w io.Writer, layers []*plan.Layer) error {
	api, err := s.API(layers)
	if err != nil {
		return err
	}
	var rows []apiRow
	for _, address := range slices.Sorted(maps.Keys(api.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(api.Paths[address])) {
			operation := api.Paths[address][method]
			line := apiRow{Method: strings.ToUpper(method), Path: address, Summary: operation.Summary}
			for _, p := range operation.Parameters {
				line.Parameters = append(line.Parameters, parameterName(p))
			}
			rows = append(rows, line)
		}
	}
	return s.page(1, nil, titleAPI, "/api", rows).write(w, "api")
}

// parameterName gives the name of a parameter, or of the one it refers to.
func parameterName(p object) string {
	if reference, found := p["$ref"].(string); found {
		return path.Base(reference)
	}
	name, _ := p["name"].(string)
	return name
}
