package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/export"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/report"
	"strukturbild/internal/store"
)

// reportOrder is the body of an order.
type reportOrder struct {
	Kind   plan.ReportKind `json:"kind"`
	Title  string          `json:"title"`
	Author string          `json:"author"`
	Public bool            `json:"public"`
	Limit  int             `json:"limit"`
	reportState
	From *reportState `json:"from"`
	plan.ReportScope
	Claim     *claim           `json:"claim"`
	Stack     *plan.StackClaim `json:"stack"`
	FromStack *plan.StackClaim `json:"from_stack"`
}

// reportState names a revision and a version of the rules; 0 and "" are those that count now.
type reportState struct {
	Revision plan.Revision `json:"revision"`
	Ruleset  string        `json:"ruleset"`
	Version  int           `json:"version"`
}

// postReport takes an order, and waits a little for what is soon made.
func (s *Server) postReport(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var asked reportOrder
	if err := strictJSON(body, &asked); err != nil {
		return err
	}
	order, err := s.orderOf(c, &asked)
	if err != nil {
		return err
	}
	made, err := s.reports.Order(c.Request().Context(), *order, principal(c).Name)
	if err != nil {
		return err
	}
	if made, err = s.reports.Wait(c.Request().Context(), made.ID, patienceAsked(c), s.closing); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/reports/"+made.ID)
	if made.State.Ended() {
		return c.JSON(http.StatusCreated, made)
	}
	return c.JSON(http.StatusAccepted, made)
}

// patienceAsked is how long the answer may wait for the report.
func patienceAsked(c echo.Context) int {
	seconds, _ := strconv.Atoi(c.QueryParam("wait")) // the contract has checked it
	return seconds
}

func (s *Server) orderOf(c echo.Context, asked *reportOrder) (*plan.ReportOrder, error) {
	order := &plan.ReportOrder{Kind: asked.Kind, Title: asked.Title, Author: asked.Author, Public: asked.Public, Limit: asked.Limit, Scope: asked.ReportScope,
		Stack: asked.Stack, FromStack: asked.FromStack}
	var err error
	if order.State, err = s.stateAsked(c, &asked.reportState); err != nil {
		return nil, err
	}
	if asked.From != nil {
		from, err := s.stateAsked(c, asked.From)
		if err != nil {
			return nil, named(err, "/version", "/from/version")
		}
		order.From = &from
	}
	if asked.Claim == nil {
		return order, nil
	}
	if _, err := asked.Claim.attributes(); err != nil {
		return nil, err
	}
	geometry, err := ingest.DecodeFigure(asked.Claim.Geometry, asked.Claim.CRS, ingest.Limits{MaxVertices: claimVertices})
	order.Claim = &plan.ReportClaim{Geometry: plan.Shape{Geometry: geometry}, Theme: asked.Claim.Theme, Layer: asked.Claim.Layer, Attributes: asked.Claim.Attributes}
	return order, err
}

// stateAsked gives the state with the version of the rules that it means.
func (s *Server) stateAsked(c echo.Context, asked *reportState) (plan.ConflictState, error) {
	number := ""
	if asked.Version != 0 {
		number = strconv.Itoa(asked.Version)
	}
	engine, err := s.byVersion(c, asked.Ruleset, number)
	if err != nil {
		return plan.ConflictState{}, named(named(err, "version", "/version"), "ruleset", "/ruleset")
	}
	return plan.ConflictState{Revision: asked.Revision, Ruleset: engine.Ruleset().Ref()}, nil
}

const reportsPage = 50

// getReports lists the reports that who asks may read, newest first.
func (s *Server) getReports(c echo.Context) error {
	q := store.ReportQuery{Public: !maySeeDrafts(c), Limit: reportsPage}
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		q.Limit = limit
	}
	q.Before, _ = strconv.ParseInt(c.QueryParam("before"), 10, 64)
	q.Limit++ // one more tells whether there is a next page
	entries, err := s.store.Reports(c.Request().Context(), q)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(entries) == q.Limit {
		entries = entries[:q.Limit-1]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(entries[len(entries)-1].Number, 10)))
	}
	list := []*plan.Report{}
	for _, e := range entries {
		if !q.Public || s.reports.MayRead(e.Report) {
			list = append(list, e.Report)
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"reports": list, "links": links})
}

// readable gives the report of the address, if who asks may read it. That there is another, nobody hears.
func (s *Server) readable(c echo.Context) (*plan.Report, error) {
	found, err := s.store.Report(c.Request().Context(), c.Param("id"))
	if err == nil && !maySeeDrafts(c) && !s.reports.MayRead(found) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no report %q", c.Param("id"))
	}
	return found, err
}

// getReport answers with the report in the form that is asked for. What is not frozen yet has only one.
func (s *Server) getReport(c echo.Context) error {
	form, err := report.FormNamed(c.QueryParam("f"))
	if err != nil {
		return err
	}
	found, err := s.readable(c)
	if err != nil {
		return err
	}
	if !found.State.Ended() {
		if found, err = s.reports.Wait(c.Request().Context(), found.ID, patienceAsked(c), s.closing); err != nil {
			return err
		}
	}
	if found.State != plan.JobDone {
		if form != report.JSON {
			return plan.Errorf(plan.NotFound, "f", "the report is %s, and only a report that is done can be had as %s", found.State, form.Name)
		}
		return c.JSON(http.StatusOK, found)
	}
	c.Response().Header().Add(echo.HeaderVary, "Authorization")
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache") // it never changes, but it may be hidden
	atRevision(c, found.Order.State.Revision)
	return s.writeReport(c, found, form)
}

func (s *Server) writeReport(c echo.Context, found *plan.Report, form report.Form) error {
	content, text, err := s.reports.Thaw(c.Request().Context(), found)
	if err != nil {
		return err
	}
	name := report.FileName(found, form)
	switch form {
	case report.JSON:
		return c.JSON(http.StatusOK, struct {
			*plan.Report
			Content json.RawMessage `json:"content"`
		}{found, text})
	case report.Canonical:
		return c.Blob(http.StatusOK, form.MediaType, text)
	case report.PDF:
		var file bytes.Buffer
		if err := report.Print(&file, found, content); err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, attached(name))
		return c.Blob(http.StatusOK, form.MediaType, file.Bytes())
	}
	style := export.Table{}
	if form == report.CSV {
		style = export.Table{Semicolon: c.QueryParam("separator") == "semicolon", Mark: c.QueryParam("bom") == "true"}
	}
	file, err := report.File(found, content, form, c.QueryParam("table"), style)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, form.MediaType)
	if c.Request().Method == http.MethodHead {
		c.Response().Header().Set(echo.HeaderContentDisposition, attached(name))
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, name)
}

// deleteReport deletes a report that has ended, and cancels one that has not. Who ordered it may, and an administrator.
func (s *Server) deleteReport(c echo.Context) error {
	found, err := s.store.Report(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if who := principal(c); found.By != who.Name && !who.Role.Allows(plan.Admin) {
		return plan.Errorf(plan.Forbidden, "id", "the report is %s's; only who ordered it and an administrator may delete it", cmp.Or(found.By, "nobody"))
	}
	left, err := s.store.RemoveReport(c.Request().Context(), found.ID)
	if err != nil {
		return err
	}
	if left != nil {
		return c.JSON(http.StatusOK, left)
	}
	return c.NoContent(http.StatusNoContent)
}
