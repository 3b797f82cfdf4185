package atlas

import "unicode/utf8"

// pattern is the pattern of a LIKE, taken apart.
type pattern []element

// element is a character, any character (_), or any text (%).
type element struct {
	literal rune
	any     bool
	many    bool
}

func parsePattern(text string) (p pattern) {
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			p, escaped = append(p, element{literal: r}), false
		case r == '\\':
			escaped = true
		case r == '_':
			p = append(p, element{any: true})
		case r != '%':
			p = append(p, element{literal: r})
		case len(p) == 0 || !p[len(p)-1].many:
			p = append(p, element{many: true})
		}
	}
	if escaped {
		p = append(p, element{literal: '\\'})
	}
	return p
}

// matches takes, of each %, the shortest text that lets the next part follow; only the last % is ever tried again.
func (p pattern) matches(text string) bool {
	at, star, resume := 0, -1, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case at < len(p) && p[at].many:
			star, resume = at, i
			at++
		case at < len(p) && (p[at].any || p[at].literal == r):
			at++
			i += size
		case star >= 0:
			_, size := utf8.DecodeRuneInString(text[resume:])
			resume += size
			at, i = star+1, resume
		default:
			return false
		}
	}
	for at < len(p) && p[at].many {
		at++
	}
	return at == len(p)
}

func like(get value[string], text string) test {
	p := parsePattern(text)
	return func(f *frame) truth {
		s, known := get(f)
		return when(known && p.matches(s), known)
	}
}
