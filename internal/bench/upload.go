package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// upload measures a GeoJSON file from the first byte to the answer, against ogr2ogr into PostGIS.
func (b *bench) upload(ctx context.Context) error {
	const schema = "bench_upload"
	if err := b.open(ctx, schema); err != nil {
		return err
	}
	defer b.store.Close()
	n := b.count(200_000)
	if err := b.layer(ctx, "u", plan.Forest, 1, 100, 99); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-upload-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "u.geojson")
	bytes, err := b.writeFile(path, n)
	if err != nil {
		return err
	}
	token, err := b.store.CreateToken(ctx, "bench", plan.Officer)
	if err != nil {
		return err
	}
	site, stop, err := b.service(ctx)
	if err != nil {
		return err
	}
	defer stop()
	begin := time.Now()
	if err := post(ctx, site.URL+"/api/v1/layers/u/uploads?mode=append", token, path); err != nil {
		return err
	}
	ours := time.Since(begin)
	peer, err := b.ogr2ogr(ctx, path, schema+".peer_u")
	if err != nil {
		return err
	}
	b.line(fmt.Sprintf("GeoJSON upload of %d polygons, %d MB", n, bytes>>20), ours, peer,
		"ours checks validity and fills the atlas too; peer: ogr2ogr with COPY; goal at least 0.67 x")
	return nil
}

// keywords is the connection string as GDAL takes it.
func (b *bench) keywords() string {
	config, err := pgx.ParseConfig(b.address)
	if err != nil {
		return "PG:" + b.address
	}
	return fmt.Sprintf("PG:host=%s port=%d user=%s dbname=%s", config.Host, config.Port, config.User, config.Database)
}

// writeFile writes n polygons as GeoJSON in CRS84.
func (b *bench) writeFile(path string, n int) (int64, error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	snapshot, err := b.atlas.View().Layer("u")
	if err != nil {
		return 0, err
	}
	random := rand.New(rand.NewPCG(5, 5))
	out := bufio.NewWriterSize(file, 1<<20)
	err = ogc.WriteItems(out, ogc.Items{Layer: snapshot.Layer(), CRS: geo.CRS84, Features: func(yield func(*plan.Feature) bool) {
		for i := range n {
			f := blob(random, fmt.Sprint(i+1000), 300)
			if !yield(&f) {
				return
			}
		}
	}})
	if err != nil {
		return 0, err
	}
	if err := out.Flush(); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	return info.Size(), err
}

func post(ctx context.Context, address, token, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, file)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	request.ContentLength = info.Size()
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", ingest.MediaType(path))
	request.Header.Set("Prefer", "wait=600")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("the upload was answered %s", answer.Status)
	}
	return nil
}
