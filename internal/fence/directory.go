package fence

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A private directory is called strukturbild-KIND-PROCESS-RANDOM.
const directoryName = "strukturbild-"

// MakeDir makes a private directory in the parent ("" is the system's place for temporary files). The kind, a word,
// tells operators what lies there. Whoever makes it removes it.
func MakeDir(parent, kind string) (string, error) {
	return os.MkdirTemp(parent, fmt.Sprintf("%s%s-%d-", directoryName, kind, os.Getpid()))
}

// Sweep removes the private directories of processes that ended without a chance to, and of an earlier one with our
// number. It is called before the first MakeDir.
func Sweep(parent string) {
	left, _ := filepath.Glob(filepath.Join(cmp.Or(parent, os.TempDir()), directoryName+"*-*-*"))
	for _, dir := range left {
		pid, err := strconv.Atoi(strings.Split(filepath.Base(dir), "-")[2])
		if err != nil || (pid != os.Getpid() && alive(pid)) {
			continue
		}
		_ = os.RemoveAll(dir) // another user's can't be removed, and is that user's affair
	}
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
