package jobs

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"strukturbild/internal/plan"
)

// Checksum is what the sender says of a piece.
type Checksum struct {
	Algorithm string // "" for none
	Sum       []byte
}

// ChecksumAlgorithms are those that are taken, by the names of the tus protocol. They find accidents, not attackers.
const ChecksumAlgorithms = "sha256,sha1,md5"

// Check refuses an algorithm that is not taken.
func (c Checksum) Check() error {
	if c.Algorithm != "" && c.hash() == nil {
		return plan.Errorf(plan.Invalid, "Upload-Checksum", "the checksum algorithm %q is not known: use one of %s", c.Algorithm, ChecksumAlgorithms)
	}
	return nil
}

func (c Checksum) hash() hash.Hash {
	switch c.Algorithm {
	case "sha256":
		return sha256.New()
	case "sha1":
		return sha1.New()
	case "md5":
		return md5.New()
	}
	return nil
}

// begin gives what the piece is written through.
func (c Checksum) begin() io.Writer {
	if h := c.hash(); h != nil {
		return h
	}
	return io.Discard
}

func (c Checksum) fits(written io.Writer) bool {
	h, ok := written.(hash.Hash)
	return ok && bytes.Equal(h.Sum(nil), c.Sum)
}

// measure reads a file that came in pieces, for its size and digest.
func (s *spool) measure(id string) (received, error) {
	file, err := s.open(id)
	if err != nil {
		return received{}, err
	}
	defer file.Close()
	digest := sha256.New()
	n, err := io.Copy(digest, file)
	return received{n, hex.EncodeToString(digest.Sum(nil))}, err
}
