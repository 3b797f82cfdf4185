package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// service is the running service that a command speaks to.
type service struct {
	Server string `help:"Address of the service." env:"STRUKTURBILD_SERVER" default:"http://127.0.0.1:8080"`
	Token  string `help:"Token with the role ${role}; better in the environment than here." env:"STRUKTURBILD_TOKEN"`
}

// errNoAnswer marks what another attempt may mend.
var errNoAnswer = errors.New("the service does not answer")

// busyError is a refusal for now: the service says when to come again.
type busyError struct {
	error
	wait time.Duration
}

func (e *busyError) Unwrap() error { return e.error }

// address is where a path of the API is.
func (s *service) address(path string) string {
	return strings.TrimSuffix(s.Server, "/") + "/api/v1" + path
}

// do sends a request. Its error is a plan.Error when the service refuses, and errNoAnswer when it can't answer now.
func (s *service) do(ctx context.Context, method, address string, header http.Header, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w at %s: %w", errNoAnswer, s.Server, err)
	}
	if answer.StatusCode < http.StatusBadRequest {
		return answer, nil
	}
	defer answer.Body.Close()
	err = problemOf(answer)
	switch answer.StatusCode {
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		err = fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if seconds, bad := strconv.Atoi(answer.Header.Get("Retry-After")); bad == nil && answer.StatusCode == http.StatusServiceUnavailable {
		err = &busyError{err, time.Duration(seconds) * time.Second}
	}
	return nil, err
}

// ask sends a request, and decodes the answer; into nil, it is not read.
func (s *service) ask(ctx context.Context, method, path string, body io.Reader, into any, headers ...string) error {
	header := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	answer, err := s.do(ctx, method, s.address(path), header, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if into == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// problemOf gives a problem back as the error that it was.
func problemOf(answer *http.Response) error {
	var problem struct {
		Detail   string
		Code     plan.Code
		Locator  string
		Findings []plan.Finding
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	if err != nil || json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
		return errors.New(answer.Status + ": " + strings.TrimSpace(string(body)))
	}
	return plan.Errorf(problem.Code, problem.Locator, "%s", problem.Detail).WithFindings(problem.Findings...)
}
