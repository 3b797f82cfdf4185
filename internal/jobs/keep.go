package jobs

import (
	"context"
	"errors"
	"io"
	"os"

	"strukturbild/internal/plan"
)

// Node names the node that has the directory, for chores that are its alone.
func (j *Jobs) Node() string { return j.node }

// Keep receives a file for work of this node that is no upload. begin puts that work into the database, by the same id;
// the file lies there for as long as the store counts it as open, and outlives the process.
func (j *Jobs) Keep(ctx context.Context, id string, body io.Reader, length int64, begin func() error) error {
	if _, err := j.spool.receive(ctx, id, body, length); err != nil {
		return err
	}
	if err := begin(); err != nil {
		j.spool.remove(id)
		return err
	}
	j.spool.arrived(id)
	return nil
}

// Kept opens a file that was kept.
func (j *Jobs) Kept(id string) (*os.File, error) {
	file, err := j.spool.open(id)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errFileGone
	}
	if err != nil {
		return nil, plan.Because(err, plan.Internal, "", "the file can't be opened")
	}
	return file, nil
}

// Discard removes a file that was kept, if there is one; to be called after the work's end is in the database.
func (j *Jobs) Discard(id string) { j.spool.remove(id) }
