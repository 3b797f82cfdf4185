package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestSweepLeavesTheLivingAlone(t *testing.T) {
	parent := t.TempDir()
	reader := Reader{TempDir: parent}
	const nobody = 1 << 30 // no system gives so high a number
	for name, stays := range map[string]bool{
		fmt.Sprintf("%s%d-1", spoolName, nobody):       false,
		fmt.Sprintf("%s%d-1", spoolName, os.Getpid()):  false,
		fmt.Sprintf("%s%d-1", spoolName, os.Getppid()): true,
		spoolName + "other":                            true,
		"else":                                         true,
	} {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		reader.Sweep()
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: stays %v, want %v", name, err == nil, stays)
		}
	}
}
