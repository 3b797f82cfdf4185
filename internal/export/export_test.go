package export

import (
	"os"
	"testing"
)

// TestMain also lets the test binary be the child.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "write-file" {
		if RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var testMaker = Maker{Command: []string{"/proc/self/exe", "write-file"}}
