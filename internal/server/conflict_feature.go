package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// writeConflictFeatures answers with a page of conflicts as one GeoJSON collection, whatever the types of their shapes.
func (s *Server) writeConflictFeatures(c echo.Context, standing *conflict.Standing, filter conflict.Filter) error {
	shown, err := ogc.ParseShown(c.QueryParams(), geo.CRS84)
	if err != nil {
		return err
	}
	page, err := standing.Features(filter)
	if err != nil {
		return err
	}
	links := []ogc.Link{}
	if page.Next != "" {
		links = append(links, ogc.Link{Rel: "next", Type: ogc.MediaGeoJSON, Href: s.nextLink(c, "cursor", page.Next)["href"]})
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	return s.stream(c, ogc.MediaGeoJSON, shown.CRS, links, func(w io.Writer) error {
		return ogc.WriteItems(w, ogc.Items{Layer: conflict.Layers()[0], CRS: shown.CRS, Features: page.Of(plan.None), Matched: page.Matched,
			Links: links, Time: time.Now()})
	})
}

// writeConflictFile answers with all the conflicts as a file: a GeoPackage has a layer for each type of shape, a table
// has no shapes.
func (s *Server) writeConflictFile(c echo.Context, standing *conflict.Standing, filter conflict.Filter) error {
	format, err := export.FormatNamed(c.QueryParam("f"))
	if err != nil {
		return err
	}
	if filter.After != "" {
		return plan.Errorf(plan.Invalid, "cursor", "a file has all conflicts, and no pages; leave cursor out")
	}
	shown, err := ogc.ParseShown(c.QueryParams(), geo.House)
	if err != nil {
		return err
	}
	atRevision(c, standing.Revision())
	tag, err := s.fileTag(c, standing.Revision(), standing.Edition())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	if notModified(c, tag) {
		return c.NoContent(http.StatusNotModified)
	}
	page, err := standing.Features(filter)
	if err != nil {
		return err
	}
	file := export.File{Format: format, CRS: shown.CRS.WithXYOrder()}
	for _, layer := range conflict.Layers() {
		file.Layers = append(file.Layers, export.Layer{Name: layer.ID, Definition: layer, Features: page.Of(layer.GeometryType), Count: page.Len(layer.GeometryType)})
	}
	if format != export.GeoPackage {
		table := *conflict.Layers()[0]
		table.GeometryType = plan.None
		file.Layers = []export.Layer{{Name: table.ID, Definition: &table, Features: page.Of(plan.None), Count: page.Len(plan.None)}}
		file.Table = export.Table{Semicolon: c.QueryParam("separator") == "semicolon", Mark: c.QueryParam("bom") == "true"}
	}
	c.Response().Header().Set(echo.HeaderContentType, format.MediaType)
	name := fmt.Sprintf("conflict-r%d%s", standing.Revision(), format.Extension)
	if c.Request().Method == http.MethodHead {
		c.Response().Header().Set(echo.HeaderContentDisposition, attached(name))
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, name)
}

// getConflict tells one conflict in full: why it is one, from what, and where.
func (s *Server) getConflict(c echo.Context) error {
	shown, err := ogc.ParseShown(c.QueryParams(), geo.CRS84)
	if err != nil {
		return err
	}
	standing, err := s.standing(c)
	if err != nil {
		return err
	}
	id, err := url.PathUnescape(c.Param("id"))
	if err != nil {
		return plan.Errorf(plan.Invalid, "id", "the id can't be read: %w", err)
	}
	told, unknown, err := standing.Conflict(id)
	if err != nil {
		return err
	}
	atRevision(c, standing.Revision())
	answer := map[string]any{"revision": standing.Revision(), "ruleset": standing.Ruleset().Ref()}
	if unknown != nil {
		answer["not_measured"] = unknown
		return c.JSON(http.StatusOK, answer)
	}
	return s.writeConflict(c, answer, told, shown.CRS)
}

func (s *Server) writeConflict(c echo.Context, answer map[string]any, told *conflict.Told, crs geo.CRS) error {
	shape, err := ogc.NewEncoder(conflict.Layers()[0], crs).AppendGeometry(nil, told.Shape)
	if err != nil {
		return err
	}
	answer["conflict"], answer["geometry"] = told.Conflict, json.RawMessage(shape)
	if told.Fault != "" {
		answer["geometry_fault"] = told.Fault
	}
	c.Response().Header().Set("Content-Crs", ogc.ContentCRS(crs))
	body, err := ogc.Encode(answer)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}
