package server

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"
)

// encoder is a content coding at work.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// coding is a content coding with encoders at hand. All are set to be quick: the service streams.
type coding struct {
	name string
	pool sync.Pool
}

// codings in the order in which they are taken when the client likes several equally.
var codings = []*coding{
	{name: "zstd", pool: sync.Pool{New: func() any {
		e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10))
		return encoder(e)
	}}},
	{name: "br", pool: sync.Pool{New: func() any { return encoder(brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: 3, LGWin: 18})) }}},
	{name: "gzip", pool: sync.Pool{New: func() any {
		e, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return encoder(e)
	}}},
}

// chooseCoding reads Accept-Encoding (RFC 9110, 12.5.3); nil for none.
func chooseCoding(accept string) (best *coding) {
	most := 0.0
	for _, c := range codings {
		if q := codingQuality(accept, c.name); q > most {
			best, most = c, q
		}
	}
	if most < codingQuality(accept, "identity") {
		return nil
	}
	return best
}

// codingQuality gives how much the client likes the coding; 0 is not at all.
func codingQuality(accept, name string) (quality float64) {
	for part := range strings.SplitSeq(accept, ",") {
		coding, parameters, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != name && (coding != "*" || name == "identity") {
			continue
		}
		q := 1.0
		if _, text, found := strings.Cut(parameters, "q="); found {
			q, _ = strconv.ParseFloat(strings.TrimSpace(text), 64)
		}
		if quality = q; coding == name { // named is more than *
			return q
		}
	}
	return quality
}

// compress encodes answers that gain from it.
func compress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
		chosen := chooseCoding(c.Request().Header.Get(echo.HeaderAcceptEncoding))
		if chosen == nil || c.Request().Method == http.MethodHead {
			return next(c)
		}
		plain := c.Response().Writer
		packed := &packedWriter{ResponseWriter: plain, coding: chosen, asked: c.Request().Header.Get("If-None-Match")}
		c.Response().Writer = packed
		err := next(c)
		// Not deferred: a panic breaks the answer off, and half of it must not get an ending.
		c.Response().Writer = plain
		if err != nil && !c.Response().Committed {
			return err
		}
		return errorsOr(err, packed.finish())
	}
}

func errorsOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// smallest is how many bytes an answer must have for its encoding to pay.
const smallest = 1024

// packedWriter holds the beginning of an answer back until it knows whether to encode it.
type packedWriter struct {
	http.ResponseWriter
	coding  *coding
	asked   string // If-None-Match
	status  int    // 0: no header was written yet
	begun   []byte // what is held back
	decided bool
	encoder encoder // nil: as it is
	flushed bool
}

// Unwrap lets http.ResponseController find deadlines.
func (w *packedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader holds the header back until there is enough to decide.
func (w *packedWriter) WriteHeader(status int) {
	if w.status = status; status == http.StatusNotModified || status == http.StatusNoContent || status < 200 {
		w.notModified()
		w.decide(false)
	}
}

// notModified gives the ETag that the whole answer would have had (RFC 9110, 15.4.5).
func (w *packedWriter) notModified() {
	if tag := w.Header().Get("ETag"); w.status == http.StatusNotModified && strings.Contains(w.asked, encodedTag(tag, w.coding.name)) {
		w.Header().Set("ETag", encodedTag(tag, w.coding.name))
	}
}

func (w *packedWriter) Write(p []byte) (int, error) {
	if !w.decided && len(w.begun)+len(p) < smallest {
		w.begun = append(w.begun, p...)
		return len(p), nil
	}
	if !w.decided {
		w.decide(true)
	} else if w.encoder != nil && !w.flushed { // it is a stream: its beginning is to be read before its end is written
		w.flushed = true
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return w.send(p)
}

// decide writes the header, and what was held back.
func (w *packedWriter) decide(large bool) {
	w.decided = true
	header := w.Header()
	if large && header.Get(echo.HeaderContentEncoding) == "" && compressible(header.Get(echo.HeaderContentType)) {
		w.encoder = w.coding.pool.Get().(encoder)
		w.encoder.Reset(w.ResponseWriter)
		header.Set(echo.HeaderContentEncoding, w.coding.name)
		header.Del(echo.HeaderContentLength)
		if tag := header.Get("ETag"); tag != "" {
			header.Set("ETag", encodedTag(tag, w.coding.name))
		}
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	if len(w.begun) > 0 {
		_, _ = w.send(w.begun) // the next write meets the same fault
	}
}

func (w *packedWriter) send(p []byte) (int, error) {
	if w.encoder != nil {
		return w.encoder.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Flush sends on what there is.
func (w *packedWriter) Flush() {
	if !w.decided {
		w.decide(false)
	}
	_ = w.flush() // the next write meets the same fault
}

func (w *packedWriter) flush() error {
	if w.encoder != nil {
		if err := w.encoder.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// finish ends a whole answer.
func (w *packedWriter) finish() error {
	if !w.decided {
		w.decide(false)
	}
	if w.encoder == nil {
		return nil
	}
	err := w.encoder.Close()
	w.coding.pool.Put(w.encoder)
	return err
}

// compressible reports whether the media type is text of some kind. What is packed already, and events, which are to
// arrive at once, is not.
func compressible(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media == "text/event-stream" {
		return false
	}
	return strings.HasPrefix(media, "text/") || slices.ContainsFunc([]string{"json", "json-seq", "xml", "javascript"}, func(kind string) bool { return strings.HasSuffix(media, kind) })
}

// encodedTag gives the strong ETag of the encoded form, which is another representation (RFC 9110, 8.8.3.3); weak ones
// stand for both.
func encodedTag(tag, coding string) string {
	if strings.HasPrefix(tag, "W/") || tag == "" {
		return tag
	}
	return strings.TrimSuffix(tag, `"`) + "-" + coding + `"`
}

// plainTag gives the ETag of what was encoded. Proxies that encode make tags weak.
func plainTag(tag string) string {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	for _, c := range codings {
		if bare, found := strings.CutSuffix(tag, "-"+c.name+`"`); found {
			return bare + `"`
		}
	}
	return tag
}
