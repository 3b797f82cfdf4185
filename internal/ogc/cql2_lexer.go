package ogc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"strukturbild/internal/plan"
)

// token is a piece of CQL2 text.
type token struct {
	kind tokenKind
	text string // of a text or a quoted name, without the quotes
	at   int    // byte where it begins
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenQuoted // a name in double quotes: never a word of the language
	tokenText
	tokenNumber
	tokenSymbol
)

// is reports whether the token is the word (in capitals) or symbol.
func (t token) is(word string) bool {
	return t.kind == tokenSymbol && t.text == word || t.kind == tokenName && strings.EqualFold(t.text, word)
}

// lex takes the text apart.
func lex(text string) (tokens []token, err error) {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case unicode.IsSpace(r):
			at += size
			continue
		case r == '\'' || r == '"':
			t, end, err := lexQuoted(text, at)
			if err != nil {
				return nil, err
			}
			tokens, at = append(tokens, t), end
			continue
		case r >= '0' && r <= '9' || r == '.':
			tokens = append(tokens, token{tokenNumber, lexNumber(text[at:]), at})
		case unicode.IsLetter(r) || r == '_' || r == ':':
			tokens = append(tokens, token{tokenName, lexName(text[at:]), at})
		default:
			symbol := lexSymbol(text[at:])
			if symbol == "" {
				return nil, cqlFault(text, at, "%q is not part of the language", r)
			}
			tokens = append(tokens, token{tokenSymbol, symbol, at})
		}
		at += len(tokens[len(tokens)-1].text)
	}
	return append(tokens, token{tokenEnd, "", len(text)}), nil
}

// lexQuoted reads up to the closing quote; a doubled quote, or one after a backslash, is one of the text.
func lexQuoted(text string, at int) (t token, end int, err error) {
	quote := text[at]
	kind := tokenText
	if quote == '"' {
		kind = tokenQuoted
	}
	var b strings.Builder
	for i := at + 1; i < len(text); i++ {
		switch c := text[i]; {
		case i+1 < len(text) && (c == quote || c == '\\' && kind == tokenText) && text[i+1] == quote && !closes(text, i, quote):
			b.WriteByte(quote)
			i++
		case c == quote:
			return token{kind, b.String(), at}, i + 1, nil
		default:
			b.WriteByte(c)
		}
	}
	return t, 0, cqlFault(text, at, "the closing %c is missing", quote)
}

// closes reports whether a backslash before a quote is one of a pair, so that the quote ends the text: 'a\\'.
func closes(text string, at int, quote byte) bool {
	return text[at] == '\\' && text[at+1] == quote && at > 0 && text[at-1] == '\\'
}

func lexNumber(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return !(r >= '0' && r <= '9' || r == '.') })
	if i < 0 {
		return text
	}
	if text[i] != 'e' && text[i] != 'E' {
		return text[:i]
	}
	end := i + 1
	if end < len(text) && (text[end] == '+' || text[end] == '-') {
		end++
	}
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end]
}

func lexName(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == ':' || r == '.')
	})
	if i < 0 {
		return text
	}
	return text[:i]
}

func lexSymbol(text string) string {
	for _, symbol := range []string{"<>", "<=", ">=", "!=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%", "^"} {
		if strings.HasPrefix(text, symbol) {
			return symbol
		}
	}
	return ""
}

// cqlFault tells what is wrong and where.
func cqlFault(text string, at int, format string, args ...any) error {
	column := utf8.RuneCountInString(text[:at]) + 1
	return plan.Errorf(plan.Invalid, "filter", "column %d: %w", column, fmt.Errorf(format, args...))
}
