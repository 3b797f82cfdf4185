package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

// block is one ```sh tour block of the README and the lines that the README says it prints.
type block struct {
	script string
	shown  []string
}

// TestTour runs the README's tour as one script against a service as `make run` starts it, and holds every answer
// against the lines that the README shows.
func TestTour(t *testing.T) {
	s := start(t, dataDir(t), "--demo-when-empty", "2000")
	defer s.stop()
	blocks := tour(t)
	var script strings.Builder
	for i, b := range blocks {
		fmt.Fprintf(&script, "echo '%s'\n%s", mark(i), b.script)
	}
	command := exec.Command("bash", "-euo", "pipefail", "-c", script.String())
	command.Dir = root
	command.Env = append(os.Environ(), "STRUKTURBILD_SERVER="+s.base, "STRUKTURBILD_TOKEN="+s.token)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour ends with %v:\n%s", err, out)
	}
	rest := string(out)
	for i, b := range blocks {
		_, after, _ := strings.Cut(rest, mark(i)+"\n")
		printed, _, _ := strings.Cut(after, mark(i+1)+"\n")
		if len(b.shown) == 0 {
			t.Errorf("the README shows nothing of what this prints:\n%s", b.script)
		}
		if missing := firstMissing(b.shown, printed); missing != "" {
			t.Errorf("the README says that this prints %q (in that order), but it does not:\n%s\n%s", missing, b.script, clip([]byte(printed)))
		}
		rest = after
	}
}

func mark(i int) string { return fmt.Sprintf("@@ block %d @@", i) }

var (
	tourBlock = regexp.MustCompile("(?s)```sh tour\n(.*?)```\n(?:```text\n(.*?)```\n)?")
	fence     = regexp.MustCompile("(?m)^```sh tour")
)

// tour reads the blocks from the README.
func tour(t *testing.T) (blocks []block) {
	t.Helper()
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range tourBlock.FindAllSubmatch(readme, -1) {
		var shown []string
		for line := range strings.Lines(string(m[2])) {
			if line = strings.TrimSuffix(line, "\n"); strings.Trim(line, "… ") != "" {
				shown = append(shown, line)
			}
		}
		blocks = append(blocks, block{string(m[1]), shown})
	}
	if found := len(fence.FindAll(readme, -1)); len(blocks) == 0 || len(blocks) != found {
		t.Fatalf("the README has %d tour blocks, of which %d can be read", found, len(blocks))
	}
	return blocks
}

// firstMissing gives the first of the shown lines that does not come after those before it; "" when all do.
func firstMissing(shown []string, printed string) string {
	for _, want := range shown {
		// … stands for anything within the line
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
		at := regexp.MustCompile("(?m)^" + pattern + "$").FindStringIndex(printed)
		if at == nil {
			return want
		}
		printed = printed[at[1]:]
	}
	return ""
}

// TestTourIsHeldAgainstTheREADME gives the comparison what it must refuse.
func TestTourIsHeldAgainstTheREADME(t *testing.T) {
	for _, test := range []struct {
		shown   []string
		printed string
		missing string
	}{
		{[]string{"a…c", "d"}, "abc\nx\nd\n", ""},
		{[]string{"a…c"}, "abcd\n", "a…c"},
		{[]string{"d", "abc"}, "abc\nd\n", "abc"},
		{[]string{"a.c"}, "abc\n", "a.c"},
	} {
		if got := firstMissing(test.shown, test.printed); got != test.missing {
			t.Errorf("%q in %q: %q is missing, want %q", test.shown, test.printed, got, test.missing)
		}
	}
}

// TestOperationsListsEveryMetric compares the list in docs/operations.md with what the service serves.
func TestOperationsListsEveryMetric(t *testing.T) {
	manual, err := os.ReadFile(root + "/docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, dataDir(t))
	defer s.stop()
	s.must(http.StatusOK, "GET", "/api/v1/conflicts/summary?by=severity", "", nil)
	_, text := s.do("GET", "/metrics", "", nil)
	metrics := regexp.MustCompile(`(?m)^# HELP (strukturbild_\S+)`).FindAllSubmatch(text, -1)
	if len(metrics) == 0 {
		t.Fatalf("no metric of ours in:\n%s", clip(text))
	}
	for _, m := range metrics {
		if !strings.Contains(string(manual), "`"+string(m[1])+"`") {
			t.Errorf("docs/operations.md does not list the metric %s", m[1])
		}
	}
}
