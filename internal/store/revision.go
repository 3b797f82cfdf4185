package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// RevisionQuery asks for a page of revisions, newest first.
type RevisionQuery struct {
	Layer  string        // "" for all
	Before plan.Revision // only earlier ones; 0 for the newest
	Limit  int
}

// Revisions lists what changed, newest first.
func (s *Store) Revisions(ctx context.Context, q RevisionQuery) ([]plan.RevisionRecord, error) {
	rows, err := s.pool.Query(ctx, selectRevision+`
		WHERE ($1 = '' OR EXISTS (SELECT FROM revision_layer o WHERE o.layer = $1 AND o.revision = r.revision))
			AND ($2 = 0 OR r.revision < $2)
		ORDER BY r.revision DESC LIMIT $3`, q.Layer, q.Before, q.Limit)
	if err != nil {
		return nil, because(err)
	}
	records, err := pgx.CollectRows(rows, scanRevision)
	return records, because(err)
}

// LayersBegan tells when each layer was first defined.
func (s *Store) LayersBegan(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.pool.Query(ctx, "SELECT p.layer, min(r.time) FROM layer_past p JOIN revision r ON r.revision = p.valid_from GROUP BY p.layer")
	if err != nil {
		return nil, because(err)
	}
	began, layer, at := map[string]time.Time{}, "", time.Time{}
	_, err = pgx.ForEachRow(rows, []any{&layer, &at}, func() error {
		began[layer] = at.UTC()
		return nil
	})
	return began, because(err)
}

// Revision gives one record, or NotFound.
func (s *Store) Revision(ctx context.Context, revision plan.Revision) (*plan.RevisionRecord, error) {
	record, err := findRevision(ctx, s.pool, revision)
	return record, because(err)
}

const selectRevision = `
	SELECT r.revision, r.time, r.author, r.kind, r.note, (
		SELECT coalesce(jsonb_agg(jsonb_build_object('layer', l.layer, 'added', l.added, 'changed', l.changed,
			'removed', l.removed, 'defined', l.defined) ORDER BY l.layer), '[]')
		FROM revision_layer l WHERE l.revision = r.revision)
	FROM revision r`

// querier is what a transaction and the pool have in common.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func findRevision(ctx context.Context, db querier, revision plan.Revision) (*plan.RevisionRecord, error) {
	rows, err := db.Query(ctx, selectRevision+" WHERE r.revision = $1", revision)
	if err != nil {
		return nil, err
	}
	record, err := pgx.CollectExactlyOneRow(rows, scanRevision)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "revision", "there is no revision %d", revision)
	}
	return &record, err
}

func scanRevision(row pgx.CollectableRow) (r plan.RevisionRecord, err error) {
	err = row.Scan(&r.Revision, &r.Time, &r.Author, &r.Kind, &r.Note, &r.Layers)
	r.Time = r.Time.UTC()
	return r, err
}
