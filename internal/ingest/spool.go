package ingest

import (
	"errors"
	"os"
	"slices"

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
	from, to := s.bounds(i)
	if s.file == nil {
		return append(buffer[:0], s.pending[from:to]...), nil
	}
	buffer = slices.Grow(buffer[:0], int(to-from))[:to-from]
	_, err := s.file.ReadAt(buffer, from)
	return buffer, noRoom(err)
}

// bounds gives the place of record i.
func (s *spool) bounds(i int) (from, to int64) {
	if i > 0 {
		from = s.ends[i-1]
	}
	return from, s.ends[i]
}

// spoolView reads records that mostly follow each other. It belongs to one goroutine.
type spoolView struct {
	spool *spool
	from  int64 // of bytes
	bytes []byte
}

// viewBytes is how much of the file is read ahead.
const viewBytes = 128 << 10

// read gives record i, which is good until the next call.
func (v *spoolView) read(i int) ([]byte, error) {
	from, to := v.spool.bounds(i)
	if v.spool.file == nil {
		return v.spool.pending[from:to], nil
	}
	if from < v.from || to > v.from+int64(len(v.bytes)) {
		if err := v.move(from, to); err != nil {
			return nil, err
		}
	}
	return v.bytes[from-v.from : to-v.from], nil
}

func (v *spoolView) move(from, to int64) error {
	n := int(min(max(to-from, viewBytes), v.spool.written-from))
	v.from, v.bytes = from, slices.Grow(v.bytes[:0], n)[:n]
	_, err := v.spool.file.ReadAt(v.bytes, from)
	if err != nil {
		v.bytes = v.bytes[:0]
	}
	return noRoom(err)
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
