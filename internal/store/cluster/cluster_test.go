package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain also plays the service that gets killed: see TestServiceKilled.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		os.Exit(serveAsChild(dir))
	}
	os.Exit(m.Run())
}

// dataDir is a new directory that root's stand-in, too, can reach. (The one of
// t.TempDir has a closed parent.)
func dataDir(t *testing.T, name string) string {
	t.Helper()
	base, err := os.MkdirTemp("", "cluster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(base, name)
}

func start(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// refused starts a cluster that must not start, and checks what is said.
func refused(t *testing.T, opts Options, want ...string) {
	t.Helper()
	c, err := Start(t.Context(), opts)
	if err == nil {
		stop(t, c)
		t.Fatal("the cluster started")
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, c *Cluster, sql string) {
	t.Helper()
	conn := connect(t, c.URL())
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func ask(t *testing.T, c *Cluster, sql string) string {
	t.Helper()
	conn := connect(t, c.URL())
	defer conn.Close(t.Context())
	var answer string
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func expect(t *testing.T, c *Cluster, sql, want string) {
	t.Helper()
	if got := ask(t, c, sql); got != want {
		t.Errorf("%s: %q, want %q", sql, got, want)
	}
}

// eventually waits for what another process does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("did not happen in time: %s", what)
		}
	}
}

func TestStartStopStart(t *testing.T) {
	dir := dataDir(t, "data")
	c := start(t, dir)
	execute(t, c, `CREATE TABLE ort (namn text, geom geometry(Point, 3006))`)
	execute(t, c, `INSERT INTO ort VALUES ('Åmål på Öland', ST_SetSRID(ST_Point(347000, 6548000), 3006))`)
	t.Run("settings", func(t *testing.T) { checkSettings(t, c) })
	t.Run("private", func(t *testing.T) { checkPrivate(t, c) })
	t.Run("second instance", func(t *testing.T) {
		refused(t, Options{DataDir: dir}, c.path, fmt.Sprintf("process %d", os.Getpid()), "--data-dir")
	})
	t.Run("attach", func(t *testing.T) {
		if url, running := Attach(dir); !running || url != c.URL() {
			t.Errorf("Attach: %q %v, want %q", url, running, c.URL())
		}
	})
	t.Run("log", func(t *testing.T) { checkLogBound(t, c) })
	stop(t, c)
	if left := c.processes(); !left.none() {
		t.Errorf("still running after Stop: %+v", left)
	}
	if _, err := pgx.Connect(t.Context(), c.URL()); err == nil {
		t.Error("a stopped cluster answers")
	}
	if url, running := Attach(dir); running {
		t.Errorf("attached to a stopped cluster: %s", url)
	}
	stop(t, c)

	again := start(t, dir)
	expect(t, again, `SELECT namn || ' ' || ST_AsText(geom) FROM ort`, "Åmål på Öland POINT(347000 6548000)")
}

func checkSettings(t *testing.T, c *Cluster) {
	for _, test := range []struct{ sql, want string }{
		{`SELECT current_user`, "strukturbild"},
		{`SELECT current_database()`, "strukturbild"},
		{`SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user`, "false"},
		{`SELECT (postgis_lib_version() >= '3.1')::text`, "true"},
		{`SHOW server_encoding`, "UTF8"},
		{`SELECT datcollate || datctype FROM pg_database WHERE datname = current_database()`, "C.UTF-8C.UTF-8"},
		{`SHOW data_checksums`, "on"},
		{`SHOW listen_addresses`, ""},
		{`SHOW shared_buffers`, "256MB"},
		{`SHOW max_wal_size`, "4GB"},
		{`SHOW synchronous_commit`, "on"},
		{`SHOW fsync`, "on"},
		{`SHOW jit`, "off"},
		{`SHOW max_connections`, "60"},
	} {
		expect(t, c, test.sql, test.want)
	}
}

func checkLogBound(t *testing.T, c *Cluster) {
	if err := os.Truncate(c.join(logName), maxLogSize); err != nil {
		t.Fatal(err)
	}
	c.boundLog()
	if info, err := os.Stat(c.join(oldLogName)); err != nil || info.Size() < maxLogSize {
		t.Errorf("the long log was not set aside: %v", err)
	}
	conn := connect(t, c.URL())
	eventually(t, "an error in the new log", func() bool {
		conn.Exec(t.Context(), `SELECT 1/0`)
		text, _ := os.ReadFile(c.join(logName))
		return strings.Contains(string(text), "division by zero")
	})
}
