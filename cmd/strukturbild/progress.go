package main

import (
	"fmt"
	"os"
	"time"
)

// progress tells a terminal how much has arrived.
type progress struct {
	total, arrived int64 // bytes; total -1 when it is not known
	terminal       bool
	told           time.Time
}

func newProgress(total int64) *progress {
	info, err := os.Stderr.Stat()
	return &progress{total: total, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p *progress) Write(b []byte) (int, error) {
	p.arrived += int64(len(b))
	if p.terminal && time.Since(p.told) > 200*time.Millisecond {
		p.told = time.Now()
		if p.total > 0 {
			fmt.Fprintf(os.Stderr, "\r%d of %d MiB (%d %%) ", p.arrived>>20, p.total>>20, 100*p.arrived/p.total)
		} else {
			fmt.Fprintf(os.Stderr, "\r%d MiB ", p.arrived>>20)
		}
	}
	return len(b), nil
}

func (p *progress) done() {
	if !p.told.IsZero() {
		fmt.Fprintln(os.Stderr)
	}
}
