package fence

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain also lets the test binary be a child.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "fenced" {
		fmt.Println(fenced(os.Args[2]))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fenced tries what the fence forbids, in a process of its own.
func fenced(path string) error {
	limits := Limits{Memory: 4 << 30, CPU: time.Minute, FileSize: 10}
	if err := limits.Enclose(); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		return fmt.Errorf("writing a small file: %w", err)
	}
	if err := os.WriteFile(path, []byte("0123456789x"), 0o600); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("writing a large file: %w", err)
	}
	allocate := func(bytes uint64) error {
		_, err := syscall.Mmap(-1, 0, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		return err
	}
	if allocate(limits.Memory) == nil {
		return errors.New("got all of the memory")
	}
	if err := allocate(limits.Memory / 2); err != nil {
		return fmt.Errorf("half of the memory: %w", err)
	}
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: limits.Memory * 2, Max: limits.Memory * 2})
}

func TestFence(t *testing.T) {
	command := exec.Command("/proc/self/exe", "fenced", filepath.Join(t.TempDir(), "file"))
	command.Env = environment()
	out, err := command.CombinedOutput()
	// Root may lift its limits again; GDAL has no call that would.
	if got := strings.TrimSpace(string(out)); err != nil || got != "<nil>" && got != syscall.EPERM.Error() {
		t.Errorf("%v: %s", err, out)
	}
}
