package fence

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestSweepLeavesTheLivingAlone(t *testing.T) {
	parent := t.TempDir()
	const nobody = 1 << 30 // no system gives so high a number
	for name, stays := range map[string]bool{
		fmt.Sprintf("strukturbild-upload-%d-1", nobody):       false,
		fmt.Sprintf("strukturbild-export-%d-1", os.Getpid()):  false,
		fmt.Sprintf("strukturbild-upload-%d-1", os.Getppid()): true,
		"strukturbild-upload-other":                           true,
		"strukturbild-upload-other-1":                         true,
		"strukturbild":                                        true,
		"else":                                                true,
	} {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		Sweep(parent)
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: stays %v, want %v", name, err == nil, stays)
		}
	}
	dir, err := MakeDir(parent, "upload")
	if err != nil {
		t.Fatal(err)
	}
	Sweep(parent)
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is not recognised", dir)
	}
}
