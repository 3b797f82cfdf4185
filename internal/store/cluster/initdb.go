package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	pgName  = "pg"
	newName = "pg.new"
)

// majorOnDisk is the PostgreSQL version that made the cluster, 0 when there is none.
func (c *Cluster) majorOnDisk() (int, error) {
	if _, err := c.dir.Lstat(pgName); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	text, err := c.dir.ReadFile(pgName + "/PG_VERSION")
	if err != nil {
		return 0, fmt.Errorf("%s is not a PostgreSQL data directory; move it away or restore it from a backup: %w", c.join(pgName), err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.join(pgName+"/PG_VERSION"), err)
	}
	return major, nil
}

// initialise makes the cluster under another name first: pg/ is either whole or
// not there, wherever a crash strikes.
func (c *Cluster) initialise(ctx context.Context) error {
	if _, err := c.dir.Lstat(pgName); err == nil {
		return ctx.Err()
	}
	if err := c.dir.RemoveAll(newName); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	c.log.Info("making a private PostGIS cluster", "directory", c.path, "postgresql", c.bin.major, "os_user", c.owner.name)
	out, err := run(c.owner.command(syscall.SIGKILL, c.path, c.bin.path("initdb"),
		"--pgdata", c.join(newName), "--username", superuser, "--encoding", "UTF8", "--locale", "C.UTF-8",
		"--data-checksums", "--auth-local", "peer", "--auth-host", "reject"))
	if err != nil {
		return fmt.Errorf("initdb in %s: %w:\n%s", c.path, err, out)
	}
	if err := c.includeSettings(newName); err != nil {
		return fmt.Errorf("write the server's settings: %w", err)
	}
	if err := c.dir.Rename(newName, pgName); err != nil {
		return err
	}
	return c.syncDir()
}

// syncDir makes a rename in the data directory durable.
func (c *Cluster) syncDir() error {
	d, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
