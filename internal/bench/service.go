package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"strukturbild/internal/export"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/server"
)

// service serves the open store and atlas, uploads too, until stop.
func (b *bench) service(ctx context.Context) (site *httptest.Server, stop func(), err error) {
	dir, err := os.MkdirTemp("", "bench-uploads-")
	if err != nil {
		return nil, nil, err
	}
	reading := filepath.Join(dir, "reading")
	if err := os.Mkdir(reading, 0o700); err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler)
	jb, err := jobs.Open(jobs.Options{Dir: filepath.Join(dir, "uploads"), MaxBytes: 8 << 30, Timeout: time.Hour, Log: log,
		Files: ingest.Reader{Command: readFile, TempDir: reading}}, b.store, b.atlas)
	if err != nil {
		return nil, nil, err
	}
	srv, err := server.New(server.Options{MaxBody: 1 << 20, MaxUpload: 8 << 30, UploadTime: time.Hour,
		Exports: export.Maker{Command: writeFile}, ExportTime: time.Hour}, log, b.store, b.atlas, jb, oneRule())
	if err != nil {
		return nil, nil, err
	}
	working, cancel := context.WithCancel(ctx)
	ended, err := b.store.Work(working, log, time.Second, jb.Chores()...)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	site = httptest.NewServer(srv.Handler())
	return site, func() {
		site.Close()
		cancel()
		<-ended
		_ = jb.Close()
		_ = os.RemoveAll(dir)
	}, nil
}
