package source

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// Puller gets sources.
type Puller struct {
	Agent   string        // what the service calls itself to others
	TempDir string        // for private directories; "" is the system's
	Pause   time.Duration // before a second attempt, doubled for each further one; 0 is a second
	// Convert gives the features of a file of any format as GeoJSON, for a layer of that geometry type.
	Convert func(ctx context.Context, f Given, layer *plan.Layer, w io.Writer) error
	Told    Hearing
}

// Hearing, when it is there, hears of bytes that have come and of features that were looked at, each time of so many
// more; of both at a time.
type Hearing func(bytes, features int)

func (h Hearing) feature() {
	if h != nil {
		h(0, 1)
	}
}

// Write counts what comes.
func (h Hearing) Write(p []byte) (int, error) {
	if h != nil {
		h(len(p), 0)
	}
	return len(p), nil
}

// Given is a file on its way to be converted.
type Given struct {
	Body        io.Reader
	Name        string
	MediaType   string
	SourceLayer string
	Encoding    string
	CRS         string
	MaxBytes    int64
}

// Outcome is what a pull brought.
type Outcome struct {
	plan.Tally
	Stamp
	Bytes  int64
	SHA256 string // of all that was fetched, in its order
}

// Fetch gets the source, and writes the features for the layer to w, as a sequence of GeoJSON features in the source's
// coordinate system. ErrUnchanged: the server still has the version of the stamp.
func (p *Puller) Fetch(ctx context.Context, s *Source, layer *plan.Layer, known Stamp, w io.Writer) (outcome Outcome, err error) {
	dir, err := fence.MakeDir(p.TempDir, "source")
	if err != nil {
		return outcome, err
	}
	defer os.RemoveAll(dir)
	t, err := newTranslator(s, layer, w)
	if err != nil {
		return outcome, err
	}
	t.told = p.Told
	f := &fetch{client: newClient(s, p.Agent, p.Pause), source: s, dir: dir, known: known}
	f.told = p.Told
	defer f.http.CloseIdleConnections()
	whole := f.left
	f.take = func(part part) (int, error) { return p.take(ctx, t, part) }
	if err := f.run(ctx); err != nil {
		return outcome, err
	}
	return Outcome{t.tally, f.stamp, whole - f.left, f.sum()}, t.fit()
}

// take translates one downloaded file, and gives how many features were in it.
func (p *Puller) take(ctx context.Context, t *translator, part part) (features int, err error) {
	file, err := os.Open(part.path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	before := t.tally.Seen
	err = p.translate(ctx, t, file, part.name, part.mediaType)
	return t.tally.Seen - before, err
}

// Translate does with a local file what Fetch does with what it gets.
func (p *Puller) Translate(ctx context.Context, s *Source, layer *plan.Layer, body io.Reader, name string, w io.Writer) (outcome Outcome, err error) {
	t, err := newTranslator(s, layer, w)
	if err != nil {
		return outcome, err
	}
	t.told = p.Told
	counted := newCounter(io.TeeReader(body, p.Told))
	if err := p.translate(ctx, t, counted, filepath.Base(name), ""); err != nil {
		return outcome, err
	}
	return Outcome{Tally: t.tally, Bytes: counted.bytes, SHA256: counted.sum()}, t.fit()
}

// translate has the file converted to GeoJSON, and collects the features as they come.
func (p *Puller) translate(ctx context.Context, t *translator, body io.Reader, name, mediaType string) error {
	a := &t.source.Access
	most := a.MaxMiB
	if most == 0 {
		most = defaultMaxMiB
	}
	given := Given{Body: body, Name: name, MediaType: mediaType, SourceLayer: a.SourceLayer, Encoding: a.Encoding, CRS: t.source.CRS, MaxBytes: most << 20}
	if mediaType != "" { // a page, which has one layer and says its encoding
		given.SourceLayer, given.Encoding = "", ""
	}
	from, to := io.Pipe()
	converted := make(chan error, 1)
	go func() {
		err := p.Convert(ctx, given, t.layer, to)
		_ = to.CloseWithError(err) // nil is the end of the file
		converted <- err
	}()
	collected := t.collect(from)
	_ = from.CloseWithError(errStopped)
	if err := <-converted; err != nil && !errors.Is(err, errStopped) {
		return err
	}
	return collected
}

// errStopped ends a conversion of which nothing more is wanted.
var errStopped = errors.New("the reading was stopped")

// fit refuses an outcome that would empty the layer: what the source gave is not what the catalogue expects.
func (t *translator) fit() error {
	if t.tally.Kept > 0 {
		return nil
	}
	return plan.Errorf(plan.Invalid, "source", "nothing that the source gave is to be kept: of %d features %d lie elsewhere, %d have no place, %d are left out by the filter, "+
		"and %d have no value in the key columns %v; the source may have changed its columns", t.tally.Seen, t.tally.Outside, t.tally.NoPlace, t.tally.Other,
		t.tally.Keyless, t.source.Key)
}
