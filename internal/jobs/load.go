package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/history"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

const (
	// attempts bounds how often a job is begun; a file that ends the service each time must not do so forever.
	attempts = 5
	// findingsKept is how many findings of a file are kept.
	findingsKept = 10_000
	// turn is how long a job waits for the other writer of its layer before it looks again.
	turn = 300 * time.Millisecond
	// closing is how long the last words about a job may take when its own time is over.
	closing = 10 * time.Second
)

// errFileGone ends a job whose file is lost: what was not written to the end, or taken away by hand.
var errFileGone = plan.Errorf(plan.Unavailable, "", "the file is not on the service's disk any more; nothing was written, send it again")

// load is one job on its way.
type load struct {
	*Jobs
	working  context.Context // ends with the job's own context, or when the job is given to others
	order    *store.JobOrder
	job      *plan.Job
	progress *progress
	findings []plan.Finding
	before   *atlas.View // that the revision was made from
}

// load does a job, or as much of it as is still to be done.
func (j *Jobs) load(ctx context.Context, payload json.RawMessage, _ int) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return store.GiveUp(err)
	}
	order, later, err := j.store.ClaimJob(ctx, id)
	switch {
	case err != nil:
		return err
	case later:
		return store.Later(turn)
	case order == nil: // it has ended
		j.spool.remove(id)
		return nil
	}
	j.changes.tell()
	defer j.changes.tell()
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l := &load{Jobs: j, working: working, order: order, job: &order.Job}
	l.progress = l.follow(working, cancel)
	applied, err := l.run(working)
	if err == nil {
		l.tellConflicts(working, applied.Record.Revision)
	}
	l.progress.end()
	return l.end(ctx, applied, err)
}

// run takes the file into the layer. It does not panic.
func (l *load) run(ctx context.Context) (applied plan.Applied, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = plan.Because(fmt.Errorf("panic: %v\n%s", fault, debug.Stack()), plan.Internal, "", "")
		}
	}()
	if l.job.Attempts > attempts {
		return applied, plan.Errorf(plan.Internal, "", "the job was begun %d times, and each time the service ended before it; it is given up", attempts)
	}
	changes := l.changeSet()
	if applied, err = l.store.Replay(ctx, &changes); err != nil || applied.Replayed {
		return applied, err
	}
	view := l.atlas.View()
	snapshot, err := view.Layer(l.job.Layer)
	if err != nil {
		return applied, err
	}
	batch, err := l.read(ctx, snapshot)
	if err != nil {
		return applied, err
	}
	defer batch.Close()
	if l.job.DryRun {
		return applied, l.try(ctx, view, batch)
	}
	return l.write(ctx, changes, batch)
}

// changeSet is the frame of the revision. The key makes it one revision, however often the job is begun.
func (l *load) changeSet() plan.ChangeSet {
	key := l.order.Key
	if key.Key == "" {
		key.Key = "job:" + l.job.ID
	}
	return plan.ChangeSet{Author: l.job.Author, Kind: plan.ChangeUpload, Note: l.order.Upload.Note, Key: key,
		Source: &plan.Source{Filename: l.job.Filename, SHA256: l.job.SHA256, Bytes: l.job.Bytes, Mode: l.job.Mode}}
}

// read decodes and checks the file.
func (l *load) read(ctx context.Context, snapshot *atlas.Snapshot) (*ingest.Batch, error) {
	file, err := l.Kept(l.job.ID)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	u := &l.order.Upload
	columns, err := ingest.ParseMap(u.Map)
	if err != nil {
		return nil, err
	}
	l.progress.enter(ctx, plan.PhaseReading)
	batch, err := l.options.Files.Read(ctx, ingest.File{Body: counting{file, l.progress}, Name: u.Filename, MediaType: u.MediaType,
		SourceLayer: u.SourceLayer, Encoding: u.Encoding, MaxBytes: l.options.MaxBytes},
		ingest.Options{Layer: snapshot.Layer(), Stored: l.known(snapshot), CRS: u.CRS, IgnoreFileCRS: u.IgnoreFileCRS, Swapped: u.AxisOrder == "yx",
			Columns: ingest.Columns{Map: columns, IgnoreUnknown: u.IgnoreUnknown, ID: u.IDColumn, Require: ingest.ParseRequire(u.Require)},
			Checks:  ingest.Checks{Repair: u.Repair, MaxHa: u.RepairHa, MaxPercent: u.RepairPercent, Skip: u.OnFault == "skip_feature"},
			Limits:  ingest.Limits{MaxFindings: findingsKept}, Progress: l.progress.features})
	if err != nil {
		return nil, err
	}
	l.job.Read, l.job.Repaired = batch.Read, batch.Repaired
	return batch, nil
}

// known is what the file is compared with while it is read; nothing where each feature is a new one, whatever the layer has.
func (l *load) known(snapshot *atlas.Snapshot) plan.Stored {
	if l.job.Mode == plan.UploadAppend {
		return nil
	}
	return snapshot.Known()
}

// compare finds what the file changes in the layer as it is in the view; nil when that is nothing.
func (l *load) compare(ctx context.Context, view *atlas.View, batch *ingest.Batch) (*plan.LayerChange, error) {
	l.progress.enter(ctx, plan.PhaseComparing)
	snapshot, err := view.Layer(l.job.Layer)
	if err != nil {
		return nil, err
	}
	compare := snapshot.Compare
	if l.order.Upload.OnFault == "skip_feature" {
		compare = snapshot.CompareSkipping
	}
	compared, err := compare(heeding{batch, ctx}, l.job.Mode)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return nil, err
	}
	gaps, err := compared.Gaps()
	if err != nil {
		return nil, err
	}
	l.findings = slices.Concat(batch.Notices, compared.Findings, gaps)
	l.job.Accepted, l.job.Refused = batch.Len()-compared.Refused, batch.Refused+compared.Refused
	change := &compared.Change
	counts := change.Counts()
	l.job.Added, l.job.Changed, l.job.Removed, l.job.Same = counts.Added, counts.Changed, counts.Removed, compared.Same
	if compared.IsEmpty() {
		return nil, nil
	}
	return change, nil
}

// try tells what the file would change.
func (l *load) try(ctx context.Context, view *atlas.View, batch *ingest.Batch) error {
	change, err := l.compare(ctx, view, batch)
	if err != nil {
		return err
	}
	is, err := view.Layer(l.job.Layer)
	if err != nil {
		return err
	}
	if change == nil {
		change = &plan.LayerChange{Layer: l.job.Layer}
	}
	l.job.Difference, err = history.Trial(is, change, view)
	return err
}

// heeding are features that can't be read any more once their work is to end: what reads them all ends with it.
type heeding struct {
	*ingest.Batch
	working context.Context
}

// At reads feature i.
func (h heeding) At(i int, f *plan.Feature) error {
	if err := h.working.Err(); err != nil {
		return err
	}
	return h.Batch.At(i, f)
}

// write makes the revision, from the newest state of the layer.
func (l *load) write(ctx context.Context, changes plan.ChangeSet, batch *ingest.Batch) (plan.Applied, error) {
	applied, err := l.atlas.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
		l.before = view
		change, err := l.compare(ctx, view, batch)
		if err != nil || change == nil {
			return plan.ChangeSet{}, err
		}
		changes.Layers = []plan.LayerChange{*change}
		l.progress.enter(ctx, plan.PhaseWriting)
		// What was counted is kept now: should the service end between the revision and the job's end, the revision is
		// found again, but not the counts.
		return changes, l.progress.save(ctx)
	})
	if err == nil {
		return applied, nil
	}
	// A commit whose answer was lost, or a node that can't show what it wrote, has written.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if made, failure := l.store.Replay(asking, &changes); failure == nil && made.Replayed {
		return made, nil
	}
	return applied, err
}

// counting counts what is read of the file.
type counting struct {
	file     *os.File
	progress *progress
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.progress.bytes(n)
	return n, err
}

// Link spares the reader a copy. What it reads then is not seen here, and counts as read.
func (c counting) Link(name string) error {
	if err := os.Link(c.file.Name(), name); err != nil {
		return err
	}
	at, err := c.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	end, err := c.file.Seek(0, io.SeekEnd)
	c.progress.bytes(int(end - at))
	return err
}
