// Package cluster runs the private PostGIS server of one service instance: a
// PostgreSQL cluster under a data directory that is reached over a unix socket
// only, has no password, and lives and dies with the service.
//
// A data directory holds
//
//	lock              held (flock) by the service that owns the directory; names its process
//	pg/               the PostgreSQL data directory
//	run/              the socket, or a link to where it is when this path is too long for one
//	postgres.log[.1]  the server's log, bounded in size
package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	databaseName = "strukturbild"
	roleName     = "strukturbild"
	superuser    = "postgres"
)

// Options says where the cluster lives.
type Options struct {
	DataDir string       // made with mode 0700 when it does not exist
	Log     *slog.Logger // start, stop, recovery and restarts; nil is silent
	BinDir  string       // PostgreSQL's programs; "" takes STRUKTURBILD_PG_BIN, else searches
}

// Cluster is a running PostgreSQL server with PostGIS, owned by this process.
type Cluster struct {
	path    string   // of the data directory: absolute, without symbolic links
	dir     *os.Root // the same directory; no file operation can be led out of it
	lock    *os.File
	owner   account
	bin     binaries
	sockets string // directory of the unix socket
	log     *slog.Logger

	stop    chan context.Context
	done    chan struct{} // closed when the supervisor has ended
	stopErr error         // valid after done
}

// Start makes the cluster when there is none, recovers it when the last run
// crashed, starts it, and returns when database, role and PostGIS answer.
// ctx bounds the start only; end the cluster with Stop.
func Start(ctx context.Context, opts Options) (c *Cluster, err error) {
	c = &Cluster{log: opts.Log, stop: make(chan context.Context), done: make(chan struct{})}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			c.release()
			c, err = nil, fmt.Errorf("private PostGIS cluster: %w", err)
		}
	}()
	if err := c.open(opts); err != nil {
		return c, err
	}
	if err := c.prepare(ctx); err != nil {
		return c, err
	}
	return c, c.boot(ctx)
}

// open takes the data directory for this process and finds programs that fit it.
func (c *Cluster) open(opts Options) (err error) {
	if c.owner, err = clusterAccount(opts.DataDir); err != nil {
		return err
	}
	if err := c.openDir(opts.DataDir); err != nil {
		return err
	}
	if err := c.takeLock(); err != nil {
		return err
	}
	want, err := c.majorOnDisk()
	if err != nil {
		return err
	}
	if c.bin, err = findBinaries(opts.BinDir, c.path, want); err != nil {
		return err
	}
	return c.owner.canEnter(c.path)
}

// prepare clears what a crash left behind and brings the directory to a state
// that the server can start from.
func (c *Cluster) prepare(ctx context.Context) error {
	if err := c.reap(ctx); err != nil {
		return err
	}
	if err := c.initialise(ctx); err != nil {
		return err
	}
	if err := c.openSocketDir(); err != nil {
		return err
	}
	return c.writeSettings()
}

// boot starts the server, provides the database and hands over to the supervisor.
func (c *Cluster) boot(ctx context.Context) error {
	begin := time.Now()
	pm := c.launch()
	err := c.awaitReady(ctx, pm)
	if err == nil {
		err = c.provision(ctx)
	}
	if err != nil {
		giveUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), fastWait)
		defer cancel()
		_ = c.end(giveUp, pm)
		return err
	}
	c.log.Info("private PostGIS cluster is up", "directory", c.path, "postgresql", c.bin.major,
		"os_user", c.owner.name, "pid", pm.cmd.Process.Pid, "took", time.Since(begin).Round(time.Millisecond))
	go c.supervise(pm)
	return nil
}

// URL is the pgx (and libpq) connection string of the service's own database
// and role. It stays the same when the server is restarted.
func (c *Cluster) URL() string { return c.url(roleName, databaseName) }

func (c *Cluster) url(role, database string) string { return address(c.sockets, role, database) }

// address is the connection string over the socket in the directory.
func address(sockets, role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database,
		RawQuery: url.Values{"host": {sockets}, "port": {port}}.Encode()}
	return u.String()
}

// Stop shuts the server down: open transactions are rolled back, everything
// committed is on disk when it returns nil. When ctx ends first the server is
// ended at once, the next start recovers it, and the error says so. A second
// call waits for the first and answers the same.
func (c *Cluster) Stop(ctx context.Context) error {
	select {
	case c.stop <- ctx:
	case <-c.done:
	}
	<-c.done
	return c.stopErr
}

// release gives the data directory back.
func (c *Cluster) release() {
	if c.lock != nil {
		c.removeSocketDir()
		c.lock.Close()
	}
	if c.dir != nil {
		c.dir.Close()
	}
}

func (c *Cluster) join(name string) string { return filepath.Join(c.path, name) }
