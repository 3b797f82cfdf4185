package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// claim is the body of a what-if question.
type claim struct {
	Geometry json.RawMessage `json:"geometry"`
	Theme    plan.Theme      `json:"theme"`
	Layer    string          `json:"layer"`
	CRS      string          `json:"crs"`
	Limit    *int            `json:"limit"`
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
	geometry, err := ingest.DecodeGeometry(asked.Geometry, "", asked.CRS, ingest.Limits{MaxVertices: claimVertices})
	if err != nil {
		return err
	}
	query := plan.ConflictQuery{Geometry: geometry, Theme: asked.Theme, Layer: asked.Layer, Limit: hitsListed}
	if asked.Limit != nil {
		query.Limit = *asked.Limit
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	assessment, err := s.engine.Evaluate(c.Request().Context(), view, query)
	if err != nil {
		return err
	}
	atRevision(c, assessment.Revision)
	return c.JSON(http.StatusOK, assessment)
}

// claimVertices bounds the work of one what-if question.
const claimVertices = 100_000

// conflictFilter reads what both lists of conflicts can be narrowed by.
func conflictFilter(c echo.Context) conflict.Filter {
	filter := conflict.Filter{Kommun: c.QueryParam("kommun"), Kommunalforbund: c.QueryParam("kommunalforbund"), Rule: c.QueryParam("rule"),
		Theme: plan.Theme(c.QueryParam("theme")), Layer: c.QueryParam("layer")}
	filter.MinSeverity, _ = strconv.Atoi(c.QueryParam("min_severity")) // the contract has checked it
	return filter
}

// standingPage is how many conflicts a page has when the request does not say.
const standingPage = 100

func (s *Server) getConflicts(c echo.Context) error {
	filter := conflictFilter(c)
	filter.After, filter.Limit = c.QueryParam("cursor"), standingPage
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		filter.Limit = limit
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	page, err := s.engine.Find(c.Request().Context(), view, filter)
	if err != nil {
		return err
	}
	atRevision(c, page.Revision)
	links := []map[string]string{}
	if page.Next != "" {
		query := c.Request().URL.Query()
		query.Set("cursor", page.Next)
		links = append(links, map[string]string{"rel": "next", "href": s.base(c) + api + "/conflicts?" + query.Encode()})
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": page.Revision, "ruleset": rulesetRef(s.engine.Ruleset()),
		"conflicts": page.Conflicts, "matched": page.Matched, "not_measured": page.NotMeasured, "links": links})
}

func (s *Server) getConflictSummary(c echo.Context) error {
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	standing, err := s.engine.Standing(c.Request().Context(), view)
	if err != nil {
		return err
	}
	atRevision(c, standing.Revision())
	by := c.QueryParam("by")
	sums, err := standing.Summary(conflict.Grouping(by), conflictFilter(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": standing.Revision(), "ruleset": rulesetRef(standing.Ruleset()),
		"by": by, "summary": sums})
}

func rulesetRef(r *plan.Ruleset) plan.RulesetRef {
	return plan.RulesetRef{ID: r.ID, Version: r.Version}
}

func (s *Server) getRulesets(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]any{"rulesets": []plan.Ruleset{*s.engine.Ruleset()}})
}

func (s *Server) getRuleset(c echo.Context) error {
	if ruleset := s.engine.Ruleset(); c.Param("id") == ruleset.ID {
		return c.JSON(http.StatusOK, ruleset)
	}
	return plan.Errorf(plan.NotFound, "id", "there is no ruleset %q", c.Param("id"))
}

func (s *Server) getWhoami(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]any{"name": principal(c).Name, "role": principal(c).Role})
}
