package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// Lock locks features for the owner. Locked: others hold some of them, or the owner in another lock, and the order does not do
// with the rest.
func (s *Store) Lock(ctx context.Context, order plan.LockOrder) (lock plan.Lock, err error) {
	err = s.locking(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM lock WHERE until < now() - interval '1 day'"); err != nil {
			return err
		}
		lock = plan.Lock{ID: rand.Text(), Owner: order.Owner}
		err := tx.QueryRow(ctx, "INSERT INTO lock (id, owner, lasting, until) VALUES ($1, $2, $3, now() + $3) RETURNING until",
			lock.ID, order.Owner, order.For).Scan(&lock.Until)
		if err != nil {
			return err
		}
		held, err := tx.Exec(ctx, `INSERT INTO locked_feature (layer, feature, lock)
			SELECT w.layer, w.feature, $3 FROM unnest($1::text[], $2::text[]) w (layer, feature)
			WHERE NOT EXISTS (SELECT FROM locked_feature f JOIN lock l ON l.id = f.lock
				WHERE f.layer = w.layer AND f.feature = w.feature AND l.until > now())`, append(unnested(order.Features), lock.ID)...)
		if err != nil {
			return err
		}
		if !order.Some && int(held.RowsAffected()) < len(order.Features) {
			return plan.Errorf(plan.Locked, "lockAction", "%d of the %d features are locked already, so that not all can be; nothing was locked",
				len(order.Features)-int(held.RowsAffected()), len(order.Features))
		}
		lock.Held, lock.Not, err = split(ctx, tx, lock.ID, order.Features)
		return err
	})
	return lock, err
}

// unnested gives the layers and the ids, for unnest.
func unnested(features []plan.LockedFeature) []any {
	layers, ids := make([]string, len(features)), make([]string, len(features))
	for i, f := range features {
		layers[i], ids[i] = f.Layer, f.ID
	}
	return []any{layers, ids}
}

// split parts the features into those that the lock holds and the others.
func split(ctx context.Context, tx pgx.Tx, id string, features []plan.LockedFeature) (held, not []plan.LockedFeature, err error) {
	rows, err := tx.Query(ctx, "SELECT layer, feature FROM locked_feature WHERE lock = $1", id)
	if err != nil {
		return nil, nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[plan.LockedFeature])
	if err != nil {
		return nil, nil, err
	}
	holds := make(map[plan.LockedFeature]bool, len(list))
	for _, f := range list {
		holds[f] = true
	}
	for _, f := range features {
		if holds[f] {
			held = append(held, f)
		} else {
			not = append(not, f)
		}
	}
	return held, not, nil
}

// Renew lets the owner's lock last so long from now on.
func (s *Store) Renew(ctx context.Context, owner, id string, lasting time.Duration) (lock plan.Lock, err error) {
	err = s.locking(ctx, func(tx pgx.Tx) error {
		if err := valid(ctx, tx, owner, id); err != nil {
			return err
		}
		lock = plan.Lock{ID: id, Owner: owner}
		if err := tx.QueryRow(ctx, "UPDATE lock SET lasting = $2, until = now() + $2 WHERE id = $1 RETURNING until", id, lasting).Scan(&lock.Until); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT layer, feature FROM locked_feature WHERE lock = $1 ORDER BY layer, octet_length(feature), feature COLLATE \"C\"", id)
		if err == nil {
			lock.Held, err = pgx.CollectRows(rows, pgx.RowToStructByPos[plan.LockedFeature])
		}
		return err
	})
	return lock, err
}

// Open opens a lock for a change that turned out to change nothing.
func (s *Store) Open(ctx context.Context, owner string, unlock plan.Unlock) error {
	return s.locking(ctx, func(tx pgx.Tx) error {
		if err := valid(ctx, tx, owner, unlock.ID); err != nil {
			return err
		}
		return release(ctx, tx, &unlock, nil)
	})
}

// locking runs in a transaction that no change of features runs beside.
func (s *Store) locking(ctx context.Context, do func(pgx.Tx) error) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := s.alone(ctx, tx); err != nil {
			return err
		}
		return do(tx)
	}))
}

// valid refuses a lock that the author does not have: Invalid when there is none, Forbidden when it has ended.
func valid(ctx context.Context, tx pgx.Tx, author, id string) error {
	var until time.Time
	var ended bool
	err := tx.QueryRow(ctx, "SELECT until, until <= now() FROM lock WHERE id = $1 AND owner = $2", id, author).Scan(&until, &ended)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return plan.Errorf(plan.Invalid, "lockId", "there is no lock %.80q of yours: it is mistyped, was released, or is another token's", id)
	case err == nil && ended:
		return plan.Errorf(plan.Forbidden, "lockId", "the lock ended %s; lock the features again", until.UTC().Format(time.RFC3339))
	}
	return err
}

// unlock holds the change against the locks that others have, and its author's too where the protocol has locks.
func unlock(ctx context.Context, tx pgx.Tx, changes *plan.ChangeSet) error {
	opened := ""
	if changes.Unlock != nil && changes.Unlock.ID != "" {
		opened = changes.Unlock.ID
		if err := valid(ctx, tx, changes.Author, opened); err != nil {
			return err
		}
	}
	var any bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM lock WHERE until > now() AND id <> $1)", opened).Scan(&any); err != nil {
		return err
	}
	for i := range changes.Layers {
		if !any {
			break
		}
		if err := hindered(ctx, tx, changes, &changes.Layers[i], opened); err != nil {
			return err
		}
	}
	if opened == "" {
		return nil
	}
	return release(ctx, tx, changes.Unlock, changes.Layers)
}

// hindered refuses the change of a layer when it touches what is locked: any of it, when the layer is removed.
func hindered(ctx context.Context, tx pgx.Tx, changes *plan.ChangeSet, change *plan.LayerChange, opened string) error {
	var owner, feature string
	var until time.Time
	err := tx.QueryRow(ctx, `SELECT l.owner, f.feature, l.until FROM lock l JOIN locked_feature f ON f.lock = l.id
		WHERE l.until > now() AND l.id <> $1 AND f.layer = $2 AND ($3 OR f.feature = ANY($4)) AND ($5 OR l.owner <> $6)
		ORDER BY octet_length(f.feature), f.feature COLLATE "C" LIMIT 1`,
		opened, change.Layer, change.Drop, touched(change), changes.Unlock != nil, changes.Author).Scan(&owner, &feature, &until)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return plan.Errorf(plan.Locked, "lockId", "feature %q of layer %q is locked by %q until %s; nothing was written", feature, change.Layer, owner, until.UTC().Format(time.RFC3339))
}

// touched gives the features that the change ends or replaces.
func touched(change *plan.LayerChange) []string {
	ids := append(make([]string, 0, len(change.Remove)+plan.Count(change.Replace)), change.Remove...)
	for i := range plan.Count(change.Replace) {
		ids = append(ids, change.Replace.ID(i))
	}
	return ids
}

// release gives up the lock, or of some that it holds what was changed: the rest is then locked as long again.
func release(ctx context.Context, tx pgx.Tx, unlock *plan.Unlock, layers []plan.LayerChange) error {
	if !unlock.Some {
		_, err := tx.Exec(ctx, "DELETE FROM lock WHERE id = $1", unlock.ID)
		return err
	}
	for i := range layers {
		if _, err := tx.Exec(ctx, "DELETE FROM locked_feature WHERE lock = $1 AND layer = $2 AND feature = ANY($3)", unlock.ID, layers[i].Layer, touched(&layers[i])); err != nil {
			return fmt.Errorf("releasing what was changed: %w", err)
		}
	}
	_, err := tx.Exec(ctx, "UPDATE lock SET until = now() + lasting WHERE id = $1", unlock.ID)
	return err
}
