package harvest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
	"strukturbild/internal/store"
)

// Options are what pulls need.
type Options struct {
	Catalogue *source.Catalogue
	Files     ingest.Reader
	Agent     string        // what the service calls itself to publishers
	Due       bool          // pull by itself what has been pulled before and is older than it may be
	Pause     time.Duration // before a second attempt to get something; 0 is a second
	Log       *slog.Logger
}

// Harvest pulls sources.
type Harvest struct {
	options Options
	puller  source.Puller
	store   *store.Store
	atlas   *atlas.Atlas
	jobs    *jobs.Jobs
}

// New makes a Harvest; the chores do its work.
func New(options Options, st *store.Store, at *atlas.Atlas, jb *jobs.Jobs) *Harvest {
	h := &Harvest{options: options, store: st, atlas: at, jobs: jb}
	h.puller = source.Puller{Agent: options.Agent, TempDir: options.Files.TempDir, Pause: options.Pause, Convert: h.convert}
	return h
}

func (h *Harvest) convert(ctx context.Context, f source.Given, layer *plan.Layer, w io.Writer) error {
	return h.options.Files.Convert(ctx, ingest.File{Body: f.Body, Name: f.Name, MediaType: f.MediaType, SourceLayer: f.SourceLayer,
		Encoding: f.Encoding, MaxBytes: f.MaxBytes}, layer, f.CRS, w)
}

// Catalogue gives the sources.
func (h *Harvest) Catalogue() *source.Catalogue { return h.options.Catalogue }

const (
	pulling = "source_pull"
	// atOnce is how many pulls a node does at a time: a publisher who is slow does not keep the others waiting.
	atOnce = 2
	// attempts bounds how often a pull is begun; a file that ends the service each time must not do so forever.
	attempts = 5
	// longest is how long a pull may take: millions of features come in pages, from publishers who are slow.
	longest = 3 * time.Hour
	// dead is when a pull that has not ended is given up.
	dead = longest + time.Hour
	// between is how long a source is left alone after an attempt that failed, when nobody asks for it.
	between = 24 * time.Hour
)

// Chores are what is to be done, for store.Work.
func (h *Harvest) Chores() []store.Chore {
	const unlimited = 1 << 14 // what fails for good ends its pull
	chores := []store.Chore{{Name: pulling, Node: h.jobs.Node(), AtOnce: atOnce, Timeout: longest, Attempts: unlimited,
		Do: func(ctx context.Context, payload json.RawMessage, attempt int) error {
			var id string
			if err := json.Unmarshal(payload, &id); err != nil {
				return store.GiveUp(err)
			}
			return h.do(ctx, id, attempt)
		}}}
	if h.options.Due {
		chores = append(chores, store.Chore{Name: "source_due", Every: time.Hour, Do: func(ctx context.Context, _ json.RawMessage, _ int) error {
			return h.pullDue(ctx, time.Now())
		}})
	}
	return chores
}

// Request asks for a pull.
type Request struct {
	Source string
	Author string
	DryRun bool
}

// Begin enqueues a pull. Exists: the source is being pulled already.
func (h *Harvest) Begin(ctx context.Context, r Request) (*plan.Pull, error) {
	s, err := h.options.Catalogue.Find(r.Source)
	if err != nil {
		return nil, err
	}
	if s.Access.Kind == source.Manual {
		return nil, plan.Errorf(plan.Invalid, "source", "the source %q can't be fetched by the service: get the file from %s and send it (sources pull %s --file)",
			s.ID, s.LandingPage, s.ID)
	}
	pull := newPull(s, r)
	return pull, h.store.AddPull(ctx, pulling, h.jobs.Node(), pull, dead)
}

// Give enqueues a pull of a file that someone has fetched, once all of it is on the disk. Length is in bytes; -1 when
// nobody knows it.
func (h *Harvest) Give(ctx context.Context, r Request, filename string, length int64, body io.Reader) (*plan.Pull, error) {
	s, err := h.options.Catalogue.Find(r.Source)
	if err != nil {
		return nil, err
	}
	pull := newPull(s, r)
	pull.Filename = cmp.Or(filename, "file")
	return pull, h.jobs.Keep(ctx, pull.ID, body, length, func() error {
		return h.store.AddPull(ctx, pulling, h.jobs.Node(), pull, dead)
	})
}

// Cancel ends a pull, and the upload that it has come to. Stale: it has ended already.
func (h *Harvest) Cancel(ctx context.Context, id string) (*plan.Pull, error) {
	pull, err := h.store.CancelPull(ctx, id)
	if err == nil && pull.State.Ended() {
		h.jobs.Discard(id)
	}
	return pull, err
}

func newPull(s *source.Source, r Request) *plan.Pull {
	return &plan.Pull{ID: rand.Text(), Source: s.ID, Layer: s.Layer, Author: r.Author, DryRun: r.DryRun, State: plan.JobQueued, Began: time.Now().UTC()}
}

// pullDue begins the pulls of what someone has pulled before and has become too old.
func (h *Harvest) pullDue(ctx context.Context, now time.Time) error {
	successes, err := h.store.LastPulls(ctx)
	if err != nil {
		return err
	}
	attempts, err := h.store.LastAttempts(ctx)
	if err != nil {
		return err
	}
	tried := map[string]time.Time{}
	for _, pull := range attempts {
		tried[pull.Source] = pull.Began
	}
	for _, pull := range successes {
		s, err := h.options.Catalogue.Find(pull.Source)
		if err != nil || pull.Filename != "" || !s.Due(pull.Began, now) || now.Sub(tried[pull.Source]) < between {
			continue
		}
		if _, err := h.Begin(ctx, Request{Source: s.ID, Author: "strukturbild"}); err != nil && plan.CodeOf(err) != plan.Exists {
			return err
		}
		h.options.Log.Info("pulling a source that is due", "source", s.ID)
	}
	return nil
}

// look is how often a pull that is waited for is looked at.
const look = 500 * time.Millisecond

// Wait gives the pull when it has ended, or as it is when the time is over or stop is closed.
func (h *Harvest) Wait(ctx context.Context, id string, patience time.Duration, stop <-chan struct{}) (*plan.Pull, error) {
	over := time.After(patience)
	for {
		pull, err := h.store.Pull(ctx, id)
		if err != nil || pull.State.Ended() {
			return pull, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-over:
			return pull, nil
		case <-stop:
			return pull, nil
		case <-time.After(look):
		}
	}
}
