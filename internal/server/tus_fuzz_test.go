package server

import (
	"encoding/base64"
	"strings"
	"testing"
)

// FuzzTusMetadata: whatever is taken can be written again, and is then read as the same.
func FuzzTusMetadata(f *testing.F) {
	for _, seed := range []string{"", "layer cHJvdg==,dry_run dHJ1ZQ==", "layer", "a ,b", "a YQ==,a YQ==", " , ", "å w6U="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		metadata, err := tusMetadata(text)
		if err != nil {
			return
		}
		var pairs []string
		for name, values := range metadata {
			if len(values) != 1 || name == "" || strings.ContainsAny(name, ", ") {
				t.Fatalf("%q is read as %q: %q", text, name, values)
			}
			pairs = append(pairs, name+" "+base64.StdEncoding.EncodeToString([]byte(values[0])))
		}
		again, err := tusMetadata(strings.Join(pairs, ","))
		if err != nil || again.Encode() != metadata.Encode() {
			t.Fatalf("%q: %v, then %v (%v)", text, metadata, again, err)
		}
	})
}
