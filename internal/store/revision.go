package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"strukturbild/internal/plan"
)

// RevisionQuery asks for a page of revisions, newest first.
type RevisionQuery struct {
	Layer    string          // "" for all
	Kommun   string          // only those that added, changed or removed something there; "" for all
	Author   string          // "" for all
	Kind     plan.ChangeKind // "" for all
	From, To time.Time       // when they were made, borders included; zero for open
	After    plan.Revision   // only later ones
	Before   plan.Revision   // only earlier ones; 0 for the newest
	Limit    int
	// WithLayers leaves out revisions that changed no layer, or none that was asked for.
	WithLayers bool
	// Visible are the layers that may be told of, and only while they were published; nil: all, drafts too.
	Visible []string
}

// Revisions lists what changed, newest first. A revision that changed several layers tells of those that were asked for.
func (s *Store) Revisions(ctx context.Context, q RevisionQuery) ([]plan.RevisionRecord, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT r.revision, r.time, r.author, r.kind, r.note, r.source, (SELECT coalesce(`+layerCounts+`, '[]') FROM revision_layer l WHERE `+asked+`)
		FROM revision r
		WHERE r.revision > @after AND (@before::bigint = 0 OR r.revision < @before)
			AND (@author = '' OR r.author = @author) AND (@kind = '' OR r.kind = @kind)
			AND (@from::timestamptz IS NULL OR r.time >= @from) AND (@to::timestamptz IS NULL OR r.time <= @to)
			AND (@all OR EXISTS (SELECT FROM revision_layer l WHERE `+asked+`))
		ORDER BY r.revision DESC LIMIT @limit`,
		pgx.NamedArgs{"after": q.After, "before": q.Before, "author": q.Author, "kind": q.Kind, "from": instant(q.From), "to": instant(q.To),
			"layer": q.Layer, "kommun": q.Kommun, "visible": q.Visible, "limit": q.Limit,
			"all": q.Layer == "" && q.Kommun == "" && q.Visible == nil && !q.WithLayers})
	if err != nil {
		return nil, because(err)
	}
	records, err := pgx.CollectRows(rows, scanRevision)
	return records, because(err)
}

// layerCounts is the list of what a revision did to its layers l, as plan.LayerCounts.
const layerCounts = `jsonb_agg(jsonb_build_object('layer', l.layer, 'added', l.added, 'changed', l.changed,
	'removed', l.removed, 'defined', l.defined, 'kommuner', l.kommuner, 'collisions', l.collisions) ORDER BY l.layer)`

// asked keeps the layers of revision r that the question is about.
const asked = `l.revision = r.revision AND (@layer = '' OR l.layer = @layer) AND (@kommun = '' OR l.kommuner @> ARRAY[@kommun])
	AND (@visible::text[] IS NULL OR (l.published AND l.layer = ANY(@visible)))`

// instant gives NULL for an open border.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
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

// RevisionAt gives the revision that was current at the instant, or NotFound before the first one.
func (s *Store) RevisionAt(ctx context.Context, at time.Time) (revision plan.Revision, err error) {
	err = s.pool.QueryRow(ctx, "SELECT revision FROM revision WHERE time <= $1 ORDER BY time DESC, revision DESC LIMIT 1", at).Scan(&revision)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, plan.Errorf(plan.NotFound, "at", "there was no revision yet at %s", at.Format(time.RFC3339))
	}
	return revision, because(err)
}

// RevisionBefore gives the newest revision before the given one that changed the layer; 0 when there is none.
func (s *Store) RevisionBefore(ctx context.Context, layer string, revision plan.Revision) (before plan.Revision, err error) {
	err = s.pool.QueryRow(ctx, "SELECT coalesce(max(revision), 0) FROM revision_layer WHERE layer = $1 AND revision < $2",
		layer, revision).Scan(&before)
	return before, because(err)
}

// execer is what a transaction and the pool have in common for writing.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// querier is what a transaction and the pool have in common.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func findRevision(ctx context.Context, db querier, revision plan.Revision) (*plan.RevisionRecord, error) {
	rows, err := db.Query(ctx, `
		SELECT r.revision, r.time, r.author, r.kind, r.note, r.source,
			(SELECT coalesce(`+layerCounts+`, '[]') FROM revision_layer l WHERE l.revision = r.revision)
		FROM revision r WHERE r.revision = $1`, revision)
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
	err = row.Scan(&r.Revision, &r.Time, &r.Author, &r.Kind, &r.Note, &r.Source, &r.Layers)
	r.Time = r.Time.UTC()
	return r, err
}
