package plan

import "testing"

func TestFolder(t *testing.T) {
	for _, c := range []struct {
		upper, accents bool
		text, want     string
	}{
		{true, false, "ÅMÅL Abc ẞ", "åmål abc ss"},
		{false, true, "Åmål Öckerö é", "Amal Ockero e"},
		{true, true, "ÅMÅL É", "amal e"},
		{true, true, "Abc", "abc"},
		{false, true, "A\u030a", "A"},
		{true, false, "A\u030a", "å"},
		{true, true, "", ""},
	} {
		folder := NewFolder(c.upper, c.accents)
		for range 2 { // it is used again and again
			if got := string(folder.Append([]byte("x"), c.text)); got != "x"+c.want {
				t.Errorf("%q without case (%v) and accents (%v) is %q, want %q", c.text, c.upper, c.accents, got, c.want)
			}
		}
	}
}

func TestParseMoment(t *testing.T) {
	for text, want := range map[string]Value{
		"1990-01-01":                DateValue(7305),
		"1990-01-01T":               DateValue(7305),
		"1990-01-01T00:00:00Z":      DateTimeValue(7305 * 86400e6),
		"1990-01-01T01:00:00+01:00": DateTimeValue(7305 * 86400e6),
		"1990-01-01t00:00:00.5":     DateTimeValue(7305*86400e6 + 500_000),
		"1990-01-01T12Z":            DateTimeValue((7305*24 + 12) * 3600e6),
	} {
		if got, err := ParseMoment(text); err != nil || got != want {
			t.Errorf("%s is %v %v, %v; want %v", text, got.Kind(), got, err, want)
		}
	}
	for _, text := range []string{"", "1990", "1990-02-30", "igår", "1990-01-01 12:00:00Z"} {
		if got, err := ParseMoment(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}
