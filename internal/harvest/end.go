package harvest

import (
	"context"
	"errors"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// closing is how long the last words about a pull may take when its own time is over.
const closing = 10 * time.Second

// errCancelled ends a pull whose upload was cancelled.
var errCancelled = plan.Errorf(plan.Stale, "", "the upload was cancelled")

// end writes what became of the pull. The error says that it is to be begun again.
func (p *pull) end(ctx context.Context, failure error) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if failure != nil && p.stopped(ctx) {
		p.State = plan.JobQueued
		return errors.Join(failure, p.store.SavePull(last, p.Pull))
	}
	p.conclude(ctx, failure)
	if err := p.store.SavePull(last, p.Pull); err != nil && plan.CodeOf(err) != plan.Stale {
		return err
	}
	p.jobs.Discard(p.ID)
	return nil
}

// stopped reports whether the service is ending, as against the pull's own time or someone's wish.
func (p *pull) stopped(ctx context.Context) bool {
	return ctx.Err() != nil && !store.Cancelled(ctx) && !errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// conclude makes the pull an ended one.
func (p *pull) conclude(ctx context.Context, failure error) {
	now := time.Now().UTC()
	p.Ended = &now
	known, told := errors.AsType[*plan.Error](failure)
	switch {
	case failure == nil:
		p.State = plan.JobDone
	case store.Cancelled(ctx), errors.Is(failure, errCancelled):
		p.State = plan.JobCancelled
	case errors.Is(failure, context.DeadlineExceeded), errors.Is(failure, context.Canceled):
		p.fail(plan.Unavailable, "the pull was ended before it was ready; nothing was written")
	case told && (known.Code != plan.Internal || known.Message != ""):
		p.fail(known.Code, known.Message)
	default:
		p.options.Log.Error("a pull failed", "pull", p.ID, "source", p.Source, "error", failure)
		p.fail(plan.Internal, "the service failed; the fault is logged under the pull's id")
	}
}

func (p *pull) fail(code plan.Code, message string) {
	p.State, p.Code, p.Error = plan.JobFailed, code, message
}
