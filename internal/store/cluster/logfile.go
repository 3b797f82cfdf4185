package cluster

import (
	"io"
	"os"
	"strings"
	"syscall"
)

const (
	logName    = "postgres.log"
	oldLogName = logName + ".1"
	maxLogSize = 16 << 20 // bytes; with the one before it, twice this is kept
	tailSize   = 2 << 10
)

// openLog is where the server writes until its log collector has taken over.
func (c *Cluster) openLog() (*os.File, error) {
	f, err := c.dir.OpenFile(logName, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := c.handOver(logName, 0o600); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// boundLog sets a log aside that has grown too long. PostgreSQL's own rotation
// would either go on in the same file or never remove one.
func (c *Cluster) boundLog() {
	info, err := c.dir.Lstat(logName)
	if err != nil || info.Size() < maxLogSize {
		return
	}
	if err := c.dir.Rename(logName, oldLogName); err != nil {
		c.log.Warn("cannot set PostgreSQL's log aside", "error", err)
		return
	}
	out, err := run(c.owner.command(syscall.SIGKILL, c.path, c.bin.path("pg_ctl"), "logrotate", "--silent", "--pgdata", c.join(pgName)))
	if err != nil {
		c.log.Warn("PostgreSQL goes on in its old log", "error", err, "output", string(out))
	}
}

// logTail is the end of the log, for an error message.
func (c *Cluster) logTail() string {
	f, err := c.dir.Open(logName)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	_, _ = f.Seek(-tailSize, io.SeekEnd) // fails in a shorter file, which is then read from its start
	text, _ := io.ReadAll(f)
	return strings.TrimSpace(string(text))
}
