package jobs

import (
	"context"
	"errors"
	"strings"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// end writes what became of the job. The error says that it is to be begun again.
func (l *load) end(ctx context.Context, applied plan.Applied, failure error) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if again := l.again(ctx, failure); again != nil {
		if l.stopped(ctx) {
			l.job.Attempts-- // the service was stopped in order, which is not the file's fault
		}
		return errors.Join(again, l.store.PutBackJob(last, *l.job))
	}
	l.conclude(ctx, applied, failure)
	if err := l.store.EndJob(last, *l.job, l.findings); err != nil && plan.CodeOf(err) != plan.Stale {
		return err
	}
	l.spool.remove(l.job.ID)
	if l.job.State == plan.JobCancelled {
		return failure // River too calls it cancelled
	}
	return nil
}

// stopped reports whether the service is ending, as against the job's own time or someone's wish.
func (l *load) stopped(ctx context.Context) bool {
	return ctx.Err() != nil && !store.Cancelled(ctx) && !errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// again gives the error when another attempt may end better: the service was stopped, or the database was away.
func (l *load) again(ctx context.Context, failure error) error {
	switch {
	case failure == nil || store.Cancelled(ctx):
		return nil
	case l.stopped(ctx), ctx.Err() == nil && l.working.Err() != nil:
		return failure
	case ctx.Err() == nil && plan.CodeOf(failure) == plan.Unavailable && !errors.Is(failure, errFileGone) && l.job.Attempts < attempts:
		return failure
	}
	return nil
}

// conclude makes the job an ended one.
func (l *load) conclude(ctx context.Context, applied plan.Applied, failure error) {
	now := time.Now().UTC()
	l.job.Finished, l.job.Revision = &now, applied.Record.Revision
	switch {
	case failure == nil:
		l.job.State = plan.JobDone
		l.succeed(applied)
	case store.Cancelled(ctx):
		l.job.State = plan.JobCancelled
		l.job.Added, l.job.Changed, l.job.Removed, l.job.Same = 0, 0, 0, 0
	default:
		l.job.State = plan.JobFailed
		l.fail(ctx, failure)
	}
	l.summarise()
}

func (l *load) succeed(applied plan.Applied) {
	if applied.Record.Revision != 0 && !applied.Replayed {
		l.made(applied)
	}
	if !applied.Replayed {
		return
	}
	for _, counts := range applied.Record.Layers {
		if counts.Layer == l.job.Layer {
			l.job.Added, l.job.Changed, l.job.Removed = counts.Added, counts.Changed, counts.Removed
		}
	}
}

// fail notes why. What is a fault of ours goes to the log, and the sender is told no more than that.
func (l *load) fail(ctx context.Context, failure error) {
	known, ok := errors.AsType[*plan.Error](failure)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		known = plan.Errorf(plan.TooLarge, "", "the job took longer than %s, which is the most that one may take; nothing was written", l.options.Timeout)
	case !ok || known.Code == plan.Internal && known.Message == "":
		known = plan.Errorf(plan.Internal, "", "the service failed; the fault is logged under the job's id")
	}
	if known.Code == plan.Internal {
		l.options.Log.Error("a job failed", "job", l.job.ID, "layer", l.job.Layer, "error", failure)
	}
	l.job.Error, l.job.Code, l.job.Locator = known.Message, known.Code, known.Locator
	l.findings = append(l.findings, known.Findings...)
	l.job.Read = max(l.job.Read, l.job.Progress.Features)
	l.job.Added, l.job.Changed, l.job.Removed, l.job.Same, l.job.Accepted, l.job.Repaired = 0, 0, 0, 0, 0, 0
	faulty := map[int]bool{}
	for _, finding := range known.Findings {
		if finding.Feature >= 0 {
			faulty[finding.Feature] = true
		}
	}
	l.job.Refused = len(faulty)
}

// summarise puts the first findings and their counts into the job.
func (l *load) summarise() {
	l.job.Rules = map[string]int{}
	for i := range l.findings {
		clean(&l.findings[i])
		l.job.Rules[l.findings[i].Rule]++
	}
	l.findings = l.findings[:min(len(l.findings), findingsKept)]
	l.job.Findings = append([]plan.Finding{}, l.findings[:min(len(l.findings), plan.JobFindings)]...)
}

// clean takes the character NUL out of what stood in the file: the database's JSON has no such character.
func clean(f *plan.Finding) {
	for _, text := range []*string{&f.ID, &f.Pointer, &f.Message.SV, &f.Message.EN} {
		*text = strings.ReplaceAll(*text, "\x00", "\uFFFD")
	}
}
