package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// WebhookChore is the name of the chore that sends; its payload is the id of a delivery.
const WebhookChore = "webhook"

// maxWebhooks bounds what one revision has to be told to.
const maxWebhooks = 200

// AddWebhook keeps a new one. TooLarge when there are as many as may be.
func (s *Store) AddWebhook(ctx context.Context, w *plan.Webhook) error {
	err := s.pool.QueryRow(ctx, `
		INSERT INTO webhook (id, url, layers, kommuner, secret, owner)
		SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM webhook) < $7 RETURNING created`,
		w.ID, w.URL, w.Layers, w.Kommuner, w.Secret, w.Owner, maxWebhooks).Scan(&w.Created)
	if errors.Is(err, pgx.ErrNoRows) {
		return plan.Errorf(plan.TooLarge, "", "there are %d webhooks, which is as many as may be; delete one that is not used", maxWebhooks)
	}
	return because(err)
}

const webhookColumns = "id, url, layers, kommuner, owner, created, failing_since, disabled, reason, secret"

func scanWebhook(row pgx.CollectableRow) (w plan.Webhook, err error) {
	err = row.Scan(&w.ID, &w.URL, &w.Layers, &w.Kommuner, &w.Owner, &w.Created, &w.FailingSince, &w.Disabled, &w.Reason, &w.Secret)
	return w, err
}

// Webhooks lists those of the owner ("" for all), ordered by id, after the given id.
func (s *Store) Webhooks(ctx context.Context, owner, after string, limit int) ([]plan.Webhook, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+webhookColumns+` FROM webhook
		WHERE ($1 = '' OR owner = $1) AND id COLLATE "C" > $2 ORDER BY id COLLATE "C" LIMIT $3`, owner, after, limit)
	if err != nil {
		return nil, because(err)
	}
	list, err := pgx.CollectRows(rows, scanWebhook)
	return list, because(err)
}

// Webhook gives one, of the owner if it is not ""; or NotFound.
func (s *Store) Webhook(ctx context.Context, id, owner string) (*plan.Webhook, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+webhookColumns+" FROM webhook WHERE id = $1 AND ($2 = '' OR owner = $2)", id, owner)
	if err != nil {
		return nil, because(err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWebhook)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no webhook %q", id)
	}
	return &w, because(err)
}

// RemoveWebhook forgets it and its deliveries; those under way are not tried again.
func (s *Store) RemoveWebhook(ctx context.Context, id, owner string) error {
	done, err := s.pool.Exec(ctx, "DELETE FROM webhook WHERE id = $1 AND ($2 = '' OR owner = $2)", id, owner)
	if err == nil && done.RowsAffected() == 0 {
		return plan.Errorf(plan.NotFound, "id", "there is no webhook %q", id)
	}
	return because(err)
}

// notify makes a delivery to every webhook that wants to hear of the revision, in the revision's own transaction.
func (s *Store) notify(ctx context.Context, tx pgx.Tx, record *plan.RevisionRecord) error {
	// The lock keeps a webhook from being deleted between here and the delivery that names it.
	rows, err := tx.Query(ctx, "SELECT "+webhookColumns+" FROM webhook WHERE disabled IS NULL ORDER BY id FOR KEY SHARE")
	if err != nil {
		return err
	}
	webhooks, err := pgx.CollectRows(rows, scanWebhook)
	if err != nil {
		return err
	}
	for _, w := range webhooks {
		if len(w.Wants(record.Layers)) == 0 {
			continue
		}
		id := "msg_" + rand.Text()
		if _, err := tx.Exec(ctx, "INSERT INTO webhook_delivery (id, webhook, revision) VALUES ($1, $2, $3)", id, w.ID, record.Revision); err != nil {
			return err
		}
		if _, err := s.enqueue(ctx, tx, WebhookChore, "", id); err != nil {
			return err
		}
	}
	return nil
}

// AddTestDelivery makes a delivery without a revision, which the caller sends.
func (s *Store) AddTestDelivery(ctx context.Context, webhook string) (*plan.Delivery, error) {
	d, err := s.findDelivery(ctx, "INSERT INTO webhook_delivery (id, webhook) VALUES ($1, $2) RETURNING "+deliveryColumns, "msg_"+rand.Text(), webhook)
	return d, because(err)
}

const deliveryColumns = "number, id, webhook, coalesce(revision, 0), created, state, attempts, attempted, status, error"

func scanDelivery(row pgx.CollectableRow) (d plan.Delivery, err error) {
	err = row.Scan(&d.Number, &d.ID, &d.Webhook, &d.Revision, &d.Created, &d.State, &d.Attempts, &d.Attempted, &d.Status, &d.Error)
	return d, err
}

// Delivery gives one, or NotFound.
func (s *Store) Delivery(ctx context.Context, id string) (*plan.Delivery, error) {
	d, err := s.findDelivery(ctx, "SELECT "+deliveryColumns+" FROM webhook_delivery WHERE id = $1", id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no delivery %q", id)
	}
	return d, because(err)
}

func (s *Store) findDelivery(ctx context.Context, sql string, args ...any) (*plan.Delivery, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDelivery)
	return &d, err
}

// Deliveries lists those of a webhook, newest first, before the given number (0: from the newest).
func (s *Store) Deliveries(ctx context.Context, webhook string, before int64, limit int) ([]plan.Delivery, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+deliveryColumns+` FROM webhook_delivery
		WHERE webhook = $1 AND ($2::bigint = 0 OR number < $2) ORDER BY number DESC LIMIT $3`, webhook, before, limit)
	if err != nil {
		return nil, because(err)
	}
	list, err := pgx.CollectRows(rows, scanDelivery)
	return list, because(err)
}

// Attempt is what came of sending a delivery once.
type Attempt struct {
	State  plan.DeliveryState
	Status int
	Error  string // "" when it was taken
	// Disable says why nothing more is to be sent to the webhook; "" for no.
	Disable string
	// Patience is how long a webhook may fail before it is disabled.
	Patience time.Duration
}

// EndAttempt notes what came of it, with the delivery and with its webhook: one that takes a message is well again, one
// that has failed for too long is disabled.
func (s *Store) EndAttempt(ctx context.Context, d *plan.Delivery, a Attempt) error {
	return because(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `UPDATE webhook_delivery SET state = $2, status = $3, error = $4, attempts = attempts + 1, attempted = now()
			WHERE id = $1 RETURNING attempts, attempted`, d.ID, a.State, a.Status, a.Error).Scan(&d.Attempts, &d.Attempted)
		if errors.Is(err, pgx.ErrNoRows) { // the webhook was deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		d.State, d.Status, d.Error = a.State, a.Status, a.Error
		if a.Error == "" {
			_, err = tx.Exec(ctx, "UPDATE webhook SET failing_since = NULL, disabled = NULL, reason = '' WHERE id = $1 AND failing_since IS NOT NULL", d.Webhook)
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE webhook SET failing_since = coalesce(failing_since, now()),
				disabled = CASE WHEN $2 <> '' OR failing_since < now() - $3::interval THEN coalesce(disabled, now()) ELSE disabled END,
				reason = CASE WHEN disabled IS NOT NULL THEN reason WHEN $2 <> '' THEN $2 WHEN failing_since < now() - $3::interval THEN $4 ELSE reason END
			WHERE id = $1`, d.Webhook, a.Disable, a.Patience, "nothing was taken for "+a.Patience.String()+"; the last time: "+a.Error)
		return err
	}))
}

// deliveriesKept is how long the log of deliveries can be read.
const deliveriesKept = 30 * 24 * time.Hour

// SweepDeliveries forgets old deliveries.
func (s *Store) SweepDeliveries(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM webhook_delivery WHERE created < now() - $1::interval AND state <> 'waiting'", deliveriesKept)
	return because(err)
}
