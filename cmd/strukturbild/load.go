package main

import (
	"cmp"
	"context"
	"encoding/json"
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
	File          string `arg:"" help:"GeoJSON, GeoPackage, Shapefile (.shp or .zip), FlatGeobuf, GeoParquet, GML, KML, CSV or Excel (.xlsx) file." type:"existingfile"`
	Layer         string `help:"Layer to load into." required:""`
	Mode          string `help:"What becomes of the layer's features: ${enum}." enum:"append,replace,upsert" default:"append"`
	CRS           string `name:"crs" help:"Coordinate system of the file, when it does not say itself." placeholder:"EPSG:3006"`
	IgnoreFileCRS bool   `name:"ignore-file-crs" help:"Take --crs for true, whatever the file says of its own."`
	AxisOrder     string `help:"yx when the northing or latitude comes first in the file: ${enum}." enum:"xy,yx" default:"xy"`
	SourceLayer   string `help:"Layer of the file, when it has several." placeholder:"NAME"`
	Encoding      string `help:"Encoding of the file's text, when it does not say itself: ${enum}." enum:",utf-8,iso-8859-1,windows-1252,cp850" default:""`
	Map           string `help:"Which columns are which attributes." placeholder:"COLUMN:attribute,..."`
	IgnoreUnknown bool   `help:"Leave out columns that the layer does not have."`
	Require       string `help:"Attributes that the file must have values of." placeholder:"attribute,..."`
	Repair        bool   `help:"Repair invalid geometries where their area changes little."`
	RepairMaxHa   string `name:"repair-max-ha" help:"How much a repair may change an area, in hectares (0.1)." placeholder:"HA"`
	RepairMaxPct  string `name:"repair-max-percent" help:"How much a repair may change an area, in per cent (1)." placeholder:"PERCENT"`
	OnFault       string `help:"What a feature with a fault does: ${enum}." enum:"refuse_file,skip_feature" default:"refuse_file"`
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
	query := url.Values{"mode": {l.Mode}, "filename": {filename}, "axis_order": {l.AxisOrder}, "on_fault": {l.OnFault}}
	for name, set := range map[string]bool{"dry_run": l.DryRun, "ignore_unknown": l.IgnoreUnknown, "ignore_file_crs": l.IgnoreFileCRS, "repair": l.Repair} {
		query.Set(name, strconv.FormatBool(set))
	}
	for name, value := range map[string]string{"crs": l.CRS, "note": l.Note, "source_layer": l.SourceLayer, "encoding": l.Encoding,
		"map": l.Map, "id": l.ID, "require": l.Require, "repair_max_ha": l.RepairMaxHa, "repair_max_percent": l.RepairMaxPct} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// line writes a finding of a load that went well.
func line(f plan.Finding) string {
	kind := "refused"
	if f.Notice {
		kind = "notice"
	}
	if f.Feature >= 0 {
		kind += fmt.Sprintf(": feature %d", f.Feature)
	}
	return fmt.Sprintf("%s: %s: %s", kind, f.Rule, f.Message.SV)
}

// report prints the job, or gives the problem back as an error.
func report(answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return problemOf(answer.Status, body)
	}
	var job plan.Job
	if err := json.Unmarshal(body, &job); err != nil {
		return err
	}
	for _, notice := range job.Findings {
		fmt.Println(line(notice))
	}
	outcome := fmt.Sprintf("revision %d", job.Revision)
	switch {
	case job.DryRun:
		outcome = "dry run, nothing written"
	case job.Revision == 0:
		outcome = "nothing to change"
	}
	if job.Repaired+job.Refused > 0 {
		outcome += fmt.Sprintf(" (%d repaired, %d refused)", job.Repaired, job.Refused)
	}
	fmt.Printf("%s: %d read, %d added, %d changed, %d removed, %d unchanged; %s\n",
		job.Layer, job.Read, job.Added, job.Changed, job.Removed, job.Same, outcome)
	return nil
}
