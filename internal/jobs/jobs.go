package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// Options are the limits of jobs and what they need.
type Options struct {
	Dir      string        // of this node alone: files on their way, and the node's name
	MaxBytes int64         // of a file
	Reserve  int64         // bytes of the disk that files leave free
	AtOnce   int           // jobs that run at a time; 0 is 2
	Waiting  int           // jobs that may wait; 0 is 100
	Timeout  time.Duration // of one job; 0 is 30 minutes
	Kept     time.Duration // how long ended jobs can be asked for; 0 is 30 days
	Files    ingest.Reader
	Log      *slog.Logger
}

func (o Options) orDefaults() Options {
	o.AtOnce, o.Waiting = cmp.Or(o.AtOnce, 2), cmp.Or(o.Waiting, 100)
	o.Timeout, o.Kept = cmp.Or(o.Timeout, 30*time.Minute), cmp.Or(o.Kept, 30*24*time.Hour)
	return o
}

// Jobs are the uploads of one node.
type Jobs struct {
	options Options
	store   *store.Store
	atlas   *atlas.Atlas
	spool   *spool
	node    string
	made    func(plan.Applied)
	// conflicts tells what becomes of the conflicts; nil: nobody does.
	conflicts func(ctx context.Context, was, is *atlas.View) (*plan.ConflictReport, error)
	changes   broadcast
	turns     turns
	entered   func(context.Context, plan.Phase) // hears of each phase that a job begins
}

// Open makes the directory ready; no other process may use it. Close gives it back.
func Open(options Options, st *store.Store, at *atlas.Atlas) (*Jobs, error) {
	options = options.orDefaults()
	files, node, err := openSpool(options.Dir, options.MaxBytes, options.Reserve)
	if err != nil {
		return nil, err
	}
	return &Jobs{options: options, store: st, atlas: at, spool: files, node: node, made: func(plan.Applied) {}, entered: func(context.Context, plan.Phase) {}, changes: newBroadcast(),
		turns: turns{held: map[string]*holder{}}}, nil
}

// Close gives the directory back, after the work has ended.
func (j *Jobs) Close() error { return j.spool.close() }

// OnRevision has f told of every revision that a job makes.
func (j *Jobs) OnRevision(f func(plan.Applied)) { j.made = f }

const loading = "upload"

// Chores are what is to be done, for store.Work.
func (j *Jobs) Chores() []store.Chore {
	return []store.Chore{
		{Name: loading, Node: j.node, AtOnce: j.options.AtOnce, Attempts: 1 << 14, Timeout: j.options.Timeout, Do: j.load, Wait: retryAfter},
		{Name: "job_sweep", Every: time.Hour, Do: func(ctx context.Context, _ json.RawMessage, _ int) error {
			return j.store.SweepJobs(ctx, j.options.Kept)
		}},
	}
}

// retryAfter waits 1, 2, 4 ... seconds, a minute at most.
func retryAfter(attempt int) time.Duration { return min(time.Second<<min(attempt-1, 6), time.Minute) }

// Request is a file that someone wants in a layer.
type Request struct {
	Upload plan.Upload
	Author string
	Key    string // idempotency key; "" for none
	Length int64  // bytes of Body, when they are known; -1 otherwise
	Body   io.Reader
}

// Submit receives a file and makes a job of it, which is done whatever becomes of ctx. A request that is repeated with
// its key is the same job: fresh is false. Unavailable: too many jobs wait, or there is no room for the file.
func (j *Jobs) Submit(ctx context.Context, r Request) (job plan.Job, fresh bool, err error) {
	if err := j.admit(ctx, &r.Upload); err != nil {
		return job, false, err
	}
	id := rand.Text()
	file, err := j.spool.receive(ctx, id, r.Body, r.Length)
	if err != nil {
		return job, false, err
	}
	job, fresh, err = j.add(ctx, id, r.Upload, r.Author, r.Key, file)
	if err != nil {
		// The job may be there nevertheless. Without its file it fails, and so what the error says is true.
		j.spool.remove(id)
	}
	return job, fresh, err
}

// add makes the job of a file that is on the disk.
func (j *Jobs) add(ctx context.Context, id string, upload plan.Upload, author, key string, file received) (job plan.Job, fresh bool, err error) {
	order := &store.JobOrder{Upload: upload, Node: j.node}
	order.Job = plan.Job{ID: id, Layer: upload.Layer, Author: author, State: plan.JobQueued, DryRun: upload.DryRun, Mode: upload.Mode,
		Filename: upload.Filename, Bytes: file.bytes, SHA256: file.sha256, Findings: []plan.Finding{}, Created: time.Now().UTC()}
	order.Key = plan.IdempotencyKey{Key: key, Fingerprint: fingerprint(&upload, file)}
	job, fresh, err = j.store.AddJob(ctx, loading, order)
	if err == nil && !fresh {
		j.spool.remove(id)
	}
	j.spool.arrived(id)
	return job, fresh, err
}

// admit refuses what can't become a job, before the file is received.
func (j *Jobs) admit(ctx context.Context, upload *plan.Upload) error {
	if text, err := json.Marshal(upload); err != nil || bytes.Contains(text, []byte(`\u0000`)) {
		return plan.Errorf(plan.Invalid, "", "a parameter holds the character NUL")
	}
	if _, err := j.atlas.View().Layer(upload.Layer); err != nil {
		return err
	}
	if _, err := ingest.ParseMap(upload.Map); err != nil {
		return err
	}
	counts, err := j.store.CountJobs(ctx, j.node)
	if err != nil {
		return err
	}
	if waiting := counts[plan.JobQueued]; waiting >= j.options.Waiting {
		return plan.Errorf(plan.Unavailable, "", "%d uploads wait already, which is as many as may; send the file again in a few minutes", waiting)
	}
	return nil
}

// Cancel ends a job. Stale: it has ended already.
func (j *Jobs) Cancel(ctx context.Context, id string) (plan.Job, error) {
	entry, err := j.store.CancelJob(ctx, id)
	if err == nil && entry.Job.State.Ended() && entry.Node == j.node {
		j.spool.remove(id)
	}
	j.changes.tell()
	return entry.Job, err
}

// Tidy removes the files that no job needs, at once and every hour, until ctx ends.
func (j *Jobs) Tidy(ctx context.Context) {
	for ctx.Err() == nil {
		if err := j.tidy(ctx); err != nil && ctx.Err() == nil {
			j.options.Log.Warn("the files of ended uploads could not be removed", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
	}
}

func (j *Jobs) tidy(ctx context.Context) error {
	for _, p := range j.partials() {
		if p.Offset == p.Length && p.Job == "" { // the service ended between the last byte and the job
			if err := j.complete(ctx, p); err != nil {
				return err
			}
		}
	}
	// Files first: what arrives meanwhile is not among them.
	lying, err := j.spool.idle()
	if err != nil {
		return err
	}
	open, err := j.store.OpenWork(ctx, j.node)
	if err != nil {
		return err
	}
	for _, name := range lying {
		id, _, isNote := strings.Cut(name, ".")
		p := j.spool.partial(id)
		if waits := p != nil && (isNote || p.Job == ""); !waits && !slices.Contains(open, name) {
			j.spool.remove(name)
		}
	}
	return nil
}

// broadcast wakes all who wait for a change.
type broadcast struct {
	*sync.Mutex
	next chan struct{}
}

func newBroadcast() broadcast { return broadcast{new(sync.Mutex), make(chan struct{})} }

// wait gives a channel that is closed by the next change.
func (b *broadcast) wait() <-chan struct{} {
	b.Lock()
	defer b.Unlock()
	return b.next
}

func (b *broadcast) tell() {
	b.Lock()
	defer b.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}
