package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// checkPrivate looks at a running cluster from outside.
func checkPrivate(t *testing.T, c *Cluster) {
	for _, name := range []string{".", pgName, runName} {
		info, err := os.Stat(c.join(name))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v: %v", name, info.Mode(), err)
		}
	}
	hba, err := os.ReadFile(c.join(pgName + "/pg_hba.conf"))
	if err != nil || string(hba) != "local all all peer map=strukturbild\n" {
		t.Errorf("pg_hba.conf: %q %v", hba, err)
	}
	client, err := pgx.Connect(t.Context(), c.URL()) // its backend has a socket, which not every process of the server has
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(context.WithoutCancel(t.Context()))
	server := c.processes()
	seen := 0
	for _, pid := range append(server.backends, server.postmaster) {
		sockets := socketsOf(pid)
		uid, alive := processUID(pid)
		if !alive || len(sockets) == 0 {
			continue // it has ended since it was listed, or speaks with nobody
		}
		seen++
		if uid != c.owner.uid || uid == 0 {
			t.Errorf("process %d runs as %d, the cluster's account is %+v", pid, uid, c.owner)
		}
		for _, inode := range sockets {
			if slices.Contains(networkSockets(t), inode) {
				t.Errorf("process %d has a network socket", pid)
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d processes of the cluster could be looked at", seen)
	}
}

func processUID(pid int) (uid int, alive bool) {
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return 0, false
	}
	return int(info.Sys().(*syscall.Stat_t).Uid), true
}

// socketsOf lists the inodes of the sockets that a process holds open.
func socketsOf(pid int) (inodes []string) {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		target, _ := os.Readlink(fd)
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			inodes = append(inodes, strings.TrimSuffix(inode, "]"))
		}
	}
	return inodes
}

// networkSockets lists the inodes of all TCP sockets of the machine, proc(5).
func networkSockets(t *testing.T) (inodes []string) {
	t.Helper()
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue // no IPv6
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) > 9 {
				inodes = append(inodes, fields[9])
			}
		}
	}
	return inodes
}

func TestRootStepsDown(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: any other user runs the cluster as itself")
	}
	a, err := clusterAccount(filepath.Join(t.TempDir(), "new"))
	if err != nil || a.name != "postgres" || !a.switched {
		t.Errorf("a new cluster of root's: %+v %v", a, err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, pgName), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(dir, pgName), 1, 1); err != nil { // daemon, on every Debian
		t.Fatal(err)
	}
	if a, err = clusterAccount(dir); err != nil || a.uid != 1 {
		t.Errorf("a cluster that belongs to user 1: %+v %v", a, err)
	}
}
