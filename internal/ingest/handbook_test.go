package ingest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHandbookHasEveryRule: what a user can be told stands in the handbook's tables.
func TestHandbookHasEveryRule(t *testing.T) {
	handbook, err := os.ReadFile("../../docs/handbok.md")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`rule\{"([a-z_]+)"|refusal\("[a-z_]*", "([a-z_]+)"|\{"[A-Za-z -]*", "([a-z_]+)", plan\.Text|newFault\("([a-z_]+)"`)
	sources, _ := filepath.Glob("*.go")
	geometry, _ := filepath.Glob("../geo/*.go")
	found := 0
	for _, name := range append(sources, geometry...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range form.FindAllSubmatch(source, -1) {
			rule := string(m[1]) + string(m[2]) + string(m[3]) + string(m[4])
			found++
			if !strings.Contains(string(handbook), "`"+rule+"`") {
				t.Errorf("%s: the rule %s is not in the handbook", name, rule)
			}
		}
	}
	if found < 50 {
		t.Errorf("%d rules found", found)
	}
}
