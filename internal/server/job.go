package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

func (s *Server) getJob(c echo.Context) error {
	entry, err := s.store.Job(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, entry.Job)
}

const jobsPage = 50

// getJobs lists the jobs of who asks, or everybody's for an administrator, newest first.
func (s *Server) getJobs(c echo.Context) error {
	q := store.JobQuery{Layer: c.QueryParam("layer"), State: plan.JobState(c.QueryParam("state")), Limit: jobsPage}
	if who := principal(c); !who.Role.Allows(plan.Admin) {
		q.Author = who.Name
	}
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		q.Limit = limit
	}
	if before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64); err == nil {
		q.Before = before
	}
	q.Limit++ // one more tells whether there is a next page
	entries, err := s.store.Jobs(c.Request().Context(), q)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(entries) == q.Limit {
		entries = entries[:q.Limit-1]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(entries[len(entries)-1].Number, 10)))
	}
	list := make([]plan.Job, len(entries))
	for i := range entries {
		list[i] = entries[i].Job
	}
	return c.JSON(http.StatusOK, map[string]any{"jobs": list, "links": links})
}

// nextLink is this request's address with one parameter set anew.
func (s *Server) nextLink(c echo.Context, parameter, value string) map[string]string {
	query := c.Request().URL.Query()
	query.Set(parameter, value)
	return map[string]string{"rel": "next", "href": s.base(c) + c.Request().URL.Path + "?" + query.Encode()}
}

// cancelled is how long a cancellation waits to see the job end.
const cancelled = 10 * time.Second

// deleteJob ends a job that has not ended. Its sender may, and an administrator.
func (s *Server) deleteJob(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	entry, err := s.store.Job(ctx, id)
	if err != nil {
		return err
	}
	if who := principal(c); entry.Job.Author != who.Name && !who.Role.Allows(plan.Admin) {
		return plan.Errorf(plan.Forbidden, "id", "the job is %s's; only its sender and an administrator may cancel it", entry.Job.Author)
	}
	job, err := s.jobs.Cancel(ctx, id)
	if err == nil && !job.State.Ended() {
		job, err = s.jobs.Wait(ctx, id, cancelled, s.closing)
	}
	if err != nil {
		return err
	}
	if !job.State.Ended() {
		return c.JSON(http.StatusAccepted, job)
	}
	return c.JSON(http.StatusOK, job)
}
