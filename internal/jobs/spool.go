package jobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"strukturbild/internal/plan"
)

// spool is the directory of files on their way.
type spool struct {
	dir     string
	max     int64
	reserve int64
	lock    *os.File
	sync.Mutex
	arriving map[string]bool // files whose job is not there yet
}

// received is a file that lies in the spool, whole and synchronised.
type received struct {
	bytes  int64
	sha256 string
}

const (
	nodeName = "node"
	lockName = "lock"
)

// openSpool makes the directory when it is not there, and finds the node's name in it.
func openSpool(dir string, max, reserve int64) (s *spool, node string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("the directory of uploads can't be made: %w", err)
	}
	s = &spool{dir: dir, max: max, reserve: reserve, arriving: map[string]bool{}}
	if s.lock, err = os.OpenFile(s.path(lockName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, "", fmt.Errorf("the directory of uploads can't be used: %w", err)
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, "", errors.Join(fmt.Errorf("the directory of uploads %s is in use by another process: each service needs a --data-dir of its own", dir), s.lock.Close())
	}
	if node, err = s.nodeName(); err != nil {
		return nil, "", errors.Join(err, s.lock.Close())
	}
	return s, node, nil
}

func (s *spool) close() error { return s.lock.Close() }

func (s *spool) path(name string) string { return filepath.Join(s.dir, name) }

// nodeName reads the name that the node has for as long as it has the directory.
func (s *spool) nodeName() (string, error) {
	text, err := os.ReadFile(s.path(nodeName))
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	name := strings.ToLower(rand.Text())[:16]
	return name, writeWhole(s.path(nodeName), []byte(name+"\n"))
}

// writeWhole writes a small file so that it is there whole or not at all.
func writeWhole(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// receive writes the body to the disk, all of it or nothing.
func (s *spool) receive(ctx context.Context, id string, body io.Reader, length int64) (file received, err error) {
	if err := s.room(length); err != nil {
		return file, err
	}
	s.arrives(id)
	out, err := os.OpenFile(s.path(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return file, plan.Because(err, plan.Unavailable, "", "the file can't be kept on the service's disk; nothing was written")
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			s.remove(id)
		}
	}()
	digest := sha256.New()
	if file.bytes, err = s.copy(ctx, both{out, digest}, body); err != nil {
		return file, err
	}
	file.sha256 = hex.EncodeToString(digest.Sum(nil))
	return file, s.settle(out)
}

// copy takes the body, and stops when it becomes too large for us or for the disk.
func (s *spool) copy(ctx context.Context, out io.Writer, body io.Reader) (total int64, err error) {
	const look = 16 << 20 // bytes after which the disk is looked at
	block := make([]byte, 1<<20)
	for {
		most := min(look, s.max+1-total)
		n, err := io.CopyBuffer(out, io.LimitReader(body, most), block)
		switch total += n; {
		case total > s.max:
			return total, plan.Errorf(plan.TooLarge, "", "the file has more than %d bytes, which is the most that is taken", s.max)
		case err == nil && n < most:
			return total, nil
		case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
			return total, errNoRoom(err)
		case err != nil:
			return total, asBodyError(ctx, err)
		}
		if err := s.room(0); err != nil {
			return total, err
		}
	}
}

// both writes to two at a time: a digest takes as long as the disk.
type both [2]io.Writer

func (b both) Write(p []byte) (n int, err error) {
	var other sync.WaitGroup
	other.Go(func() { _, _ = b[1].Write(p) }) // a digest takes everything
	n, err = b[0].Write(p)
	other.Wait()
	return n, err
}

// asBodyError says that the body broke off, unless it was the request's own time or size that ended.
func asBodyError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return plan.Errorf(plan.Invalid, "", "the body broke off before its end; nothing was written: %w", err)
	}
	return err
}

// room refuses a file that the disk has no place for; the database may live on the same one.
func (s *spool) room(length int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &disk); err != nil {
		return plan.Because(err, plan.Unavailable, "", "the directory of uploads can't be reached; nothing was written")
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < max(length, 0)+s.reserve {
		return errNoRoom(fmt.Errorf("%d bytes are free, %d are asked for and %d kept free", free, length, s.reserve))
	}
	return nil
}

func errNoRoom(cause error) error {
	return plan.Because(cause, plan.Unavailable, "", "the disk of the service has no room for the file; nothing was written. Its administrator must make room")
}

// settle makes sure that the file outlives the machine's power.
func (s *spool) settle(file *os.File) error {
	if err := file.Sync(); err != nil {
		return errNoRoom(err)
	}
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func (s *spool) arrives(id string) {
	s.Lock()
	defer s.Unlock()
	s.arriving[id] = true
}

// arrived says that the file's job is there now.
func (s *spool) arrived(id string) {
	s.Lock()
	defer s.Unlock()
	delete(s.arriving, id)
}

func (s *spool) open(id string) (*os.File, error) { return os.Open(s.path(id)) }

func (s *spool) remove(id string) {
	s.arrived(id)
	_ = os.Remove(s.path(id)) // what can't be removed now is swept later
}

// idle gives the names of the files whose job, if they have one, is in the database already.
func (s *spool) idle() (names []string, err error) {
	entries, err := os.ReadDir(s.dir)
	s.Lock()
	defer s.Unlock()
	for _, entry := range entries {
		name := entry.Name()
		if id, _, _ := strings.Cut(name, "."); name != nodeName && name != lockName && !s.arriving[id] {
			names = append(names, name)
		}
	}
	return names, err
}

// fingerprint tells uploads apart that carry the same idempotency key.
func fingerprint(upload *plan.Upload, file received) string {
	text, _ := json.Marshal(upload) // strings and booleans
	sum := sha256.Sum256(append(text, file.sha256...))
	return hex.EncodeToString(sum[:])
}
