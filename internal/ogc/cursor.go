package ogc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"net/url"

	"strukturbild/internal/plan"
)

// cursor is where a page ended: in which state of the layer, and after which id. With a checksum over both and over
// the filters it is opaque text in a link; a client that changes the filters starts anew instead of losing rows.
type cursor struct {
	revision plan.Revision
	matched  int // features on all pages, as the first one has counted them; 0 for not counted
	after    string
}

const checksumBytes = 8

// text gives the cursor as base64url: checksum, revision, count, id.
func (c cursor) text(filters string) string {
	sum := c.checksum(filters)
	raw := append(sum[:checksumBytes:checksumBytes], c.numbers()...)
	return base64.RawURLEncoding.EncodeToString(append(raw, c.after...))
}

func (c cursor) numbers() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(c.revision)), uint64(c.matched))
}

func (c cursor) checksum(filters string) [sha256.Size]byte {
	raw := append(binary.AppendUvarint(c.numbers(), uint64(len(c.after))), c.after...)
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
	matched, m := binary.Uvarint(raw[checksumBytes+n:])
	if m <= 0 || matched > math.MaxInt32 {
		return cursor{}, errNoCursor
	}
	c := cursor{plan.Revision(revision), int(matched), string(raw[checksumBytes+n+m:])}
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
