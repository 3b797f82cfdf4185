package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"strukturbild/internal/plan"
)

// Chore is a kind of work that goes on in the background. What is to be done waits in the database, and so outlives the
// process. To add a kind, give one to Work and Enqueue what it is to do; with Every it is also done by itself.
type Chore struct {
	Name     string                          // names it and its queue: [a-z0-9_]
	Node     string                          // the node that alone does what it has enqueued itself; "" for any node
	AtOnce   int                             // how many of them a node does at a time; 0 is one
	Attempts int                             // how often it is tried; 0 is once
	Timeout  time.Duration                   // of one attempt; 0 is a minute
	Every    time.Duration                   // also done so often, by one of the nodes, with the payload null; 0 for no
	Wait     func(attempt int) time.Duration // after a failed attempt, from 1; nil is attempt⁴ seconds
	// Do does it once. After an error it is tried again, unless the error is of GiveUp; one of Later puts it off.
	Do func(ctx context.Context, payload json.RawMessage, attempt int) error
}

// GiveUp marks an error that another attempt won't mend.
func GiveUp(err error) error { return river.JobCancel(err) }

// Later puts a piece of work off, which does not count as an attempt.
func Later(wait time.Duration) error { return river.JobSnooze(wait) }

// Cancelled reports whether the work under ctx was cancelled by someone, as against stopped with its node.
func Cancelled(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), river.ErrJobCancelledRemotely)
}

// errand is one piece of work as River keeps it.
type errand struct {
	Chore   string          `json:"chore"`
	Payload json.RawMessage `json:"payload"`
}

// Kind is River's word for all of ours: the queue tells them apart.
func (errand) Kind() string { return "errand" }

func (e errand) options(node string) *river.InsertOpts {
	const unlimited = 1<<15 - 1 // the chore itself counts; when something is enqueued it need not be at hand
	return &river.InsertOpts{Queue: queue(e.Chore, node), MaxAttempts: unlimited}
}

func queue(chore, node string) string {
	if node == "" {
		return chore
	}
	return chore + "_" + node
}

// Enqueue puts work for a chore of any node into the database.
func (s *Store) Enqueue(ctx context.Context, chore string, payload any) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := s.enqueue(ctx, tx, chore, "", payload)
		return err
	}))
}

// enqueue does it as a part of something else: either both are there, or neither.
func (s *Store) enqueue(ctx context.Context, tx pgx.Tx, chore, node string, payload any) (number int64, err error) {
	e := errand{Chore: chore}
	if e.Payload, err = json.Marshal(payload); err != nil {
		return 0, err
	}
	inserted, err := s.river.InsertTx(ctx, tx, e, e.options(node))
	if err != nil {
		return 0, err
	}
	return inserted.Job.ID, nil
}

// Work does chores until ctx ends; those under way then have grace to finish before their contexts end, and what is
// not finished is done after the next start. Wait for the channel before the store is closed.
func (s *Store) Work(ctx context.Context, log *slog.Logger, grace time.Duration, chores ...Chore) (ended <-chan struct{}, err error) {
	w := &worker{chores: map[string]Chore{}}
	config := &river.Config{Schema: s.schema, Logger: log, Workers: river.NewWorkers(), Queues: map[string]river.QueueConfig{},
		SoftStopTimeout: grace, FetchCooldown: 20 * time.Millisecond, RescueStuckJobsAfter: time.Hour}
	river.AddWorker(config.Workers, w)
	for _, chore := range chores {
		w.chores[chore.Name] = chore
		config.Queues[queue(chore.Name, chore.Node)] = river.QueueConfig{MaxWorkers: max(chore.AtOnce, 1)}
		config.RescueStuckJobsAfter = max(config.RescueStuckJobsAfter, chore.Timeout+time.Hour)
		if chore.Every > 0 {
			config.PeriodicJobs = append(config.PeriodicJobs, chore.periodic())
		}
		if err := s.resume(ctx, chore); err != nil {
			return nil, because(err)
		}
	}
	client, err := river.NewClient(riverpgxv5.New(s.pool), config)
	if err != nil {
		return nil, plan.Because(err, plan.Internal, "", "the background work could not be set up")
	}
	if err := client.Start(ctx); err != nil {
		return nil, because(err)
	}
	return client.Stopped(), nil
}

// resume makes ready at once what this node was doing when it ended: nobody else does it, so nobody is doing it.
func (s *Store) resume(ctx context.Context, chore Chore) error {
	if chore.Node == "" {
		return nil
	}
	_, err := s.pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE queue = $1 AND state IN ('running', 'retryable', 'scheduled')`, queue(chore.Name, chore.Node))
	return err
}

func (c Chore) periodic() *river.PeriodicJob {
	e := errand{c.Name, json.RawMessage("null")}
	return river.NewPeriodicJob(river.PeriodicInterval(c.Every), func() (river.JobArgs, *river.InsertOpts) {
		return e, e.options(c.Node)
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// worker hands errands to their chores.
type worker struct {
	river.WorkerDefaults[errand]
	chores map[string]Chore
}

func (w *worker) Timeout(job *river.Job[errand]) time.Duration {
	return w.chores[job.Args.Chore].Timeout
}

func (w *worker) NextRetry(job *river.Job[errand]) time.Time {
	if wait := w.chores[job.Args.Chore].Wait; wait != nil {
		return time.Now().Add(wait(job.Attempt))
	}
	return time.Time{} // River's own: attempt⁴ seconds
}

func (w *worker) Work(ctx context.Context, job *river.Job[errand]) error {
	chore, known := w.chores[job.Args.Chore]
	if !known {
		return fmt.Errorf("there is no chore %q", job.Args.Chore)
	}
	err := chore.Do(ctx, job.Args.Payload, job.Attempt)
	if snoozed := (*river.JobSnoozeError)(nil); err == nil || errors.As(err, &snoozed) || job.Attempt < max(chore.Attempts, 1) {
		return err
	}
	return GiveUp(err)
}
