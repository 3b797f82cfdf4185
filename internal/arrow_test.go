// Package internal holds no code of its own. Its test keeps the import arrow
//
//	cmd -> server -> {ogc, ingest, export, conflict, portray, atlas, store} -> plan
//
// and each outside library in the one package that may use it.
package internal

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "strukturbild/"

// mayImport lists, for every package of ours, the packages of ours that it may
// import. A new package needs a row; code for tests only (e2e) has no imports to watch.
var mayImport = map[string][]string{
	"api":                    {},
	"geodata":                {},
	"migrations":             {},
	"internal/plan":          {},
	"internal/geo":           {"internal/plan"},
	"internal/fence":         {},
	"internal/ingest":        {"internal/plan", "internal/geo", "internal/fence"},
	"internal/export":        {"internal/plan", "internal/geo", "internal/ogc", "internal/fence"},
	"internal/ogc":           {"internal/plan", "internal/geo"},
	"internal/wfs":           {"internal/plan", "internal/geo", "internal/ogc"},
	"internal/division":      {"internal/plan", "internal/geo"},
	"internal/atlas":         {"internal/plan", "internal/geo", "internal/division"},
	"internal/overlay":       {"internal/plan", "internal/geo"},
	"internal/conflict":      {"internal/plan", "internal/geo", "internal/division", "internal/overlay", "internal/atlas"},
	"internal/history":       {"internal/plan", "internal/geo", "internal/division", "internal/ogc", "internal/atlas"},
	"internal/webhook":       {"internal/plan", "internal/store"},
	"internal/report":        {"internal/plan", "internal/geo", "internal/atlas", "internal/conflict", "internal/export", "internal/store"},
	"internal/portray":       {"internal/plan", "internal/geo", "internal/atlas"},
	"internal/store":         {"internal/plan", "internal/geo", "migrations"},
	"internal/store/cluster": {},
	"internal/dcat":          {"internal/plan"},
	"internal/demo":          {"internal/plan", "internal/geo"},
	"internal/plantest":      {"internal/plan"},                            // likewise
	"internal/pgtest":        {"internal/store", "internal/store/cluster"}, // for tests: nobody imports it
	"internal/bench": {"geodata", "internal/plan", "internal/geo", "internal/ingest", "internal/ogc", "internal/atlas", "internal/conflict", "internal/store",
		"internal/store/cluster", "internal/jobs", "internal/server", "internal/export", "internal/portray"}, // a program of its own: nobody imports it
	"internal/jobs":   {"internal/plan", "internal/geo", "internal/ingest", "internal/atlas", "internal/history", "internal/store"},
	"internal/source": {"internal/plan", "internal/geo", "internal/fence"},
	"internal/harvest": {"internal/plan", "internal/fence", "internal/source", "internal/ingest", "internal/atlas", "internal/jobs",
		"internal/store"},
	"internal/server": {"api", "internal/dcat", "internal/harvest", "internal/source", "internal/plan", "internal/geo", "internal/division", "internal/ingest", "internal/export", "internal/ogc", "internal/wfs",
		"internal/atlas", "internal/conflict", "internal/history", "internal/jobs", "internal/portray", "internal/report", "internal/store", "internal/webhook"},
	"cmd/strukturbild": {"internal/harvest", "internal/source", "api", "geodata", "migrations", "internal/plan", "internal/geo", "internal/fence", "internal/ingest", "internal/export", "internal/ogc", "internal/dcat",
		"internal/atlas", "internal/conflict", "internal/demo", "internal/jobs", "internal/portray", "internal/store", "internal/store/cluster", "internal/server", "internal/webhook"},
}

// keepers are the only users of an outside package (and what lies under it).
var keepers = map[string][]string{
	"github.com/jackc/pgx":       {"internal/store", "internal/store/cluster", "internal/pgtest", "internal/bench"},
	"github.com/pressly/goose":   {"internal/store"},
	"github.com/riverqueue":      {"internal/store"},
	"github.com/labstack/echo":   {"internal/server"},
	"github.com/twpayne/go-geos": {"internal/geo"},
	"github.com/twpayne/go-proj": {"internal/geo"},
	"github.com/airbusgeo/godal": {"internal/ingest"},
	"github.com/parquet-go":      {"internal/ingest"},
	"github.com/tidwall/rtree":   {"internal/atlas"},
	"codeberg.org/go-pdf/fpdf":   {"internal/report"},
	"github.com/xuri/excelize":   {"internal/ingest", "internal/export"},
	"github.com/klauspost":       {"internal/server"},
	"google.golang.org/protobuf": {"internal/portray"},
	"github.com/andybalholm":     {"internal/server"},
	"encoding/xml":               {"internal/ogc", "internal/wfs", "internal/dcat", "internal/source", "internal/plantest"},
	"log":                        {"cmd/strukturbild"}, // log.Fatal; everything else has slog
	"database/sql":               {"internal/store"},
	"github.com/alecthomas/kong": {"cmd/strukturbild"},
}

// violations says what is wrong with the imports of one package.
func violations(pkg string, imports []string) (found []string) {
	allowed, known := mayImport[pkg]
	if !known && len(imports) > 0 {
		found = append(found, pkg+" has no row in mayImport")
	}
	for _, path := range imports {
		if own, ok := strings.CutPrefix(path, module); ok {
			if known && !slices.Contains(allowed, own) {
				found = append(found, fmt.Sprintf("%s must not import %s", pkg, own))
			}
			continue
		}
		for outside, users := range keepers {
			if under(path, outside) && !slices.Contains(users, pkg) {
				found = append(found, fmt.Sprintf("%s must not import %s, which is for %v", pkg, path, users))
			}
		}
	}
	return found
}

// under: what lies under a package of the standard library, as log/slog under
// log, is another matter.
func under(path, parent string) bool {
	return path == parent || isModule(parent) && strings.HasPrefix(path, parent+"/")
}

func isModule(path string) bool { return strings.Contains(path, ".") }

func TestArrow(t *testing.T) {
	packages, err := readImports("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 5 {
		t.Errorf("only %d packages found", len(packages))
	}
	for pkg, imports := range packages {
		for _, v := range violations(pkg, imports) {
			t.Error(v)
		}
	}
}

// readImports maps each package below root to the imports of its code, tests
// left out. (It reads the files itself, not through `go list`: so go test
// knows which files its cached result depends on.)
func readImports(root string) (map[string][]string, error) {
	packages := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (name[0] == '.' || slices.Contains([]string{"bin", "data", "node_modules", "testdata"}, name)):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), root+string(filepath.Separator)))
		for _, spec := range file.Imports {
			packages[pkg] = append(packages[pkg], strings.Trim(spec.Path.Value, "`\""))
		}
		return nil
	})
	return packages, err
}

// TestArrowBites breaks every rule once.
func TestArrowBites(t *testing.T) {
	for pkg, allowed := range mayImport {
		for other := range mayImport {
			passed := len(violations(pkg, []string{module + other})) == 0
			if passed != slices.Contains(allowed, other) {
				t.Errorf("%s may import %s: %v", pkg, other, passed)
			}
		}
	}
	for outside, users := range keepers {
		for pkg := range mayImport {
			allowed := slices.Contains(users, pkg)
			paths := []string{outside}
			if isModule(outside) {
				paths = append(paths, outside+"/v9/inner")
			}
			for _, path := range paths {
				if passed := len(violations(pkg, []string{path})) == 0; passed != allowed {
					t.Errorf("%s may import %s: %v", pkg, path, passed)
				}
			}
		}
	}
}

// TestArrowOnKnownFaults states the arrow in other words than the table.
func TestArrowOnKnownFaults(t *testing.T) {
	for _, fault := range []struct{ pkg, path string }{
		{"internal/plan", module + "internal/geo"},
		{"internal/geo", module + "internal/store"},
		{"internal/store", module + "internal/atlas"},
		{"internal/atlas", module + "internal/store"},
		{"internal/ogc", module + "internal/atlas"},
		{"internal/ingest", module + "internal/store"},
		{"internal/conflict", module + "internal/store"},
		{"internal/portray", module + "internal/conflict"},
		{"internal/store", module + "internal/server"},
		{"internal/server", module + "cmd/strukturbild"},
		{"internal/new", "fmt"},
		{"internal/server", "github.com/jackc/pgx/v5/pgxpool"},
		{"internal/ogc", "github.com/labstack/echo/v4"},
		{"internal/conflict", "github.com/twpayne/go-geos"},
		{"internal/store", "github.com/twpayne/go-proj/v11"},
		{"internal/server", "github.com/airbusgeo/godal"},
		{"internal/conflict", "github.com/tidwall/rtree"},
		{"internal/server", "encoding/xml"},
		{"internal/server", "log"},
	} {
		if len(violations(fault.pkg, []string{fault.path})) == 0 {
			t.Errorf("%s may import %s", fault.pkg, fault.path)
		}
	}
	if got := violations("internal/server", []string{"log/slog"}); len(got) != 0 {
		t.Error("slog is for everyone:", got)
	}
}
