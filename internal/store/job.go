package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// jobsKept is how long the outcome of an upload can be asked for.
const jobsKept = "30 days"

// SaveJob keeps the outcome of an upload, and forgets those that are too old.
func (s *Store) SaveJob(ctx context.Context, job plan.Job) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		WITH old AS (DELETE FROM job WHERE finished < now() - interval '`+jobsKept+`')
		INSERT INTO job (id, layer, author, state, body) VALUES ($1, $2, $3, $4, $5)`,
		job.ID, job.Layer, job.Author, job.State, body)
	return because(err)
}

// Job gives the outcome of an upload, or NotFound.
func (s *Store) Job(ctx context.Context, id string) (job plan.Job, err error) {
	err = s.pool.QueryRow(ctx, "SELECT body FROM job WHERE id = $1", id).Scan(&job)
	if errors.Is(err, pgx.ErrNoRows) {
		return job, plan.Errorf(plan.NotFound, "id", "there is no job %q; outcomes are kept for %s", id, jobsKept)
	}
	return job, because(err)
}
