package server

import (
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/harvest"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

// pullsShown is how many of its pulls a source shows.
const pullsShown = 10

// sourceAnswer is a source as REST shows it: its entry in the catalogue, and how old what we have of it is.
type sourceAnswer struct {
	*source.Source
	Pulled *plan.Pull  `json:"pulled"` // the last that succeeded; null when there is none
	Last   *plan.Pull  `json:"last"`   // the last, whatever became of it
	Due    bool        `json:"due"`    // older than it may be
	Pulls  []plan.Pull `json:"pulls,omitempty"`
}

func (s *Server) getSources(c echo.Context) error {
	catalogue := s.harvest.Catalogue()
	states, err := s.sourceStates(c)
	if err != nil {
		return err
	}
	answers := make([]sourceAnswer, len(catalogue.Sources))
	for i := range catalogue.Sources {
		answers[i] = states.of(&catalogue.Sources[i])
	}
	return c.JSON(http.StatusOK, map[string]any{"sources": answers})
}

func (s *Server) getSource(c echo.Context) error {
	entry, err := s.harvest.Catalogue().Find(c.Param("source"))
	if err != nil {
		return err
	}
	states, err := s.sourceStates(c)
	if err != nil {
		return err
	}
	answer := states.of(entry)
	if answer.Pulls, err = s.store.Pulls(c.Request().Context(), entry.ID, pullsShown); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer)
}

// sourceStates are the last pulls of the sources.
type sourceStates struct{ pulled, last map[string]*plan.Pull }

func (s *Server) sourceStates(c echo.Context) (states sourceStates, err error) {
	if err := s.reachable(); err != nil {
		return states, err
	}
	pulled, err := s.store.LastPulls(c.Request().Context())
	if err != nil {
		return states, err
	}
	last, err := s.store.LastAttempts(c.Request().Context())
	return sourceStates{bySource(pulled), bySource(last)}, err
}

func bySource(pulls []plan.Pull) map[string]*plan.Pull {
	index := make(map[string]*plan.Pull, len(pulls))
	for i := range pulls {
		index[pulls[i].Source] = &pulls[i]
	}
	return index
}

func (s *sourceStates) of(entry *source.Source) sourceAnswer {
	answer := sourceAnswer{Source: entry, Pulled: s.pulled[entry.ID], Last: s.last[entry.ID]}
	answer.Due = answer.Pulled != nil && entry.Due(answer.Pulled.Began, time.Now())
	return answer
}

// postPull has a source fetched, or takes the file that the request brings for it.
func (s *Server) postPull(c echo.Context) error {
	patience, err := preferredWait(c)
	if err != nil {
		return err
	}
	if err := s.reachable(); err != nil {
		return err
	}
	request := harvest.Request{Source: c.Param("source"), Author: principal(c).Name, DryRun: c.QueryParam("dry_run") == "true"}
	r, pull := c.Request(), (*plan.Pull)(nil)
	if r.ContentLength != 0 {
		pull, err = s.harvest.Give(r.Context(), request, givenName(c), r.ContentLength, r.Body)
	} else {
		pull, err = s.harvest.Begin(r.Context(), request)
	}
	if err == nil {
		pull, err = s.harvest.Wait(r.Context(), pull.ID, patience, s.closing)
	}
	if err != nil {
		return err
	}
	return s.answerPull(c, pull)
}

// givenName is what the file of the request is called.
func givenName(c echo.Context) string {
	if _, disposition, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentDisposition)); err == nil && disposition["filename"] != "" {
		return disposition["filename"]
	}
	return c.QueryParam("filename")
}

// answerPull tells what became of the pull. A failure is told with the findings of its upload.
func (s *Server) answerPull(c echo.Context, pull *plan.Pull) error {
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/sources/"+pull.Source+"/pulls/"+pull.ID)
	if pull.Job != "" && pull.State == plan.JobFailed {
		if entry, err := s.store.Job(c.Request().Context(), pull.Job); err == nil && entry.Job.Failure() != nil {
			return entry.Job.Failure()
		}
	}
	if err := pull.Failure(); err != nil {
		return err
	}
	if !pull.State.Ended() {
		c.Response().Header().Set("Preference-Applied", "respond-async") // RFC 7240, 3
		return c.JSON(http.StatusAccepted, pull)
	}
	atRevision(c, s.atlas.View().Revision())
	return c.JSON(http.StatusOK, pull)
}

func (s *Server) getPull(c echo.Context) error {
	pull, err := s.findPull(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, pull)
}

func (s *Server) findPull(c echo.Context) (*plan.Pull, error) {
	pull, err := s.store.Pull(c.Request().Context(), c.Param("id"))
	if err == nil && pull.Source != c.Param("source") {
		err = plan.Errorf(plan.NotFound, "id", "the source %q has no pull %q", c.Param("source"), c.Param("id"))
	}
	return pull, err
}

// deletePull ends a pull that has not ended. Who began it may, and an administrator.
func (s *Server) deletePull(c echo.Context) error {
	pull, err := s.findPull(c)
	if err != nil {
		return err
	}
	if who := principal(c); pull.Author != who.Name && !who.Role.Allows(plan.Admin) {
		return plan.Errorf(plan.Forbidden, "id", "the pull is %s's; only who began it and an administrator may cancel it", pull.Author)
	}
	if pull, err = s.harvest.Cancel(c.Request().Context(), pull.ID); err == nil {
		pull, err = s.harvest.Wait(c.Request().Context(), pull.ID, cancelled, s.closing)
	}
	if err != nil {
		return err
	}
	if !pull.State.Ended() {
		return c.JSON(http.StatusAccepted, pull)
	}
	return c.JSON(http.StatusOK, pull)
}
