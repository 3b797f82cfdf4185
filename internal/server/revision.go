package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

const revisionsPage = 100

func (s *Server) getLayerRevisions(c echo.Context) error {
	if _, err := s.view(c).Layer(c.Param("layer")); err != nil && !maySeeDrafts(c) {
		return err
	}
	return s.listRevisions(c, c.Param("layer"))
}

func (s *Server) getRevisions(c echo.Context) error { return s.listRevisions(c, "") }

// listRevisions answers a page. The oldest revision of a page is where the next one goes on, and revisions never change:
// pages never skip or repeat.
func (s *Server) listRevisions(c echo.Context, layer string) error {
	q, err := s.revisionQuery(c, layer)
	if err != nil {
		return err
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is a next page
	records, err := s.store.Revisions(c.Request().Context(), q)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(records) > limit {
		records = records[:limit]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(int64(records[limit-1].Revision), 10)))
	}
	if len(records) == 0 && layer != "" && q.Before == 0 {
		if err := s.everWas(c, layer); err != nil {
			return err
		}
	}
	atRevision(c, s.atlas.View().Revision())
	return c.JSON(http.StatusOK, map[string]any{"revisions": records, "links": links})
}

// everWas refuses a layer that there never was.
func (s *Server) everWas(c echo.Context, layer string) error {
	ever, err := s.store.Revisions(c.Request().Context(), store.RevisionQuery{Layer: layer, Limit: 1})
	if err == nil && len(ever) == 0 {
		err = plan.Errorf(plan.NotFound, layer, "there is no layer %q, and never was", layer)
	}
	return err
}

// revisionQuery reads the filters that lists of revisions have in common. The contract has checked their forms.
func (s *Server) revisionQuery(c echo.Context, layer string) (q store.RevisionQuery, err error) {
	q = store.RevisionQuery{Layer: layer, Kommun: c.QueryParam("kommun"), Author: c.QueryParam("author"), Kind: plan.ChangeKind(c.QueryParam("kind")),
		Limit: revisionsPage, Visible: s.visible(c)}
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		q.Limit = limit
	}
	if q.Before, err = revisionParam(c.QueryParam("before"), "before"); err != nil {
		return q, err
	}
	for name, border := range map[string]*time.Time{"made_from": &q.From, "made_to": &q.To} {
		text := c.QueryParam(name)
		if text == "" {
			continue
		}
		if *border, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return q, plan.Errorf(plan.Invalid, name, "%s=%q is not an instant like 2026-11-22T10:00:00Z (RFC 3339, with a time zone; write + as %%2B)", name, text)
		}
	}
	return q, s.reachable()
}

// visible lists the layers that who asks may hear of; nil: all of them, deleted ones too.
func (s *Server) visible(c echo.Context) []string {
	if maySeeDrafts(c) {
		return nil
	}
	ids := []string{}
	for _, snapshot := range s.view(c).Snapshots() {
		ids = append(ids, snapshot.Layer().ID)
	}
	return ids
}

func (s *Server) getRevision(c echo.Context) error {
	number, err := revisionParam(c.Param("revision"), "revision")
	if err != nil {
		return err
	}
	record, err := s.store.Revision(c.Request().Context(), number)
	if err != nil {
		return err
	}
	atRevision(c, s.atlas.View().Revision())
	return c.JSON(http.StatusOK, record)
}
