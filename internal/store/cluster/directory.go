package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openDir makes the data directory when it is not there, and refuses one that
// holds something else: its owner and mode are changed, which must not happen
// to a home directory named by mistake.
func (c *Cluster) openDir(path string) (err error) {
	if path == "" {
		return errors.New("no data directory is named (--data-dir)")
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := makeDir(path); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if c.path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	if c.dir, err = os.OpenRoot(c.path); err != nil {
		return c.explainPermission(err)
	}
	if err := c.checkOurs(); err != nil {
		return err
	}
	return c.handOver(".", 0o700)
}

// makeDir leaves new parents open for passage: the cluster may run as another user.
func makeDir(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (c *Cluster) checkOurs() error {
	if _, err := c.dir.Lstat(lockName); err == nil {
		return nil
	}
	entries, err := os.ReadDir(c.path)
	if err != nil {
		return c.explainPermission(err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty and was not made by strukturbild (it holds %q): name an empty or a new directory with --data-dir",
			c.path, entries[0].Name())
	}
	return nil
}

// handOver gives a file or directory inside the data directory to the
// cluster's account.
func (c *Cluster) handOver(name string, mode fs.FileMode) error {
	if c.owner.switched {
		if err := c.dir.Lchown(name, c.owner.uid, c.owner.gid); err != nil {
			return err
		}
	}
	return c.explainPermission(c.dir.Chmod(name, mode))
}

func (c *Cluster) explainPermission(err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return fmt.Errorf("the data directory %s belongs to another OS user than %s: start the service as that user, or name another directory with --data-dir (%w)",
		c.path, c.owner.name, err)
}

// writeFile writes a file that the server reads. It may be cut short by a
// crash: every start writes it anew.
func (c *Cluster) writeFile(name, text string) error {
	if err := c.dir.WriteFile(name, []byte(text), 0o600); err != nil {
		return err
	}
	return c.handOver(name, 0o600)
}
