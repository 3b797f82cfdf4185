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
		switch v := given.(type) {
		case nil:
			values[name] = plan.Value{}
		case bool:
			values[name] = plan.BooleanValue(v)
		case float64:
			values[name] = plan.NumberValue(v)
		case string:
			values[name] = plan.TextValue(v)
		default:
			return nil, plan.Errorf(plan.Invalid, "/attributes/"+name, "the attribute %s must be a text, a number, true, false or null", name)
		}
	}
	return values, nil
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
	engine, err := s.conflicts(c)
	if err != nil {
		return err
	}
	page, err := engine.Find(c.Request().Context(), view, filter)
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
	return c.JSON(http.StatusOK, map[string]any{"revision": page.Revision, "ruleset": engine.Ruleset().Ref(),
		"conflicts": page.Conflicts, "matched": page.Matched, "not_measured": page.NotMeasured,
		"not_measured_total": page.NotMeasuredTotal, "links": links})
}

func (s *Server) getConflictSummary(c echo.Context) error {
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return err
	}
	standing, err := engine.Standing(c.Request().Context(), view)
	if err != nil {
		return err
	}
	atRevision(c, standing.Revision())
	by := c.QueryParam("by")
	sums, err := standing.Summary(conflict.Grouping(by), conflictFilter(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": standing.Revision(), "ruleset": standing.Ruleset().Ref(),
		"by": by, "summary": sums})
}

func (s *Server) getWhoami(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]any{"name": principal(c).Name, "role": principal(c).Role})
}
