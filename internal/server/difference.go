package server

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/history"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// getDiff tells what changed in the layer between two revisions: how much and where, then feature by feature.
func (s *Server) getDiff(c echo.Context) error {
	layer := c.Param("layer")
	parameters, err := query(c)
	if err != nil {
		return err
	}
	request, err := ogc.ParseDifference(parameters, c.Request().Header.Get(echo.HeaderAccept), layer)
	if err != nil {
		return err
	}
	from, to, err := s.ends(c, layer, request)
	if err != nil {
		return err
	}
	was, is, err := s.states(c, layer, from, to)
	if err != nil {
		return err
	}
	atRevision(c, to)
	c.Response().Header().Add(echo.HeaderVary, "Accept, Authorization")
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	difference := history.Between(was, is)
	switch request.Format {
	case ogc.GeoJSON:
		return s.writeDifferenceRows(c, request, difference, from, to)
	case ogc.GeoPackage:
		return s.writeDifferenceFile(c, request, difference, fmt.Sprintf("%s-r%d-r%d%s", layer, from, to, export.GeoPackage.Extension))
	}
	return s.writeDifference(c, request, difference, from, to)
}

// ends gives the two revisions. Without to it is the newest; without from, the state before the last change.
func (s *Server) ends(c echo.Context, layer string, request *ogc.DifferenceRequest) (from, to plan.Revision, err error) {
	from, to = request.From, request.To
	if to == 0 {
		to = s.atlas.View().Revision()
	}
	parameters, _ := query(c)
	if parameters.Has("from") {
		return from, to, nil
	}
	if err := s.reachable(); err != nil {
		return 0, 0, err
	}
	last, err := s.store.RevisionBefore(c.Request().Context(), layer, to+1)
	if err == nil {
		from, err = s.store.RevisionBefore(c.Request().Context(), layer, last)
	}
	return from, to, err
}

// states gives the layer at both revisions. A state in which it was not there is an empty one; NotFound when it is in
// neither.
func (s *Server) states(c echo.Context, layer string, from, to plan.Revision) (was, is *atlas.Snapshot, err error) {
	is, err = s.storedAt(c, layer, to)
	if err != nil && plan.CodeOf(err) != plan.NotFound {
		return nil, nil, err
	}
	gone := err
	if from > 0 {
		if was, err = s.storedAt(c, layer, from); err != nil && plan.CodeOf(err) != plan.NotFound {
			return nil, nil, err
		}
	}
	switch {
	case was == nil && is == nil:
		return nil, nil, gone
	case was == nil:
		was = atlas.Empty(is.Layer())
	case is == nil:
		is = atlas.Empty(was.Layer())
	}
	if was.Layer().GeometryType != is.Layer().GeometryType {
		return nil, nil, plan.Errorf(plan.Invalid, "from", "at revision %d layer %q held geometries of the type %s, at %d %s: these are two layers of one name",
			from, layer, was.Layer().GeometryType, to, is.Layer().GeometryType)
	}
	return was, is, nil
}

// writeDifference answers as JSON: the summary on the first page, and a page of features.
func (s *Server) writeDifference(c echo.Context, request *ogc.DifferenceRequest, difference *history.Difference, from, to plan.Revision) error {
	layer := c.Param("layer")
	document := history.Document{Layer: layer, From: from, To: to, Page: difference.Page(request.After, request.Limit), CRS: request.CRS}
	if request.After == "" {
		var err error
		if document.Summary, err = difference.Summary(s.view(c).Partition()); err != nil {
			return err
		}
	}
	document.Links = request.Links(s.base(c)+c.Request().URL.Path, layer, from, to, document.Page.Next)
	return s.stream(c, ogc.MediaJSON, request.CRS, document.Links, document.Write)
}

// writeDifferenceRows answers as one GeoJSON collection, which opens in a GIS.
func (s *Server) writeDifferenceRows(c echo.Context, request *ogc.DifferenceRequest, difference *history.Difference, from, to plan.Revision) error {
	table, changes, next := difference.Table(), difference.Changes(request.After), ""
	if request.Limit >= 0 {
		page := difference.Page(request.After, request.Limit)
		changes, next = slices.Values(page.Changes), page.Next
	}
	links := request.Links(s.base(c)+c.Request().URL.Path, c.Param("layer"), from, to, next)
	return s.stream(c, ogc.MediaGeoJSON, request.CRS, links, func(w io.Writer) error {
		return ogc.WriteItems(w, ogc.Items{Layer: table.Layer, CRS: request.CRS, Features: table.Rows(changes), Matched: -1,
			Links: links, Time: time.Now()})
	})
}

// writeDifferenceFile answers as a GeoPackage with a layer for each thing that can have become of a feature.
func (s *Server) writeDifferenceFile(c echo.Context, request *ogc.DifferenceRequest, difference *history.Difference, name string) error {
	table, counts := difference.Table(), difference.Counts()
	file := export.File{Format: export.GeoPackage, CRS: request.CRS}
	for _, row := range history.Rows {
		file.Layers = append(file.Layers, export.Layer{Name: row, Definition: table.Layer, Features: table.Only(row, difference.Changes("")), Count: counts[row]})
	}
	c.Response().Header().Set(echo.HeaderContentType, file.Format.MediaType)
	if c.Request().Method == http.MethodHead {
		c.Response().Header().Set(echo.HeaderContentDisposition, attached(name))
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, name)
}

// stream writes an answer that may be long.
func (s *Server) stream(c echo.Context, media string, crs geo.CRS, links []ogc.Link, write func(io.Writer) error) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, media)
	header.Set("Content-Crs", ogc.ContentCRS(crs))
	header.Set("Link", ogc.LinkHeader(links))
	return s.streamed(c, func() error { return write(c.Response()) })
}
