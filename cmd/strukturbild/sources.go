package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"

	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

type sourcesCommand struct {
	List sourcesList `cmd:"" default:"withargs" help:"List the national datasets, and how old what we have of each is."`
	Show sourcesShow `cmd:"" help:"Show one: where it is, how its columns become attributes, and its last pulls."`
	Pull sourcesPull `cmd:"" help:"Get one into its layer: what lies in the county, with the checks of an upload."`
}

// sourceState is a source as the service shows it.
type sourceState struct {
	source.Source
	Pulled *plan.Pull
	Last   *plan.Pull
	Due    bool
	Pulls  []plan.Pull
}

type sourcesList struct {
	service `set:"role=viewer"`
}

func (l *sourcesList) Run(ctx context.Context) error {
	var answer struct{ Sources []sourceState }
	if err := l.ask(ctx, http.MethodGet, "/sources", nil, &answer); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "SOURCE\tLAYER\tKIND\tPULLED\tREVISION\tAGE\tSTATE")
	for i := range answer.Sources {
		fmt.Fprintln(w, answer.Sources[i].line(time.Now()))
	}
	return w.Flush()
}

func (s *sourceState) line(now time.Time) string {
	pulled, revision, age, state := "never", "-", "-", ""
	if s.Pulled != nil {
		pulled, revision = s.Pulled.Began.Format(time.DateOnly), strconv.FormatInt(int64(s.Pulled.Revision), 10)
		age = fmt.Sprintf("%d days", int(now.Sub(s.Pulled.Began).Hours()/24))
		if s.RefreshDays > 0 {
			age += fmt.Sprintf(" of %d", s.RefreshDays)
		}
	}
	switch {
	case s.Last != nil && !s.Last.State.Ended():
		state = "being pulled"
	case s.Last != nil && s.Last.State == plan.JobFailed:
		state = "last pull failed: " + s.Last.Error
	case s.Due:
		state = "due"
	}
	return strings.Join([]string{s.ID, s.Layer, string(s.Access.Kind), pulled, revision, age, state}, "\t")
}

type sourcesShow struct {
	service `set:"role=viewer"`
	Name    string `arg:"" help:"Id of the source."`
}

func (s *sourcesShow) Run(ctx context.Context) error {
	var state sourceState
	if err := s.ask(ctx, http.MethodGet, "/sources/"+url.PathEscape(s.Name), nil, &state); err != nil {
		return err
	}
	// As an entry is written, so that it can be copied into a catalogue of one's own.
	encoder := yaml.NewEncoder(os.Stdout)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode([]source.Source{state.Source}), encoder.Close()); err != nil {
		return err
	}
	for _, pull := range state.Pulls {
		fmt.Printf("# %s %s by %s: %s\n", pull.Began.Format(time.RFC3339), pull.State, pull.Author, pullOutcome(&pull))
	}
	return nil
}

type sourcesPull struct {
	service `set:"role=officer"`
	Name    string `arg:"" help:"Id of the source."`
	DryRun  bool   `help:"Fetch, check and compare only; write nothing."`
	File    string `help:"File that someone has fetched, instead of fetching it." type:"existingfile"`
}

func (p *sourcesPull) Run(ctx context.Context) error {
	pull, err := p.begin(ctx)
	if err != nil {
		return err
	}
	if err := p.watch(ctx, pull); err != nil {
		return fmt.Errorf("the pull %s goes on without us: %w", pull.ID, err)
	}
	fmt.Printf("%s: %s\n", pull.Source, pullOutcome(pull))
	if pull.Job == "" {
		return pull.Failure()
	}
	var job plan.Job
	if err := p.ask(ctx, http.MethodGet, "/jobs/"+pull.Job, nil, &job); err != nil {
		return err
	}
	return cmp.Or(report(job), pull.Failure())
}

// begin starts the pull, and sends the file when there is one.
func (p *sourcesPull) begin(ctx context.Context) (*plan.Pull, error) {
	path := "/sources/" + url.PathEscape(p.Name) + "/pull?" + url.Values{"dry_run": {strconv.FormatBool(p.DryRun)}}.Encode()
	var pull plan.Pull
	if p.File == "" {
		return &pull, p.ask(ctx, http.MethodPost, path, nil, &pull, "Prefer", "respond-async")
	}
	file, err := openWhole(p.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sending := newBar(file.size, plan.Text{SV: "skickar", EN: "sending"})
	defer sending.end()
	path += "&" + url.Values{"filename": {filepath.Base(file.name)}}.Encode()
	return &pull, p.ask(ctx, http.MethodPost, path, &telling{file, 0, sending.at}, &pull, "Prefer", "respond-async",
		"Content-Type", cmp.Or(ingest.MediaType(file.name), "application/octet-stream"))
}

// watch looks at the pull until it has ended, over as many connections as it takes.
func (p *sourcesPull) watch(ctx context.Context, pull *plan.Pull) error {
	shown := newBar(-1, phases[""])
	defer shown.end()
	for !pull.State.Ended() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
		err := persist(ctx, func(func()) error {
			return p.ask(ctx, http.MethodGet, "/sources/"+url.PathEscape(p.Name)+"/pulls/"+pull.ID, nil, pull)
		})
		if err != nil {
			return err
		}
		shown.progress(pull.Progress)
		if pull.Job != "" && !pull.State.Ended() {
			if _, err := p.follow(ctx, pull.Job, shown.job); err != nil {
				return err
			}
		}
	}
	return nil
}

// pullOutcome tells a pull in one line.
func pullOutcome(pull *plan.Pull) string {
	t := pull.Tally
	switch {
	case pull.State == plan.JobFailed:
		return pull.Error
	case pull.State == plan.JobCancelled:
		return "cancelled, nothing written"
	case pull.Same:
		return "the publisher has nothing newer"
	case !pull.State.Ended():
		return "under way"
	}
	outcome := fmt.Sprintf("revision %d", pull.Revision)
	if pull.DryRun {
		outcome = "dry run, nothing written"
	}
	return fmt.Sprintf("%d features seen, %d kept (%d elsewhere, %d without place, %d left out by the filter, %d without key); %s",
		t.Seen, t.Kept, t.Outside, t.NoPlace, t.Other, t.Keyless, outcome)
}
