package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// Limits of a pull that its source does not set.
const (
	defaultMaxMiB = 2048
	maxPages      = 10_000
	maxDocument   = 16 << 20 // bytes of a feed or a count
	attempts      = 5        // to get one file or page
	defaultPause  = time.Second
	answerTime    = 2 * time.Minute
)

// Stamp is what a server says of the version that it gave (RFC 9110, 8.8).
type Stamp struct {
	ETag     string
	Modified string
}

// client gets things from the hosts that a source may lead to, within its limits.
type client struct {
	http   *http.Client
	access *Access
	hosts  []string
	agent  string
	left   int64 // bytes that the pull may still be
	digest hash.Hash
	told   Hearing
	pause  time.Duration // before a second attempt; doubled for each further one
}

// newClient makes a client that follows the operator's proxy settings (HTTPS_PROXY, NO_PROXY), and gives up on a server
// that does not begin to answer.
func newClient(s *Source, agent string, pause time.Duration) *client {
	c := &client{access: &s.Access, agent: agent, left: s.Access.MaxMiB << 20, digest: sha256.New(), pause: cmp.Or(pause, defaultPause)}
	if c.left == 0 {
		c.left = defaultMaxMiB << 20
	}
	if u, err := url.Parse(s.Access.URL); err == nil {
		c.hosts = append([]string{u.Host}, s.Access.Hosts...)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTime
	c.http = &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return plan.Errorf(plan.Unavailable, "source", "the source redirects in a circle")
		}
		return c.allow(r.URL)
	}}
	return c
}

// allow refuses other hosts than the source names, and addresses without TLS unless it says that they are meant.
func (c *client) allow(u *url.URL) error {
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && c.access.PlainHTTP):
		return plan.Errorf(plan.Forbidden, "source", "the source leads to %s, which is not https", u.Redacted())
	case !slices.Contains(c.hosts, u.Host):
		return plan.Errorf(plan.Forbidden, "source", "the source leads to the host %s, which its entry in the catalogue does not name (hosts)", u.Host)
	}
	return nil
}

// request prepares a GET of an address that is allowed.
func (c *client) request(ctx context.Context, address string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, plan.Errorf(plan.Invalid, "source", "%q is no address: %w", address, err)
	}
	if err := c.allow(r.URL); err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", c.agent)
	return r, nil
}

// again tries until it succeeds, fails for good, or has failed too often.
func (c *client) again(ctx context.Context, try func() error) (err error) {
	pause := c.pause
	for attempt := 1; ; attempt++ {
		if err = try(); err == nil || attempt == attempts || final(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// final tells errors that another attempt won't mend: all of ours, but that a server is busy.
func final(err error) bool {
	known, ok := errors.AsType[*plan.Error](err)
	return ok && known.Code != plan.Unavailable
}

// statusError is what becomes of an answer that is none.
func statusError(answer *http.Response) error {
	code := plan.Invalid
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusRequestTimeout {
		code = plan.Unavailable
	}
	beginning, _ := io.ReadAll(io.LimitReader(answer.Body, 4096)) // only to tell what it says
	return plan.Errorf(code, "source", "%s answers %s: %.300s", answer.Request.URL.Host, answer.Status, tagless(string(beginning)))
}

// away wraps what the network says.
func away(err error) error {
	if known, ok := errors.AsType[*plan.Error](err); ok {
		return known
	}
	host := ""
	if at, ok := errors.AsType[*url.Error](err); ok { // whose text repeats the whole address
		err = at.Err
		if u, bad := url.Parse(at.URL); bad == nil {
			host = " at " + u.Host
		}
	}
	return plan.Errorf(plan.Unavailable, "source", "the source can't be reached%s: %w", host, err)
}

// document reads a small answer: a feed, a count.
func (c *client) document(ctx context.Context, address string) (body []byte, err error) {
	err = c.again(ctx, func() error {
		r, err := c.request(ctx, address)
		if err != nil {
			return err
		}
		answer, err := c.http.Do(r)
		if err != nil {
			return away(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return statusError(answer)
		}
		if body, err = io.ReadAll(io.LimitReader(answer.Body, maxDocument+1)); err != nil {
			return away(err)
		}
		if len(body) > maxDocument {
			return plan.Errorf(plan.TooLarge, "source", "%s is larger than a feed or a count should be", address)
		}
		return nil
	})
	return body, err
}

// ErrUnchanged says that the server still has the version of the stamp.
var ErrUnchanged = plan.Errorf(plan.Stale, "source", "the source has not changed since it was last pulled")

// whole writes the file at the address to one of ours, and goes on where it was when the connection breaks (RFC 9110,
// 14.2), as long as the server still has the same version. With a stamp it asks for a newer version only.
func (c *client) whole(ctx context.Context, address, filename string, known Stamp) (Stamp, error) {
	return c.download(ctx, address, filename, &download{client: c, known: known, resumes: true})
}

// page writes what is at the address to a file; a page that breaks is asked for anew.
func (c *client) page(ctx context.Context, address, filename string) error {
	_, err := c.download(ctx, address, filename, &download{client: c})
	return err
}

func (c *client) download(ctx context.Context, address, filename string, d *download) (stamp Stamp, err error) {
	file, err := os.OpenFile(filename, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return stamp, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	d.file = file
	if err := c.again(ctx, func() error { return d.attempt(ctx, address) }); err != nil {
		return d.stamp, err
	}
	c.left -= d.have
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return d.stamp, err
	}
	_, err = io.Copy(c.digest, file)
	return d.stamp, err
}

// download is one file on its way.
type download struct {
	*client
	resumes bool
	file    *os.File
	known   Stamp
	stamp   Stamp
	have    int64
}

func (d *download) attempt(ctx context.Context, address string) error {
	r, err := d.request(ctx, address)
	if err != nil {
		return err
	}
	d.condition(r)
	answer, err := d.http.Do(r)
	if err != nil {
		return away(err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusNotModified:
		return ErrUnchanged
	case http.StatusPartialContent:
		if from, ok := rangeStart(answer.Header.Get("Content-Range")); !ok || from != d.have {
			return plan.Errorf(plan.Invalid, "source", "%s gives another part of the file than was asked for", answer.Request.URL.Host)
		}
	case http.StatusOK: // from the beginning, whatever was asked for
		if err := d.restart(); err != nil {
			return err
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return errors.Join(d.restart(), away(errors.New("the rest of the file is not to be had")))
	default:
		return statusError(answer)
	}
	d.stamp = Stamp{answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")}
	return d.copy(answer)
}

// condition asks for the rest of what is here, or for a newer version than the known one.
func (d *download) condition(r *http.Request) {
	if !d.resumes {
		return
	}
	r.Header.Set("Accept-Encoding", "identity") // parts are of the file as it is
	version := d.stamp.Modified
	if d.stamp.ETag != "" && !strings.HasPrefix(d.stamp.ETag, "W/") { // a weak one says nothing of bytes
		version = d.stamp.ETag
	}
	switch {
	case d.have > 0 && version != "":
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.have))
		r.Header.Set("If-Range", version)
	case d.have > 0: // nothing tells whether the rest would fit: all of it again
	case d.known.ETag != "":
		r.Header.Set("If-None-Match", d.known.ETag)
	case d.known.Modified != "":
		r.Header.Set("If-Modified-Since", d.known.Modified)
	}
}

func (d *download) restart() error {
	d.have = 0
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return d.file.Truncate(0)
}

// copy takes the body, as far as the limit of the pull allows.
func (d *download) copy(answer *http.Response) error {
	if d.have+max(answer.ContentLength, 0) > d.left {
		return d.tooLarge()
	}
	n, err := io.Copy(io.MultiWriter(d.file, d.told), io.LimitReader(answer.Body, d.left-d.have+1))
	d.have += n
	if d.have > d.left {
		return d.tooLarge()
	}
	if err != nil {
		return away(err)
	}
	return nil
}

func (d *download) tooLarge() error {
	most := d.access.MaxMiB
	if most == 0 {
		most = defaultMaxMiB
	}
	return plan.Errorf(plan.TooLarge, "source", "the source gives more than %d MiB, which is as much as a pull may be (max_mib)", most)
}

// rangeStart reads bytes 100-199/200.
func rangeStart(header string) (int64, bool) {
	span, ok := strings.CutPrefix(header, "bytes ")
	first, _, found := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	return from, ok && found && err == nil
}

// sum gives the digest of all that was downloaded.
func (c *client) sum() string { return hex.EncodeToString(c.digest.Sum(nil)) }
