package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// Replay finds what the change set's idempotency key made before; not Replayed when the key is new or empty. The same
// key for another request is refused with Exists.
func (s *Store) Replay(ctx context.Context, changes *plan.ChangeSet) (plan.Applied, error) {
	applied, err := replay(ctx, s.pool, changes)
	return applied, because(err)
}

// replay finds what the same author's key made before. The same key for another request is refused.
func replay(ctx context.Context, tx querier, changes *plan.ChangeSet) (applied plan.Applied, err error) {
	if changes.Key.Key == "" {
		return applied, nil
	}
	var fingerprint string
	err = tx.QueryRow(ctx, "SELECT fingerprint, revision, result FROM idempotency WHERE author = $1 AND key = $2",
		changes.Author, changes.Key.Key).Scan(&fingerprint, &applied.Record.Revision, &applied.Result)
	if errors.Is(err, pgx.ErrNoRows) {
		return applied, nil
	}
	if err != nil {
		return applied, err
	}
	if fingerprint != changes.Key.Fingerprint {
		return applied, plan.Errorf(plan.Exists, "Idempotency-Key",
			"the idempotency key %q was used for another request, which made revision %d", changes.Key.Key, applied.Record.Revision)
	}
	applied.Replayed = true
	record, err := findRevision(ctx, tx, applied.Record.Revision)
	if err != nil {
		return applied, err
	}
	applied.Record = *record
	return applied, nil
}

func remember(ctx context.Context, tx pgx.Tx, changes *plan.ChangeSet, revision plan.Revision) error {
	_, err := tx.Exec(ctx, "INSERT INTO idempotency (author, key, fingerprint, revision, result) VALUES ($1, $2, $3, $4, $5)",
		changes.Author, changes.Key.Key, changes.Key.Fingerprint, revision, append([]byte{}, changes.Result...))
	return err
}
