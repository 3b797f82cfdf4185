package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// copyRows takes a binary COPY stream as it arrives and calls row with the fields of each tuple (nil for a null). The
// fields are good until row returns.
type copyRows struct {
	row     func(fields [][]byte) error
	pending []byte
	fields  [][]byte
	begun   bool
	ended   bool
}

var errCopy = errors.New("the database sent a COPY stream that can't be read")

// Write takes the next piece of the stream. PostgreSQL sends a tuple a piece, which needs no copy; any other cut works.
func (c *copyRows) Write(p []byte) (int, error) {
	stream := p
	if len(c.pending) > 0 {
		c.pending = append(c.pending, p...)
		stream = c.pending
	}
	for !c.ended {
		n, err := c.step(stream)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		stream = stream[n:]
	}
	c.pending = append(c.pending[:0], stream...)
	return len(p), nil
}

// step reads the header or one whole tuple and gives its length; 0 when it is not all there yet.
func (c *copyRows) step(stream []byte) (int, error) {
	if !c.begun {
		if len(stream) < len(copySignature) {
			return 0, nil
		}
		if !bytes.HasPrefix(stream, []byte(copySignature[:11])) {
			return 0, errCopy
		}
		c.begun = true
		return len(copySignature), nil
	}
	n := c.tuple(stream)
	if n == 0 || c.ended {
		return n, nil
	}
	return n, c.row(c.fields)
}

func (c *copyRows) tuple(stream []byte) int {
	if len(stream) < 2 {
		return 0
	}
	count := int16(binary.BigEndian.Uint16(stream))
	if count < 0 {
		c.ended = true
		return 2
	}
	c.fields = c.fields[:0]
	at := 2
	for range count {
		if len(stream) < at+4 {
			return 0
		}
		length := int32(binary.BigEndian.Uint32(stream[at:]))
		at += 4
		if length < 0 {
			c.fields = append(c.fields, nil)
			continue
		}
		if len(stream) < at+int(length) {
			return 0
		}
		c.fields = append(c.fields, stream[at:at+int(length)])
		at += int(length)
	}
	return at
}

// finish reports a stream that stopped half-way.
func (c *copyRows) finish() error {
	if !c.ended {
		return io.ErrUnexpectedEOF
	}
	return nil
}
