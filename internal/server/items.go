package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// getFeatures is the REST spelling of items: the same parameters, the same pages.
func (s *Server) getFeatures(c echo.Context) error {
	found, err := s.findItems(c)
	if err != nil {
		return err
	}
	if found.page == nil {
		return c.NoContent(http.StatusNotModified)
	}
	path := s.base(c) + api + "/layers/" + c.Param("layer") + "/features"
	found.request.Format = ogc.JSON // REST has no other
	return s.writeItems(c, found, found.request.Links(path, found.revision, found.page.Matched, found.page.Next))
}

func (s *Server) getFeature(c echo.Context) error {
	snapshot, slot, request, err := s.findItem(c)
	if err != nil {
		return err
	}
	if notModified(c, featureTag(snapshot, slot)) {
		return c.NoContent(http.StatusNotModified)
	}
	return s.writeFeature(c, http.StatusOK, snapshot, slot, request.CRS)
}

// items are the features that a request asks for.
type items struct {
	request  *ogc.ItemsRequest
	page     *atlas.Page   // nil when the client has it already
	revision plan.Revision // the state that this page is cut from, and the next ones
}

// findItems parses the request for features and asks the layer, as it is or was.
func (s *Server) findItems(c echo.Context) (*items, error) {
	parameters, err := query(c)
	if err != nil {
		return nil, err
	}
	at, err := s.asOf(c)
	if err != nil {
		return nil, err
	}
	found := &items{revision: at}
	if at == 0 {
		found.revision = s.atlas.View().Revision()
	}
	snapshot, err := s.layerAt(c, c.Param("layer"), at)
	if err != nil {
		return nil, err
	}
	if at == 0 && snapshot.Edition() != "" {
		found.revision = snapshot.Revision() // a derived layer is as new as what it was computed from
	}
	if lenient(c) {
		parameters = ogc.Known(parameters, snapshot.Layer())
	}
	if found.request, err = ogc.ParseItems(parameters, c.Request().Header.Get(echo.HeaderAccept), snapshot.Layer()); err != nil {
		return nil, err
	}
	if begun := found.request.Query.Revision; begun != 0 && begun != at { // the cursor goes on with what it began
		found.revision = begun
		if snapshot, err = s.layerAt(c, c.Param("layer"), begun); err != nil {
			return nil, err
		}
	}
	atRevision(c, found.revision)
	s.varying(c)
	// Weak: the time in the page is another one each time.
	if notModified(c, "W/"+strings.TrimSuffix(layerTag(snapshot), `"`)+"-"+string(found.request.Format)+`"`) {
		return found, nil
	}
	if found.page, err = snapshot.Find(found.request.Query); err != nil {
		return nil, err
	}
	if at == 0 {
		s.sightings.note(principal(c).Name, found.request.Query, found.revision, found.page)
	}
	return found, nil
}

func (s *Server) findItem(c echo.Context) (*atlas.Snapshot, atlas.Slot, *ogc.ItemRequest, error) {
	parameters, err := query(c)
	if err != nil {
		return nil, 0, nil, err
	}
	request, err := ogc.ParseItem(parameters, c.Request().Header.Get(echo.HeaderAccept))
	if err != nil {
		return nil, 0, nil, err
	}
	snapshot, err := s.snapshot(c)
	if err != nil {
		return nil, 0, nil, err
	}
	slot, err := featureIn(snapshot, c.Param("id"))
	if err == nil && request.Revision == 0 && !parameters.Has("at") {
		s.sightings.noteOne(principal(c).Name, snapshot, slot)
	}
	return snapshot, slot, request, err
}

// query reads the query string; the standard library's short cut drops what it can't read.
func query(c echo.Context) (url.Values, error) {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, plan.Errorf(plan.Invalid, "query", "the query string can't be read: %w", err)
	}
	return values, nil
}

func (s *Server) writeItems(c echo.Context, found *items, links []ogc.Link) error {
	header := c.Response().Header()
	header.Set("Content-Crs", ogc.ContentCRS(found.request.CRS))
	header.Set("Link", ogc.LinkHeader(links))
	header.Set("OGC-NumberMatched", strconv.Itoa(found.page.Matched))
	header.Set("OGC-NumberReturned", strconv.Itoa(len(found.page.Slots)))
	header.Set(echo.HeaderContentType, found.request.Format.Media())
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	err := s.encodeItems(c, found, links)
	if err != nil && c.Response().Committed {
		s.log.Warn("answer broken off", "request_id", requestID(c), "error", err)
		panic(http.ErrAbortHandler) // half a page must not look like a whole one
	}
	return err
}

// encodeItems writes the page in the format asked for. JSON-FG and GML name the system, and so have the registry's axis
// order; FlatGeobuf has x, y always.
func (s *Server) encodeItems(c echo.Context, found *items, links []ogc.Link) error {
	header, crs := c.Response().Header(), found.request.CRS
	switch found.request.Format {
	case ogc.JSONFG:
		header.Set("Content-Crs", ogc.ContentCRS(crs.WithURIOrder()))
		return ogc.WriteJSONFG(c.Response(), found.wire(links))
	case ogc.GMLFormat:
		header.Set("Content-Crs", ogc.ContentCRS(crs.WithURIOrder()))
		result := ogc.GMLResult{Layer: found.page.Layer(), System: ogc.URIReference(crs), Features: found.page.Features(), Matched: found.page.Matched,
			Returned: len(found.page.Slots), Extent: plan.EmptyBox}
		for _, slot := range found.page.Slots {
			result.Extent = result.Extent.Union(found.page.Snapshot.Box(slot))
		}
		return ogc.WriteGML(c.Response(), ogc.GMLFile{Edition: ogc.GML32, Schema: s.site(c).SchemaAddress(found.page.Layer().ID), Results: []ogc.GMLResult{result},
			Time: time.Now(), Next: nextOf(links)})
	case ogc.FlatGeobuf:
		header.Set("Content-Crs", ogc.ContentCRS(crs.WithXYOrder()))
		layer := export.Layer{Name: found.page.Layer().ID, Definition: found.page.Layer(), Features: found.page.Features(), Count: len(found.page.Slots)}
		return s.export(c, export.File{Format: export.FlatGeobuf, CRS: crs.WithXYOrder(), Layers: []export.Layer{layer}}, layer.Name+export.FlatGeobuf.Extension)
	}
	return ogc.WriteItems(c.Response(), found.wire(links))
}

// nextOf gives the address of the next page, or "".
func nextOf(links []ogc.Link) string {
	for _, link := range links {
		if link.Rel == "next" {
			return link.Href
		}
	}
	return ""
}

// wire gives the page as the writers take it.
func (i *items) wire(links []ogc.Link) ogc.Items {
	return ogc.Items{Layer: i.page.Layer(), CRS: i.request.CRS, Features: i.page.Features(), Matched: i.page.Matched,
		Links: links, Time: time.Now()}
}

// site says where the OGC documents stand and in which language.
func (s *Server) site(c echo.Context) ogc.Site {
	base := strings.TrimSuffix(s.base(c), "/")
	return ogc.Site{Base: base + "/ogc", Stylesheet: base + "/style.css", Language: ogc.ParseLanguage(c.Request().Header.Get("Accept-Language"))}
}
