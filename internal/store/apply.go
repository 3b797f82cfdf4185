package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// Apply makes the change set the next revision, in one transaction: all of it, or nothing. It answers Stale when a
// layer has moved on from the base that the change was prepared against; the caller prepares anew and tries again.
func (s *Store) Apply(ctx context.Context, changes plan.ChangeSet) (plan.Applied, error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return plan.Applied{}, because(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	if err := s.alone(ctx, tx); err != nil {
		return plan.Applied{}, because(err)
	}
	applied, err := replay(ctx, tx, &changes)
	if err != nil || applied.Replayed {
		return applied, because(err)
	}
	if err := unlock(ctx, tx, &changes); err != nil {
		return plan.Applied{}, because(err)
	}
	if applied, err = s.apply(ctx, tx, &changes); err != nil {
		return plan.Applied{}, because(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return plan.Applied{}, plan.Because(err, plan.Unavailable, "", "the connection to the database broke while the change was "+
			"being committed; repeat the request with the same Idempotency-Key, or look whether revision "+
			strconv.FormatInt(int64(applied.Record.Revision), 10)+" is there")
	}
	return applied, nil
}

// alone waits until nobody else writes. One writer at a time gives revisions the order of their commits. What takes long (reading,
// checking and comparing a file) has been done before.
func (s *Store) alone(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", s.channel())
	return err
}

// channel names the lock and the notifications of this schema.
func (s *Store) channel() string { return "strukturbild_" + s.schema }

func (s *Store) apply(ctx context.Context, tx pgx.Tx, changes *plan.ChangeSet) (plan.Applied, error) {
	record := plan.RevisionRecord{Author: changes.Author, Kind: changes.Kind, Note: changes.Note, Source: changes.Source}
	err := tx.QueryRow(ctx, `
		INSERT INTO revision (revision, author, kind, note, source)
		SELECT coalesce(max(revision), 0) + 1, $1, $2, $3, $4 FROM revision RETURNING revision, time`,
		changes.Author, changes.Kind, changes.Note, changes.Source).Scan(&record.Revision, &record.Time)
	if err != nil {
		return plan.Applied{}, err
	}
	record.Time = record.Time.UTC().Truncate(time.Microsecond)
	for i := range changes.Layers {
		counts, err := applyLayer(ctx, tx, record.Revision, &changes.Layers[i])
		if err != nil {
			return plan.Applied{}, err
		}
		record.Layers = append(record.Layers, counts)
	}
	for _, change := range changes.Strukturbilder {
		if err := applyStrukturbild(ctx, tx, &record, change); err != nil {
			return plan.Applied{}, err
		}
	}
	if changes.Key.Key != "" {
		if err := remember(ctx, tx, changes, record.Revision); err != nil {
			return plan.Applied{}, err
		}
	}
	if err := s.notify(ctx, tx, &record); err != nil {
		return plan.Applied{}, err
	}
	_, err = tx.Exec(ctx, "SELECT pg_notify($1, $2)", s.channel(), strconv.FormatInt(int64(record.Revision), 10))
	return plan.Applied{Record: record, Result: changes.Result}, err
}

// applyLayer writes one layer's part of the revision.
func applyLayer(ctx context.Context, tx pgx.Tx, revision plan.Revision, change *plan.LayerChange) (plan.LayerCounts, error) {
	counts := change.Counts()
	layer, number, err := lockLayer(ctx, tx, change)
	if err != nil {
		return counts, err
	}
	if change.Define != nil {
		layer = change.Define
		if number, err = define(ctx, tx, revision, layer); err != nil {
			return counts, err
		}
	}
	if err := end(ctx, tx, revision, number, change); err != nil {
		return counts, err
	}
	for _, features := range []plan.Features{change.Replace, change.Add} {
		if err := begin(ctx, tx, revision, layer, number, features); err != nil {
			return counts, err
		}
	}
	if change.Kommuner != nil {
		counts.Kommuner = change.Kommuner()
	}
	_, err = tx.Exec(ctx, "UPDATE layer SET revision = $2, dropped = $3, next_id = greatest(next_id, $4) WHERE id = $1",
		change.Layer, revision, change.Drop, nextID(change))
	if err != nil {
		return counts, err
	}
	if change.Drop {
		_, err = tx.Exec(ctx, "INSERT INTO layer_past (layer, valid_from, definition) VALUES ($1, $2, NULL)", change.Layer, revision)
		if err != nil {
			return counts, err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO revision_layer (revision, layer, added, changed, removed, defined, kommuner, published, collisions)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, revision, change.Layer, counts.Added, counts.Changed, counts.Removed, counts.Defined,
		counts.Kommuner, layer.Status == plan.Published && !change.Drop, counts.Collisions)
	return counts, err
}

// lockLayer finds the layer and checks that it is where the change thinks it is.
func lockLayer(ctx context.Context, tx pgx.Tx, change *plan.LayerChange) (*plan.Layer, int32, error) {
	layer, number, dropped, err := scanLayer(tx.QueryRow(ctx, `
		SELECT l.id, l.partition, l.definition, l.revision, l.next_id, l.dropped, r.time
		FROM layer l JOIN revision r USING (revision) WHERE l.id = $1`, change.Layer))
	switch {
	case errors.Is(err, pgx.ErrNoRows) || (err == nil && dropped):
		if change.Define == nil {
			return nil, 0, plan.Errorf(plan.Stale, change.Layer, "layer %q is not there any more", change.Layer)
		}
		if change.Base != 0 {
			return nil, 0, plan.Errorf(plan.Stale, change.Layer, "layer %q was deleted meanwhile", change.Layer)
		}
		return layer, number, nil
	case err != nil:
		return nil, 0, err
	case layer.Revision != change.Base:
		return nil, 0, plan.Errorf(plan.Stale, change.Layer, "layer %q has moved on from revision %d to %d; nothing was written",
			change.Layer, change.Base, layer.Revision)
	}
	return layer, number, nil
}

// define writes the layer's definition and makes its partitions when it is new.
func define(ctx context.Context, tx pgx.Tx, revision plan.Revision, layer *plan.Layer) (number int32, err error) {
	definition, err := json.Marshal(layer)
	if err != nil {
		return 0, err
	}
	var isNew bool
	err = tx.QueryRow(ctx, `
		INSERT INTO layer (id, definition, revision) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET definition = EXCLUDED.definition, revision = EXCLUDED.revision
		RETURNING partition, xmax = 0`, layer.ID, definition, revision).Scan(&number, &isNew)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO layer_past (layer, valid_from, definition) VALUES ($1, $2, $3)", layer.ID, revision, definition)
	if err != nil || !isNew {
		return number, err
	}
	for _, table := range []string{"feature", "feature_past"} {
		if _, err = tx.Exec(ctx, fmt.Sprintf("CREATE TABLE %[1]s_%[2]d PARTITION OF %[1]s FOR VALUES IN (%[2]d)", table, number)); err != nil {
			return 0, err
		}
	}
	return number, nil
}

// end moves the versions that the change replaces or removes to the past.
func end(ctx context.Context, tx pgx.Tx, revision plan.Revision, number int32, change *plan.LayerChange) error {
	ids := touched(change)
	if len(ids) == 0 {
		return nil
	}
	done, err := tx.Exec(ctx, fmt.Sprintf(`
		WITH ended AS (DELETE FROM feature_%[1]d WHERE partition = %[1]d AND id = ANY($1) RETURNING partition, id, valid_from, geom, props)
		INSERT INTO feature_past_%[1]d (partition, id, valid_from, valid_to, geom, props)
		SELECT partition, id, valid_from, $2, geom, props FROM ended`, number), ids, revision)
	if err != nil {
		return err
	}
	if int(done.RowsAffected()) != len(ids) {
		return plan.Errorf(plan.Stale, change.Layer, "%d of the features to change in layer %q are not there any more; nothing was written",
			len(ids)-int(done.RowsAffected()), change.Layer)
	}
	return nil
}

// begin writes new versions with COPY.
func begin(ctx context.Context, tx pgx.Tx, revision plan.Revision, layer *plan.Layer, number int32, features plan.Features) error {
	if plan.Count(features) == 0 {
		return nil
	}
	_, err := tx.Conn().PgConn().CopyFrom(ctx, newCopyFeatures(layer, number, revision, features),
		fmt.Sprintf("COPY feature_%d (partition, id, valid_from, geom, props) FROM STDIN (FORMAT binary)", number))
	return err
}

// nextID gives the first number above every numeric id that the change adds, so that ids are never used twice.
func nextID(change *plan.LayerChange) int64 {
	next := int64(1)
	for i := range plan.Count(change.Add) {
		if n, err := strconv.ParseInt(change.Add.ID(i), 10, 64); err == nil && n >= next && n < 1<<62 {
			next = n + 1
		}
	}
	return next
}
