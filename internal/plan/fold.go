package plan

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Folder takes differences out of texts that do not matter. It keeps state and belongs to one goroutine.
type Folder struct {
	steps  transform.Transformer
	ascii  func([]byte) // what it does to letters without accents
	source []byte       // scratch
}

// NewFolder makes a folder that takes out upper case (by the case folding of Unicode: Å is å, ß is ss), accents (what is
// left of å, ä, é without its marks: a, a, e), or both.
func NewFolder(upper, accents bool) *Folder {
	f := &Folder{ascii: func([]byte) {}}
	var steps []transform.Transformer
	if upper {
		steps = append(steps, cases.Fold())
		f.ascii = lower
	}
	if accents {
		steps = append(steps, norm.NFD, runes.Remove(runes.In(unicode.Mn)))
	}
	f.steps = transform.Chain(append(steps, norm.NFC)...)
	return f
}

// Append appends the folded text to dst.
func (f *Folder) Append(dst []byte, text string) []byte {
	from := len(dst)
	dst = append(dst, text...)
	if isASCII(text) {
		f.ascii(dst[from:])
		return dst
	}
	f.steps.Reset()
	f.source = append(f.source[:0], text...)
	folded, _, err := transform.Append(f.steps, dst[:from], f.source)
	if err != nil { // not reached: these transformers take any text
		return dst
	}
	return folded
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lower(text []byte) {
	for i, b := range text {
		if 'A' <= b && b <= 'Z' {
			text[i] = b + 'a' - 'A'
		}
	}
}
