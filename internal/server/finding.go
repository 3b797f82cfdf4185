package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

const findingsPage = 1000

// getFindings gives what was found in the file of a job, page by page; as GeoJSON it is a layer of points.
func (s *Server) getFindings(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	if _, err := s.store.Job(ctx, id); err != nil {
		return err
	}
	after, limit := 0, findingsPage
	asLayer := c.QueryParam("f") == "geojson" ||
		(c.QueryParam("f") == "" && strings.Contains(c.Request().Header.Get(echo.HeaderAccept), ogc.MediaGeoJSON))
	if asLayer {
		limit = 10 * findingsPage // GIS clients don't follow links: all that are kept
	}
	if n, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		limit = n
	}
	if n, err := strconv.Atoi(c.QueryParam("after")); err == nil {
		after = n
	}
	findings, err := s.store.JobFindings(ctx, id, after, limit+1)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(findings) > limit {
		findings = findings[:limit]
		links = append(links, s.nextLink(c, "after", strconv.Itoa(after+limit)))
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if !asLayer {
		return c.JSON(http.StatusOK, map[string]any{"findings": findings, "links": links})
	}
	body, err := json.Marshal(findingLayer(findings, after, links))
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, ogc.MediaGeoJSON, body)
}

// findingFeature is a finding as a GeoJSON feature (RFC 7946): a point, or without place. Every property is always
// there, so that clients see the same columns in every file.
type findingFeature struct {
	Type       string            `json:"type"`
	ID         int               `json:"id"`
	Geometry   *findingPoint     `json:"geometry"`
	Properties findingProperties `json:"properties"`
}

type findingPoint struct {
	Type        string    `json:"type"`
	Coordinates []float64 `json:"coordinates"`
}

type findingProperties struct {
	Feature   int    `json:"feature"`
	FeatureID string `json:"feature_id"`
	Rule      string `json:"rule"`
	SV        string `json:"message_sv"`
	EN        string `json:"message_en"`
	Pointer   string `json:"pointer"`
}

// findingLayer makes a feature of each finding; the first is number from.
func findingLayer(findings []plan.Finding, from int, links []map[string]string) map[string]any {
	features := make([]findingFeature, len(findings))
	for i, f := range findings {
		features[i] = findingFeature{"Feature", from + i, findingPlace(f.Location),
			findingProperties{f.Feature, f.ID, f.Rule, f.Message.SV, f.Message.EN, f.Pointer}}
	}
	return map[string]any{"type": "FeatureCollection", "features": features, "links": links}
}

// findingPlace is the place in CRS84. What lies nowhere on the map, because that is the fault, has none.
func findingPlace(at *plan.Location) *findingPoint {
	if at == nil {
		return nil
	}
	crs, err := geo.ParseCRS(at.CRS)
	if err != nil {
		return nil
	}
	place := []float64{at.X, at.Y}
	if crs.WithXYOrder().ToHouse(place) != nil || geo.CRS84.FromHouse(place) != nil {
		return nil
	}
	return &findingPoint{"Point", place}
}
