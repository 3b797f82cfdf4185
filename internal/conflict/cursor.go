package conflict

import (
	"encoding/base64"
	"encoding/json"
	"sort"

	"strukturbild/internal/plan"
)

// cursor is the place of one conflict in the ranked order. It holds good when the conflict itself has gone.
type cursor struct {
	Revision plan.Revision `json:"v"`
	Rules    string        `json:"q"` // Standing.Edition
	Severity int           `json:"s"`
	Class    plan.Class    `json:"k"`
	Place    int           `json:"p"`
	Unit     unit          `json:"u"`
	Size     float64       `json:"n"`
	Rule     string        `json:"r"`
	Claim    [2]string     `json:"c"` // layer and feature
	Interest [2]string     `json:"i"`
}

func cursorOf(s *Standing, p pick) cursor {
	b, r := p.block, p.record
	return cursor{s.revision, s.Edition(), b.severity, b.class, b.place, b.unit, r.size, b.rule.ID,
		[2]string{b.claimID(), b.claim.ID(r.a)}, [2]string{b.interest.Layer().ID, b.interest.ID(r.b)}}
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // sizes are finite
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor reads a cursor; nil for "".
func parseCursor(s string) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	c := new(cursor)
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return nil, notOurs(s)
	}
	return c, nil
}

// follows refuses to go on with conflicts by other rules than those that the cursor's page was of: rows would be lost and
// doubled.
func (c *cursor) follows(s *Standing) error {
	if c == nil || c.Rules == s.Edition() {
		return nil
	}
	return plan.Errorf(plan.Stale, "cursor", "the pages were begun by the rules %s, and now those of %s count; leave the cursor out to start anew", c.Rules, s.Edition())
}

func notOurs(cursor string) error {
	return plan.Errorf(plan.Invalid, "cursor", "the cursor %q is not one that this service gave", cursor)
}

// position gives the index of the block's first record after the cursor.
func (c *cursor) position(b *block) int {
	if c == nil {
		return 0
	}
	return sort.Search(len(b.records), func(i int) bool { return c.before(b, &b.records[i]) })
}

// before reports whether the record comes after the cursor.
func (c *cursor) before(b *block, r *record) bool {
	switch {
	case b.severity != c.Severity:
		return b.severity < c.Severity
	case b.class != c.Class:
		return compareClasses(b.class, c.Class) > 0
	case b.place != c.Place:
		return b.place > c.Place
	case b.unit != c.Unit:
		return b.unit > c.Unit
	case r.size != c.Size:
		return b.compareSizes(r.size, c.Size) > 0
	case b.rule.ID != c.Rule:
		return b.rule.ID > c.Rule
	case b.claimID() != c.Claim[0]:
		return b.claimID() > c.Claim[0]
	case b.interest.Layer().ID != c.Interest[0]:
		return b.interest.Layer().ID > c.Interest[0]
	}
	if order := plan.CompareIDs(b.claim.ID(r.a), c.Claim[1]); order != 0 {
		return order > 0
	}
	return plan.CompareIDs(b.interest.ID(r.b), c.Interest[1]) > 0
}
