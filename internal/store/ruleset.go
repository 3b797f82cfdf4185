package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// CurrentRuleset names the version that counts, and how often anything about rulesets has changed.
func (s *Store) CurrentRuleset(ctx context.Context) (ref plan.RulesetRef, generation int64, err error) {
	err = s.pool.QueryRow(ctx, "SELECT id, version, generation FROM ruleset_current").Scan(&ref.ID, &ref.Version, &generation)
	if errors.Is(err, pgx.ErrNoRows) {
		return ref, 0, plan.Errorf(plan.NotFound, "ruleset", "there is no ruleset yet")
	}
	return ref, generation, because(err)
}

const rulesetColumns = "body, id, version, state, edit, created, changed, changed_by, published, coalesce(published_by, '')"

// RulesetVersion reads one version.
func (s *Store) RulesetVersion(ctx context.Context, ref plan.RulesetRef) (*plan.RulesetRecord, error) {
	record, err := scanRuleset(s.pool.QueryRow(ctx, "SELECT "+rulesetColumns+" FROM ruleset WHERE id = $1 AND version = $2 AND state <> 'discarded'",
		ref.ID, ref.Version))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "version", "there is no ruleset %q with a version %d", ref.ID, ref.Version)
	}
	return record, because(err)
}

// Rulesets lists all versions, newest first, by id.
func (s *Store) Rulesets(ctx context.Context) ([]plan.RulesetRecord, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+rulesetColumns+" FROM ruleset WHERE state <> 'discarded' ORDER BY id, version DESC")
	if err != nil {
		return nil, because(err)
	}
	records, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (plan.RulesetRecord, error) {
		record, err := scanRuleset(row)
		if err != nil {
			return plan.RulesetRecord{}, err
		}
		return *record, nil
	})
	return records, because(err)
}

func scanRuleset(row pgx.Row) (*plan.RulesetRecord, error) {
	var body []byte
	record := &plan.RulesetRecord{Ruleset: &plan.Ruleset{}}
	var ref plan.RulesetRef
	var published *time.Time
	err := row.Scan(&body, &ref.ID, &ref.Version, &record.State, &record.Edit, &record.Created, &record.Changed, &record.ChangedBy,
		&published, &record.PublishedBy)
	if err != nil {
		return nil, err
	}
	if published != nil {
		record.Published = *published
	}
	if err := json.Unmarshal(body, record.Ruleset); err != nil {
		return nil, err
	}
	record.Ruleset.ID, record.Ruleset.Version = ref.ID, ref.Version
	return record, nil
}

// FirstRuleset keeps the ruleset as published and current, when there is none. Several nodes may try at once.
func (s *Store) FirstRuleset(ctx context.Context, first *plan.Ruleset) error {
	return s.changeRulesets(ctx, func(tx pgx.Tx) error {
		var any bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM ruleset_current)").Scan(&any); err != nil || any {
			return err
		}
		body, err := json.Marshal(first)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ruleset (id, version, state, body, changed_by, published, published_by)
			VALUES ($1, $2, 'published', $3, $4, clock_timestamp(), $4)`, first.ID, first.Version, body, first.Author); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO ruleset_current (id, version) VALUES ($1, $2)", first.ID, first.Version)
		return err
	})
}

// DraftRuleset keeps a new draft under the next version number of its id, which it writes into the ruleset. Numbers of
// discarded drafts are not given again.
func (s *Store) DraftRuleset(ctx context.Context, draft *plan.Ruleset, author string) (record *plan.RulesetRecord, err error) {
	err = s.changeRulesets(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) + 1 FROM ruleset WHERE id = $1", draft.ID).Scan(&draft.Version); err != nil {
			return err
		}
		body, err := json.Marshal(draft)
		if err != nil {
			return err
		}
		record, err = scanRuleset(tx.QueryRow(ctx, "INSERT INTO ruleset (id, version, state, body, changed_by) VALUES ($1, $2, 'draft', $3, $4) RETURNING "+
			rulesetColumns, draft.ID, draft.Version, body, author))
		return err
	})
	return record, err
}

// EditRuleset replaces the content of a draft. Stale when the edit is not the draft's newest, or it is no draft any more.
func (s *Store) EditRuleset(ctx context.Context, draft *plan.Ruleset, edit int64, author string) (record *plan.RulesetRecord, err error) {
	err = s.changeRulesets(ctx, func(tx pgx.Tx) error {
		body, err := json.Marshal(draft)
		if err != nil {
			return err
		}
		record, err = scanRuleset(tx.QueryRow(ctx, `UPDATE ruleset SET body = $3, edit = edit + 1, changed = clock_timestamp(), changed_by = $5
			WHERE id = $1 AND version = $2 AND state = 'draft' AND edit = $4 RETURNING `+rulesetColumns, draft.ID, draft.Version, body, edit, author))
		return moved(err, draft.Ref())
	})
	return record, err
}

// PublishRuleset makes the draft a published version, and the current one when that is asked for.
func (s *Store) PublishRuleset(ctx context.Context, ref plan.RulesetRef, edit int64, author string, current bool) (record *plan.RulesetRecord, err error) {
	err = s.changeRulesets(ctx, func(tx pgx.Tx) error {
		record, err = scanRuleset(tx.QueryRow(ctx, `UPDATE ruleset SET state = 'published', published = clock_timestamp(), published_by = $4
			WHERE id = $1 AND version = $2 AND state = 'draft' AND edit = $3 RETURNING `+rulesetColumns, ref.ID, ref.Version, edit, author))
		if err == nil && current {
			_, err = tx.Exec(ctx, "UPDATE ruleset_current SET id = $1, version = $2", ref.ID, ref.Version)
		}
		return moved(err, ref)
	})
	return record, err
}

// ChooseRuleset makes a published version the current one.
func (s *Store) ChooseRuleset(ctx context.Context, ref plan.RulesetRef) error {
	return s.changeRulesets(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE ruleset_current SET id = $1, version = $2
			WHERE EXISTS (SELECT FROM ruleset WHERE id = $1 AND version = $2 AND state = 'published')`, ref.ID, ref.Version)
		if err == nil && done.RowsAffected() == 0 {
			return plan.Errorf(plan.NotFound, "version", "there is no published ruleset %q with a version %d", ref.ID, ref.Version)
		}
		return err
	})
}

// DiscardRuleset throws a draft away.
func (s *Store) DiscardRuleset(ctx context.Context, ref plan.RulesetRef, edit int64) error {
	return s.changeRulesets(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, "UPDATE ruleset SET state = 'discarded' WHERE id = $1 AND version = $2 AND state = 'draft' AND edit = $3",
			ref.ID, ref.Version, edit)
		if err == nil && done.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		return moved(err, ref)
	})
}

// moved tells a change that met no row.
func moved(err error, ref plan.RulesetRef) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return plan.Errorf(plan.Stale, "version", "ruleset %q version %d was changed, published or discarded meanwhile; read it and try again", ref.ID, ref.Version)
	}
	return err
}

// changeRulesets makes one change in one transaction, one at a time, and tells the other nodes.
func (s *Store) changeRulesets(ctx context.Context, change func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", s.channel()+"_ruleset"); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE ruleset_current SET generation = generation + 1"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT pg_notify($1, 'ruleset')", s.channel())
		return err
	})
	return because(err)
}
