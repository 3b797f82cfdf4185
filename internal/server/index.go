package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"strukturbild/internal/ogc"
)

// getIndex tells what there is: the contract's own list of what can be read without naming anything first.
func (s *Server) getIndex(c echo.Context) error {
	info, base := s.contract.document.Info, s.base(c)+api
	links := []ogc.Link{}
	for path, item := range s.contract.document.Paths.Map() {
		if item.Get == nil || strings.Contains(path, "{") || slices.ContainsFunc(item.Get.Parameters, required) {
			continue
		}
		link := ogc.Link{Rel: "item", Href: strings.TrimSuffix(base+path, "/"), Title: item.Get.Summary}
		switch path {
		case "/":
			link.Rel = "self"
		case "/openapi.json":
			link.Rel = "service-desc" // RFC 8631, 4.2
		}
		links = append(links, link)
	}
	slices.SortFunc(links, func(a, b ogc.Link) int { return cmp.Compare(a.Href, b.Href) })
	return c.JSON(http.StatusOK, map[string]any{"title": info.Title, "description": info.Description, "version": info.Version, "links": links})
}

func required(p *openapi3.ParameterRef) bool { return p.Value.Required }
