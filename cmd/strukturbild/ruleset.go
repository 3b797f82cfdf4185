package main

import (
	"bytes"
	"context"
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

type rulesetLoad struct {
	service `set:"role=planner"`
	File    string `arg:"" help:"Ruleset as YAML or JSON, or one of its tables as CSV (.csv)." type:"existingfile"`
	ID      string `arg:"" optional:"" help:"Ruleset that a table as CSV belongs to." default:"grund"`
	Table   string `help:"Table that the CSV is: ${enum}." enum:"matrix,lucis,sensitivity" default:"matrix"`
	Publish bool   `help:"Publish the new version at once; it then counts."`
}

func (l *rulesetLoad) Run(ctx context.Context) error {
	content, err := os.ReadFile(l.File)
	if err != nil {
		return err
	}
	id, headers := l.ID, []string(nil)
	var body io.Reader // none: a draft like the version that counts
	isTable := strings.EqualFold(filepath.Ext(l.File), ".csv")
	if !isTable {
		rules, err := conflict.ReadRuleset(bytes.NewReader(content))
		if err != nil {
			return err
		}
		id, body, headers = rules.ID, bytes.NewReader(content), []string{"Content-Type", "application/yaml"}
	}
	var draft plan.RulesetRef
	if err := l.ask(ctx, http.MethodPost, "/rulesets/"+url.PathEscape(id)+"/versions", body, &draft, headers...); err != nil {
		return err
	}
	at := "/rulesets/" + url.PathEscape(draft.ID) + "/versions/" + strconv.Itoa(draft.Version)
	if isTable {
		if err := l.ask(ctx, http.MethodPut, at+"?table="+l.Table, bytes.NewReader(content), nil, "Content-Type", "text/csv"); err != nil {
			return errors.Join(err, l.ask(ctx, http.MethodDelete, at, nil, nil))
		}
	}
	step, done := "validate", "is a draft without faults"
	if l.Publish {
		step, done = "publish", "is published and counts"
	}
	if err := l.ask(ctx, http.MethodPost, at+"/"+step, nil, nil); err != nil {
		return fmt.Errorf("version %d of %s is kept as a draft, but has faults: %w", draft.Version, draft.ID, err)
	}
	fmt.Printf("version %d of %s %s\n", draft.Version, draft.ID, done)
	return nil
}

type rulesetExport struct {
	service `set:"role=viewer, for what is not published"`
	ID      string `arg:"" optional:"" help:"Ruleset." default:"grund"`
	Version int    `help:"Version; the one that counts when left out." placeholder:"N"`
	Form    string `help:"Form: ${enum}; csv is one table." enum:"yaml,json,csv" default:"yaml"`
	Table   string `help:"Table of the CSV: ${enum}." enum:"matrix,lucis,sensitivity" default:"matrix"`
}

func (e *rulesetExport) Run(ctx context.Context) error {
	path := "/rulesets/" + url.PathEscape(e.ID)
	if e.Version > 0 {
		path += "/versions/" + strconv.Itoa(e.Version)
	}
	answer, err := e.do(ctx, http.MethodGet, e.address(path+"?f="+e.Form+"&table="+e.Table), nil, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}
