package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const childVariable = "STRUKTURBILD_TEST_CLUSTER"

// serveAsChild is a service that holds a transaction open till it is killed.
func serveAsChild(dir string) int {
	ctx := context.Background()
	c, err := Start(ctx, Options{DataDir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	work := func(sql string) {
		if err == nil {
			err = runOnce(ctx, c, sql)
		}
	}
	work(`CREATE TABLE load (n int)`)
	work(`INSERT INTO load SELECT generate_series(1, 1000)`)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(c.processes().postmaster)
	err = runOnce(ctx, c, `BEGIN; INSERT INTO load SELECT generate_series(1, 500); SELECT pg_sleep(60)`)
	fmt.Fprintln(os.Stderr, "was not killed:", err)
	return 1
}

// TestServiceKilled kills the service in the middle of a transaction. The
// postmaster is held (SIGSTOP), so that it is an orphan when the next service
// starts and not already gone.
func TestServiceKilled(t *testing.T) {
	dir := dataDir(t, "data")
	child, postmaster := startChild(t, dir)
	syscall.Kill(postmaster, syscall.SIGSTOP)
	child.Process.Kill()
	child.Wait()
	time.AfterFunc(500*time.Millisecond, func() { syscall.Kill(postmaster, syscall.SIGCONT) })

	c := start(t, dir)
	if now := c.processes().postmaster; now == postmaster || now == 0 {
		t.Errorf("postmaster %d, the orphan was %d", now, postmaster)
	}
	if state := processState(postmaster); state != "" && state != "Z" {
		t.Errorf("the orphan still runs: state %s", state)
	}
	expect(t, c, `SELECT count(*)::text FROM load`, "1000")
}

// TestServerEndsWithService: no orphan is left when nobody starts again.
func TestServerEndsWithService(t *testing.T) {
	child, postmaster := startChild(t, dataDir(t, "data"))
	child.Process.Kill()
	child.Wait()
	eventually(t, "the end of the postmaster", func() bool {
		state := processState(postmaster)
		return state == "" || state == "Z"
	})
}

func startChild(t *testing.T, dir string) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the service did not start: ", err)
	}
	postmaster, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || postmaster == 0 {
		t.Fatalf("postmaster %q", line)
	}
	t.Cleanup(func() {
		if t.Failed() {
			syscall.Kill(postmaster, syscall.SIGQUIT)
		}
	})
	return cmd, postmaster
}

// processState is the letter of proc(5), "" when there is no such process.
func processState(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return rest[:1]
}

// TestRecovery runs what can happen to one cluster, one after the other.
func TestRecovery(t *testing.T) {
	dir := dataDir(t, "data")
	c := start(t, dir)
	execute(t, c, `CREATE TABLE kept (n int)`)
	execute(t, c, `INSERT INTO kept VALUES (1)`)

	t.Run("postmaster killed", func(t *testing.T) {
		conn := connect(t, c.URL())
		busy := connect(t, c.URL()) // does not notice the death, and keeps a new server from starting
		go busy.Exec(context.Background(), `DO $$ BEGIN FOR i IN 1..500000000 LOOP PERFORM 1; END LOOP; END $$`)
		eventually(t, "a busy backend", func() bool {
			return ask(t, c, `SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE 'DO%'`) == "1"
		})
		before := c.processes().postmaster
		syscall.Kill(before, syscall.SIGKILL)
		eventually(t, "another postmaster", func() bool {
			now := c.processes().postmaster
			return now != 0 && now != before && runOnce(t.Context(), c, `SELECT 1`) == nil
		})
		if err := conn.Ping(t.Context()); err == nil {
			t.Error("a connection outlived its server")
		}
		expect(t, c, `SELECT n::text FROM kept`, "1")
	})

	t.Run("stop in no time", func(t *testing.T) {
		now, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Stop(now); err == nil || !strings.Contains(err.Error(), "recovers") {
			t.Errorf("Stop: %v", err)
		}
		c = start(t, dir)
		expect(t, c, `SELECT n::text FROM kept`, "1")
	})

	t.Run("lock file names another process", func(t *testing.T) {
		stop(t, c)
		other := c.owner.command(syscall.SIGKILL, "/", "/bin/sleep", "60")
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		defer other.Wait()
		defer other.Process.Kill()
		text := fmt.Sprintf("%d\n%s\n1\n5432\n%s\n\n0 0\nready\n", other.Process.Pid, c.join(pgName), c.sockets)
		if err := os.WriteFile(c.join(pgName+"/postmaster.pid"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c = start(t, dir)
		expect(t, c, `SELECT n::text FROM kept`, "1")
	})

	t.Run("broken setting", func(t *testing.T) {
		c := start(t, dir)
		own := connect(t, c.url(superuser, "postgres"))
		if _, err := own.Exec(t.Context(), `ALTER SYSTEM SET shared_buffers = '64MB'`); err != nil {
			t.Fatal(err)
		}
		stop(t, c)
		auto := c.join(pgName + "/postgresql.auto.conf")
		text, err := os.ReadFile(auto)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(auto, append(text, "shared_bufers = '1GB'\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, Options{DataDir: dir}, "did not start", `"shared_bufers"`, logName)
		if err := os.WriteFile(auto, text, 0o600); err != nil {
			t.Fatal(err)
		}
		expect(t, start(t, dir), `SHOW shared_buffers`, "64MB")
	})
}

// TestHalfMadeAtLongPath: a crash in initdb left half a cluster; and no socket
// can have this path, which is also hard to quote.
func TestHalfMadeAtLongPath(t *testing.T) {
	dir := dataDir(t, "år 1, 100 % 'x' \"y\" "+strings.Repeat("å", 60))
	if err := os.MkdirAll(dir+"/"+newName+"/base/1", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/"+lockName, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := start(t, dir)
	expect(t, c, `SELECT 'Åmål'`, "Åmål")
	if _, err := os.Stat(c.join(newName)); err == nil {
		t.Error("the half-made cluster is still there")
	}
	info, err := os.Stat(c.sockets)
	if err != nil || info.Mode().Perm() != 0o700 || strings.HasPrefix(c.sockets, c.path) {
		t.Errorf("sockets in %s, mode %v: %v", c.sockets, info.Mode(), err)
	}
	stop(t, c)
	if _, err := os.Stat(c.sockets); err == nil {
		t.Errorf("%s is still there", c.sockets)
	}
}

func runOnce(ctx context.Context, c *Cluster, sql string) error {
	conn, err := pgx.Connect(ctx, c.URL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
