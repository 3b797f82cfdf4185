package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

type loadCommand struct {
	File   string `arg:"" help:"GeoJSON file (FeatureCollection, or newline-delimited)." type:"existingfile"`
	Layer  string `help:"Layer to load into." required:""`
	Mode   string `help:"What becomes of the layer's features: ${enum}." enum:"append,replace,upsert" default:"append"`
	CRS    string `name:"crs" help:"Coordinate system of the file, when it does not say itself." placeholder:"EPSG:3006"`
	Note   string `help:"Why, for the history."`
	DryRun bool   `help:"Check and compare only; write nothing."`
	Server string `help:"Address of the service." env:"STRUKTURBILD_SERVER" default:"http://127.0.0.1:8080"`
	Token  string `help:"Token with the role officer; better in the environment than here." env:"STRUKTURBILD_TOKEN" required:""`
}

func (l *loadCommand) Run(ctx context.Context) error {
	file, err := os.Open(l.File)
	if err != nil {
		return err
	}
	defer file.Close()
	query := url.Values{"mode": {l.Mode}, "dry_run": {strconv.FormatBool(l.DryRun)}}
	if l.CRS != "" {
		query.Set("crs", l.CRS)
	}
	if l.Note != "" {
		query.Set("note", l.Note)
	}
	address := strings.TrimSuffix(l.Server, "/") + "/api/v1/layers/" + url.PathEscape(l.Layer) + "/uploads?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, file)
	if err != nil {
		return err
	}
	if info, err := file.Stat(); err == nil {
		request.ContentLength = info.Size()
	}
	request.Header.Set("Content-Type", "application/geo+json")
	request.Header.Set("Authorization", "Bearer "+l.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the service at %s does not answer: %w", l.Server, err)
	}
	defer answer.Body.Close()
	return report(answer)
}

// report prints the job, or gives the problem back as an error.
func report(answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		var problem struct {
			Detail   string
			Code     plan.Code
			Findings []plan.Finding
		}
		if json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
			return errors.New(answer.Status + ": " + string(bytes.TrimSpace(body)))
		}
		return plan.Errorf(problem.Code, "", "%s", problem.Detail).WithFindings(problem.Findings...)
	}
	var job plan.Job
	if err := json.Unmarshal(body, &job); err != nil {
		return err
	}
	for _, notice := range job.Findings {
		fmt.Printf("notice: %s: %s\n", notice.Rule, notice.Message.SV)
	}
	outcome := fmt.Sprintf("revision %d", job.Revision)
	switch {
	case job.DryRun:
		outcome = "dry run, nothing written"
	case job.Revision == 0:
		outcome = "nothing to change"
	}
	fmt.Printf("%s: %d read, %d added, %d changed, %d removed, %d unchanged; %s\n",
		job.Layer, job.Read, job.Added, job.Changed, job.Removed, job.Same, outcome)
	return nil
}
