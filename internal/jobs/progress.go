package jobs

import (
	"context"
	"sync"
	"time"

	"strukturbild/internal/plan"
)

const (
	// stride is how often progress is written, heartbeat how often when there is none.
	stride    = 500 * time.Millisecond
	heartbeat = 5 * time.Second
)

// progress is how far a load is. It is written to the database while the load goes on.
type progress struct {
	load *load
	stop func()

	sync.Mutex
	now plan.Progress
}

// follow writes progress until it is stopped, and ends the load when the job is not this node's any more.
func (l *load) follow(ctx context.Context, cancel context.CancelCauseFunc) *progress {
	p := &progress{load: l}
	p.stop = Report(ctx, cancel, p.get, func(ctx context.Context, now plan.Progress) error {
		defer l.changes.tell()
		return l.store.SaveProgress(ctx, l.job.ID, now)
	})
	return p
}

// Report saves how far some work is each time that has changed, and now and then when it has not, until stop or the
// end of ctx. When save says Stale, the work is not ours any more, and is cancelled.
func Report(ctx context.Context, cancel context.CancelCauseFunc, get func() plan.Progress, save func(context.Context, plan.Progress) error) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(stride)
		defer ticker.Stop()
		var written plan.Progress
		heard := time.Now()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if now := get(); now != written || time.Since(heard) > heartbeat {
				if err := save(ctx, now); plan.CodeOf(err) == plan.Stale {
					cancel(err)
				}
				written, heard = now, time.Now()
			}
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

// end ends the writing, and leaves the last word to the job.
func (p *progress) end() {
	p.stop()
	p.load.job.Progress = p.get()
}

func (p *progress) get() plan.Progress {
	p.Lock()
	defer p.Unlock()
	return p.now
}

// save writes the job as it is now.
func (p *progress) save(ctx context.Context) error {
	p.load.job.Progress = p.get()
	defer p.load.changes.tell()
	return p.load.store.SaveJob(ctx, *p.load.job)
}

func (p *progress) enter(ctx context.Context, phase plan.Phase) {
	p.Lock()
	p.now.Phase = phase
	p.Unlock()
	p.load.entered(ctx, phase)
}

func (p *progress) bytes(n int) {
	p.Lock()
	defer p.Unlock()
	p.now.Bytes += int64(n)
}

// features is told how many have been decoded so far.
func (p *progress) features(n int) {
	p.Lock()
	defer p.Unlock()
	p.now.Features = n
}
