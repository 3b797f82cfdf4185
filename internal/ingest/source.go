package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// source feeds the JSON decoder: it bounds what the decoder may hold at a time, turns the record separators of RFC 8142
// into white space, and remembers enough to tell the line and column of a fault.
type source struct {
	r      *bufio.Reader
	read   int64    // bytes handed out
	limit  int64    // handing out more than this is an error
	recent [2]block // the last two reads, for position
	cause  error    // what r failed with, other than io.EOF
}

// block is one read and where it stood in the body.
type block struct {
	bytes     []byte
	from      int64 // offset of bytes[0]
	lines     int   // newlines before it
	lineStart int64 // offset of the first byte of the line that it begins in
}

// errTooLong is what the decoder sees when a value does not end within the limit.
var errTooLong = errors.New("the value is longer than the limit")

const (
	recordSeparator = 0x1e // RFC 8142 section 2
	byteOrderMark   = "\xef\xbb\xbf"
)

// ahead gives the first bytes of the body without reading them.
func (s *source) ahead() []byte {
	const most = 4096
	prefix, _ := s.r.Peek(most) // an error comes again with the next read
	prefix = bytes.Clone(prefix)
	s.clean(prefix)
	return prefix
}

// Read hands out at most what the limit leaves.
func (s *source) Read(p []byte) (int, error) {
	if s.limit <= s.read {
		return 0, errTooLong
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.limit-s.read)])
	if err != nil && err != io.EOF {
		s.cause = err
	}
	if n == 0 {
		return n, err
	}
	s.clean(p[:n])
	s.remember(p[:n])
	s.read += int64(n)
	return n, err
}

// clean makes white space of what is not JSON but may stand between JSON texts. A newline is as forbidden inside a
// JSON string as a record separator is, so that a separator in the wrong place still is a fault.
func (s *source) clean(p []byte) {
	if s.read == 0 && bytes.HasPrefix(p, []byte(byteOrderMark)) { // RFC 8259 section 8.1
		copy(p, "   ")
	}
	for {
		i := bytes.IndexByte(p, recordSeparator)
		if i < 0 {
			return
		}
		p[i] = '\n'
		p = p[i+1:]
	}
}

func (s *source) remember(p []byte) {
	last := &s.recent[1]
	next := block{from: s.read, lines: last.lines + bytes.Count(last.bytes, newline), lineStart: last.lineStart}
	if i := bytes.LastIndexByte(last.bytes, '\n'); i >= 0 {
		next.lineStart = last.from + int64(i) + 1
	}
	next.bytes = append(s.recent[0].bytes[:0], p...)
	s.recent[0], s.recent[1] = *last, next
}

var newline = []byte{'\n'}

// position gives the line and column (in bytes), both from 1, of an offset in what was read last.
func (s *source) position(offset int64) (line int, column int64) {
	b := s.recent[1]
	if offset < b.from {
		b = s.recent[0]
	}
	before := b.bytes[:max(0, min(offset-b.from, int64(len(b.bytes))))]
	line, start := b.lines+bytes.Count(before, newline)+1, b.lineStart
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		start = b.from + int64(i) + 1
	}
	return line, offset - start + 1
}
