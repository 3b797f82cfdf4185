package ingest

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// stream reads JSON values one at a time: valid ones only, no longer than allowed, with their place in the body.
type stream struct {
	src *source
	dec *jsontext.Decoder
	max int // bytes of a value
}

// fatal is a fault after which nothing more of the body can be read.
type fatal struct{ finding plan.Finding }

func (f *fatal) Error() string { return f.finding.Message.EN }

func fatalf(offset int64, r rule, args ...any) *fatal {
	finding := r.finding(args...)
	finding.Feature, finding.Offset = -1, &offset
	return &fatal{finding}
}

const readBuffer = 64 << 10

func newStream(r io.Reader, limits Limits) *stream {
	src := &source{r: bufio.NewReaderSize(r, readBuffer)}
	// The decoder's defaults refuse duplicate names and invalid UTF-8 (RFC 7493).
	return &stream{src: src, dec: jsontext.NewDecoder(src), max: limits.MaxFeatureBytes}
}

// allow lets the decoder read as far as one more value may go.
func (s *stream) allow() { s.src.limit = s.dec.InputOffset() + int64(s.max) + readBuffer }

// peek gives the kind of the next token; 0 at the end, and where the next read fails.
func (s *stream) peek() jsontext.Kind {
	s.allow()
	return s.dec.PeekKind()
}

// token reads a token; io.EOF at the end of the body.
func (s *stream) token() error {
	s.allow()
	_, err := s.dec.ReadToken()
	return s.explain(err)
}

// skip reads a value and forgets it.
func (s *stream) skip() error {
	s.allow()
	return s.explain(s.dec.SkipValue())
}

// value reads a value and tells where it begins; io.EOF at the end of the body. The bytes are good until the next call.
func (s *stream) value() (raw []byte, at int64, err error) {
	s.allow()
	raw, err = s.dec.ReadValue()
	at = s.dec.InputOffset() - int64(len(raw))
	if err == nil && len(raw) > s.max {
		err = errTooLong
	}
	return raw, at, s.explain(err)
}

// end makes sure that nothing follows the value.
func (s *stream) end() error {
	if s.token() == io.EOF {
		return nil
	}
	if s.src.cause != nil {
		return s.explain(s.src.cause)
	}
	return fatalf(s.dec.InputOffset(), trailing, s.dec.InputOffset())
}

// explain makes a decoder's error one that users understand.
func (s *stream) explain(err error) error {
	if err == nil || err == io.EOF && s.src.cause == nil {
		return err
	}
	if s.src.cause != nil {
		return plan.Errorf(plan.Invalid, "", "the body could not be read beyond byte %d: %w", s.src.read, s.src.cause)
	}
	if errors.Is(err, errTooLong) {
		return fatalf(s.dec.InputOffset(), tooLongFeature, s.max)
	}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return plan.Because(err, plan.Internal, "", "the body could not be decoded")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fatalf(s.src.read, truncated, s.src.read)
	}
	line, column := s.src.position(syntax.ByteOffset)
	fault := fatalf(syntax.ByteOffset, malformed, line, column, syntax.ByteOffset, syntaxText(syntax))
	fault.finding.Pointer = string(syntax.JSONPointer)
	return fault
}

func syntaxText(err *jsontext.SyntacticError) plan.Text {
	text := plan.Text{SV: "texten följer inte JSON:s regler", EN: err.Err.Error()}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		text = plan.Text{SV: "ett namn står två gånger i samma objekt", EN: "a name stands twice in the same object"}
	case text.EN == "invalid UTF-8":
		text.SV = "texten är inte UTF-8"
	case strings.HasPrefix(text.EN, "invalid character "):
		text.SV = "oväntat tecken " + strings.Fields(text.EN)[2]
	}
	return text
}
