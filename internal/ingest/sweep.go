package ingest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// spoolName begins the names of the private directories; the process's number follows.
const spoolName = "strukturbild-upload-"

func (r Reader) spoolDir() (string, error) {
	return os.MkdirTemp(r.TempDir, fmt.Sprintf("%s%d-", spoolName, os.Getpid()))
}

// Sweep removes the private directories of processes that ended without a chance to, and of an earlier one with our
// number. It is called before the first Read.
func (r Reader) Sweep() {
	parent := r.TempDir
	if parent == "" {
		parent = os.TempDir()
	}
	left, _ := filepath.Glob(filepath.Join(parent, spoolName+"*"))
	for _, dir := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), spoolName), "-")
		pid, err := strconv.Atoi(number)
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
