package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	lockName  = "lock"
	lockTries = 20
)

// takeLock makes this process the only one that works on the data directory.
// The kernel drops the lock with the process, however that ends, so a lock file
// that is merely there means nothing.
func (c *Cluster) takeLock() error {
	f, err := c.dir.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return c.explainPermission(err)
	}
	if err := flock(f); err != nil {
		defer f.Close()
		return c.explainLock(f, err)
	}
	c.lock = f
	if err := errors.Join(c.handOver(lockName, 0o600), f.Truncate(0)); err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// flock tries for a moment: a predecessor may be in its last line, and Attach
// holds the lock for as long as it looks at it.
func flock(f *os.File) (err error) {
	for range lockTries {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		time.Sleep(pollEvery)
	}
	return err
}

func (c *Cluster) explainLock(f *os.File, err error) error {
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	holder, _ := io.ReadAll(io.LimitReader(f, 32))
	return fmt.Errorf("the data directory %s is in use by another strukturbild, process %s: stop that one, or name another directory with --data-dir",
		c.path, strings.TrimSpace(string(holder)))
}
