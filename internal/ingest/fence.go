package ingest

import (
	"os"
	"os/signal"
	"syscall"
)

// What the reading of one file may take.
const (
	childMemory = 4 << 30 // bytes of address space, of which Go and the libraries reserve two before they begin
	childCPU    = 900     // seconds
)

// fence puts limits on this process that it can't lift again, before it opens anything: a file that claims to be huge
// ends here, and nothing can be written but to the pipe.
func fence() error {
	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit is an error, not the end
	for resource, limit := range map[int]uint64{
		syscall.RLIMIT_AS:    childMemory,
		syscall.RLIMIT_CPU:   childCPU,
		syscall.RLIMIT_FSIZE: 0,
		syscall.RLIMIT_CORE:  0,
	} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
	}
	return nil
}

// childEnvironment is all that the child knows of the machine: where GDAL and PROJ have their tables, and that there is
// no network, no plugin and no guessing of types. GDAL takes these for its configuration.
func childEnvironment() []string {
	environment := []string{
		"LANG=C.UTF-8",
		"PROJ_NETWORK=OFF",
		"GDAL_DRIVER_PATH=disable",
		"CPL_VSIL_CURL_ALLOWED_EXTENSIONS=none",
		"GDAL_HTTP_CONNECTTIMEOUT=1",
		"GDAL_HTTP_PROXY=127.0.0.1:9", // the discard port: whatever would ask the network gets nowhere
		"GDAL_CACHEMAX=64",
		"GDAL_NUM_THREADS=1",
		"GML_FIELDTYPES=ALWAYS_STRING",
		"GML_SKIP_RESOLVE_ELEMS=ALL",
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
