package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

const (
	// eventsTime is how long one stream lasts; clients connect anew by themselves.
	eventsTime = time.Hour
	// pulse is how often a comment shows that a silent stream is alive, to the client and to what stands between.
	pulse = 15 * time.Second
)

// getJobEvents tells how a job goes on, as server-sent events (WHATWG HTML, 9.2): "progress" with the job each time it
// has changed, and last "done", "failed" or "cancelled". An event's id is the job's version, so that a client that
// connects anew with Last-Event-ID hears only what is new to it.
func (s *Server) getJobEvents(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	entry, err := s.store.Job(ctx, id)
	if err != nil {
		return err
	}
	since, err := lastEvent(c)
	if err != nil {
		return err
	}
	if entry.Job.State.Ended() && entry.Version == since {
		return c.NoContent(http.StatusNoContent) // which tells a client not to connect again
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := openEvents(c)
	failed := make(chan error, 1)
	changes := make(chan store.JobEntry)
	go func() {
		failed <- s.jobs.Watch(ctx, id, since, func(entry store.JobEntry) error {
			select {
			case changes <- entry:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case entry := <-changes:
			err = stream.send(entry)
		case <-ticker.C:
			err = stream.write(": still here\n\n")
		case <-s.closing:
			return nil
		case err = <-failed:
			if err == nil || errors.Is(err, context.DeadlineExceeded) {
				return nil // the job has ended, or the stream's time
			}
		}
		if err != nil {
			return err
		}
	}
}

// lastEvent reads which version the client has seen.
func lastEvent(c echo.Context) (int64, error) {
	text := c.Request().Header.Get("Last-Event-ID")
	if text == "" {
		return 0, nil
	}
	since, err := strconv.ParseInt(text, 10, 64)
	if err != nil || since < 0 {
		return 0, plan.Errorf(plan.Invalid, "Last-Event-ID", "Last-Event-ID: %.20q is none of the ids of this stream", text)
	}
	return since, nil
}

// events is a stream of server-sent events.
type events struct {
	response *echo.Response
	control  *http.ResponseController
}

func openEvents(c echo.Context) events {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/event-stream")
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx passes it on at once
	c.Response().WriteHeader(http.StatusOK)
	stream := events{c.Response(), http.NewResponseController(c.Response())}
	_ = stream.write("retry: 2000\n\n") // a failure shows with the first event
	return stream
}

func (e events) send(entry store.JobEntry) error {
	name := "progress"
	if entry.Job.State.Ended() {
		name = string(entry.Job.State)
	}
	data, err := json.Marshal(entry.Job)
	if err != nil {
		return err
	}
	return e.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", entry.Version, name, data))
}

// write sends at once. A client that takes nothing is given up after a while.
func (e events) write(text string) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(2 * pulse))
	if _, err := e.response.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}
