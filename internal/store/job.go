package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"strukturbild/internal/plan"
)

// JobOrder is a job with what its node needs to do it.
type JobOrder struct {
	Job    plan.Job
	Upload plan.Upload
	Node   string
	Key    plan.IdempotencyKey // the sender's; its Key may be ""
}

// JobEntry is a job as it stands in the database.
type JobEntry struct {
	Job     plan.Job
	Version int64 // counts its changes
	Number  int64 // the order in which jobs came
	Node    string
}

const selectJob = "SELECT body, version, number, node FROM job "

func scanJob(row pgx.CollectableRow) (e JobEntry, err error) {
	err = row.Scan(&e.Job, &e.Version, &e.Number, &e.Node)
	return e, err
}

// Job gives a job, or NotFound.
func (s *Store) Job(ctx context.Context, id string) (JobEntry, error) {
	entry, err := findJob(ctx, s.pool, id)
	return entry, because(err)
}

func findJob(ctx context.Context, db querier, id string) (JobEntry, error) {
	rows, err := db.Query(ctx, selectJob+"WHERE id = $1", id)
	if err != nil {
		return JobEntry{}, err
	}
	entry, err := pgx.CollectExactlyOneRow(rows, scanJob)
	if errors.Is(err, pgx.ErrNoRows) {
		return entry, plan.Errorf(plan.NotFound, "id", "there is no job %q; jobs are forgotten some time after they end", id)
	}
	return entry, err
}

// JobQuery asks for a page of jobs, newest first.
type JobQuery struct {
	Author, Layer string        // "" for all
	State         plan.JobState // "" for all
	Before        int64         // only earlier ones; 0 for the newest
	Limit         int
}

// Jobs lists jobs, newest first.
func (s *Store) Jobs(ctx context.Context, q JobQuery) ([]JobEntry, error) {
	rows, err := s.pool.Query(ctx, selectJob+`
		WHERE ($1 = '' OR author = $1) AND ($2 = '' OR layer = $2) AND ($3 = '' OR state = $3) AND ($4 = 0 OR number < $4)
		ORDER BY number DESC LIMIT $5`, q.Author, q.Layer, q.State, q.Before, q.Limit)
	if err != nil {
		return nil, because(err)
	}
	entries, err := pgx.CollectRows(rows, scanJob)
	return entries, because(err)
}

// CountJobs counts the jobs by state; of one node, or of all with "".
func (s *Store) CountJobs(ctx context.Context, node string) (map[plan.JobState]int, error) {
	rows, err := s.pool.Query(ctx, "SELECT state, count(*) FROM job WHERE $1 = '' OR node = $1 GROUP BY state", node)
	if err != nil {
		return nil, because(err)
	}
	counts, state, n := map[plan.JobState]int{}, plan.JobState(""), 0
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	return counts, because(err)
}

// AddJob puts a job and the errand of the chore that does it into the database, both or neither. When the sender's key
// has a job already that did not fail, it gives that one back, and false. The same key for another request is refused
// with Exists.
func (s *Store) AddJob(ctx context.Context, chore string, order *JobOrder) (job plan.Job, added bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		job, added = order.Job, true
		if order.Key.Key != "" {
			earlier, err := sameKey(ctx, tx, order)
			if err != nil || earlier != nil {
				added = false
				if earlier != nil {
					job = *earlier
				}
				return err
			}
		}
		return s.insertJob(ctx, tx, chore, order)
	})
	return job, added, because(err)
}

// sameKey finds the job of the same key, and makes way for a new attempt after one that failed. Whoever sends the key
// at the same moment waits.
func sameKey(ctx context.Context, tx pgx.Tx, order *JobOrder) (*plan.Job, error) {
	author, key := order.Job.Author, order.Key.Key
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))", author, key); err != nil {
		return nil, err
	}
	_, err := tx.Exec(ctx, "UPDATE job SET key = NULL WHERE author = $1 AND key = $2 AND state IN ('failed', 'cancelled')", author, key)
	if err != nil {
		return nil, err
	}
	var earlier plan.Job
	var fingerprint string
	err = tx.QueryRow(ctx, "SELECT body, fingerprint FROM job WHERE author = $1 AND key = $2", author, key).Scan(&earlier, &fingerprint)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case fingerprint != order.Key.Fingerprint:
		return nil, plan.Errorf(plan.Exists, "Idempotency-Key", "the idempotency key %q was used for another upload, which is the job %s", key, earlier.ID)
	}
	return &earlier, nil
}

func (s *Store) insertJob(ctx context.Context, tx pgx.Tx, chore string, order *JobOrder) error {
	job := &order.Job
	errand, err := s.enqueue(ctx, tx, chore, order.Node, job.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO job (id, layer, author, state, body, node, upload, key, fingerprint, errand)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), $9, $10)`,
		job.ID, job.Layer, job.Author, job.State, job, order.Node, order.Upload, order.Key.Key, order.Key.Fingerprint, errand)
	return err
}

// jobLease is how long a node may be silent about a job before others may have its layer.
const jobLease = "60 seconds"

// ClaimJob makes the job a running one, as its node begins with it. Nil: it has ended, or is to be tried again later
// because its layer has another writer or an earlier job of the node; later tells which.
func (s *Store) ClaimJob(ctx context.Context, id string) (order *JobOrder, later bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		order, later, err = claim(ctx, tx, id)
		return err
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == uniqueViolation { // another node was quicker
		return nil, true, nil
	}
	return order, later, because(err)
}

func claim(ctx context.Context, tx pgx.Tx, id string) (*JobOrder, bool, error) {
	var order JobOrder
	var number int64
	err := tx.QueryRow(ctx, "SELECT body, upload, node, number, coalesce(key, ''), fingerprint FROM job WHERE id = $1 FOR UPDATE", id).
		Scan(&order.Job, &order.Upload, &order.Node, &number, &order.Key.Key, &order.Key.Fingerprint)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && order.Job.State.Ended()) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	job := &order.Job
	// A node that has been silent too long has lost the layer; its job waits for it.
	_, err = tx.Exec(ctx, `
		UPDATE job SET state = 'queued', body = body || '{"state": "queued"}', version = version + 1
		WHERE layer = $1 AND state = 'running' AND node <> $2 AND heard < now() - interval '`+jobLease+"'", job.Layer, order.Node)
	if err != nil {
		return nil, false, err
	}
	var busy bool
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM job WHERE layer = $1 AND id <> $2 AND (state = 'running' OR
			(state = 'queued' AND node = $3 AND number < $4)))`, job.Layer, id, order.Node, number).Scan(&busy)
	if err != nil || busy {
		return nil, busy, err
	}
	now := time.Now().UTC()
	job.State, job.Started, job.Attempts = plan.JobRunning, &now, job.Attempts+1
	return &order, false, writeJob(ctx, tx, job, "true")
}

// errJobLost says that the job is not this node's to write any more.
var errJobLost = plan.Errorf(plan.Stale, "", "the job was cancelled, or given to others")

// writeJob writes the job anew when the condition holds; errJobLost when it does not.
func writeJob(ctx context.Context, tx execer, job *plan.Job, condition string) error {
	done, err := tx.Exec(ctx, `
		UPDATE job SET state = $2, body = $3, finished = $4, version = version + 1, heard = now() WHERE id = $1 AND `+condition,
		job.ID, job.State, job, job.Finished)
	if err == nil && done.RowsAffected() == 0 {
		err = errJobLost
	}
	return err
}

// SaveProgress writes how far the running job is, which also tells the others that its node is at it. Stale: it is not
// its node's any more.
func (s *Store) SaveProgress(ctx context.Context, id string, progress plan.Progress) error {
	done, err := s.pool.Exec(ctx, `
		UPDATE job SET body = body || jsonb_build_object('progress', $2::jsonb), version = version + 1, heard = now()
		WHERE id = $1 AND state = 'running'`, id, progress)
	if err == nil && done.RowsAffected() == 0 {
		err = errJobLost
	}
	return because(err)
}

// SaveJob writes the running job. Stale: it is not its node's any more.
func (s *Store) SaveJob(ctx context.Context, job plan.Job) error {
	return because(writeJob(ctx, s.pool, &job, "state = 'running'"))
}

// PutBackJob makes the running job a waiting one, as its node stops or the database was away.
func (s *Store) PutBackJob(ctx context.Context, job plan.Job) error {
	job.State = plan.JobQueued
	return because(writeJob(ctx, s.pool, &job, "state = 'running'"))
}

// EndJob writes what became of the job, with all findings.
func (s *Store) EndJob(ctx context.Context, job plan.Job, findings []plan.Finding) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := writeJob(ctx, tx, &job, "state IN ('queued', 'running')"); err != nil {
			return err
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"job_finding"}, []string{"job", "number", "finding"},
			pgx.CopyFromSlice(len(findings), func(i int) ([]any, error) { return []any{job.ID, i, findings[i]}, nil }))
		return err
	}))
}

// CancelJob ends a waiting job at once, and tells the node of a running one to end it. Stale: it has ended already.
func (s *Store) CancelJob(ctx context.Context, id string) (entry JobEntry, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var errand int64
		err := tx.QueryRow(ctx, "SELECT coalesce(errand, 0) FROM job WHERE id = $1 FOR UPDATE", id).Scan(&errand)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if entry, err = findJob(ctx, tx, id); err != nil {
			return err
		}
		job := &entry.Job
		if job.State.Ended() {
			return plan.Errorf(plan.Stale, "id", "the job %s has ended already: it is %s", id, job.State)
		}
		if _, err = s.river.JobCancelTx(ctx, tx, errand); err != nil || job.State == plan.JobRunning {
			return err
		}
		now := time.Now().UTC()
		job.State, job.Finished = plan.JobCancelled, &now
		return writeJob(ctx, tx, job, "true")
	})
	return entry, because(err)
}

// JobFindings gives a page of what was found in the file of a job, in the order of the file, beginning after so many.
func (s *Store) JobFindings(ctx context.Context, id string, after, limit int) ([]plan.Finding, error) {
	rows, err := s.pool.Query(ctx, "SELECT finding FROM job_finding WHERE job = $1 AND number >= $2 ORDER BY number LIMIT $3", id, after, limit)
	if err != nil {
		return nil, because(err)
	}
	findings, err := pgx.CollectRows(rows, pgx.RowTo[plan.Finding])
	return findings, because(err)
}

// OpenWork gives the ids of the jobs of a node, and of the pulls, that have not ended: whose files are still needed.
func (s *Store) OpenWork(ctx context.Context, node string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM job WHERE node = $1 AND state IN ('queued', 'running')
		UNION ALL SELECT id FROM source_pull WHERE state IN ('queued', 'running')`, node)
	if err != nil {
		return nil, because(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, because(err)
}

// SweepJobs forgets the jobs that ended longer ago, with their findings.
func (s *Store) SweepJobs(ctx context.Context, kept time.Duration) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM job WHERE finished < $1", time.Now().Add(-kept))
	return because(err)
}
