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
)

// closing is how long the last words about a pull may take when its own time is over.
const closing = 10 * time.Second

// pull is one pull on its way.
type pull struct {
	*Harvest
	*plan.Pull
	source *source.Source
	file   *os.File // what is kept, as GeoJSON
}

// do does a pull that was enqueued. What fails is told in the pull; the error is for what another attempt may mend.
func (h *Harvest) do(ctx context.Context, id string) error {
	record, err := h.store.Pull(ctx, id)
	if plan.CodeOf(err) == plan.NotFound || err == nil && record.State.Ended() {
		return nil // forgotten, or done by another attempt
	}
	if err != nil {
		return err
	}
	s, err := h.options.Catalogue.Find(record.Source)
	if err != nil {
		return h.end(ctx, record, err)
	}
	p := &pull{Harvest: h, Pull: record, source: s}
	record.State = plan.JobRunning
	if err := h.store.SavePull(ctx, record); err != nil {
		return err
	}
	known, err := h.known(ctx, s, record)
	if err != nil {
		return h.end(ctx, record, err)
	}
	return h.end(ctx, record, p.run(ctx, func(layer *plan.Layer, w io.Writer) (source.Outcome, error) {
		return h.puller.Fetch(ctx, s, layer, known, w)
	}))
}

// Give does a pull with a file that someone has fetched; it has ended when it comes back.
func (h *Harvest) Give(ctx context.Context, r Request, filename string, body io.Reader) (*plan.Pull, error) {
	s, err := h.options.Catalogue.Find(r.Source)
	if err != nil {
		return nil, err
	}
	record := newPull(s, r)
	record.State, record.Filename = plan.JobRunning, filename
	if err := h.store.AddPull(ctx, "", record, dead); err != nil {
		return nil, err
	}
	p := &pull{Harvest: h, Pull: record, source: s}
	return record, h.end(ctx, record, p.run(ctx, func(layer *plan.Layer, w io.Writer) (source.Outcome, error) {
		return h.puller.Translate(ctx, s, layer, body, filename, w)
	}))
}

// known gives the stamp of what the layer holds, so that the same is not fetched again. It counts only while nobody
// else has changed the layer, and never for a dry run, which is to show something.
func (h *Harvest) known(ctx context.Context, s *source.Source, record *plan.Pull) (source.Stamp, error) {
	if record.DryRun {
		return source.Stamp{}, nil
	}
	last, err := h.store.LastPulls(ctx)
	if err != nil {
		return source.Stamp{}, err
	}
	i := slices.IndexFunc(last, func(p plan.Pull) bool { return p.Source == s.ID })
	snapshot, missing := h.atlas.View().Layer(s.Layer)
	if i < 0 || missing != nil || snapshot.Revision() != last[i].Revision {
		return source.Stamp{}, nil
	}
	return source.Stamp{ETag: last[i].ETag, Modified: last[i].Modified}, nil
}

// end writes what became of the pull.
func (h *Harvest) end(ctx context.Context, record *plan.Pull, failure error) error {
	now := time.Now().UTC()
	record.State, record.Ended = plan.JobDone, &now
	if failure != nil {
		record.State, record.Code, record.Error = plan.JobFailed, plan.Internal, "the service failed; the fault is logged under the pull's id"
		if known, ok := errors.AsType[*plan.Error](failure); ok && known.Code != plan.Internal {
			record.Code, record.Error = known.Code, known.Message
		} else if errors.Is(failure, context.DeadlineExceeded) || errors.Is(failure, context.Canceled) {
			record.Code, record.Error = plan.Unavailable, "the pull was ended before it was ready; nothing was written"
		} else {
			h.options.Log.Error("a pull failed", "pull", record.ID, "source", record.Source, "error", failure)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return h.store.SavePull(last, record)
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
	if err := p.store.SavePull(ctx, p.Pull); err != nil {
		return err
	}
	if job, err = p.jobs.Wait(ctx, job.ID, longest, nil); err != nil {
		return err
	}
	if p.Revision = job.Revision; p.Revision == 0 && !p.DryRun {
		if snapshot, err := p.atlas.View().Layer(p.source.Layer); err == nil { // nothing to change: it stands as it is
			p.Revision = snapshot.Revision()
		}
	}
	return job.Failure()
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
