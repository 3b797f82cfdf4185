package cluster

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	port          = "5432" // names the socket only; nothing listens on a network port
	socketName    = ".s.PGSQL." + port
	runName       = "run"
	tempPrefix    = "strukturbild-"
	maxSocketPath = 107 // sun_path is 108 bytes with its final NUL, unix(7)
)

// openSocketDir makes the private directory of the socket: run/ in the data
// directory, or one under the temporary directory, with run a link to it, where
// that path cannot be a socket's address.
func (c *Cluster) openSocketDir() error {
	c.removeSocketDir()
	if c.sockets = c.join(runName); fitsSocket(c.sockets) {
		if err := c.dir.Mkdir(runName, 0o700); err != nil {
			return fmt.Errorf("make the socket's directory: %w", err)
		}
		return c.handOver(runName, 0o700)
	}
	return c.openTempSocketDir()
}

// fitsSocket: pgx and libpq read a comma in a host as the start of a second one.
func fitsSocket(dir string) bool {
	return len(filepath.Join(dir, socketName)) <= maxSocketPath && !strings.Contains(dir, ",")
}

func (c *Cluster) openTempSocketDir() (err error) {
	base := os.TempDir()
	if !fitsSocket(filepath.Join(base, tempPrefix+"0123456789")) {
		base = "/tmp"
	}
	if c.sockets, err = os.MkdirTemp(base, tempPrefix); err != nil {
		return fmt.Errorf("make the socket's directory: %w", err)
	}
	if c.owner.switched {
		if err := os.Lchown(c.sockets, c.owner.uid, c.owner.gid); err != nil {
			return err
		}
	}
	return c.dir.Symlink(c.sockets, runName)
}

// removeSocketDir removes the directory of this run, or of one that crashed.
// What cannot be removed is met again, and named, when the next one is made.
func (c *Cluster) removeSocketDir() {
	if target, err := c.dir.Readlink(runName); err == nil && c.isTempSocketDir(target) {
		os.RemoveAll(target)
	}
	c.dir.RemoveAll(runName)
}

// isTempSocketDir looks twice before a directory outside ours is removed.
func (c *Cluster) isTempSocketDir(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !strings.HasPrefix(filepath.Base(path), tempPrefix) {
		return false
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	return info.Mode() == fs.ModeDir|0o700 && int(owner) == c.owner.uid
}
