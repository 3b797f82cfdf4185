package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// patience is how long the service may be out of reach before a command gives up.
const patience = 2 * time.Minute

// persist tries again, ever more seldom, as long as the service does not answer. advanced tells of progress, with
// which the patience begins anew.
func persist(ctx context.Context, attempt func(advanced func()) error) error {
	wait, since := 500*time.Millisecond, time.Now()
	for {
		err := attempt(func() { wait, since = 500*time.Millisecond, time.Now() })
		if !errors.Is(err, errNoAnswer) || time.Since(since) > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*time.Second)
	}
}

// send brings the file to the service by the tus protocol, over as many connections as it takes, and gives the id of
// its job. told hears how many bytes have arrived.
func (s *service) send(ctx context.Context, file *wholeFile, parameters url.Values, told func(bytes int64)) (job string, err error) {
	var place string
	err = persist(ctx, func(advanced func()) error {
		if place == "" {
			if place, err = s.begin(ctx, file.size, parameters); err != nil {
				return err
			}
		}
		offset, known, err := s.arrived(ctx, place)
		if err != nil || known != "" {
			job = known
			return err
		}
		told(offset)
		advance := func(n int64) {
			advanced()
			told(n)
		}
		job, err = s.piece(ctx, place, io.NewSectionReader(file, offset, file.size-offset), offset, advance)
		return err
	})
	return job, err
}

func tusHeader(pairs ...string) http.Header {
	header := http.Header{"Tus-Resumable": {"1.0.0"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		header.Set(pairs[i], pairs[i+1])
	}
	return header
}

// begin makes place for the file.
func (s *service) begin(ctx context.Context, size int64, parameters url.Values) (place string, err error) {
	var metadata []string
	for name := range parameters {
		metadata = append(metadata, name+" "+base64.StdEncoding.EncodeToString([]byte(parameters.Get(name))))
	}
	slices.Sort(metadata)
	answer, err := s.do(ctx, http.MethodPost, s.address("/uploads"),
		tusHeader("Upload-Length", strconv.FormatInt(size, 10), "Upload-Metadata", strings.Join(metadata, ",")), nil)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	location, err := answer.Location()
	if err != nil {
		return "", err
	}
	return location.String(), nil
}

// arrived asks how much of the file the service has; job is its job when that is all.
func (s *service) arrived(ctx context.Context, place string) (offset int64, job string, err error) {
	answer, err := s.do(ctx, http.MethodHead, place, tusHeader(), nil)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	offset, err = strconv.ParseInt(answer.Header.Get("Upload-Offset"), 10, 64)
	return offset, answer.Header.Get("Strukturbild-Job"), err
}

// piece sends the rest of the file.
func (s *service) piece(ctx context.Context, place string, rest *io.SectionReader, offset int64, told func(int64)) (job string, err error) {
	answer, err := s.do(ctx, http.MethodPatch, place,
		tusHeader("Upload-Offset", strconv.FormatInt(offset, 10), "Content-Type", "application/offset+octet-stream"),
		&telling{rest, offset, told})
	if plan.CodeOf(err) == plan.Stale { // a piece that we gave up has arrived after all
		return "", fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	return answer.Header.Get("Strukturbild-Job"), nil
}

// telling tells how far what is read through it has come.
type telling struct {
	io.Reader
	at   int64
	told func(int64)
}

func (t *telling) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.at += int64(n)
	t.told(t.at)
	return n, err
}
