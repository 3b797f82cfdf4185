package fence

import (
	"bytes"
	"errors"
	"os/exec"
	"syscall"
)

// Death is the end of a child that did not end well.
type Death struct {
	Manner string // "segmentation fault", "out of memory", "exit status 1" ...
}

func (d *Death) Error() string { return d.Manner }

// manners are how the Go runtime names what kills it, in its last words.
var manners = []struct{ words, meaning string }{
	{"SIGSEGV", "segmentation fault"}, {"SIGABRT", "aborted"}, {"SIGBUS", "bus error"}, {"SIGFPE", "arithmetic error"},
	{"SIGXCPU", "out of time"}, {"out of memory", "out of memory"}, {"cannot allocate memory", "out of memory"},
}

// manner says how a process ended.
func manner(err error, lastWords []byte) string {
	for _, m := range manners {
		if bytes.Contains(lastWords, []byte(m.words)) {
			return m.meaning
		}
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return status.Signal().String()
		}
	}
	return err.Error()
}
