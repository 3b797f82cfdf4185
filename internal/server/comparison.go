package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// getComparison tells what has become of the conflicts of one state in another: of another revision, by another
// version of the rules, or both.
func (s *Server) getComparison(c echo.Context) error {
	narrowed, err := conflictFilter(c)
	if err != nil {
		return err
	}
	filter := conflict.ComparisonFilter{Filter: narrowed, Became: plan.Became(c.QueryParam("became"))}
	filter.After, filter.Limit = c.QueryParam("cursor"), standingPage
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		filter.Limit = limit
	}
	was, from, err := s.state(c, "from")
	if err != nil {
		return err
	}
	is, to, err := s.state(c, "to")
	if err != nil {
		return err
	}
	comparison, err := from.Compare(c.Request().Context(), was, to, is)
	if err != nil {
		return err
	}
	page, err := comparison.Find(filter)
	if err != nil {
		return err
	}
	answer := map[string]any{"from": comparison.Before.State(), "to": comparison.After.State(), "changes": page.Changes,
		"matched": page.Matched, "links": s.comparisonLinks(c, comparison, page.Next)}
	if filter.After == "" {
		if answer["summary"], err = comparison.Sums(filter.Filter); err != nil {
			return err
		}
		answer["not_measured"], answer["not_measured_total"] = comparison.NotMeasured()
	}
	atRevision(c, is.Revision())
	return c.JSON(http.StatusOK, answer)
}

// reportConflicts tells what becomes of the conflicts, drafts and all, by the rules that count.
func (s *Server) reportConflicts(ctx context.Context, was, is *atlas.View) (*plan.ConflictReport, error) {
	engine := s.engine.By(s.rules.Current())
	comparison, err := engine.Compare(ctx, was, engine, is)
	if err != nil {
		return nil, err
	}
	return comparison.Report(), nil
}

// state gives the picture and the rules of one side of a comparison. Without a revision it is the newest one.
func (s *Server) state(c echo.Context, side string) (*atlas.View, *conflict.Engine, error) {
	at, err := revisionParam(c.QueryParam(side), side)
	if err != nil {
		return nil, nil, err
	}
	view, err := s.viewAt(c, at)
	if err != nil {
		return nil, nil, named(err, "revision", side)
	}
	engine, err := s.byVersion(c, c.QueryParam(side+"_ruleset"), c.QueryParam(side+"_version"))
	return view, engine, named(named(err, "version", side+"_version"), "ruleset", side+"_ruleset")
}

// named gives the error with the name that the parameter has here.
func named(err error, name, here string) error {
	if known, ok := err.(*plan.Error); ok && known.Locator == name { //nolint:errorlint // it is ours to change only as it comes
		known.Locator = here
	}
	return err
}

// comparisonLinks leads to the next page of the same two states, whatever becomes the newest meanwhile.
func (s *Server) comparisonLinks(c echo.Context, comparison *conflict.Comparison, next string) []map[string]string {
	links := []map[string]string{}
	if next == "" {
		return links
	}
	query := c.Request().URL.Query()
	for side, state := range map[string]plan.ConflictState{"from": comparison.Before.State(), "to": comparison.After.State()} {
		query.Set(side, strconv.FormatInt(int64(state.Revision), 10))
		query.Set(side+"_ruleset", state.Ruleset.ID)
		query.Set(side+"_version", strconv.Itoa(state.Ruleset.Version))
	}
	query.Set("cursor", next)
	return append(links, map[string]string{"rel": "next", "href": s.base(c) + comparePath + "?" + query.Encode()})
}
