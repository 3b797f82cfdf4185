package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

const (
	// attempts bounds how often a report is begun; one that ends the service each time must not do so forever.
	attempts = 5
	// heartbeat is how often a node says how far it is.
	heartbeat = time.Second
	// closing is how long the last words about a report may take when its own time is over.
	closing = 10 * time.Second
)

// task is one report being made.
type task struct {
	*Desk
	report *plan.Report

	mu       sync.Mutex
	progress plan.ReportProgress
}

// make makes a report that was ordered.
func (d *Desk) make(ctx context.Context, payload json.RawMessage, _ int) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return store.GiveUp(err)
	}
	report, err := d.store.ClaimReport(ctx, id)
	if err != nil || report == nil {
		return err
	}
	t := &task{Desk: d, report: report}
	working, cancel := context.WithTimeout(ctx, d.options.Time)
	defer cancel()
	stop := t.follow(working, cancel)
	content, err := t.run(working)
	stop()
	return t.end(ctx, content, err)
}

// run makes the content. It does not panic.
func (t *task) run(ctx context.Context) (content []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = plan.Because(fmt.Errorf("panic: %v\n%s", fault, debug.Stack()), plan.Internal, "", "")
		}
	}()
	if t.report.Attempts > attempts {
		return nil, plan.Errorf(plan.Internal, "", "the report was begun %d times, and each time the service ended before it; it is given up", attempts)
	}
	frozen, err := t.freeze(ctx)
	if err != nil {
		return nil, err
	}
	t.at(plan.PhaseFreezing, 0, 1)
	content, t.report.SHA256, err = canonical(frozen)
	t.report.Complete = len(frozen.Unfinished) == 0 && len(frozen.Undrawn) == 0
	for _, input := range frozen.Inputs {
		t.report.Layers = append(t.report.Layers, input.Layer)
	}
	return content, err
}

// follow writes progress until it is stopped, and ends the work when the report is not this node's any more.
func (t *task) follow(ctx context.Context, cancel context.CancelFunc) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			now := *t.report
			now.Progress = t.now()
			saving, release := context.WithTimeout(context.WithoutCancel(ctx), closing) // the time may be over, and the work not
			if plan.CodeOf(t.store.SaveReportProgress(saving, &now)) == plan.Stale {
				cancel()
			}
			release()
		}
	})
	return func() {
		close(done)
		ended.Wait()
		t.report.Progress = t.now()
	}
}

func (t *task) at(phase plan.ReportPhase, done, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress = plan.ReportProgress{Phase: phase, Done: done, Total: total}
}

func (t *task) now() plan.ReportProgress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress
}

// end writes what became of the report. The error says that it is to be begun again.
func (t *task) end(ctx context.Context, content []byte, failure error) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	stopped := errors.Is(ctx.Err(), context.Canceled) && !store.Cancelled(ctx)
	switch {
	case failure == nil:
		t.report.State, t.report.Finished = plan.JobDone, &now
	case stopped, plan.CodeOf(failure) == plan.Unavailable && t.report.Attempts < attempts:
		t.report.Progress = plan.ReportProgress{}
		return errors.Join(failure, t.store.PutBackReport(last, t.report))
	default:
		t.report.State, t.report.Finished = plan.JobFailed, &now
		t.fail(failure)
	}
	if err := t.store.EndReport(last, t.report, content); plan.CodeOf(err) != plan.Stale {
		return err // nil, or the database was away: it is made again
	}
	return nil // it was cancelled, deleted or given to others
}

// fail notes why. What is a fault of ours goes to the log, and who ordered is told no more than that.
func (t *task) fail(failure error) {
	known, ok := errors.AsType[*plan.Error](failure)
	switch {
	case errors.Is(failure, context.DeadlineExceeded):
		known = plan.Errorf(plan.TooLarge, "", "the report took longer than %s, which is the most that one may take, and nothing of a %s can be told before all is found; ask for a smaller scope, or for fewer rules",
			t.options.Time, t.report.Order.Kind)
	case !ok || known.Code == plan.Internal && known.Message == "":
		known = plan.Errorf(plan.Internal, "", "the service failed; the fault is logged under the report's id")
	}
	if known.Code == plan.Internal {
		t.options.Log.Error("a report failed", "report", t.report.ID, "error", failure)
	}
	t.report.Error, t.report.Code, t.report.Locator, t.report.Findings = known.Message, known.Code, known.Locator, known.Findings
}

// look is how often a report is looked at that someone waits for.
const look = 100 * time.Millisecond

// Wait gives the report when it has ended, or as it is after so many seconds, or when stop is closed.
func (d *Desk) Wait(ctx context.Context, id string, seconds int, stop <-chan struct{}) (*plan.Report, error) {
	over := time.After(time.Duration(seconds) * time.Second)
	for {
		report, err := d.store.Report(ctx, id)
		if err != nil || report.State.Ended() {
			return report, err
		}
		select {
		case <-over:
			return report, nil
		case <-stop:
			return report, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(look):
		}
	}
}
