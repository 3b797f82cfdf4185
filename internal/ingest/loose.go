package ingest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// Formats without JSON's types (CSV, dBASE, XML) have numbers as text, truth as 0 and 1, and days in several spellings.
// Here such a value is rewritten as JSON has it when that loses nothing; the checks are the same for all formats.
var (
	decimalText = regexp.MustCompile(`^[+-]?([0-9]+)(?:[.,]([0-9]+))?([eE][+-]?[0-9]{1,3})?$`)
	dayText     = regexp.MustCompile(`^([0-9]{4})([-/]?)([0-9]{2})([-/]?)([0-9]{2})(?:[T ]00:00:00(?:\.0+)?(?:Z|\+00(?::?00)?)?)?$`)
	instantText = regexp.MustCompile(`^([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)(?:(Z)|([+-][0-9]{2}):?([0-9]{2})?)$`)
)

// loosen rewrites a JSON value for an attribute; told says that the change is worth a notice: dates with strokes are
// GDAL's own spelling, and empty text is how these formats have no value.
func loosen(a *plan.Attribute, raw []byte) (rewritten []byte, told bool) {
	quoted := raw[0] == '"'
	if a.Type == plan.String {
		if quoted || raw[0] == 'n' {
			return raw, false
		}
		return asText(raw), true
	}
	text := string(raw)
	if quoted {
		text = strings.TrimSpace(string((&cursor{doc: raw}).text()))
		if text == "" {
			return []byte("null"), false
		}
	}
	switch a.Type {
	case plan.Integer, plan.Number:
		return asNumber(raw, text, quoted)
	case plan.Boolean:
		return asBoolean(raw, text)
	case plan.Date:
		return asDay(raw, text)
	case plan.DateTime:
		return asInstant(raw, text)
	}
	return raw, false
}

// asText quotes a value that should have been text: a number in its shortest form, what else as it stands. (GDAL
// writes text that is a JSON object or array as one, and may put spaces into it.)
func asText(raw []byte) []byte {
	text := string(raw)
	if _, exact := integer(raw); !exact && (raw[0] == '-' || raw[0]-'0' <= 9) {
		text = strconv.FormatFloat(parseFloat(raw), 'g', -1, 64)
	} else if exact {
		i, _ := integer(raw)
		text = strconv.FormatInt(i, 10)
	}
	quoted, _ := jsontext.AppendQuote(nil, text) // it was valid JSON
	return quoted
}

// asNumber reads 12, 12.5 and, as Swedes write it, 12,5.
func asNumber(raw []byte, text string, quoted bool) ([]byte, bool) {
	parts := decimalText.FindStringSubmatch(text)
	if !quoted || parts == nil {
		return raw, false
	}
	number := strings.TrimLeft(parts[1], "0")
	if number == "" {
		number = "0"
	}
	if text[0] == '-' {
		number = "-" + number
	}
	if parts[2] != "" {
		number += "." + parts[2]
	}
	return []byte(number + parts[3]), true
}

func asBoolean(raw []byte, text string) ([]byte, bool) {
	switch strings.ToLower(text) {
	case "1", "t", "true", "ja", "j", "sant", "sann", "yes", "y":
		return []byte("true"), raw[0] != 't'
	case "0", "f", "false", "nej", "falskt", "falsk", "n", "no":
		return []byte("false"), raw[0] != 'f'
	}
	return raw, false
}

// asDay reads 2026/11/22, 20261122 (also as a number) and a day with midnight on it.
func asDay(raw []byte, text string) ([]byte, bool) {
	parts := dayText.FindStringSubmatch(text)
	if parts == nil || parts[2] != parts[4] {
		return raw, false
	}
	return []byte(`"` + parts[1] + "-" + parts[3] + "-" + parts[5] + `"`), parts[2] == ""
}

// asInstant reads 2026/11/22 10:00:00+00. One without a time zone stays as it is, and is refused.
func asInstant(raw []byte, text string) ([]byte, bool) {
	parts := instantText.FindStringSubmatch(text)
	if parts == nil {
		return raw, false
	}
	zone := "Z"
	if parts[6] != "" {
		zone = parts[6] + ":" + (parts[7] + "00")[:2]
	}
	return []byte(`"` + parts[1] + "-" + parts[2] + "-" + parts[3] + "T" + parts[4] + zone + `"`), false
}
