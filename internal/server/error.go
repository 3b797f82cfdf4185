package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
)

// problem is the one form of every error answer: RFC 9457, with our code, the place, and the findings.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      plan.Code      `json:"code"`
	Locator   string         `json:"locator,omitempty"`
	RequestID string         `json:"request_id"`
	Findings  []plan.Finding `json:"findings,omitempty"`
}

const problemJSON = "application/problem+json"

// statusClientGone is what the log and the metrics say of a client that hung up; nobody receives it.
const statusClientGone = 499

// faultOfOurs is all that the client hears of an internal error; the log has the rest under the request's id.
const faultOfOurs = "the service failed; the fault is logged under the request id"

// handleError maps every error that a handler returns to one answer, and logs it once.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		s.log.Warn("answer broken off", "request_id", requestID(c), "error", err)
		return
	}
	p := s.problemOf(err, c)
	if p.Status >= http.StatusInternalServerError {
		s.log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("request_id", p.RequestID),
			slog.String("method", c.Request().Method), slog.String("path", c.Request().URL.Path), slog.Any("error", err))
	}
	header := c.Response().Header()
	switch p.Status {
	case http.StatusUnauthorized:
		header.Set(echo.HeaderWWWAuthenticate, `Basic realm="Strukturbild (token as password)", charset="UTF-8"`)
		header.Add(echo.HeaderWWWAuthenticate, `Bearer realm="Strukturbild"`)
	case http.StatusMethodNotAllowed:
		s.allow(c) // RFC 9110, 15.5.6
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "5")
	}
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Del("ETag")
	if err := render(c, p, err); err != nil {
		s.log.Debug("the error answer could not be sent", "request_id", p.RequestID, "error", err)
	}
}

// render writes the problem in the form that the address has for it.
func render(c echo.Context, p problem, err error) error {
	if isOWS(c) {
		media, report := wfsReport(p, err).Document(wfsVersion(c))
		return c.Blob(wfsStatus(c, p.Status), media, report)
	}
	c.Response().Header().Set(echo.HeaderContentType, problemJSON)
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(p.Status)
		return nil
	}
	return c.JSON(p.Status, p)
}

func (s *Server) problemOf(err error, c echo.Context) problem {
	p := problem{Type: "about:blank", RequestID: requestID(c), Code: plan.CodeOf(err)}
	known, isKnown := errors.AsType[*plan.Error](err)
	fromEcho, isEcho := errors.AsType[*echo.HTTPError](err)
	_, isBodyLimit := errors.AsType[*http.MaxBytesError](err)
	switch {
	case isBodyLimit:
		p.Code, p.Status, p.Detail = plan.TooLarge, http.StatusRequestEntityTooLarge, "the body is larger than this address takes"
	case isKnown:
		p.Status = statusOf(known, c)
		p.Detail, p.Locator, p.Findings = known.Message, known.Locator, known.Findings
	case errors.Is(err, context.Canceled):
		p.Status, p.Detail = statusClientGone, "the client hung up; nothing was written"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		p.Code, p.Status = plan.Unavailable, http.StatusServiceUnavailable
		p.Detail = "the request took longer than this address allows; nothing was written"
	case isEcho:
		p.Status, p.Code, p.Detail = fromEcho.Code, codeOfStatus(fromEcho.Code), fmt.Sprint(fromEcho.Message)
	default:
		p.Status = http.StatusInternalServerError
	}
	if p.Status == http.StatusInternalServerError {
		p.Code, p.Detail, p.Locator, p.Findings = plan.Internal, faultOfOurs, "", nil
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// statusOf is the one table from code to HTTP status.
func statusOf(e *plan.Error, c echo.Context) int {
	switch e.Code {
	case plan.Invalid:
		return http.StatusBadRequest
	case plan.NotFound:
		return http.StatusNotFound
	case plan.Exists:
		return http.StatusConflict
	case plan.Stale:
		if conditional(c) { // RFC 9110, 13.1.1
			return http.StatusPreconditionFailed
		}
		return http.StatusConflict
	case plan.Locked:
		return http.StatusLocked // RFC 4918, 11.3
	case plan.Forbidden:
		if principal(c).Role == plan.Anonymous { // RFC 9110, 15.5.2: credentials may help
			return http.StatusUnauthorized
		}
		return http.StatusForbidden
	case plan.NotAllowed:
		return http.StatusMethodNotAllowed
	case plan.Unsupported:
		return http.StatusUnsupportedMediaType
	case plan.TooLarge:
		return http.StatusRequestEntityTooLarge
	case plan.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeOfStatus names what the router refuses: an unknown path or method.
func codeOfStatus(status int) plan.Code {
	switch {
	case status == http.StatusNotFound:
		return plan.NotFound
	case status == http.StatusMethodNotAllowed:
		return plan.NotAllowed
	case status == http.StatusRequestEntityTooLarge:
		return plan.TooLarge
	case status >= http.StatusInternalServerError:
		return plan.Internal
	}
	return plan.Invalid
}
