package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"strukturbild/internal/plan"
)

// export measures a layer as a file, from the request to the last byte on the client's disk, against ogr2ogr from a table
// of the same features, and how much the service's memory grows by it. -scale 5 is a million features.
func (b *bench) export(ctx context.Context) error {
	const schema = "bench_export"
	if err := b.open(ctx, schema); err != nil {
		return err
	}
	defer b.store.Close()
	n := b.count(200_000)
	if err := b.layer(ctx, "e", plan.Forest, n, 300, 5); err != nil {
		return err
	}
	conn, err := b.connect(ctx, schema)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range []string{
		"CREATE UNLOGGED TABLE peer_e AS SELECT f.id, f.props->>'namn' AS namn, (f.props->>'areal_ha')::double precision AS areal_ha, f.geom::geometry(MultiPolygon, 3006) FROM feature f JOIN layer l USING (partition) WHERE l.id = 'e'",
		"VACUUM ANALYZE peer_e",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	site, stop, err := b.service(ctx)
	if err != nil {
		return err
	}
	defer stop()
	dir, err := os.MkdirTemp("", "bench-export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, f := range []struct{ name, driver string }{{"gpkg", "GPKG"}, {"fgb", "FlatGeobuf"}, {"geojson", "GeoJSON"}} {
		resident, err := watchResident()
		if err != nil {
			return err
		}
		ours, size, err := fetch(ctx, site.URL+"/api/v1/layers/e/export?f="+f.name+"&crs=EPSG:3006", filepath.Join(dir, "ours."+f.name))
		if err != nil {
			return err
		}
		peak, err := memory("VmHWM")
		if err != nil {
			return err
		}
		begin := time.Now()
		command := exec.CommandContext(ctx, "ogr2ogr", "-f", f.driver, filepath.Join(dir, "peer."+f.name), b.keywords(), schema+".peer_e",
			"-nln", "e", "--config", "OGR_SQLITE_SYNCHRONOUS", "OFF")
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("ogr2ogr: %w: %s", err, out)
		}
		b.line(fmt.Sprintf("%s export of %d polygons, %d MB", f.driver, n, size>>20), ours, time.Since(begin),
			fmt.Sprintf("over HTTP, onto the disk; the service grows by %d MB; peer: ogr2ogr from PostGIS; goal at least 1 x", max(peak-resident, 0)>>20))
	}
	return nil
}

// fetch downloads a file without compression on the way, which neither has.
func fetch(ctx context.Context, address, path string) (took time.Duration, size int64, err error) {
	begin := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("the export was answered %s", answer.Status)
	}
	file, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	size, err = io.Copy(file, answer.Body)
	if err == nil {
		err = file.Close()
	}
	return time.Since(begin), size, err
}
