package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// Maker makes files.
type Maker struct {
	Command  []string      // runs RunChild; in production the program itself
	TempDir  string        // for private directories; "" is the system's
	MaxBytes int64         // of a file that is made on disk; 0 is 16 GiB
	Stall    time.Duration // a child that is silent so long has hung; 0 is three minutes
}

// Product is a file that is ready to be sent, or to be written as it is sent.
type Product struct {
	Size int64 // bytes; -1 when that is known only at the end
	send func(io.Writer) error
	dir  string // "" for none
}

// Send writes the file. After an error what has been written is no whole file.
func (p *Product) Send(w io.Writer) error { return p.send(w) }

// Close removes what lies on disk.
func (p *Product) Close() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}

// Make makes the file, or prepares to write it. The error is a plan.Error for what the user can mend: Invalid for what
// the format can't hold, TooLarge, and Unavailable when the disk is full.
func (m Maker) Make(ctx context.Context, file File) (*Product, error) {
	if err := file.check(); err != nil {
		return nil, err
	}
	switch file.Format {
	case GeoJSON, GeoJSONLines, GeoJSONSeq:
		return stream(func(w io.Writer) error { return writeGeoJSON(w, file) }), nil
	case GML:
		return stream(func(w io.Writer) error { return writeGML(w, file) }), nil
	case CSV:
		table, err := newTable(file, file.Layers[0])
		if err != nil {
			return nil, err
		}
		return stream(func(w io.Writer) error { return writeCSV(w, table) }), nil
	}
	return m.makeOnDisk(ctx, file)
}

func stream(send func(io.Writer) error) *Product { return &Product{Size: -1, send: send} }

func (m Maker) makeOnDisk(ctx context.Context, file File) (*Product, error) {
	dir, err := fence.MakeDir(m.TempDir, "export")
	if err != nil {
		return nil, plan.Because(err, plan.Unavailable, "", "there is no room for the file on the server's disk; try again later")
	}
	product := &Product{dir: dir}
	if file.Format == XLSX {
		err = m.makeXLSX(ctx, product, file)
	} else {
		err = m.makeInChild(ctx, product, file)
	}
	if err != nil {
		return nil, errors.Join(m.blameDisk(err, dir), product.Close())
	}
	return product, nil
}

const defaultMaxBytes = 16 << 30

func (m Maker) maxBytes() int64 {
	if m.MaxBytes > 0 {
		return m.MaxBytes
	}
	return defaultMaxBytes
}

// blameDisk says so when a failure comes from a full disk, or from the limit on the file, of which libraries tell each in its own way.
func (m Maker) blameDisk(err error, dir string) error {
	if _, known := errors.AsType[*plan.Error](err); known {
		return err
	}
	switch {
	case says(err, syscall.EFBIG) || m.metLimit(dir):
		return plan.Because(err, plan.TooLarge, "", fmt.Sprintf("the file would be larger than %d MiB, which is the server's limit: take fewer features (bbox) or attributes", m.maxBytes()>>20))
	case says(err, syscall.ENOSPC) || isFull(dir):
		return plan.Because(err, plan.Unavailable, "", "the server's disk is full; try again later, or tell who runs it")
	}
	return err
}

// says reports whether the error is, or names, an error of the system.
func says(err error, fault syscall.Errno) bool {
	return errors.Is(err, fault) || strings.Contains(strings.ToLower(err.Error()), fault.Error())
}

// blockSize is the most that is written at once: a disk with less room is full, and a file so near its limit has met it.
const blockSize = 1 << 20

// metLimit reports whether a file is as large as it may be.
func (m Maker) metLimit(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		info, err := entry.Info()
		return err == nil && info.Size() >= m.maxBytes()-blockSize
	})
}

func isFull(dir string) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(dir, &disk) == nil && int64(disk.Bavail)*disk.Bsize < blockSize
}

// sendFile makes the product the file of that path.
func (p *Product) sendFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	p.Size = info.Size()
	p.send = func(w io.Writer) error {
		from, err := os.Open(path)
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(w, from)
		return err
	}
	return nil
}
