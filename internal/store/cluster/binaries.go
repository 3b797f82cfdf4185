package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	binVariable   = "STRUKTURBILD_PG_BIN"
	minMajor      = 13
	installAdvice = "install PostgreSQL and PostGIS (Debian 12: postgresql-15 postgresql-15-postgis-3; Ubuntu 24.04: postgresql-16 postgresql-16-postgis-3), or name a server of your own with DATABASE_URL"
)

// binaries is one installation of PostgreSQL's programs.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// findBinaries picks the programs to run: those in dir or in the directory that
// STRUKTURBILD_PG_BIN names and no others, else the newest that are installed
// with PostGIS. A cluster on disk (want > 0) can be run by its own major version
// only.
func findBinaries(dir, dataDir string, want int) (binaries, error) {
	if dir = cmp.Or(dir, os.Getenv(binVariable)); dir != "" {
		return pick([]string{dir}, dataDir, want)
	}
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return binaries{}, err
	}
	if program, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(program))
	}
	return pick(dirs, dataDir, want)
}

func pick(dirs []string, dataDir string, want int) (binaries, error) {
	var found []binaries
	for _, dir := range dirs {
		if b, ok := probe(dir); ok {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return binaries{}, fmt.Errorf("no PostgreSQL server programs (initdb, postgres, pg_ctl) of version %d or later in %s: %s",
			minMajor, cmp.Or(strings.Join(dirs, ", "), "/usr/lib/postgresql or PATH"), installAdvice)
	}
	if want > 0 {
		return matching(found, dataDir, want)
	}
	slices.SortFunc(found, func(a, b binaries) int { return b.major - a.major })
	for _, b := range found {
		if b.hasPostGIS() {
			return b, nil
		}
	}
	return binaries{}, found[0].withoutPostGIS()
}

func matching(found []binaries, dataDir string, want int) (binaries, error) {
	var have []string
	for _, b := range found {
		if b.major == want {
			return b, nil
		}
		have = append(have, strconv.Itoa(b.major))
	}
	return binaries{}, fmt.Errorf("the data directory %s was made by PostgreSQL %d, but this machine has PostgreSQL %s: "+
		"install postgresql-%d and postgresql-%d-postgis-3 again; or, with both versions installed, dump the database with pg_dump, name an empty directory with --data-dir, and restore it there",
		dataDir, want, strings.Join(have, ", "), want, want)
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// probe asks the programs themselves for their version.
func probe(dir string) (binaries, bool) {
	b := binaries{dir: dir}
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := exec.LookPath(b.path(name)); err != nil {
			return b, false
		}
	}
	out, err := exec.Command(b.path("postgres"), "--version").Output()
	if err != nil {
		return b, false
	}
	if m := versionPattern.FindSubmatch(out); m != nil {
		b.major, _ = strconv.Atoi(string(m[1]))
	}
	return b, b.major >= minMajor
}

// hasPostGIS looks for the extension's control file. Where pg_config is not
// installed the question is left to CREATE EXTENSION.
func (b binaries) hasPostGIS() bool {
	share, err := exec.Command(b.path("pg_config"), "--sharedir").Output()
	if err != nil {
		return true
	}
	_, err = os.Stat(filepath.Join(strings.TrimSpace(string(share)), "extension", "postgis.control"))
	return !errors.Is(err, os.ErrNotExist)
}

func (b binaries) withoutPostGIS() error {
	return fmt.Errorf("PostgreSQL %d in %s has no PostGIS extension: install postgresql-%d-postgis-3, or name a server of your own with DATABASE_URL",
		b.major, b.dir, b.major)
}
