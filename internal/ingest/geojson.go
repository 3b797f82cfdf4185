package ingest

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Batch is what a file held, all of it checked and in the house's coordinates.
type Batch struct {
	Features []plan.Feature // ID is "" where the file gives none; Since is 0
	CRS      geo.CRS        // what the file was read in, x first
	Notices  []plan.Finding // what was changed on the way in, in general terms: heights dropped
}

// ReadGeoJSON reads a FeatureCollection, a sequence of features (newline-delimited, or RFC 8142 with its record
// separators), one feature or one geometry. The coordinate system is Options.CRS, else that of the file's crs member
// (GeoJSON 2008), else CRS84 (RFC 7946 section 4).
//
// The body is streamed: beside the features themselves only a few hundred kilobytes a core are held, or one feature if
// that is longer. Any fault refuses the whole file; the error is a plan.Error with a finding a fault, Invalid, or
// TooLarge when nothing but limits is exceeded. A reader that fails or a context that ends gives an error that wraps
// the cause.
func ReadGeoJSON(ctx context.Context, r io.Reader, opts Options) (*Batch, error) {
	if err := opts.Columns.check(opts.Layer); err != nil {
		return nil, err
	}
	l := newLoad(opts)
	if err := l.choice.ask(opts.CRS); err != nil {
		return nil, err
	}
	if err := l.run(ctx, r); err != nil {
		return nil, err
	}
	if err := l.report.err(); err != nil {
		return nil, err
	}
	return &Batch{Features: l.features, CRS: l.choice.crs(), Notices: append(l.report.notices(), l.changes.notices(l.layer, &l.columns)...)}, nil
}

// load is one file on its way through: split by one goroutine, decoded by one a core, gathered in order by one more.
type load struct {
	layer   *plan.Layer
	columns Columns
	limits  Limits
	choice  crsChoice
	workers int

	report   *report
	features []plan.Feature
	ids      map[string]int // the feature that has each id
	count    int            // features gathered
	waiting  []*chunk       // decoded before the coordinate system was known
	changes  changes        // of all workers
}

func newLoad(opts Options) *load {
	limits := opts.Limits.orDefaults()
	return &load{layer: opts.Layer, columns: opts.Columns, limits: limits, workers: runtime.GOMAXPROCS(0), report: newReport(limits),
		ids: map[string]int{}, changes: newChanges(opts.Layer)}
}

func (l *load) run(ctx context.Context, body io.Reader) error {
	group, working := errgroup.WithContext(ctx)
	// A chunk goes both ways: to whichever worker is free, and in order to the gathering.
	todo, ordered := make(chan *chunk), make(chan *chunk, 2*l.workers)
	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return l.split(working, body, func(c *chunk) error { return send(working, c, ordered, todo) })
	})
	decoders := make([]*decoder, l.workers)
	for i := range decoders {
		decoders[i] = newDecoder(l.layer, &l.columns, l.limits)
		group.Go(func() error {
			d := decoders[i]
			for c := range todo {
				c.decode(d)
			}
			return nil
		})
	}
	group.Go(func() error { return l.gather(working, ordered) })
	if err := group.Wait(); err != nil {
		return err
	}
	for _, d := range decoders {
		l.changes.add(d.changes)
	}
	return l.placeWaiting(ctx)
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
	err := s.run()
	if ended, ok := errors.AsType[*fatal](err); ok {
		l.report.ended, err = ended, nil
	}
	if err != nil || c == nil {
		return err
	}
	return send(c)
}

// gather takes the chunks in the order of the file.
func (l *load) gather(ctx context.Context, ordered <-chan *chunk) error {
	for c := range ordered {
		select {
		case <-c.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if c.crs == nil {
			l.waiting = append(l.waiting, c)
		} else {
			l.take(c, *c.crs)
		}
	}
	return nil
}

// placeWaiting takes the features that came before their coordinate system was known: a crs member at the end of the
// file, which is where GeoPandas writes it, changes what their coordinates mean.
func (l *load) placeWaiting(ctx context.Context) error {
	crs := l.choice.crs()
	if l.report.ended == nil {
		group, ctx := errgroup.WithContext(ctx)
		var next atomic.Int64
		for range l.workers {
			group.Go(func() error {
				d := newDecoder(l.layer, &l.columns, l.limits)
				for i := next.Add(1); i <= int64(len(l.waiting)) && ctx.Err() == nil; i = next.Add(1) {
					l.waiting[i-1].place(d, crs)
				}
				return ctx.Err()
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	for i, c := range l.waiting {
		l.take(c, crs)
		l.waiting[i] = nil
	}
	return nil
}

// take adds the features of a chunk to the batch, or their faults to the report.
func (l *load) take(c *chunk, crs geo.CRS) {
	for i := range c.drafts {
		f := &c.drafts[i]
		l.report.feature(l.count, f, crs.Name())
		l.checkDuplicate(f)
		l.features = append(l.features, f.feature)
		l.count++
	}
	if len(l.report.faults)+l.report.more > 0 { // the file is refused; what follows is only looked through
		l.features = nil
	}
}

func (l *load) checkDuplicate(f *draft) {
	id := f.feature.ID
	if id == "" {
		return
	}
	if first, taken := l.ids[id]; taken {
		finding := idDuplicate.finding(id, first)
		finding.Feature, finding.ID, finding.Pointer, finding.Offset = l.count, id, "/id", &f.at
		l.report.add(finding)
		return
	}
	l.ids[id] = l.count
}
