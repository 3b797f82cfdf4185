package server

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// claim is the body of a what-if question.
type claim struct {
	Geometry   json.RawMessage `json:"geometry"`
	Theme      plan.Theme      `json:"theme"`
	Layer      string          `json:"layer"`
	Attributes map[string]any  `json:"attributes"`
	CRS        string          `json:"crs"`
	Limit      *int            `json:"limit"`
	Buffers    bool            `json:"buffers"`
}

// hitsListed is how many hits are listed when the question does not say; totals are always those of all.
const hitsListed = 1000

// postConflicts answers which interests the figure would touch.
func (s *Server) postConflicts(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var asked claim
	if err := strictJSON(body, &asked); err != nil {
		return err
	}
	geometry, err := ingest.DecodeFigure(asked.Geometry, asked.CRS, ingest.Limits{MaxVertices: claimVertices})
	if err != nil {
		return err
	}
	attributes, err := asked.attributes()
	if err != nil {
		return err
	}
	query := plan.ConflictQuery{Geometry: geometry, Theme: asked.Theme, Layer: asked.Layer, Attributes: attributes, Buffers: asked.Buffers, Limit: hitsListed}
	if asked.Limit != nil {
		query.Limit = *asked.Limit
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return err
	}
	assessment, err := engine.Evaluate(c.Request().Context(), view, query)
	if err != nil {
		return err
	}
	atRevision(c, assessment.Revision)
	return c.JSON(http.StatusOK, assessment)
}

// attributes gives the claim's attributes as the rules take them.
func (a *claim) attributes() (map[string]plan.Value, error) {
	values := map[string]plan.Value{}
	for name, given := range a.Attributes {
		value, plain := plan.ValueOf(given)
		if !plain {
			return nil, plan.Errorf(plan.Invalid, "/attributes/"+name, "the attribute %s must be a text, a number, true, false or null", name)
		}
		values[name] = value
	}
	return values, nil
}

// claimVertices bounds the work of one what-if question.
const claimVertices = 100_000

// conflictFilter reads what the lists of conflicts can be narrowed by. The contract has checked the numbers.
func conflictFilter(c echo.Context) (conflict.Filter, error) {
	filter := conflict.Filter{Kommun: c.QueryParam("kommun"), Kommunalforbund: c.QueryParam("kommunalforbund"), Rule: c.QueryParam("rule"),
		Theme: plan.Theme(c.QueryParam("theme")), Layer: c.QueryParam("layer"), Class: plan.Class(c.QueryParam("class")), Goal: c.QueryParam("goal")}
	filter.MinSeverity, _ = strconv.Atoi(c.QueryParam("min_severity"))
	filter.Severity, _ = strconv.Atoi(c.QueryParam("severity"))
	filter.MinAreaHa, _ = strconv.ParseFloat(c.QueryParam("min_area_ha"), 64)
	filter.MinLengthM, _ = strconv.ParseFloat(c.QueryParam("min_length_m"), 64)
	shown, err := ogc.ParseShown(c.QueryParams(), geo.CRS84)
	if err == nil {
		filter.Touching = shown.Place
	}
	return filter, err
}

// standingPage is how many conflicts a page has when the request does not say.
const standingPage = 100

// getConflicts lists the standing conflicts: told in full, as features of one page, or all of them as a file.
func (s *Server) getConflicts(c echo.Context) error {
	filter, err := conflictFilter(c)
	if err != nil {
		return err
	}
	filter.After = c.QueryParam("cursor")
	filter.Limit, _ = strconv.Atoi(c.QueryParam("limit"))
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return err
	}
	switch format := c.QueryParam("f"); format {
	case "", "json", "geojson":
		filter.Limit = cmp.Or(filter.Limit, standingPage)
		standing, err := engine.Begun(c.Request().Context(), view, filter)
		if err != nil {
			return err
		}
		atRevision(c, standing.Revision())
		if format == "geojson" {
			return s.writeConflictFeatures(c, standing, filter)
		}
		return s.writeConflicts(c, standing, filter)
	}
	standing, err := engine.Standing(c.Request().Context(), view)
	if err != nil {
		return err
	}
	return s.writeConflictFile(c, standing, filter)
}

// writeConflicts tells a page of conflicts in full.
func (s *Server) writeConflicts(c echo.Context, standing *conflict.Standing, filter conflict.Filter) error {
	page, err := standing.Find(filter)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if page.Next != "" {
		links = append(links, s.nextLink(c, "cursor", page.Next))
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": page.Revision, "ruleset": standing.Ruleset().Ref(),
		"conflicts": page.Conflicts, "matched": page.Matched, "not_measured": page.NotMeasured,
		"not_measured_total": page.NotMeasuredTotal, "links": links})
}

// standing gives the conflicts that stand in the state, and by the rules, that the request asks for.
func (s *Server) standing(c echo.Context) (*conflict.Standing, error) {
	view, err := s.viewAsked(c)
	if err != nil {
		return nil, err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return nil, err
	}
	return engine.Standing(c.Request().Context(), view)
}

func (s *Server) getConflictSummary(c echo.Context) error {
	standing, err := s.standing(c)
	if err != nil {
		return err
	}
	atRevision(c, standing.Revision())
	by := c.QueryParam("by")
	filter, err := conflictFilter(c)
	if err != nil {
		return err
	}
	sums, err := standing.Summary(conflict.Grouping(by), filter)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": standing.Revision(), "ruleset": standing.Ruleset().Ref(),
		"by": by, "summary": sums})
}

func (s *Server) getWhoami(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]any{"name": principal(c).Name, "role": principal(c).Role})
}
