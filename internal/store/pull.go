package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"strukturbild/internal/plan"
)

// pullsKept is how many pulls of a source are remembered.
const pullsKept = 50

// AddPull begins a pull, and enqueues it for the node's chore. Exists: the source is being pulled already. One that has
// been under way longer than dead is given up first: its node is gone.
func (s *Store) AddPull(ctx context.Context, chore, node string, pull *plan.Pull, dead time.Duration) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE source_pull SET state = 'failed',
				body = body || '{"state": "failed", "code": "unavailable", "error": "the service ended before the pull did; pull it again"}'
			WHERE source = $1 AND state IN ('queued', 'running') AND began < now() - $2::interval`, pull.Source, dead)
		if err != nil {
			return err
		}
		errand, err := s.enqueue(ctx, tx, chore, node, pull.ID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO source_pull (id, source, state, body, began, errand) VALUES ($1, $2, $3, $4, $5, $6)",
			pull.ID, pull.Source, pull.State, pull, pull.Began, errand); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			DELETE FROM source_pull WHERE source = $1 AND id NOT IN (
				SELECT id FROM source_pull WHERE source = $1 ORDER BY began DESC LIMIT $2)`, pull.Source, pullsKept)
		return err
	})
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok && failure.Code == uniqueViolation {
		return plan.Errorf(plan.Exists, "source", "the source %q is being pulled already", pull.Source)
	}
	return because(err)
}

// errPullLost says that the pull is not its node's to write any more.
var errPullLost = plan.Errorf(plan.Stale, "", "the pull was cancelled, or given up")

// SavePull keeps how far the pull has come, or what became of it. Stale: it has ended already.
func (s *Store) SavePull(ctx context.Context, pull *plan.Pull) error {
	return because(writePull(ctx, s.pool, pull))
}

func writePull(ctx context.Context, db execer, pull *plan.Pull) error {
	done, err := db.Exec(ctx, "UPDATE source_pull SET state = $2, body = $3 WHERE id = $1 AND state IN ('queued', 'running')",
		pull.ID, pull.State, pull)
	if err == nil && done.RowsAffected() == 0 {
		err = errPullLost
	}
	return err
}

// SavePullProgress keeps how far the running pull has come. Stale: it is not its node's any more.
func (s *Store) SavePullProgress(ctx context.Context, id string, progress plan.Progress) error {
	done, err := s.pool.Exec(ctx, "UPDATE source_pull SET body = body || jsonb_build_object('progress', $2::jsonb) WHERE id = $1 AND state = 'running'",
		id, progress)
	if err == nil && done.RowsAffected() == 0 {
		err = errPullLost
	}
	return because(err)
}

// CancelPull ends a waiting pull at once, and tells the node of a running one to end it. Stale: it has ended already.
func (s *Store) CancelPull(ctx context.Context, id string) (pull *plan.Pull, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var errand int64
		err := tx.QueryRow(ctx, "SELECT body, coalesce(errand, 0) FROM source_pull WHERE id = $1 FOR UPDATE", id).Scan(&pull, &errand)
		if errors.Is(err, pgx.ErrNoRows) {
			return noPull(id)
		}
		if err != nil {
			return err
		}
		if pull.State.Ended() {
			return plan.Errorf(plan.Stale, "id", "the pull %s has ended already: it is %s", id, pull.State)
		}
		_, err = s.river.JobCancelTx(ctx, tx, errand)
		gone := errors.Is(err, river.ErrNotFound) // nobody is at it
		if err != nil && !gone || pull.State == plan.JobRunning && !gone {
			return err
		}
		now := time.Now().UTC()
		pull.State, pull.Ended = plan.JobCancelled, &now
		return writePull(ctx, tx, pull)
	})
	return pull, because(err)
}

func noPull(id string) error { return plan.Errorf(plan.NotFound, "id", "there is no pull %q", id) }

// Pull gives a pull, or NotFound.
func (s *Store) Pull(ctx context.Context, id string) (pull *plan.Pull, err error) {
	err = s.pool.QueryRow(ctx, "SELECT body FROM source_pull WHERE id = $1", id).Scan(&pull)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noPull(id)
	}
	return pull, because(err)
}

// Pulls lists the newest pulls of a source, newest first; of every source with "".
func (s *Store) Pulls(ctx context.Context, source string, limit int) ([]plan.Pull, error) {
	return s.pulls(ctx, "SELECT body FROM source_pull WHERE $1 = '' OR source = $1 ORDER BY began DESC LIMIT $2", source, limit)
}

// LastPulls gives the newest pull of each source that wrote, or found its layer up to date; of those that have one.
func (s *Store) LastPulls(ctx context.Context) ([]plan.Pull, error) {
	return s.pulls(ctx, `SELECT DISTINCT ON (source) body FROM source_pull
		WHERE state = 'done' AND NOT (body->>'dry_run')::boolean ORDER BY source, began DESC`)
}

// LastAttempts gives the newest pull of each source, whatever became of it.
func (s *Store) LastAttempts(ctx context.Context) ([]plan.Pull, error) {
	return s.pulls(ctx, "SELECT DISTINCT ON (source) body FROM source_pull ORDER BY source, began DESC")
}

func (s *Store) pulls(ctx context.Context, sql string, args ...any) ([]plan.Pull, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, because(err)
	}
	pulls, err := pgx.CollectRows(rows, pgx.RowTo[plan.Pull])
	return pulls, because(err)
}
