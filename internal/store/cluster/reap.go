package cluster

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"syscall"
	"time"
)

// title is the cluster's name in the process list. It is different for every
// data directory, so that a left-over process can be told from any other.
func (c *Cluster) title() string {
	h := fnv.New64a()
	h.Write([]byte(c.path))
	return fmt.Sprintf("strukturbild-%016x", h.Sum64())
}

// reap ends what a crash left running (after a kill -9 of the service its
// postmaster, after a kill -9 of the postmaster its backends) and removes the
// lock files that PostgreSQL would stumble over when another process has got
// the same number since. It is called with the data directory's lock held and
// no postmaster of ours running.
func (c *Cluster) reap(ctx context.Context) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, fastWait}, {syscall.SIGQUIT, immediateWait}, {syscall.SIGKILL, immediateWait}} {
		left := c.processes()
		if left.none() {
			break
		}
		c.log.Warn("ending PostgreSQL processes that an earlier run left behind",
			"directory", c.path, "postmaster", left.postmaster, "backends", left.backends, "signal", step.signal.String())
		left.send(step.signal)
		if err := c.awaitNone(ctx, step.wait); err != nil {
			return err
		}
	}
	if left := c.processes(); !left.none() {
		return fmt.Errorf("PostgreSQL processes of an earlier run on %s cannot be ended: %+v", c.path, left)
	}
	for _, name := range []string{"/postmaster.pid", "/postmaster.opts"} {
		if err := c.dir.RemoveAll(pgName + name); err != nil {
			return err
		}
	}
	return c.dropSocketFiles()
}

func (c *Cluster) dropSocketFiles() error {
	if c.sockets == "" {
		return nil // at the start the directory is made anew
	}
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.RemoveAll(c.sockets + "/" + name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) awaitNone(ctx context.Context, wait time.Duration) error {
	deadline := time.After(wait)
	for !c.processes().none() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return nil
		case <-time.After(pollEvery):
		}
	}
	return nil
}

// running are the live processes of one cluster.
type running struct {
	postmaster int // 0 when there is none
	backends   []int
}

func (r running) none() bool { return r.postmaster == 0 && len(r.backends) == 0 }

// send asks the postmaster, which ends its backends in good order; backends
// without one do not know a polite request.
func (r running) send(s syscall.Signal) {
	if r.postmaster != 0 && s != syscall.SIGKILL {
		_ = syscall.Kill(r.postmaster, s)
		return
	}
	if s == syscall.SIGINT {
		s = syscall.SIGQUIT
	}
	for _, pid := range append(r.backends, r.postmaster) {
		if pid != 0 { // 0 would be our own process group
			_ = syscall.Kill(pid, s)
		}
	}
}

// processes finds them by owner and command line, which every process may read;
// the working directory would be closed to root in a container without ptrace.
func (c *Cluster) processes() running {
	var r running
	named := c.namedPostmaster()
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !c.ownsProcess(pid) {
			continue
		}
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		switch {
		case pid == named && c.startedAs(line):
			r.postmaster = pid
		case bytes.HasPrefix(line, []byte("postgres: "+c.title()+": ")), c.startedAs(line):
			r.backends = append(r.backends, pid)
		}
	}
	return r
}

func (c *Cluster) ownsProcess(pid int) bool {
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return err == nil && int(info.Sys().(*syscall.Stat_t).Uid) == c.owner.uid
}

// startedAs recognises the command line that launch wrote. A backend that has
// just been forked still has it from its parent.
func (c *Cluster) startedAs(line []byte) bool {
	args := bytes.Split(line, []byte{0})
	return len(args) > 2 && bytes.HasSuffix(args[0], []byte("/postgres")) &&
		string(args[1]) == "-D" && string(args[2]) == c.join(pgName)
}

// namedPostmaster is the process that the server's lock file names, 0 without
// one. It may be long gone, and its number another's.
func (c *Cluster) namedPostmaster() int {
	text, _ := os.ReadFile(c.join(pgName + "/postmaster.pid"))
	line, _, _ := bytes.Cut(text, []byte("\n"))
	pid, _ := strconv.Atoi(string(line))
	return pid
}
