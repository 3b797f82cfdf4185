package source

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// counter counts and digests what is read through it.
type counter struct {
	io.Reader
	bytes  int64
	digest hash.Hash
}

func newCounter(r io.Reader) *counter { return &counter{Reader: r, digest: sha256.New()} }

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes += int64(n)
	_, _ = c.digest.Write(p[:n]) // a hash takes everything
	return n, err
}

func (c *counter) sum() string { return hex.EncodeToString(c.digest.Sum(nil)) }
