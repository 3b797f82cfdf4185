package ogc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/url"

	"strukturbild/internal/plan"
)

// cursor is where a page ended: in which state of the layer, and after which id. With a checksum over both and over
// the filters it is opaque text in a link; a client that changes the filters starts anew instead of losing rows.
type cursor struct {
	revision plan.Revision
	after    string
}

const checksumBytes = 8

// text gives the cursor as base64url: checksum, revision, id.
func (c cursor) text(filters string) string {
	sum := c.checksum(filters)
	raw := binary.AppendUvarint(sum[:checksumBytes:checksumBytes], uint64(c.revision))
	return base64.RawURLEncoding.EncodeToString(append(raw, c.after...))
}

func (c cursor) checksum(filters string) [sha256.Size]byte {
	raw := binary.AppendUvarint(nil, uint64(c.revision))
	raw = append(binary.AppendUvarint(raw, uint64(len(c.after))), c.after...)
	return sha256.Sum256(append(raw, filters...))
}

// parseCursor reads the text of a cursor that was made with the same filters.
func parseCursor(text, filters string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) <= checksumBytes {
		return cursor{}, errNoCursor
	}
	revision, n := binary.Uvarint(raw[checksumBytes:])
	if n <= 0 || revision > 1<<62 {
		return cursor{}, errNoCursor
	}
	c := cursor{plan.Revision(revision), string(raw[checksumBytes+n:])}
	if sum := c.checksum(filters); string(sum[:checksumBytes]) != string(raw[:checksumBytes]) {
		return cursor{}, errors.New("it belongs to another request: follow the next link as it is, or leave the cursor out to start anew")
	}
	return c, nil
}

var errNoCursor = errors.New("it is not one that this service gave: follow the next link as it is, or leave the cursor out to start anew")

// filters gives the part of the request that decides which features are on the pages, as one text: limit, format and
// output system may change from page to page.
func filters(layer string, values url.Values) string {
	deciding := make(url.Values, len(values))
	for name, list := range values {
		switch name {
		case "cursor", "limit", "crs", "f", "revision", "at", "properties", "skipGeometry":
		default:
			deciding[name] = list
		}
	}
	return layer + "?" + deciding.Encode()
}
