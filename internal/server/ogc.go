package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

func (s *Server) getRoot(c echo.Context) error {
	return c.Redirect(http.StatusFound, s.base(c)+"/ogc?f=html")
}

func (s *Server) getStylesheet(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "max-age=3600")
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", ogc.Stylesheet)
}

func (s *Server) getLanding(c echo.Context) error {
	site := s.site(c)
	return s.document(c, func() (any, error) { return site.Landing(), nil }, site.WriteLandingHTML)
}

func (s *Server) getConformance(c echo.Context) error {
	site := s.site(c)
	return s.document(c, func() (any, error) { return site.Conformance(), nil }, site.WriteConformanceHTML)
}

func (s *Server) getOGCAPI(c echo.Context) error {
	site := s.site(c)
	layers := s.definitions(s.view(c))
	format, err := documentFormat(c)
	if err != nil {
		return err
	}
	if format == ogc.HTML {
		return s.page(c, func(w io.Writer) error { return site.WriteAPIHTML(w, layers) })
	}
	api, err := site.API(layers)
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaAPI, api)
}

func (s *Server) getCollections(c echo.Context) error {
	site := s.site(c)
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	contents := s.contents(c.Request().Context(), view)
	return s.document(c, func() (any, error) { return site.Collections(contents) },
		func(w io.Writer) error { return site.WriteCollectionsHTML(w, contents) })
}

func (s *Server) getCollection(c echo.Context) error {
	site := s.site(c)
	snapshot, err := s.snapshot(c)
	if err != nil {
		return err
	}
	one := content(snapshot)
	return s.document(c, func() (any, error) { return site.Collection(one) },
		func(w io.Writer) error { return site.WriteCollectionHTML(w, one) })
}

// getSchema describes the layer's attributes (OGC API Features Part 5).
func (s *Server) getSchema(c echo.Context) error { return s.schema(c, ogc.Site.Schema) }

// getQueryables tells what filters may name (Part 3).
func (s *Server) getQueryables(c echo.Context) error { return s.schema(c, ogc.Site.Queryables) }

// getSortables tells what features may be ordered by (Part 5).
func (s *Server) getSortables(c echo.Context) error { return s.schema(c, ogc.Site.Sortables) }

func (s *Server) schema(c echo.Context, of func(ogc.Site, *plan.Layer) ogc.Schema) error {
	layer, err := s.definition(c)
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaSchema, of(s.site(c), layer))
}

// getXSD describes them for GDAL, which learns types from XML Schema only.
func (s *Server) getXSD(c echo.Context) error {
	layer, err := s.definition(c)
	if err != nil {
		return err
	}
	schema, err := ogc.GML32.XSD(layer)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, ogc.MediaXML, schema)
}

func (s *Server) getItems(c echo.Context) error {
	found, err := s.findItems(c)
	if err != nil {
		return err
	}
	if found.page == nil {
		return c.NoContent(http.StatusNotModified)
	}
	links := s.site(c).ItemsLinks(found.request, found.revision, found.page.Matched, found.page.Next)
	if found.request.Format == ogc.HTML {
		return s.page(c, func(w io.Writer) error { return s.site(c).WriteItemsHTML(w, found.wire(links)) })
	}
	return s.writeItems(c, found, links)
}

func (s *Server) getItem(c echo.Context) error {
	snapshot, slot, request, err := s.findItem(c)
	if err != nil {
		return err
	}
	feature := snapshot.Feature(slot)
	links := s.site(c).ItemLinks(request, snapshot.Layer().ID, feature.ID)
	c.Response().Header().Set("Link", ogc.LinkHeader(links))
	if request.Format == ogc.HTML {
		return s.page(c, func(w io.Writer) error { return s.site(c).WriteItemHTML(w, snapshot.Layer(), &feature, links) })
	}
	c.Response().Header().Set("Content-Crs", ogc.ContentCRS(request.CRS))
	s.varying(c)
	tag, write := featureTag(snapshot, slot), ogc.WriteItem
	switch request.Format {
	case ogc.JSONFG:
		write = ogc.WriteJSONFGItem
	case ogc.GMLFormat:
		write = func(w io.Writer, layer *plan.Layer, f *plan.Feature, crs geo.CRS, _ []ogc.Link) error {
			return ogc.WriteGMLFeature(w, ogc.GML32, s.site(c).SchemaAddress(layer.ID), layer, ogc.URIReference(crs), f)
		}
	}
	if request.Format != ogc.JSON { // these name the system, and so have the registry's axis order
		tag = strings.TrimSuffix(tag, `"`) + "-" + string(request.Format) + `"`
		c.Response().Header().Set("Content-Crs", ogc.ContentCRS(request.CRS.WithURIOrder()))
	}
	if notModified(c, tag) {
		return c.NoContent(http.StatusNotModified)
	}
	var body bytes.Buffer
	if err := write(&body, snapshot.Layer(), &feature, request.CRS, links); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, request.Format.Media(), body.Bytes())
}

// document answers as JSON or as a page, whichever the client asks for.
func (s *Server) document(c echo.Context, make func() (any, error), write func(io.Writer) error) error {
	format, err := documentFormat(c)
	if err != nil {
		return err
	}
	if format == ogc.HTML {
		return s.page(c, write)
	}
	document, err := make()
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaJSON, document)
}

func documentFormat(c echo.Context) (ogc.Format, error) {
	parameters, err := query(c)
	if err != nil {
		return "", err
	}
	var further []string
	if strings.HasPrefix(c.Path(), "/ogc/collections") { // these tell what is in the layers, and so of a moment
		further = ogc.Moment
	}
	return ogc.ParseDocument(parameters, c.Request().Header.Get(echo.HeaderAccept), further...)
}

func (s *Server) page(c echo.Context, write func(io.Writer) error) error {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	return s.same(c, ogc.MediaHTML, body.Bytes())
}

func (s *Server) json(c echo.Context, media string, document any) error {
	body, err := ogc.Encode(document)
	if err != nil {
		return err
	}
	return s.same(c, media, body)
}

// same answers with a document, or that it is what the client has: its ETag is its digest, since documents are small and
// depend on more than a revision.
func (s *Server) same(c echo.Context, media string, body []byte) error {
	s.varying(c)
	sum := sha256.Sum256(body)
	if notModified(c, `"`+hex.EncodeToString(sum[:12])+`"`) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, media, body)
}

// varying tells caches what the answer depends on beside the address.
func (s *Server) varying(c echo.Context) {
	const depends = "Accept, Accept-Language, Authorization"
	header := c.Response().Header()
	if !slices.Contains(header.Values(echo.HeaderVary), depends) {
		header.Add(echo.HeaderVary, depends)
	}
	header.Set(echo.HeaderCacheControl, "no-cache")
}
