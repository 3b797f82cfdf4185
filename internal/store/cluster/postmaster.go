package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	fastWait      = 60 * time.Second // for a fast shutdown, which writes a checkpoint
	immediateWait = 10 * time.Second // for one that does not
	pollEvery     = 25 * time.Millisecond
)

// postmaster is one run of the server's parent process.
type postmaster struct {
	cmd     *exec.Cmd
	started time.Time
	exited  chan struct{}
	err     error // valid after exited
}

// launch starts the server; a failure to do so is a postmaster that has exited.
// SIGINT, a fast shutdown, is what the kernel sends it when the service dies.
func (c *Cluster) launch() *postmaster {
	pm := &postmaster{started: time.Now(), exited: make(chan struct{})}
	pm.cmd = c.owner.command(syscall.SIGINT, c.path, c.bin.path("postgres"), c.fixed()...)
	launched := make(chan struct{})
	go func() {
		// The kernel ties the death signal to the thread that forks, so this
		// goroutine keeps its thread for as long as the server runs.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(pm.exited)
		log, err := c.openLog()
		if err == nil {
			defer log.Close()
			pm.cmd.Stdout, pm.cmd.Stderr = log, log
			err = pm.cmd.Start()
		}
		close(launched)
		if err == nil {
			err = pm.cmd.Wait()
		}
		pm.err = err
	}()
	<-launched
	return pm
}

// awaitReady waits until the server accepts connections. Recovery after a crash
// may take minutes; it goes on for as long as the server lives and ctx allows.
func (c *Cluster) awaitReady(ctx context.Context, pm *postmaster) error {
	for {
		conn, err := pgx.Connect(ctx, c.url(superuser, "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-pm.exited:
			return fmt.Errorf("PostgreSQL did not start (%w); the end of %s:\n%s",
				cmp.Or(pm.err, errors.New("exit status 0")), c.join(logName), c.logTail())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL was not ready in time: %w (%v)", ctx.Err(), err)
		case <-time.After(pollEvery):
		}
	}
}

// end shuts the server down: fast until ctx ends, then without a checkpoint,
// then by force.
func (pm *postmaster) end(ctx context.Context) error {
	if pm.signal(syscall.SIGINT); pm.gone(ctx) {
		return nil
	}
	now, cancel := context.WithTimeout(context.WithoutCancel(ctx), immediateWait)
	defer cancel()
	if pm.signal(syscall.SIGQUIT); !pm.gone(now) {
		pm.signal(syscall.SIGKILL)
		<-pm.exited
	}
	return fmt.Errorf("PostgreSQL did not stop in time and was ended at once; the next start recovers it: %w", ctx.Err())
}

// signal does nothing when the server has already ended or never started.
func (pm *postmaster) signal(s syscall.Signal) {
	if pm.cmd.Process != nil {
		_ = pm.cmd.Process.Signal(s)
	}
}

func (pm *postmaster) gone(ctx context.Context) bool {
	select {
	case <-pm.exited:
		return true
	case <-ctx.Done():
		return false
	}
}
