package fence

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

// Command says how to start a child.
type Command struct {
	Args  []string      // the program and its arguments; in production the program itself
	Dir   string        // private, its working directory and the place of its temporary files
	Env   []string      // settings beyond the common ones
	Stall time.Duration // a child that takes nothing and gives nothing for so long has hung; 0 is three minutes
}

// defaultStall suits GDAL, which looks through a whole GML file before its first feature.
const defaultStall = 3 * time.Minute

// Child is a process: Write gives it work, Read takes what comes of it, and Finish ends it.
type Child struct {
	ctx    context.Context
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.Reader
	said   head
	ended  bool // out has been read to its end
	stall  time.Duration
	silent atomic.Bool
}

// Start starts the child, which lives until Finish, or until ctx ends.
func (c Command) Start(ctx context.Context) (*Child, error) {
	child := &Child{ctx: ctx, cmd: exec.CommandContext(ctx, c.Args[0], c.Args[1:]...), stall: cmp.Or(c.Stall, defaultStall)}
	child.cmd.Dir = c.Dir
	child.cmd.Env = append(append(environment(), "CPL_TMPDIR="+c.Dir), c.Env...)
	child.cmd.Stderr = &child.said
	child.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.cmd.Cancel = child.kill
	child.cmd.WaitDelay = 5 * time.Second
	var err error
	if child.in, err = child.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if child.out, err = child.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return child, child.cmd.Start()
}

// kill ends the child and whatever it began.
func (c *Child) kill() error { return syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

// Write gives the child more on its standard input. The error says only that it takes no more; Finish says why.
func (c *Child) Write(p []byte) (int, error) {
	defer c.watch().Stop()
	return c.in.Write(p)
}

// CloseWrite ends the child's standard input.
func (c *Child) CloseWrite() error { return c.in.Close() }

// Read gives what the child has written to its standard output.
func (c *Child) Read(p []byte) (int, error) {
	defer c.watch().Stop()
	n, err := c.out.Read(p)
	c.ended = c.ended || err == io.EOF
	return n, err
}

// watch ends the child unless it is stopped in time.
func (c *Child) watch() *time.Timer {
	return time.AfterFunc(c.stall, func() {
		c.silent.Store(true)
		_ = c.kill() // it may have ended by itself
	})
}

// Said gives the beginning of what the child wrote to its standard error; it is all there after Finish.
func (c *Child) Said() []byte { return c.said.kept }

// ErrStalled is the end of a child that was silent for too long.
var ErrStalled = errors.New("it stood still")

// Finish ends the child and gives why it failed: ErrStalled, a *Death, or the end of the context. One whose output has
// not been read to its end is stopped, and has not failed.
func (c *Child) Finish() error {
	early := !c.ended
	if early {
		_ = c.kill()
	}
	_ = c.in.Close() // it may be closed already
	err := c.cmd.Wait()
	switch {
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case c.silent.Load():
		return ErrStalled
	case early || err == nil:
		return nil
	}
	return &Death{manner(err, c.said.kept)}
}

// head keeps the first bytes that are written to it.
type head struct{ kept []byte }

func (h *head) Write(p []byte) (int, error) {
	const most = 64 << 10
	h.kept = append(h.kept, p[:min(len(p), most-len(h.kept))]...)
	return len(p), nil
}
