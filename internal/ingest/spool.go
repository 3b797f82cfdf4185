package ingest

import (
	"errors"
	"os"

	"strukturbild/internal/plan"
)

// spool keeps records in order: in memory while they are few, beyond that in a file without a name, which is gone with
// the process whatever becomes of it. It is written first, by one goroutine, and then read, by any number.
type spool struct {
	dir     string // for the file; "" is the system's
	ends    []int64
	pending []byte // everything as long as there is no file, else what is not written yet
	file    *os.File
	written int64
}

// spoolMemory is how many bytes are kept back from the disk.
const spoolMemory = 1 << 20

// add appends records that lie one after the other in raw, each up to its end.
func (s *spool) add(raw []byte, ends ...int) error {
	before := s.written + int64(len(s.pending))
	for _, end := range ends {
		s.ends = append(s.ends, before+int64(end))
	}
	s.pending = append(s.pending, raw...)
	if len(s.pending) < spoolMemory {
		return nil
	}
	return s.write()
}

func (s *spool) write() (err error) {
	if s.file == nil {
		if s.file, err = nameless(s.dir); err != nil {
			return noRoom(err)
		}
	}
	n, err := s.file.Write(s.pending)
	s.written += int64(n)
	s.pending = s.pending[:0]
	return noRoom(err)
}

// nameless makes a file that only we can open, and that needs no clearing away.
func nameless(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "strukturbild-batch-*")
	if err != nil {
		return nil, err
	}
	return file, os.Remove(file.Name())
}

func noRoom(err error) error {
	if err == nil {
		return nil
	}
	return plan.Because(err, plan.Unavailable, "", "the service could not keep the file on its disk while reading it; nothing was written")
}

// finish ends the writing.
func (s *spool) finish() error {
	if s.file == nil {
		return nil
	}
	err := s.write()
	s.pending = nil
	return err
}

// read gives a copy of record i, in buffer when there is room.
func (s *spool) read(i int, buffer []byte) ([]byte, error) {
	from := int64(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	n := int(s.ends[i] - from)
	if s.file == nil {
		return append(buffer[:0], s.pending[from:s.ends[i]]...), nil
	}
	if cap(buffer) < n {
		buffer = make([]byte, n)
	}
	_, err := s.file.ReadAt(buffer[:n], from)
	return buffer[:n], noRoom(err)
}

// Close gives the disk back.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
