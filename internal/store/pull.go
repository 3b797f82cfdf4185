package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"strukturbild/internal/plan"
)

// pullsKept is how many pulls of a source are remembered.
const pullsKept = 50

// AddPull begins a pull, and enqueues it for the chore; "" for one that the caller does itself. Exists: the source is being
// pulled already. One that has been under way longer than dead is given up first: its node is gone.
func (s *Store) AddPull(ctx context.Context, chore string, pull *plan.Pull, dead time.Duration) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE source_pull SET state = 'failed',
				body = body || '{"state": "failed", "code": "unavailable", "error": "the service ended before the pull did; pull it again"}'
			WHERE source = $1 AND state IN ('queued', 'running') AND began < now() - $2::interval`, pull.Source, dead)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO source_pull (id, source, state, body, began) VALUES ($1, $2, $3, $4, $5)",
			pull.ID, pull.Source, pull.State, pull, pull.Began); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			DELETE FROM source_pull WHERE source = $1 AND id NOT IN (
				SELECT id FROM source_pull WHERE source = $1 ORDER BY began DESC LIMIT $2)`, pull.Source, pullsKept); err != nil {
			return err
		}
		if chore != "" {
			_, err = s.enqueue(ctx, tx, chore, "", pull.ID)
		}
		return err
	})
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok && failure.Code == uniqueViolation {
		return plan.Errorf(plan.Exists, "source", "the source %q is being pulled already", pull.Source)
	}
	return because(err)
}

// SavePull keeps how far the pull has come.
func (s *Store) SavePull(ctx context.Context, pull *plan.Pull) error {
	_, err := s.pool.Exec(ctx, "UPDATE source_pull SET state = $2, body = $3 WHERE id = $1", pull.ID, pull.State, pull)
	return because(err)
}

// Pull gives a pull, or NotFound.
func (s *Store) Pull(ctx context.Context, id string) (pull *plan.Pull, err error) {
	err = s.pool.QueryRow(ctx, "SELECT body FROM source_pull WHERE id = $1", id).Scan(&pull)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no pull %q", id)
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
