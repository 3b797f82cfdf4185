package fence

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Limits are what a child may take.
type Limits struct {
	Memory   uint64        // bytes of address space, of which Go and the libraries reserve two GiB before they begin
	CPU      time.Duration // of all its threads, in whole seconds
	FileSize uint64        // bytes of any one file that it writes; with 0 it can write to pipes only
}

// Enclose puts the limits on this process, which can't lift them again. It is called before anything is opened.
func (l Limits) Enclose() error {
	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit is an error, not the end
	for resource, limit := range map[int]uint64{
		syscall.RLIMIT_AS:    l.Memory,
		syscall.RLIMIT_CPU:   uint64(l.CPU / time.Second),
		syscall.RLIMIT_FSIZE: l.FileSize,
		syscall.RLIMIT_CORE:  0,
	} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
	}
	return nil
}

// environment is all that a child knows of the machine: where GDAL and PROJ have their tables, and that there is no
// network and no plugin. GDAL takes these for its configuration.
func environment() []string {
	environment := []string{
		"LANG=C.UTF-8",
		"PROJ_NETWORK=OFF",
		"GDAL_DRIVER_PATH=disable",
		"CPL_VSIL_CURL_ALLOWED_EXTENSIONS=none",
		"GDAL_HTTP_CONNECTTIMEOUT=1",
		"GDAL_HTTP_PROXY=127.0.0.1:9", // the discard port: whatever would ask the network gets nowhere
		"GDAL_CACHEMAX=64",
		"GDAL_NUM_THREADS=1",
		"MALLOC_ARENA_MAX=2",
		"GOMAXPROCS=2",
	}
	for _, name := range []string{"GDAL_DATA", "PROJ_LIB", "PROJ_DATA", "LD_LIBRARY_PATH"} {
		if value, set := os.LookupEnv(name); set {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}
