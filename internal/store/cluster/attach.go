package cluster

import (
	"os"
	"path/filepath"
	"syscall"
)

// Attach gives the connection string of the cluster that another process runs in the data directory; not running when
// none holds the directory's lock. It is for the commands that work beside a running service.
func Attach(dataDir string) (url string, running bool) {
	lock, err := os.Open(filepath.Join(dataDir, lockName))
	if err != nil {
		return "", false
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return "", false // nobody held it; closing the file gives it back
	}
	sockets, err := filepath.EvalSymlinks(filepath.Join(dataDir, runName))
	if err != nil {
		return "", false
	}
	if sockets, err = filepath.Abs(sockets); err != nil {
		return "", false
	}
	return address(sockets, roleName, databaseName), true
}
