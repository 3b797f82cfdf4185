package conflict

import (
	"encoding/hex"
	"strings"

	"strukturbild/internal/plan"
)

// A conflict's id is rule:layer.feature:layer.feature, the claim first. It is the same as long as the rule and the two
// features have their ids, and needs no escape in an address (RFC 3986, 2.3 and 3.3): what else a feature's id has is
// written ~XX, byte by byte.

// identity is a conflict's id, taken apart.
type identity struct {
	rule            string
	claim, interest plan.FeatureRef // without theme and title
}

func (i identity) String() string {
	text := append(make([]byte, 0, 96), i.rule...)
	for _, side := range []*plan.FeatureRef{&i.claim, &i.interest} {
		text = append(append(append(text, ':'), side.Layer...), '.')
		text = appendEscaped(text, side.ID)
	}
	return string(text)
}

func appendEscaped(dst []byte, id string) []byte {
	for i := range len(id) {
		c := id[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '~', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return dst
}

// parseID takes an id apart; false when it is none.
func parseID(text string) (i identity, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return i, false
	}
	i.rule = parts[0]
	for n, side := range []*plan.FeatureRef{&i.claim, &i.interest} {
		layer, id, cut := strings.Cut(parts[n+1], ".")
		if side.Layer = layer; !cut {
			return i, false
		}
		if side.ID, ok = unescaped(id); !ok {
			return i, false
		}
	}
	return i, i.String() == text
}

func unescaped(text string) (string, bool) {
	first, rest, _ := strings.Cut(text, "~")
	if first == text {
		return text, true
	}
	id := []byte(first)
	for part := range strings.SplitSeq(rest, "~") {
		if len(part) < 2 {
			return "", false
		}
		c, err := hex.DecodeString(part[:2])
		if err != nil {
			return "", false
		}
		id = append(append(id, c...), part[2:]...)
	}
	return string(id), true
}
