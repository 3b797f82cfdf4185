package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

type rulesetCommand struct {
	Load   rulesetLoad   `cmd:"" help:"Make a new version of the conflict rules from a file."`
	Export rulesetExport `cmd:"" help:"Write a version of the conflict rules to standard output."`
}

// remote says where the service is and who asks.
type remote struct {
	Server string `help:"Address of the service." env:"STRUKTURBILD_SERVER" default:"http://127.0.0.1:8080"`
	Token  string `help:"Token; better in the environment than here." env:"STRUKTURBILD_TOKEN"`
}

type rulesetLoad struct {
	remote
	File    string `arg:"" help:"Ruleset as YAML or JSON, or its matrix as CSV (.csv)." type:"existingfile"`
	ID      string `arg:"" optional:"" help:"Ruleset that a matrix as CSV belongs to." default:"grund"`
	Publish bool   `help:"Publish the new version at once; it then counts."`
}

func (l *rulesetLoad) Run(ctx context.Context) error {
	content, err := os.ReadFile(l.File)
	if err != nil {
		return err
	}
	id, body, mediaType := l.ID, "", ""
	isMatrix := strings.EqualFold(filepath.Ext(l.File), ".csv")
	if !isMatrix {
		rules, err := conflict.ReadRuleset(strings.NewReader(string(content)))
		if err != nil {
			return err
		}
		id, body, mediaType = rules.ID, string(content), "application/yaml"
	}
	var draft plan.RulesetRef
	if err := l.ask(ctx, http.MethodPost, "/"+url.PathEscape(id)+"/versions", mediaType, body, &draft); err != nil {
		return err
	}
	at := "/" + url.PathEscape(draft.ID) + "/versions/" + strconv.Itoa(draft.Version)
	if isMatrix {
		if err := l.ask(ctx, http.MethodPut, at, "text/csv", string(content), nil); err != nil {
			return errors.Join(err, l.ask(ctx, http.MethodDelete, at, "", "", nil))
		}
	}
	step, done := "validate", "is a draft without faults"
	if l.Publish {
		step, done = "publish", "is published and counts"
	}
	if err := l.ask(ctx, http.MethodPost, at+"/"+step, "", "", nil); err != nil {
		return fmt.Errorf("version %d of %s is kept as a draft, but has faults: %w", draft.Version, draft.ID, err)
	}
	fmt.Printf("version %d of %s %s\n", draft.Version, draft.ID, done)
	return nil
}

type rulesetExport struct {
	remote
	ID      string `arg:"" optional:"" help:"Ruleset." default:"grund"`
	Version int    `help:"Version; the one that counts when left out." placeholder:"N"`
	Form    string `help:"Form: ${enum}; csv is the matrix alone." enum:"yaml,json,csv" default:"yaml"`
}

func (e *rulesetExport) Run(ctx context.Context) error {
	path := "/" + url.PathEscape(e.ID)
	if e.Version > 0 {
		path += "/versions/" + strconv.Itoa(e.Version)
	}
	answer, err := e.send(ctx, http.MethodGet, path+"?f="+e.Form, "", "")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return problemOf(answer)
	}
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

// ask sends a request about rulesets and decodes the answer.
func (s *remote) ask(ctx context.Context, method, path, mediaType, body string, into any) error {
	answer, err := s.send(ctx, method, path, mediaType, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode >= http.StatusBadRequest:
		return problemOf(answer)
	case into == nil:
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

func (s *remote) send(ctx context.Context, method, path, mediaType, body string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.Server, "/")+"/api/v1/rulesets"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the service at %s does not answer: %w", s.Server, err)
	}
	return answer, nil
}
