package harvest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/fence"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
	"strukturbild/internal/store"
)

// pull is one pull on its way.
type pull struct {
	*Harvest
	*plan.Pull
	source   *source.Source
	progress *progress
	file     *os.File // what is kept, as GeoJSON
}

// do does a pull that was enqueued. What fails is told in the pull; the error is for what another attempt may mend.
func (h *Harvest) do(ctx context.Context, id string, attempt int) error {
	record, err := h.store.Pull(ctx, id)
	if plan.CodeOf(err) == plan.NotFound || err == nil && record.State.Ended() {
		h.jobs.Discard(id)
		return nil // forgotten, or done by another attempt
	}
	if err != nil {
		return err
	}
	p := &pull{Harvest: h, Pull: record}
	p.State = plan.JobRunning
	if err := h.store.SavePull(ctx, record); err != nil {
		return err
	}
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.progress = p.follow(working, cancel)
	err = p.begin(working, attempt)
	p.Progress = p.progress.end()
	return p.end(ctx, err)
}

// begin does the pull from where it is.
func (p *pull) begin(ctx context.Context, attempt int) (err error) {
	if p.source, err = p.options.Catalogue.Find(p.Source); err != nil {
		return err
	}
	switch {
	case p.Job != "": // the service ended after the upload was there
		return p.await(ctx)
	case attempt > attempts:
		return plan.Errorf(plan.Internal, "source", "the pull was begun %d times, and each time the service ended before it; it is given up", attempts)
	case p.Filename != "":
		return p.given(ctx)
	}
	known, err := p.known(ctx)
	if err != nil {
		return err
	}
	puller := p.puller
	puller.Told = p.progress.told
	return p.run(ctx, func(layer *plan.Layer, w io.Writer) (source.Outcome, error) {
		return puller.Fetch(ctx, p.source, layer, known, w)
	})
}

// given takes the file that someone has fetched.
func (p *pull) given(ctx context.Context) error {
	file, err := p.jobs.Kept(p.ID)
	if err != nil {
		return err
	}
	defer file.Close()
	puller := p.puller
	puller.Told = p.progress.told
	return p.run(ctx, func(layer *plan.Layer, w io.Writer) (source.Outcome, error) {
		return puller.Translate(ctx, p.source, layer, file, p.Filename, w)
	})
}

// known gives the stamp of what the layer holds, so that the same is not fetched again. It counts only while nobody
// else has changed the layer, and never for a dry run, which is to show something.
func (p *pull) known(ctx context.Context) (source.Stamp, error) {
	if p.DryRun {
		return source.Stamp{}, nil
	}
	last, err := p.store.LastPulls(ctx)
	if err != nil {
		return source.Stamp{}, err
	}
	i := slices.IndexFunc(last, func(earlier plan.Pull) bool { return earlier.Source == p.source.ID })
	snapshot, missing := p.atlas.View().Layer(p.source.Layer)
	if i < 0 || missing != nil || snapshot.Revision() != last[i].Revision {
		return source.Stamp{}, nil
	}
	return source.Stamp{ETag: last[i].ETag, Modified: last[i].Modified}, nil
}

// run gets the features and loads them. Nothing is made, not even the layer, before all of them are here.
func (p *pull) run(ctx context.Context, get func(*plan.Layer, io.Writer) (source.Outcome, error)) error {
	dir, err := fence.MakeDir(p.options.Files.TempDir, "harvest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if p.file, err = os.CreateTemp(dir, "kept-*.geojson"); err != nil {
		return err
	}
	defer p.file.Close()
	layer, err := p.target()
	if err != nil {
		return err
	}
	outcome, err := get(layer, p.file)
	if errors.Is(err, source.ErrUnchanged) {
		return p.unchanged(ctx)
	}
	p.Tally, p.Bytes, p.SHA256, p.ETag, p.Modified = outcome.Tally, outcome.Bytes, outcome.SHA256, outcome.ETag, outcome.Stamp.Modified
	if err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, missing := p.atlas.View().Layer(layer.ID); missing != nil && p.DryRun {
		return p.tryOut(ctx, layer)
	}
	if !p.DryRun {
		if err := p.describe(ctx); err != nil {
			return err
		}
	}
	return p.load(ctx)
}

// unchanged says that the layer is what the publisher has; the stamp and the revision are still those of then.
func (p *pull) unchanged(ctx context.Context) error {
	last, err := p.store.LastPulls(ctx)
	for _, earlier := range last {
		if earlier.Source == p.source.ID {
			p.Same, p.ETag, p.Modified, p.Revision, p.SHA256 = true, earlier.ETag, earlier.Modified, earlier.Revision, earlier.SHA256
		}
	}
	return err
}

// target gives the layer as it is, or as the source makes it.
func (p *pull) target() (*plan.Layer, error) {
	if snapshot, err := p.atlas.View().Layer(p.source.Layer); err == nil {
		return snapshot.Layer(), nil
	}
	if layer := p.source.LayerDefinition(); layer != nil {
		return layer, nil
	}
	return nil, plan.Errorf(plan.NotFound, "source", "there is no layer %q, and the source %q does not define it", p.source.Layer, p.source.ID)
}

// tryOut reads the features for a layer that is not there, as the upload job would.
func (p *pull) tryOut(ctx context.Context, layer *plan.Layer) error {
	batch, err := ingest.ReadGeoJSON(ctx, p.file, ingest.Options{Layer: layer, CRS: p.source.CRS, TempDir: p.options.Files.TempDir,
		Checks: ingest.Checks{Repair: true, Skip: p.source.OnFault == "skip_feature"}})
	if err != nil {
		return err
	}
	return batch.Close()
}

// describe makes the layer, or makes it tell where its content comes from now.
func (p *pull) describe(ctx context.Context) error {
	_, err := p.atlas.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
		changes := plan.ChangeSet{Author: p.Author, Kind: plan.ChangeLayer, Note: "source " + p.source.ID}
		snapshot, missing := view.Layer(p.source.Layer)
		if missing != nil {
			layer := p.source.LayerDefinition()
			changes.Layers = []plan.LayerChange{{Layer: layer.ID, Define: layer}}
			return changes, nil
		}
		layer := *snapshot.Layer()
		if p.source.Describe(&layer); !reflect.DeepEqual(&layer, snapshot.Layer()) {
			changes.Layers = []plan.LayerChange{{Layer: layer.ID, Base: snapshot.Revision(), Define: &layer}}
		}
		return changes, nil
	})
	return err
}

// load gives the features to an upload job, and waits for it.
func (p *pull) load(ctx context.Context) error {
	size, err := p.file.Stat()
	if err != nil {
		return err
	}
	job, _, err := p.jobs.Submit(ctx, jobs.Request{Author: p.Author, Key: "pull " + p.ID, Length: size.Size(), Body: p.file,
		Upload: plan.Upload{Layer: p.source.Layer, Mode: plan.UploadReplace, DryRun: p.DryRun, Note: p.note(), CRS: p.source.CRS,
			Repair: true, OnFault: p.source.OnFault, // the publisher's geometries are not ours to send back
			Filename: p.source.ID + ".geojson", MediaType: "application/geo+json"}})
	if err != nil {
		return err
	}
	p.Job = job.ID
	p.Progress = p.progress.loading()
	if err := p.store.SavePull(ctx, p.Pull); err != nil {
		return err
	}
	return p.await(ctx)
}

// await takes what becomes of the upload job for what becomes of the pull.
func (p *pull) await(ctx context.Context) error {
	job, err := p.jobs.Wait(ctx, p.Job, longest, nil)
	if store.Cancelled(ctx) { // and so the job is to be cancelled too, unless it was quicker
		job, err = p.cancelJob(context.WithoutCancel(ctx))
	}
	if err != nil {
		return err
	}
	if p.Revision = job.Revision; p.Revision == 0 && !p.DryRun {
		if snapshot, err := p.atlas.View().Layer(p.source.Layer); err == nil { // nothing to change: it stands as it is
			p.Revision = snapshot.Revision()
		}
	}
	if job.State == plan.JobCancelled {
		return errCancelled
	}
	return job.Failure()
}

func (p *pull) cancelJob(ctx context.Context) (job plan.Job, err error) {
	if job, err = p.jobs.Cancel(ctx, p.Job); err != nil && plan.CodeOf(err) != plan.Stale {
		return job, err
	}
	return p.jobs.Wait(ctx, p.Job, closing, nil)
}

// note tells the history where the revision comes from.
func (p *pull) note() string {
	from := p.source.Access.URL
	if p.Filename != "" {
		from = p.Filename
	}
	return fmt.Sprintf("%s. %s, %s, SHA-256 %.16s…; %d of %d features kept", p.source.Attribution, from, p.Began.Format(time.DateOnly), p.SHA256,
		p.Tally.Kept, p.Tally.Seen)
}
