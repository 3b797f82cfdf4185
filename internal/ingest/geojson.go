package ingest

import (
	"context"
	"errors"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"strukturbild/internal/plan"
)

// ReadGeoJSON reads a FeatureCollection, a sequence of features (newline-delimited, or RFC 8142 with its record
// separators), one feature or one geometry. The coordinate system is Options.CRS, else that of the file's crs member
// (GeoJSON 2008), else CRS84 (RFC 7946 section 4).
//
// The body is streamed: a few hundred kilobytes a core are held, or one feature if that is longer; the batch holds about a
// hundred bytes a feature, and the features themselves on the disk. Any fault refuses the whole file, unless Checks.Skip
// leaves out the features that have it; the error is a plan.Error with a finding a fault, Invalid, or TooLarge when
// nothing but limits is exceeded. A reader that fails or a context that ends gives an error that wraps the cause.
func ReadGeoJSON(ctx context.Context, r io.Reader, opts Options) (*Batch, error) {
	return readWith(ctx, opts, func(l *load) feed {
		return func(ctx context.Context, send func(*chunk) error) error { return l.split(ctx, r, send) }
	})
}

// feed sends the chunks of a file.
type feed func(ctx context.Context, send func(*chunk) error) error

// readWith reads what the feed of a load gives.
func readWith(ctx context.Context, opts Options, from func(*load) feed) (*Batch, error) {
	if err := opts.Columns.check(opts.Layer); err != nil {
		return nil, err
	}
	if err := opts.Checks.check(); err != nil {
		return nil, err
	}
	l := newLoad(opts)
	if err := l.choice.ask(&opts); err != nil {
		return nil, err
	}
	defer l.waiting.Close()
	batch, err := l.run(ctx, from(l))
	if err != nil {
		return nil, errors.Join(err, l.batch.Close())
	}
	return batch, nil
}

// load is one file on its way through: split by one goroutine, decoded by one a core, gathered in order by one more.
type load struct {
	opts    Options
	limits  Limits
	choice  crsChoice
	workers int

	report  *report
	batch   *Batch
	told    func(int)
	ids     map[string]int // the feature that has each id
	waiting spool          // chunks of drafts from before the coordinate system was known
	held    []*held        // ... and the rest of each
	changes changes        // of all workers
}

func newLoad(opts Options) *load {
	limits := opts.Limits.orDefaults()
	return &load{opts: opts, limits: limits, workers: runtime.GOMAXPROCS(0), report: newReport(limits, opts.Checks),
		batch: &Batch{in: opts.Stored, features: spool{dir: opts.TempDir}}, told: opts.Progress, ids: map[string]int{}, waiting: spool{dir: opts.TempDir}, changes: newChanges(opts.Layer)}
}

// run reads the body and gives the batch, or everything that is wrong with it.
func (l *load) run(ctx context.Context, body feed) (*Batch, error) {
	err := l.pass(ctx, body)
	if err == nil && len(l.held) > 0 {
		if err = l.waiting.finish(); err == nil {
			err = l.pass(ctx, l.revive)
		}
	}
	if err == nil {
		l.report.file = l.changes.absent(l.opts.Layer, l.opts.Columns.Require)
		err = l.report.err()
	}
	if err == nil {
		err = l.batch.features.finish()
	}
	if err != nil {
		return nil, err
	}
	l.batch.CRS, l.batch.Notices = l.choice.crs(), append(l.report.notices(), l.changes.notices(l.opts.Layer, &l.opts.Columns)...)
	l.batch.Read, l.batch.Repaired, l.batch.Refused = l.report.read, l.report.repaired, l.report.refused
	return l.batch, nil
}

// pass has the chunks of the source decoded by all cores and gathered in order.
func (l *load) pass(ctx context.Context, source feed) error {
	group, working := errgroup.WithContext(ctx)
	// A chunk goes both ways: to whichever worker is free, and in order to the gathering.
	todo, ordered := make(chan *chunk), make(chan *chunk, 2*l.workers)
	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return source(working, func(c *chunk) error { return send(working, c, ordered, todo) })
	})
	decoders := make([]*decoder, l.workers)
	for i := range decoders {
		decoders[i] = newDecoder(&l.opts, l.limits)
		group.Go(func() error {
			for c := range todo {
				c.work(decoders[i])
			}
			return nil
		})
	}
	group.Go(func() error { return l.gather(working, ordered) })
	err := group.Wait()
	for _, d := range decoders {
		l.changes.add(d.changes)
	}
	return err
}

func send(ctx context.Context, c *chunk, ways ...chan<- *chunk) error {
	for _, way := range ways {
		select {
		case way <- c:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// split cuts the body into chunks. A fault that ends the reading goes into the report.
func (l *load) split(ctx context.Context, body io.Reader, send func(*chunk) error) error {
	var c *chunk
	count := 0
	s := splitter{stream: newStream(body, l.limits), choice: &l.choice}
	s.feature = func(raw []byte, at int64) error {
		if count++; count > l.limits.MaxFeatures {
			return fatalf(at, tooManyFeatures, l.limits.MaxFeatures)
		}
		if c == nil {
			c = newChunk(l.choice.ifFinal())
		}
		if c.full(len(raw)) {
			if err := send(c); err != nil {
				return err
			}
			c = newChunk(c.crs)
		}
		c.add(raw, at)
		return ctx.Err()
	}
	if err := l.ended(s.run()); err != nil || c == nil {
		return err
	}
	return send(c)
}

// ended takes a fault that ends the reading into the report.
func (l *load) ended(err error) error {
	if ended, ok := errors.AsType[*fatal](err); ok {
		l.report.ended = ended
		return nil
	}
	return err
}

// revive gives the drafts that came before their coordinate system was known: a crs member at the end of the file, which
// is where GeoPandas writes it, changes what their coordinates mean.
func (l *load) revive(_ context.Context, send func(*chunk) error) error {
	crs := l.choice.crs()
	for i, h := range l.held {
		c := newChunk(&crs)
		c.held, c.ends, c.refused = h, h.bounds, l.report.ended != nil
		var err error
		if c.raw, err = l.waiting.read(i, c.raw); err != nil {
			return err
		}
		if err := send(c); err != nil {
			return err
		}
	}
	return nil
}

// gather takes the chunks in the order of the file.
func (l *load) gather(ctx context.Context, ordered <-chan *chunk) error {
	for c := range ordered {
		select {
		case <-c.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := l.take(c); err != nil {
			return err
		}
		giveBack(c.kept)
	}
	return nil
}

// take adds the features of a chunk to the batch, or their faults to the report. As long as the coordinate system is
// not known, they go to the disk as they are.
func (l *load) take(c *chunk) error {
	if c.crs == nil {
		l.held = append(l.held, c.hold())
		return l.waiting.add(c.kept, len(c.kept))
	}
	c.accept = make([]bool, len(c.drafts))
	for i := range c.drafts {
		f := &c.drafts[i]
		if f.lost != nil {
			return plan.Because(f.lost, plan.Internal, "", "what was read from the file could not be read back")
		}
		l.checkDuplicate(f)
		if c.accept[i] = l.report.feature(f, c.crs.Name()); c.accept[i] {
			l.batch.add(f, l.report.read-1)
		}
	}
	if l.told != nil {
		l.told(l.report.read)
	}
	if l.report.refuses() { // what follows is only looked through
		l.batch.ids, l.batch.stored = nil, nil
		return nil
	}
	kept, ends := c.accepted()
	return l.batch.features.add(kept, ends...)
}

// checkDuplicate makes a fault of an id that an earlier feature has.
func (l *load) checkDuplicate(f *draft) {
	id := f.feature.ID
	if id == "" {
		return
	}
	if first, taken := l.ids[id]; taken {
		finding := idDuplicate.finding(id, first)
		finding.Pointer, finding.Offset = "/id", &f.at
		f.findings = append(f.findings, finding)
		return
	}
	l.ids[id] = l.report.read
}
