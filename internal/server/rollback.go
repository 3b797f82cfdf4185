package server

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/history"
	"strukturbild/internal/plan"
)

// rollback is the body of a rollback request.
type rollback struct {
	To plan.Revision `json:"to"`
}

// postRollback makes the layer what it was at a revision, also when it has been deleted since. That is a new revision;
// nothing is forgotten. With dry_run=true it only tells what would change.
func (s *Server) postRollback(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var request rollback
	if err := strictJSON(body, &request); err != nil {
		return err
	}
	id := c.Param("layer")
	was, err := s.atlas.Snapshot(c.Request().Context(), id, request.To)
	if err != nil {
		return err
	}
	if c.QueryParam("dry_run") == "true" {
		return s.tryRollback(c, was)
	}
	if c.QueryParam("note") == "" {
		c.QueryParams().Set("note", fmt.Sprintf("Återställt till revision %d", request.To))
	}
	applied, err := s.change(c, plan.ChangeRollback, func(view *atlas.View) (*plan.LayerChange, error) { return view.RollBack(was) })
	if err != nil {
		return err
	}
	if applied.Record.Revision == 0 { // the layer is as it was: the newest revision stands
		latest, err := s.store.Revision(c.Request().Context(), s.atlas.View().Revision())
		if err != nil {
			return err
		}
		applied.Record = *latest
	}
	return c.JSON(http.StatusOK, applied.Record)
}

// tryRollback answers the difference that the rollback would make.
func (s *Server) tryRollback(c echo.Context, was *atlas.Snapshot) error {
	view := s.atlas.View()
	change, err := view.RollBack(was)
	if err != nil {
		return err
	}
	is, err := view.Layer(was.Layer().ID)
	if err != nil {
		is = atlas.Empty(was.Layer())
	}
	if change == nil {
		change = &plan.LayerChange{Layer: was.Layer().ID}
	}
	trial, err := history.Trial(is, change, view)
	if err != nil {
		return err
	}
	atRevision(c, view.Revision())
	return c.JSONBlob(http.StatusOK, trial)
}
