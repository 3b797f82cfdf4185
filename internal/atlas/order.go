package atlas

import (
	"cmp"
	"encoding/binary"
	"math"

	"strukturbild/internal/plan"
)

// order is the order of a query's pages: by its keys, and then by plan.CompareIDs, so that no two features are alike.
type order struct {
	snapshot *Snapshot
	keys     []orderKey
	needs    int // attributes that must be decoded
	after    *Slot
	afterID  string
	a, b     []plan.Value // scratch
}

type orderKey struct {
	at         int // index of the attribute, -1 for the id
	descending bool
}

// order makes the query's order. Invalid when the feature that the page is to come after is not there, which tells where
// a page ended.
func (s *Snapshot) order(q plan.Query) (*order, error) {
	o := &order{snapshot: s, afterID: q.After}
	for _, key := range q.Sort {
		at := s.layer.Attribute(key.Property)
		o.keys = append(o.keys, orderKey{at, key.Descending})
		o.needs = max(o.needs, at+1)
	}
	if q.After == "" || len(o.keys) == 0 {
		return o, nil
	}
	slot, found := s.ByID(q.After)
	if !found {
		return nil, plan.Errorf(plan.Invalid, "cursor", "there is no feature %q that a page could come after; begin anew", q.After)
	}
	o.after = &slot
	return o, nil
}

// passed reports whether the feature stands on an earlier page.
func (o *order) passed(slot Slot) bool {
	switch {
	case o.after != nil:
		return o.compare(slot, *o.after) <= 0
	case o.afterID != "":
		return plan.CompareIDs(o.snapshot.ID(slot), o.afterID) <= 0
	}
	return false
}

// compare orders two features.
func (o *order) compare(x, y Slot) int {
	if o.needs > 0 {
		o.a, o.b = o.values(o.a, x), o.values(o.b, y)
	}
	for _, key := range o.keys {
		c := 0
		if key.at < 0 {
			c = plan.CompareIDs(o.snapshot.ID(x), o.snapshot.ID(y))
		} else {
			c = compareValues(o.a[key.at], o.b[key.at])
		}
		switch {
		case c == 0:
		case key.descending:
			return -c
		default:
			return c
		}
	}
	return plan.CompareIDs(o.snapshot.ID(x), o.snapshot.ID(y))
}

func (o *order) values(into []plan.Value, slot Slot) []plan.Value {
	s := o.snapshot
	return decodeRow(into[:0], s.bytes.get(s.record(slot).row), s.codes[:o.needs])
}

// compareValues orders two values of one kind: null comes last.
func compareValues(x, y plan.Value) int {
	switch {
	case x.IsNull() || y.IsNull():
		return truthRank(x.IsNull()) - truthRank(y.IsNull())
	case x.Kind() == plan.String:
		return cmp.Compare(x.Text(), y.Text())
	case x.Kind() == plan.Number:
		return cmp.Compare(x.Float(), y.Float())
	}
	return cmp.Compare(x.Int(), y.Int())
}

func truthRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rank orders features as compare does as far as a word can tell: by the first key.
func (o *order) rank(slot Slot) uint64 {
	if len(o.keys) == 0 {
		return rankOfID(o.snapshot.ID(slot))
	}
	key, word := o.keys[0], uint64(0)
	if key.at < 0 {
		word = rankOfID(o.snapshot.ID(slot))
	} else {
		o.a = o.values(o.a, slot)
		word = rankOfValue(o.a[key.at])
	}
	if key.descending {
		return ^word
	}
	return word
}

// rankOfID is the length of the id and its first seven bytes: that is all of most ids.
func rankOfID(id string) uint64 {
	if len(id) > 254 {
		return 255 << 56
	}
	var word [8]byte
	word[0] = byte(len(id))
	copy(word[1:], id)
	return binary.BigEndian.Uint64(word[:])
}

func rankOfValue(v plan.Value) uint64 {
	const sign = 1 << 63
	switch v.Kind() {
	case plan.Null:
		return math.MaxUint64
	case plan.String:
		var word [8]byte
		copy(word[:], v.Text())
		return binary.BigEndian.Uint64(word[:])
	case plan.Number:
		bits := math.Float64bits(v.Float() + 0) // 0 and -0 are one number
		if bits&sign != 0 {
			return ^bits
		}
		return bits | sign
	}
	return uint64(v.Int()) ^ sign
}
