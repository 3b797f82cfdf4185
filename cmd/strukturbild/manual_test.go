package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestManualListsEveryFlag walks the command line: each flag has a row in docs/operations.md with its environment
// variable and its default.
func TestManualListsEveryFlag(t *testing.T) {
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(manual)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`--") {
			rows[strings.Trim(cells[1], " `")] = line
		}
	}
	parser, err := kong.New(new(commands), kong.Name("strukturbild"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, command := range parser.Model.Leaves(false) {
		for _, group := range command.AllFlags(false) {
			for _, flag := range group {
				if flag.Name == "help" {
					continue
				}
				known["--"+flag.Name] = true
				checkRow(t, command.FullPath(), flag, rows["--"+flag.Name])
			}
		}
	}
	for flag := range rows {
		if !known[flag] {
			t.Errorf("docs/operations.md lists %s, which no command has", flag)
		}
	}
}

func checkRow(t *testing.T, command string, flag *kong.Flag, row string) {
	t.Helper()
	if row == "" {
		t.Errorf("%s: docs/operations.md has no row for --%s", command, flag.Name)
		return
	}
	for _, env := range flag.Envs {
		if !strings.Contains(row, "`"+env+"`") {
			t.Errorf("%s --%s: its row does not name %s:\n%s", command, flag.Name, env, row)
		}
	}
	if flag.Default != "" && !strings.Contains(row, "`"+flag.Default+"`") {
		t.Errorf("%s --%s: its row does not have the default %q:\n%s", command, flag.Name, flag.Default, row)
	}
}

// TestEveryDependencyHasItsReason compares go.mod with docs/dependencies.md, both ways.
func TestEveryDependencyHasItsReason(t *testing.T) {
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for line := range strings.Lines(string(module)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") && strings.HasPrefix(line, "\t") {
			direct[fields[0]] = true
			if !strings.Contains(string(reasons), "| "+fields[0]+" |") {
				t.Errorf("docs/dependencies.md has no row for %s", fields[0])
			}
		}
	}
	for line := range strings.Lines(string(reasons)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && strings.Contains(cells[1], ".") && !direct[strings.TrimSpace(cells[1])] {
			t.Errorf("docs/dependencies.md lists %s, which go.mod does not require directly", strings.TrimSpace(cells[1]))
		}
	}
	if len(direct) == 0 {
		t.Error("no direct dependency could be read from go.mod")
	}
}
