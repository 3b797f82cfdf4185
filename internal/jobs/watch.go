package jobs

import (
	"context"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// look is how often a job is looked at that another node may be changing.
const look = 500 * time.Millisecond

// Watch yields the job as it is, unless that is the version since, and after each change until it has ended or ctx has.
func (j *Jobs) Watch(ctx context.Context, id string, since int64, yield func(store.JobEntry) error) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		changed := j.changes.wait()
		entry, err := j.store.Job(ctx, id)
		if err != nil {
			return err
		}
		if entry.Version != since {
			since = entry.Version
			if err := yield(entry); err != nil {
				return err
			}
		}
		if entry.Job.State.Ended() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-ticker.C:
		}
	}
}

// Wait gives the job when it has ended, or as it is when the time is over or stop is closed.
func (j *Jobs) Wait(ctx context.Context, id string, patience time.Duration, stop <-chan struct{}) (job plan.Job, err error) {
	entry, err := j.store.Job(ctx, id)
	if err != nil || entry.Job.State.Ended() || patience <= 0 {
		return entry.Job, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-waiting.Done():
		}
	}()
	err = j.Watch(waiting, id, entry.Version, func(next store.JobEntry) error {
		entry = next
		return nil
	})
	if waiting.Err() != nil && ctx.Err() == nil {
		err = nil // it is not the caller's time that has ended
	}
	return entry.Job, err
}
