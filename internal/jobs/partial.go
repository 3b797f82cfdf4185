package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"strukturbild/internal/plan"
)

const (
	// partialKept is how long an upload in pieces waits for its next piece, or is remembered after its last.
	partialKept = 24 * time.Hour
	// partialsOpen bounds how many uploads in pieces one sender may have begun and not ended.
	partialsOpen = 20
	partialEnd   = ".json"
)

// Partial is an upload that arrives in pieces. What has arrived lies in the spool under its id, which becomes that of
// the job; this stands beside it, so that both outlive the service.
type Partial struct {
	ID      string      `json:"id"`
	Author  string      `json:"author"`
	Upload  plan.Upload `json:"upload"`
	Key     string      `json:"key,omitempty"`
	Length  int64       `json:"length"`
	Expires time.Time   `json:"expires"`
	Job     string      `json:"job,omitempty"` // when all has arrived
	Offset  int64       `json:"-"`             // bytes that have arrived
}

// Begin makes place for an upload of so many bytes.
func (j *Jobs) Begin(ctx context.Context, upload plan.Upload, author, key string, length int64) (*Partial, error) {
	if length < 1 || length > j.options.MaxBytes {
		return nil, plan.Errorf(plan.TooLarge, "Upload-Length", "the file has %d bytes; 1 to %d are taken", length, j.options.MaxBytes)
	}
	if err := j.admit(ctx, &upload); err != nil {
		return nil, err
	}
	if err := j.spool.room(length); err != nil {
		return nil, err
	}
	open := 0
	for _, p := range j.partials() {
		if p.Author == author && p.Job == "" {
			open++
		}
	}
	if open >= partialsOpen {
		return nil, plan.Errorf(plan.Unavailable, "", "%d uploads in pieces are begun already, which is as many as may; end or delete some of them", open)
	}
	p := &Partial{ID: rand.Text(), Author: author, Upload: upload, Key: key, Length: length, Expires: time.Now().Add(partialKept).UTC()}
	j.spool.arrives(p.ID)
	defer j.spool.arrived(p.ID)
	file, err := os.OpenFile(j.spool.path(p.ID), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, errNoRoom(err)
	}
	return p, errors.Join(file.Close(), j.spool.note(p))
}

// note writes what is known of the upload beside its bytes.
func (s *spool) note(p *Partial) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return writeWhole(s.path(p.ID+partialEnd), text)
}

// partial reads it back; nil when it is not there, or its time is over.
func (s *spool) partial(id string) *Partial {
	if strings.ContainsAny(id, "/.") {
		return nil
	}
	text, err := os.ReadFile(s.path(id + partialEnd))
	if err != nil {
		return nil
	}
	var p Partial
	if json.Unmarshal(text, &p) != nil || time.Now().After(p.Expires) {
		return nil
	}
	p.Offset = p.Length
	if p.Job == "" {
		info, err := os.Stat(s.path(id))
		if err != nil {
			return nil
		}
		p.Offset = info.Size()
	}
	return &p
}

// partials gives all whose time is not over.
func (j *Jobs) partials() (all []*Partial) {
	names, _ := j.spool.idle() // a directory that can't be read is found out by whoever writes
	for _, name := range names {
		if id, isNote := strings.CutSuffix(name, partialEnd); isNote {
			if p := j.spool.partial(id); p != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// Partial finds an upload of the author's that is not too old. interrupt breaks off the request that asks, should
// another one for the same upload come: a client that has lost its connection must not wait until we notice. release
// must be called.
func (j *Jobs) Partial(ctx context.Context, id, author string, interrupt func()) (p *Partial, release func(), err error) {
	if release, err = j.turns.take(ctx, id, interrupt); err != nil {
		return nil, nil, err
	}
	if p = j.spool.partial(id); p == nil || p.Author != author {
		release()
		return nil, nil, plan.Errorf(plan.NotFound, "id", "there is no upload %q of yours here; one that gets no bytes for %s is removed", id, partialKept)
	}
	if p.Offset == p.Length && p.Job == "" { // the service ended between the last byte and the job
		if err = j.complete(ctx, p); err != nil {
			release()
			return nil, nil, err
		}
	}
	return p, release, nil
}

// Piece is a part of a file.
type Piece struct {
	Offset int64 // where it begins
	Body   io.Reader
	Sum    Checksum // of the whole piece; the zero value for none
}

// errChecksum is what a piece is refused with that did not arrive as it was sent.
var errChecksum = plan.Errorf(plan.Invalid, "Upload-Checksum", "the piece did not arrive as it was sent; send it again")

// IsChecksum reports whether the piece was refused because of its checksum.
func IsChecksum(err error) bool { return errors.Is(err, errChecksum) }

// Continue adds a piece; the last makes the job. What arrives before a piece breaks off is kept, unless it has a
// checksum. Stale: it does not begin where the last one ended.
func (j *Jobs) Continue(ctx context.Context, p *Partial, piece Piece) error {
	if piece.Offset != p.Offset {
		return plan.Errorf(plan.Stale, "Upload-Offset", "the piece begins at byte %d, but %d bytes have arrived", piece.Offset, p.Offset)
	}
	if p.Job != "" {
		return nil
	}
	if err := j.spool.room(p.Length - p.Offset); err != nil {
		return err
	}
	failure := j.spool.append(p, piece)
	p.Expires = time.Now().Add(partialKept).UTC()
	if err := j.spool.note(p); err != nil || failure != nil {
		return errors.Join(failure, err)
	}
	if p.Offset < p.Length {
		return nil
	}
	return j.complete(ctx, p)
}

// append writes the piece behind what is there, and moves the offset.
func (s *spool) append(p *Partial, piece Piece) (err error) {
	file, err := os.OpenFile(s.path(p.ID), os.O_WRONLY, 0o600)
	if err != nil {
		return errNoRoom(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Seek(p.Offset, io.SeekStart); err != nil {
		return err
	}
	sum := piece.Sum.begin()
	n, err := io.Copy(io.MultiWriter(file, sum), io.LimitReader(piece.Body, p.Length-p.Offset+1))
	switch {
	case n > p.Length-p.Offset:
		err = plan.Errorf(plan.TooLarge, "Upload-Length", "more bytes came than the %d that were announced", p.Length)
		n = 0
	case piece.Sum.Algorithm != "" && (err != nil || !piece.Sum.fits(sum)):
		err, n = errors.Join(err, errChecksum), 0
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = plan.Errorf(plan.Invalid, "", "the piece broke off after %d bytes, which are kept: %w", n, err)
	}
	p.Offset += n
	if failure := file.Truncate(p.Offset); failure != nil {
		return failure
	}
	return errors.Join(err, file.Sync())
}

// complete makes the job of a file that is all there. Made twice, it is the same job.
func (j *Jobs) complete(ctx context.Context, p *Partial) error {
	// The last byte is here: that the client hangs up now does not undo it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, err := j.store.Job(ctx, p.ID)
	if plan.CodeOf(err) == plan.NotFound && err != nil {
		var file received
		if file, err = j.spool.measure(p.ID); err != nil {
			return err
		}
		j.spool.arrives(p.ID)
		var job plan.Job
		job, _, err = j.add(ctx, p.ID, p.Upload, p.Author, p.Key, file)
		p.Job = job.ID
	} else if err == nil {
		p.Job = p.ID
	}
	if err != nil {
		return err
	}
	return j.spool.note(p)
}

// Abandon removes an upload that is not complete.
func (j *Jobs) Abandon(p *Partial) error {
	if p.Job != "" {
		return plan.Errorf(plan.Stale, "id", "the file has arrived; cancel its job %s", p.Job)
	}
	j.spool.remove(p.ID)
	return os.Remove(j.spool.path(p.ID + partialEnd))
}

// turns lets one request at a time have an upload, the newest one.
type turns struct {
	sync.Mutex
	held map[string]*holder
}

type holder struct {
	interrupt func()
	released  chan struct{}
}

// take interrupts whoever has the upload, and waits until it is free.
func (t *turns) take(ctx context.Context, id string, interrupt func()) (release func(), err error) {
	mine := &holder{interrupt, make(chan struct{})}
	for {
		t.Lock()
		other := t.held[id]
		if other == nil {
			t.held[id] = mine
			t.Unlock()
			return func() {
				t.Lock()
				defer t.Unlock()
				delete(t.held, id)
				close(mine.released)
			}, nil
		}
		other.interrupt() // under the lock, so that it has not been released yet
		t.Unlock()
		select {
		case <-other.released:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
