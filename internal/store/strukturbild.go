package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// Strukturbild gives a strukturbild, or NotFound.
func (s *Store) Strukturbild(ctx context.Context, id string) (*plan.Strukturbild, error) {
	found, err := scanStrukturbild(s.pool.QueryRow(ctx, "SELECT body, revision FROM strukturbild WHERE id = $1", id))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no strukturbild %q", id)
	}
	return found, because(err)
}

// Strukturbilder lists them by id.
func (s *Store) Strukturbilder(ctx context.Context) ([]*plan.Strukturbild, error) {
	rows, err := s.pool.Query(ctx, "SELECT body, revision FROM strukturbild ORDER BY id")
	if err != nil {
		return nil, because(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*plan.Strukturbild, error) { return scanStrukturbild(row) })
	return list, because(err)
}

func scanStrukturbild(row pgx.Row) (found *plan.Strukturbild, err error) {
	var revision plan.Revision
	if err = row.Scan(&found, &revision); err == nil {
		found.Revision = revision
	}
	return found, err
}

// applyStrukturbild writes a strukturbild's part of the revision. Stale when it has moved on.
func applyStrukturbild(ctx context.Context, tx pgx.Tx, record *plan.RevisionRecord, change plan.StrukturbildChange) error {
	made := change.Made
	for i := range made.Steps {
		if step := &made.Steps[i]; step.Revision == 0 {
			step.Revision, step.Time = record.Revision, record.Time
		}
	}
	made.Revision = record.Revision
	statement, args := "UPDATE strukturbild SET body = $3, revision = $4 WHERE id = $1 AND revision = $2", []any{made.ID, change.Base, made, record.Revision}
	switch {
	case change.Drop:
		statement, args = "DELETE FROM strukturbild WHERE id = $1 AND revision = $2", args[:2]
	case change.Base == 0:
		statement, args = "INSERT INTO strukturbild (id, body, revision) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", []any{made.ID, made, record.Revision}
	}
	done, err := tx.Exec(ctx, statement, args...)
	if err == nil && done.RowsAffected() == 0 {
		err = plan.Errorf(plan.Stale, "id", "strukturbild %q has been changed meanwhile", made.ID)
	}
	return err
}
