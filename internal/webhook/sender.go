package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// Options say how messages are sent.
type Options struct {
	BaseURL  string                          // that links in messages begin with; "" makes them relative
	Private  bool                            // also to loopback, private and reserved addresses
	Patience time.Duration                   // how long a webhook may fail before it is disabled; 0 is 5 days
	Wait     func(attempt int) time.Duration // after a failed attempt; nil: 5 seconds, and four times as long each time
}

// attempts and their pauses: twelve make three days.
const (
	attempts   = 12
	firstPause = 5 * time.Second
	lastPause  = 12 * time.Hour
)

func pause(attempt int) time.Duration {
	return min(firstPause<<min(2*(attempt-1), 20), lastPause)
}

// Sender sends what waits in the database.
type Sender struct {
	options Options
	store   *store.Store
	client  *http.Client
}

// New makes a sender; Chores are its work.
func New(options Options, st *store.Store) *Sender {
	options.Patience = cmp.Or(options.Patience, 5*24*time.Hour)
	if options.Wait == nil {
		options.Wait = pause
	}
	return &Sender{options: options, store: st, client: newClient(options.Private)}
}

// Private reports whether messages may go to closed addresses.
func (s *Sender) Private() bool { return s.options.Private }

// Chores are what is to be done, for store.Work.
func (s *Sender) Chores() []store.Chore {
	return []store.Chore{
		{Name: store.WebhookChore, AtOnce: 4, Attempts: attempts, Wait: s.options.Wait, Do: s.deliver},
		{Name: "webhook_sweep", Every: 6 * time.Hour, Do: func(ctx context.Context, _ json.RawMessage, _ int) error {
			return s.store.SweepDeliveries(ctx)
		}},
	}
}

// deliver makes one attempt at what waits.
func (s *Sender) deliver(ctx context.Context, payload json.RawMessage, attempt int) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return store.GiveUp(err)
	}
	d, err := s.store.Delivery(ctx, id)
	if plan.CodeOf(err) == plan.NotFound {
		return nil // the webhook was deleted
	}
	if err != nil || d.State != plan.DeliveryWaiting {
		return err
	}
	return s.attempt(ctx, d, attempt >= attempts)
}

// Test sends a message without a revision, once and at once, and tells what came of it.
func (s *Sender) Test(ctx context.Context, webhook string) (*plan.Delivery, error) {
	d, err := s.store.AddTestDelivery(ctx, webhook)
	if err != nil {
		return nil, err
	}
	if err := s.attempt(ctx, d, true); err != nil && d.State == plan.DeliveryWaiting {
		return nil, err
	}
	return d, nil
}

// attempt sends the delivery and notes what came of it. The error says that it was not taken.
func (s *Sender) attempt(ctx context.Context, d *plan.Delivery, last bool) error {
	w, err := s.store.Webhook(ctx, d.Webhook, "")
	if err != nil {
		return err
	}
	outcome := store.Attempt{State: plan.DeliveryDelivered, Patience: s.options.Patience}
	var failure error
	if w.Disabled != nil && d.Revision != 0 {
		failure, last = errors.New("the webhook is disabled"), true
	} else {
		outcome.Status, failure = s.send(ctx, w, d)
	}
	if failure != nil {
		outcome.State, outcome.Error = plan.DeliveryWaiting, failure.Error()
		if last {
			outcome.State = plan.DeliveryFailed
		}
	}
	if outcome.Status == http.StatusGone { // Standard Webhooks: the receiver wants no more
		outcome.Disable, outcome.State = "the receiver answered 410 Gone", plan.DeliveryFailed
	}
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.store.EndAttempt(ended, d, outcome); err != nil {
		return err
	}
	if failure != nil && outcome.State == plan.DeliveryFailed {
		return store.GiveUp(failure)
	}
	return failure
}

// send posts the message; any status of 2xx takes it.
func (s *Sender) send(ctx context.Context, w *plan.Webhook, d *plan.Delivery) (status int, err error) {
	var record *plan.RevisionRecord
	if d.Revision != 0 {
		if record, err = s.store.Revision(ctx, d.Revision); err != nil {
			return 0, err
		}
	}
	body, err := message(s.options.BaseURL, w, d, record)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", MediaType)
	request.Header.Set("User-Agent", "Strukturbild")
	sign(request.Header, w.Secret, d.ID, time.Now(), body)
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	_ = answer.Body.Close() // what it says besides its status is nothing to us
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return answer.StatusCode, fmt.Errorf("the receiver answered %s; redirects are not followed", answer.Status)
	case answer.StatusCode < 200 || answer.StatusCode >= 300:
		return answer.StatusCode, fmt.Errorf("the receiver answered %s", answer.Status)
	}
	return answer.StatusCode, nil
}
