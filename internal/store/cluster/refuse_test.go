package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestRefuseForeignDirectory(t *testing.T) {
	dir := dataDir(t, "home")
	write(t, filepath.Join(dir, "letter.txt"), "", 0o644)
	refused(t, Options{DataDir: dir}, "not empty", "letter.txt", "--data-dir")
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("its mode became %v (%v)", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); err == nil {
		t.Error("a lock file was left in it")
	}
}

func TestRefuseNoDirectory(t *testing.T) {
	refused(t, Options{}, "--data-dir")
	file := filepath.Join(dataDir(t, "x"), "file")
	write(t, file, "", 0o644)
	refused(t, Options{DataDir: file}, "not a directory")
}

func TestRefuseClosedParent(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: any other user runs the cluster as itself")
	}
	parent := dataDir(t, "root")
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{DataDir: filepath.Join(parent, "data")}, "user postgres", "cannot reach", "--data-dir")
}

func TestRefuseOtherVersion(t *testing.T) {
	dir := dataDir(t, "data")
	write(t, filepath.Join(dir, lockName), "", 0o600)
	write(t, filepath.Join(dir, pgName, "PG_VERSION"), "9\n", 0o600)
	refused(t, Options{DataDir: dir}, "made by PostgreSQL 9", "this machine has PostgreSQL 1", "postgresql-9-postgis-3", "pg_dump")
	write(t, filepath.Join(dir, pgName, "PG_VERSION"), "elephant\n", 0o600)
	refused(t, Options{DataDir: dir}, "PG_VERSION")
	if err := os.Remove(filepath.Join(dir, pgName, "PG_VERSION")); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{DataDir: dir}, "not a PostgreSQL data directory")
}

func TestRefuseWithoutPrograms(t *testing.T) {
	empty := t.TempDir()
	dir := dataDir(t, "data")
	refused(t, Options{DataDir: dir, BinDir: empty}, empty, "postgresql-15-postgis-3", "DATABASE_URL")
	t.Setenv(binVariable, empty)
	refused(t, Options{DataDir: dir}, empty)
}

// TestRefuseWithoutPostGIS has real programs whose share directory is empty.
func TestRefuseWithoutPostGIS(t *testing.T) {
	real, err := findBinaries("", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{"initdb", "postgres", "pg_ctl"} {
		if err := os.Symlink(real.path(name), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(bin, "pg_config"), "#!/bin/sh\necho "+bin+"\n", 0o755)
	refused(t, Options{DataDir: dataDir(t, "data"), BinDir: bin}, "no PostGIS", "-postgis-3", "DATABASE_URL")
}
