package plan

import "strings"

// derivedWords begin the ids of layers that the service derives from the others: conflict, conflict_line, stack, lucis ...
var derivedWords = []string{"conflict", "stack", "lucis", "symphony"}

// IsDerived reports whether the id is kept for a layer that is derived from others, and so is read and never written.
// Nobody can make a layer of such an id.
func IsDerived(id string) bool {
	for _, word := range derivedWords {
		if id == word || strings.HasPrefix(id, word+"_") {
			return true
		}
	}
	return false
}
