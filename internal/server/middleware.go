package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
)

var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._\-]{1,64}$`)

// identify gives the request an id, the client's own when it is harmless.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !requestIDs.MatchString(id) {
			id = rand.Text()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// observe logs and measures every request once.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			s.handleError(err, c)
		}
		took, status := time.Since(start), c.Response().Status
		s.metrics.request(c, status, took)
		s.log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request", slog.String("request_id", requestID(c)),
			slog.String("method", c.Request().Method), slog.String("path", c.Request().URL.Path), slog.Int("status", status),
			slog.Int64("bytes", c.Response().Size), slog.Float64("ms", float64(took.Microseconds())/1000),
			slog.String("who", principal(c).Name))
		return nil
	}
}

// secure sets what every answer carries.
func secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set(echo.HeaderXContentTypeOptions, "nosniff")
		header.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		header.Set("Referrer-Policy", "same-origin")
		return next(c)
	}
}

// degraded says in every answer that reads go on although the database is away.
func (s *Server) degraded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		health := s.atlas.Health()
		if !health.Ready && c.Path() != "/healthz" && c.Path() != "/readyz" && c.Path() != "/metrics" {
			return plan.Errorf(plan.Unavailable, "", "the service is starting: %d features read so far", health.Loaded)
		}
		if health.Ready && away(health) {
			c.Response().Header().Set("Strukturbild-Stale-Since", health.Synced.UTC().Format(time.RFC3339))
		}
		return next(c)
	}
}

// limits bounds the body and the time of every request before a handler runs.
func (s *Server) limits(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		body, arriving, working := s.options.MaxBody, requestTime, time.Duration(0)
		switch c.Path() {
		case uploadPath, pullPath, tusPath:
			body, arriving, working = s.options.MaxUpload, s.options.UploadTime, maxWait
		case eventsPath:
			working = eventsTime
		}
		if makesFile(c) || c.Path() == wfsPath {
			working = s.options.ExportTime
		}
		r := c.Request()
		if r.ContentLength > body {
			return plan.Errorf(plan.TooLarge, "Content-Length", "the body has %d bytes; this address takes at most %d", r.ContentLength, body)
		}
		control := http.NewResponseController(c.Response())
		arrived := time.Now().Add(arriving)
		deadline := arrived.Add(working)
		// The connection gets a little longer than the handler, which is to answer that its time is over. A test
		// recorder has no deadlines.
		if !answersLong(c) {
			_ = control.SetReadDeadline(arrived.Add(answerTime))
		}
		_ = control.SetWriteDeadline(deadline.Add(requestTime))
		ctx, cancel := context.WithDeadline(r.Context(), deadline)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(c.Response(), r.Body, body)
		c.SetRequest(r)
		return next(c)
	}
}

// answersLong reports whether the answer may take long when nothing more is read: that the time for reading has passed would then
// look as if the client had gone. A body in XML is read first.
func answersLong(c echo.Context) bool {
	if c.Path() == wfsPath {
		return c.Request().Method != http.MethodPost
	}
	return c.Path() == eventsPath || makesFile(c)
}

const revisionHeader = "Strukturbild-Revision"

// atRevision writes which state the answer shows.
func atRevision(c echo.Context, revision plan.Revision) {
	c.Response().Header().Set(revisionHeader, strconv.FormatInt(int64(revision), 10))
}
