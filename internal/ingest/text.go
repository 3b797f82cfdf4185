package ingest

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"strukturbild/internal/plan"
)

// kindOf names the kind of JSON value that begins with b.
func kindOf(b byte) plan.Text {
	switch b {
	case '"':
		return plan.Text{SV: "en text", EN: "a string"}
	case '{':
		return plan.Text{SV: "ett objekt", EN: "an object"}
	case '[':
		return plan.Text{SV: "en lista", EN: "an array"}
	case 't', 'f':
		return plan.Text{SV: "ett sanningsvärde", EN: "a boolean"}
	case 'n':
		return plan.Text{SV: "null", EN: "null"}
	}
	return plan.Text{SV: "ett tal", EN: "a number"}
}

// clip keeps what a client sent from flooding a message.
func clip(b []byte) string {
	const most = 100
	if len(b) <= most {
		return string(b)
	}
	return strings.ToValidUTF8(string(b[:most]), "") + "…"
}

// xy writes a position as it would stand in the file.
func xy(x, y float64) string {
	return strconv.FormatFloat(x, 'f', -1, 64) + " " + strconv.FormatFloat(y, 'f', -1, 64)
}

// pointerTo escapes a name for a JSON pointer (RFC 6901 section 3).
var pointerTo = strings.NewReplacer("~", "~0", "/", "~1").Replace

// suggest names what was likely meant, as the end of a sentence, or else what there is to choose from.
func suggest(name string, known []string) plan.Text {
	switch best := nearest(name, known); {
	case best != "":
		return meaning(best)
	case len(known) == 0:
		return plan.Text{SV: ": det har inga attribut.", EN: ": it has no attributes."}
	}
	list := clip([]byte(strings.Join(known, ", ")))
	return plan.Text{SV: ". Det finns: " + list + ".", EN: ". There are: " + list + "."}
}

// nearest gives the most similar of the known names; "" when none is similar.
func nearest(name string, known []string) (best string) {
	least := 1 + max(2, utf8.RuneCountInString(name)/3)
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// meaning asks whether a name was meant; of none it asks nothing.
func meaning(name string) plan.Text {
	if name == "" {
		return plan.Text{}
	}
	return plan.Text{SV: ". Menades " + strconv.Quote(name) + "?", EN: ". Was " + strconv.Quote(name) + " meant?"}
}

// distance is Levenshtein's: how many characters to change, add or remove.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
