package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// reportsWaiting is how many reports may wait.
const reportsWaiting = 100

// AddReport keeps a report that is to be made, and the errand of the chore that makes it, both or neither. Unavailable
// when as many wait as may.
func (s *Store) AddReport(ctx context.Context, chore string, report *plan.Report) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var waiting int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM report WHERE state = 'queued'").Scan(&waiting); err != nil {
			return err
		}
		if waiting >= reportsWaiting {
			return plan.Errorf(plan.Unavailable, "", "%d reports wait already, which is as many as may; order it again in a few minutes", waiting)
		}
		errand, err := s.enqueue(ctx, tx, chore, "", report.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO report (id, state, public, body, errand) VALUES ($1, $2, $3, $4, $5)",
			report.ID, report.State, report.Order.Public, report, errand)
		return err
	}))
}

// Report gives a report without its content, or NotFound.
func (s *Store) Report(ctx context.Context, id string) (*plan.Report, error) {
	report, err := findReport(ctx, s.pool, id, "")
	return report, because(err)
}

func findReport(ctx context.Context, db querier, id, lock string) (report *plan.Report, err error) {
	err = db.QueryRow(ctx, "SELECT body FROM report WHERE id = $1 "+lock, id).Scan(&report)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no report %q", id)
	}
	return report, err
}

// ReportContent gives the frozen content of a report that is done.
func (s *Store) ReportContent(ctx context.Context, id string) (content []byte, err error) {
	err = s.pool.QueryRow(ctx, "SELECT content FROM report WHERE id = $1 AND state = 'done'", id).Scan(&content)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no frozen report %q", id)
	}
	return content, because(err)
}

// ReportQuery asks for a page of reports, newest first.
type ReportQuery struct {
	Public bool  // only what everyone may read, and is done
	Before int64 // only earlier ones; 0 for the newest
	Limit  int
}

// ReportEntry is a report as it stands in the database.
type ReportEntry struct {
	*plan.Report
	Number int64
}

// Reports lists reports, newest first.
func (s *Store) Reports(ctx context.Context, q ReportQuery) ([]ReportEntry, error) {
	rows, err := s.pool.Query(ctx, `SELECT body, number FROM report
		WHERE (NOT $1 OR public AND state = 'done') AND ($2 = 0 OR number < $2) ORDER BY number DESC LIMIT $3`, q.Public, q.Before, q.Limit)
	if err != nil {
		return nil, because(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e ReportEntry, err error) {
		return e, row.Scan(&e.Report, &e.Number)
	})
	return list, because(err)
}

// reportLease is how long a node may be silent about a report before another one makes it.
const reportLease = "20 seconds"

// ClaimReport makes the report a running one, as a node begins with it. Nil: it has ended, is gone, or another node is at it.
func (s *Store) ClaimReport(ctx context.Context, id string) (report *plan.Report, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		report, err = findReport(ctx, tx, id, "AND (state = 'queued' OR state = 'running' AND heard < now() - interval '"+reportLease+"') FOR UPDATE")
		if plan.CodeOf(err) == plan.NotFound {
			report, err = nil, nil
		}
		if err != nil || report == nil {
			return err
		}
		report.State, report.Attempts = plan.JobRunning, report.Attempts+1
		return saveReport(ctx, tx, report)
	})
	return report, because(err)
}

// errReportLost says that the report is not this node's to write any more.
var errReportLost = plan.Errorf(plan.Stale, "", "the report was cancelled, deleted, or given to others")

func saveReport(ctx context.Context, tx pgx.Tx, report *plan.Report) error {
	_, err := tx.Exec(ctx, "UPDATE report SET state = $2, body = $3, heard = now() WHERE id = $1", report.ID, report.State, report)
	return err
}

// SaveReportProgress writes how far the running report is, which also tells the others that its node is at it. Stale: it
// is not its node's any more.
func (s *Store) SaveReportProgress(ctx context.Context, report *plan.Report) error {
	done, err := s.pool.Exec(ctx, `
		UPDATE report SET body = body || jsonb_build_object('progress', $3::jsonb), heard = now()
		WHERE id = $1 AND state = 'running' AND (body->>'attempts')::int = $2`, report.ID, report.Attempts, report.Progress)
	if err == nil && done.RowsAffected() == 0 {
		err = errReportLost
	}
	return because(err)
}

// PutBackReport makes the running report a waiting one, as its node stops or the database was away.
func (s *Store) PutBackReport(ctx context.Context, report *plan.Report) error {
	report.State = plan.JobQueued
	return s.endReport(ctx, report, nil)
}

// EndReport freezes the report with its content, or writes why there is none. Stale: it is not its node's any more.
func (s *Store) EndReport(ctx context.Context, report *plan.Report, content []byte) error {
	return s.endReport(ctx, report, content)
}

func (s *Store) endReport(ctx context.Context, report *plan.Report, content []byte) error {
	done, err := s.pool.Exec(ctx, `UPDATE report SET state = $3, body = $4, content = $5
		WHERE id = $1 AND state = 'running' AND (body->>'attempts')::int = $2`, report.ID, report.Attempts, report.State, report, content)
	if err == nil && done.RowsAffected() == 0 {
		err = errReportLost
	}
	return because(err)
}

// ReviveReports enqueues the reports anew whose nodes have fallen silent.
func (s *Store) ReviveReports(ctx context.Context, chore string) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT id FROM report WHERE state = 'running' AND heard < now() - interval '"+reportLease+"' FOR UPDATE SKIP LOCKED")
		if err != nil {
			return err
		}
		lost, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, id := range lost {
			errand, err := s.enqueue(ctx, tx, chore, "", id)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE report SET state = 'queued', body = body || '{"state": "queued"}', errand = $2 WHERE id = $1`, id, errand); err != nil {
				return err
			}
		}
		return nil
	}))
}

// RemoveReport deletes a report that has ended, and cancels one that has not: a waiting one at once, a running one as soon
// as its node hears of it. It tells what became of it: nil when it is gone.
func (s *Store) RemoveReport(ctx context.Context, id string) (left *plan.Report, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		report, err := findReport(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if report.State.Ended() {
			_, err := tx.Exec(ctx, "DELETE FROM report WHERE id = $1", id)
			return err
		}
		var errand int64
		if err := tx.QueryRow(ctx, "SELECT coalesce(errand, 0) FROM report WHERE id = $1", id).Scan(&errand); err != nil {
			return err
		}
		if _, err := s.river.JobCancelTx(ctx, tx, errand); err != nil {
			return err
		}
		now := time.Now().UTC()
		report.State, report.Finished = plan.JobCancelled, &now
		left = report
		return saveReport(ctx, tx, report)
	})
	return left, because(err)
}
