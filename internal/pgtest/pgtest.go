// Package pgtest gives tests a real PostGIS: one private cluster for each test binary, and a schema of its own for each
// store. Only tests import it.
package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/store"
	"strukturbild/internal/store/cluster"
)

var (
	address string
	schemas atomic.Int64
)

// Run starts the cluster, runs the tests and stops it. TestMain calls it: os.Exit(pgtest.Run(m)).
func Run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return broken(err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	private, err := cluster.Start(ctx, cluster.Options{DataDir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return broken(err)
	}
	defer func() { _ = private.Stop(context.Background()) }()
	address = private.URL()
	return m.Run()
}

func broken(err error) int {
	fmt.Fprintln(os.Stderr, "pgtest:", err)
	return 1
}

// URL is the connection string of the test database.
func URL() string { return address }

// Schema names a schema that no other test uses, and drops it after the test.
func Schema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", schemas.Add(1))
	t.Cleanup(func() {
		conn := Connect(t, "public")
		if _, err := conn.Exec(context.Background(), "DROP SCHEMA IF EXISTS "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return name
}

// Open gives a store on the schema; "" makes a new one.
func Open(t testing.TB, schema string) *store.Store {
	t.Helper()
	if schema == "" {
		schema = Schema(t)
	}
	s, err := store.Open(context.Background(), store.Options{URL: address, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Connect gives a plain connection that sees the schema, for oracles in SQL.
func Connect(t testing.TB, schema string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["search_path"] = strings.Join([]string{schema, "public"}, ",")
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
