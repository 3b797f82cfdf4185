package harvest

import (
	"context"
	"sync"

	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
)

// progress is how far a pull is. It is written to the database while the pull goes on.
type progress struct {
	stop func()
	sync.Mutex
	now plan.Progress
}

// follow writes progress until it is ended, and ends the pull when it is not this node's any more.
func (p *pull) follow(ctx context.Context, cancel context.CancelCauseFunc) *progress {
	now := &progress{now: plan.Progress{Phase: plan.PhaseFetching}}
	if p.Filename != "" {
		now.now.Phase = plan.PhaseReading
	}
	now.stop = jobs.Report(ctx, cancel, now.get, func(ctx context.Context, is plan.Progress) error {
		return p.store.SavePullProgress(ctx, p.ID, is)
	})
	return now
}

func (p *progress) get() plan.Progress {
	p.Lock()
	defer p.Unlock()
	return p.now
}

// told hears what package source has got and looked at.
func (p *progress) told(bytes, features int) {
	p.Lock()
	defer p.Unlock()
	p.now.Bytes += int64(bytes)
	if p.now.Features += features; features > 0 {
		p.now.Phase = plan.PhaseReading
	}
}

// loading says that the upload job goes on from here.
func (p *progress) loading() plan.Progress {
	p.Lock()
	defer p.Unlock()
	p.now.Phase = plan.PhaseLoading
	return p.now
}

// end ends the writing, and gives how far the pull came.
func (p *progress) end() plan.Progress {
	p.stop()
	return p.get()
}
