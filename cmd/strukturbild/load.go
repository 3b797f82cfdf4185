package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"

	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

type loadCommand struct {
	service       `set:"role=officer"`
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
	Async         bool   `help:"Don't wait for the load; print the id of its job."`
	DryRun        bool   `help:"Check and compare only; write nothing."`
	Conflicts     bool   `help:"Tell which conflicts the load made and resolved in each municipality."`
}

func (l *loadCommand) Run(ctx context.Context) error {
	file, err := openWhole(l.File)
	if err != nil {
		return err
	}
	defer file.Close()
	parameters := l.query(file.name)
	parameters.Set("layer", l.Layer)
	parameters.Set("filetype", cmp.Or(ingest.MediaType(file.name), "application/octet-stream"))
	sending := newBar(file.size, plan.Text{SV: "skickar", EN: "sending"})
	id, err := l.send(ctx, file, parameters, sending.at)
	sending.end()
	if err != nil {
		return err
	}
	if l.Async {
		fmt.Println(id)
		return nil
	}
	loading := newBar(file.size, phases[""])
	job, err := l.follow(ctx, id, loading.job)
	loading.end()
	if err != nil {
		return fmt.Errorf("the job %s goes on without us: %w", id, err)
	}
	if err := report(job); err != nil || !l.Conflicts || job.Revision == 0 {
		return err
	}
	return l.printComparison(ctx, os.Stdout, url.Values{"from": {strconv.FormatInt(int64(job.Revision)-1, 10)}, "to": {strconv.FormatInt(int64(job.Revision), 10)}})
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
