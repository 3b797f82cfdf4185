package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

type loadCommand struct {
	File          string `arg:"" help:"GeoJSON, GeoPackage, Shapefile (.shp or .zip), FlatGeobuf, GML, KML or CSV file." type:"existingfile"`
	Layer         string `help:"Layer to load into." required:""`
	Mode          string `help:"What becomes of the layer's features: ${enum}." enum:"append,replace,upsert" default:"append"`
	CRS           string `name:"crs" help:"Coordinate system of the file, when it does not say itself." placeholder:"EPSG:3006"`
	SourceLayer   string `help:"Layer of the file, when it has several." placeholder:"NAME"`
	Encoding      string `help:"Encoding of the file's text, when it does not say itself: ${enum}." enum:",utf-8,iso-8859-1,windows-1252,cp850" default:""`
	Map           string `help:"Which columns are which attributes." placeholder:"COLUMN:attribute,..."`
	IgnoreUnknown bool   `help:"Leave out columns that the layer does not have."`
	ID            string `name:"id" help:"Column that holds the ids of the features." placeholder:"COLUMN"`
	Note          string `help:"Why, for the history."`
	DryRun        bool   `help:"Check and compare only; write nothing."`
	Server        string `help:"Address of the service." env:"STRUKTURBILD_SERVER" default:"http://127.0.0.1:8080"`
	Token         string `help:"Token with the role officer; better in the environment than here." env:"STRUKTURBILD_TOKEN" required:""`
}

func (l *loadCommand) Run(ctx context.Context) error {
	file, err := openWhole(l.File)
	if err != nil {
		return err
	}
	defer file.Close()
	address := strings.TrimSuffix(l.Server, "/") + "/api/v1/layers/" + url.PathEscape(l.Layer) + "/uploads?" + l.query(file.name).Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, file)
	if err != nil {
		return err
	}
	request.ContentLength = file.size
	request.Header.Set("Content-Type", cmp.Or(ingest.MediaType(file.name), "application/octet-stream"))
	request.Header.Set("Authorization", "Bearer "+l.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the service at %s does not answer: %w", l.Server, err)
	}
	defer answer.Body.Close()
	return report(answer)
}

// query gives the parameters that were set.
func (l *loadCommand) query(filename string) url.Values {
	query := url.Values{"mode": {l.Mode}, "dry_run": {strconv.FormatBool(l.DryRun)}, "filename": {filename}}
	if l.IgnoreUnknown {
		query.Set("ignore_unknown", "true")
	}
	for name, value := range map[string]string{"crs": l.CRS, "note": l.Note, "source_layer": l.SourceLayer, "encoding": l.Encoding,
		"map": l.Map, "id": l.ID} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
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
