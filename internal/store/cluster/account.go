package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
)

// account is the OS user that owns the cluster's files and runs its programs.
type account struct {
	name     string
	uid, gid int
	switched bool // it is another one than the service's own
}

// clusterAccount is the service's own user. PostgreSQL refuses to run as root,
// so root hands over to the user that an existing cluster belongs to, or else
// to postgres.
func clusterAccount(dataDir string) (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return lookup(user.LookupId(strconv.Itoa(uid)))
	}
	if info, err := os.Lstat(dataDir + "/" + pgName); err == nil {
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 {
			return lookup(user.LookupId(strconv.Itoa(int(uid))))
		}
	}
	a, err := lookup(user.Lookup("postgres"))
	if err != nil {
		return a, fmt.Errorf("root hands the cluster to the OS user postgres, who is missing: %s", installAdvice)
	}
	return a, nil
}

func lookup(u *user.User, err error) (account, error) {
	if err != nil {
		return account{}, fmt.Errorf("PostgreSQL needs an OS user with a name in the user database: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, err
	}
	return account{name: u.Username, uid: uid, gid: gid, switched: uid != os.Geteuid()}, nil
}

// serviceUser is the OS user name that the server sees when this process connects.
func serviceUser() (string, error) {
	a, err := lookup(user.LookupId(strconv.Itoa(os.Geteuid())))
	return a.name, err
}

// command is a program run as the account in dir, in a session of its own, so
// that a Ctrl-C meant for the service does not reach it. The kernel sends it
// onDeath when the thread that started it is gone: see run and launch.
func (a account) command(onDeath syscall.Signal, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: onDeath}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// environment leaves out what could bend the server: PG*, PROJ_*, GDAL_*, LC_*.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// run waits for a command that must not outlive the service.
func run(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread() // Pdeathsig follows the thread, so it is kept till the program ends
	defer runtime.UnlockOSThread()
	return cmd.CombinedOutput()
}

// canEnter tells whether the account reaches dir, which root always does: a
// parent such as /root may be closed to it.
func (a account) canEnter(dir string) error {
	_, err := run(a.command(syscall.SIGKILL, dir, "/bin/true"))
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the OS user %s, who runs PostgreSQL, cannot reach the data directory %s because a directory above it is closed: name one that is open with --data-dir, such as /var/lib/strukturbild",
			a.name, dir)
	}
	return err
}
