package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/store"
	"strukturbild/internal/store/cluster"
)

// stopCluster bounds how long the private cluster may take to shut down cleanly.
const stopCluster = 60 * time.Second

// open connects to the database: the one that the URL names, else the private cluster, which is started, or used as it
// is when a running service owns it. close gives everything back.
func (d database) open(ctx context.Context, log *slog.Logger) (st *store.Store, close func() error, err error) {
	address, stop, err := d.start(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	st, err = store.Open(ctx, store.Options{URL: address, Schema: d.Schema})
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return st, func() error {
		st.Close()
		return stop()
	}, nil
}

func (d database) start(ctx context.Context, log *slog.Logger) (address string, stop func() error, err error) {
	nothing := func() error { return nil }
	if d.DatabaseURL != "" {
		return d.DatabaseURL, nothing, nil
	}
	if address, running := cluster.Attach(d.DataDir); running {
		return address, nothing, nil
	}
	return d.own(ctx, log)
}

// own starts the private cluster for this process alone.
func (d database) own(ctx context.Context, log *slog.Logger) (address string, stop func() error, err error) {
	private, err := cluster.Start(ctx, cluster.Options{DataDir: d.DataDir, Log: log})
	if err != nil {
		return "", nil, err
	}
	return private.URL(), func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopCluster)
		defer cancel()
		return private.Stop(ctx)
	}, nil
}

// openAtlas connects and reads the whole region.
func (d database) openAtlas(ctx context.Context, log *slog.Logger) (*store.Store, *atlas.Atlas, func() error, error) {
	st, close, err := d.open(ctx, log)
	if err != nil {
		return nil, nil, nil, err
	}
	at := atlas.New(st)
	if err := at.Fill(ctx, fillParallel, nil); err != nil {
		return nil, nil, nil, errors.Join(err, close())
	}
	return st, at, close, nil
}

// fillParallel is how many layers are read at a time.
const fillParallel = 4
